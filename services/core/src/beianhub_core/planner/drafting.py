"""The plan while it is written: steps in sequence, findings and questions, each once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from beianhub_core.planner.answer import Answer, Deadline, Finding, Question, Severity, Step, StepKind
from beianhub_core.planner.asking import WHY
from beianhub_core.planner.dating import as_of
from beianhub_core.planner.profiles import ACTIONS, profile
from beianhub_core.planner.texts import TEXTS
from beianhub_core.planner.vocabulary import Field, Order
from beianhub_core.planner.wording import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from beianhub_core.planner.facts import Facts
    from beianhub_core.planner.rules import Rules
    from beianhub_core.rulebook.model import Rule

_RANK = {Severity.BLOCKER: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Draft:
    """Collects a plan. Orders follow one another, since the regulator takes one at a time (MIIT-V3 1003)."""

    def __init__(self, facts: Facts, rules: Rules) -> None:
        self.facts = facts
        self.rules = rules
        self._steps: list[Step] = []
        self._findings: dict[tuple[str, str], Finding] = {}
        self._questions: dict[str, Question] = {}
        self._gates: list[str] = []  # what the next order waits for

    @property
    def steps(self) -> list[Step]:
        """The steps so far; the scheduler puts dates into them."""
        return self._steps

    @property
    def has_order(self) -> bool:
        """Whether an order has been listed."""
        return any(step.kind is StepKind.ORDER for step in self._steps)

    def find(
        self,
        code: str,
        words: Mapping[str, object] | None = None,
        *,
        severity: Severity | None = None,
        path: str = "",
        source: tuple[str, ...] = (),
        conflicts: tuple[str, ...] = (),
        rule: Rule | None = None,
    ) -> None:
        """Adds the finding of this code, its texts filled with ``words``.

        ``rule`` is the province's or the vendor's rule that it follows from.
        """
        texts = TEXTS[code]
        terms = {name: term(name, word) for name, word in (words or {}).items() if word not in ("", None, [], ())}
        zh = _Words({name: each.zh for name, each in terms.items()}, "（未知）")
        en = _Words({name: each.en for name, each in terms.items()}, "(unknown)")
        sources = tuple(dict.fromkeys([*(rule.source if rule else ()), *texts.source, *source]))
        against = [*(rule.conflicts_with if rule else ()), *texts.conflicts_with, *conflicts]
        finding = Finding(
            code=code,
            severity=severity or texts.severity,
            path=path or texts.path,
            message_zh=texts.zh.format_map(zh),
            message_en=texts.en.format_map(en),
            suggestion=texts.suggestion,
            rule=rule.id if rule else f"planner.{code.lower()}",
            source=sources,
            conflicts_with=tuple(each for each in dict.fromkeys(against) if each not in sources),
            as_of=(rule.as_of if rule else "") or as_of(sources),
        )
        self._findings.setdefault((finding.code, finding.path), finding)

    def note(self, findings: Iterable[Finding]) -> None:
        """Adds findings that were made elsewhere."""
        for finding in findings:
            self._findings.setdefault((finding.code, finding.path), finding)

    def ask(self, *paths: str) -> None:
        """Asks for facts that matter."""
        for path in paths:
            en, zh = WHY[path]
            self._questions.setdefault(path, Question(path, en, zh))

    def action(
        self,
        name: str,
        *,
        provider: str = "",
        after: Iterable[str] | None = None,
        source: tuple[str, ...] = (),
        deadlines: tuple[Deadline, ...] = (),
        documents: tuple[str, ...] = (),
        consequences: tuple[str, ...] = (),
        gates: bool = True,
    ) -> str:
        """Lists an action; the next order waits for it where it ``gates``. Returns its id; one action stands once."""
        found = next((s for s in self._steps if s.action == name and s.provider == provider), None)
        if found is not None:
            return found.id
        known = ACTIONS[name]
        step = Step(
            id=self._next_id(),
            kind=StepKind.ACTION,
            action=name,
            provider=provider,
            channel="MANUAL",
            after=tuple(self._last_order() if after is None else after),
            documents=documents,
            deadlines=(*known.deadlines, *deadlines),
            consequences=(*known.consequences, *consequences),
            source=tuple(dict.fromkeys([*known.source, *source])),
        )
        self._steps.append(step)
        if gates:
            self._gates.append(step.id)
        return step.id

    def order(
        self,
        order_type: Order,
        provider: str = "",
        *,
        changes: Iterable[Field] = (),
        carries: tuple[str, ...] = (),
        documents: Iterable[str] = (),
        consequences: Iterable[str] = (),
        deadlines: Iterable[Deadline] = (),
        source: tuple[str, ...] = (),
    ) -> str:
        """Lists an order after everything that gates it and after the order before it. Returns its id.

        An order stands once: the same type with the same changes at the same provider is the one listed before.
        """
        fields = tuple(str(field) for field in dict.fromkeys(changes))
        listed = next(
            (s for s in self._steps if (s.order_type, s.provider, s.changes) == (order_type, provider, fields)), None
        )
        if listed is not None:
            return listed.id
        step = profile(self.facts, self.rules, order_type, provider, carries)
        step = replace(
            step,
            id=self._next_id(),
            after=tuple(dict.fromkeys([*self._last_order(), *self._gates])),
            changes=fields,
            documents=tuple(dict.fromkeys([*step.documents, *documents])),
            consequences=tuple(dict.fromkeys([*step.consequences, *consequences])),
            deadlines=(*step.deadlines, *deadlines),
            source=tuple(dict.fromkeys([*step.source, *source])),
        )
        self._steps.append(step)
        self._gates = []
        return step.id

    def follow(self, name: str, *, provider: str = "", source: tuple[str, ...] = ()) -> str:
        """Lists an action that comes after the last step and holds nothing up."""
        last = [self._steps[-1].id] if self._steps else []
        return self.action(name, provider=provider, after=self._last_order() or last, source=source, gates=False)

    def answer(self) -> Answer:
        """The plan; the gravest findings first."""
        findings = sorted(self._findings.values(), key=lambda f: _RANK[f.severity])
        return Answer(tuple(self._steps), tuple(findings), tuple(self._questions.values()))

    def _next_id(self) -> str:
        return f"s{len(self._steps) + 1}"

    def _last_order(self) -> list[str]:
        orders = [step.id for step in self._steps if step.kind is StepKind.ORDER]
        return orders[-1:]


class _Words(dict[str, str]):
    """The words of a text; one that is unknown is said to be so."""

    def __init__(self, words: Mapping[str, str], unknown: str) -> None:
        super().__init__(words)
        self._unknown = unknown

    def __missing__(self, _key: str) -> str:
        return self._unknown
