"""The answer: steps in sequence, findings with their rule and source, and questions. Plain values, no protobuf."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs. ``BLOCKER``: the wish cannot be fulfilled as put."""

    BLOCKER = "BLOCKER"
    WARNING = "WARNING"
    INFO = "INFO"


class StepKind(StrEnum):
    """Whether a step is filed, or done by people."""

    ORDER = "ORDER"
    ACTION = "ACTION"


@dataclass(frozen=True, slots=True)
class Verification:
    """A check that somebody has to pass: ``kind`` such as MIIT_SMS, ``recipient`` such as SERVICE_PRINCIPAL."""

    kind: str
    recipient: str
    note: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time limit or an expected duration, from ``least`` to ``most`` ``unit``; ``date`` where it can be computed.

    ``unit`` is HOURS, DAYS or WORKING_DAYS. ``provisional``: the calendar of working days ends before ``date``.
    """

    kind: str
    most: int | None = None
    unit: str = ""
    least: int | None = None
    date: str = ""
    provisional: bool = False
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: an order, or an action of people. ``after`` names the steps that must have succeeded before."""

    id: str
    kind: StepKind
    order_type: str = ""
    action: str = ""
    provider: str = ""
    channel: str = ""
    after: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    verifications: tuple[Verification, ...] = ()
    documents: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    consequences: tuple[str, ...] = ()
    confirm: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, or worth knowing, at ``path``; by which rule and sources, against which, and what to do.

    ``suggestion`` is one text in both languages, "中文。 / English.", as every finding's is.
    """

    code: str
    severity: Severity
    path: str
    message_zh: str
    message_en: str
    suggestion: str
    rule: str
    source: tuple[str, ...]
    conflicts_with: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that is missing and matters."""

    path: str
    why: str
    why_zh: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The plan."""

    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether the wish cannot be fulfilled as put."""
        return any(finding.severity is Severity.BLOCKER for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """The answer as plain values, ready for JSON and YAML."""
        return {key: [_plain(asdict(item)) for item in items] for key, items in self._parts()}

    def _parts(self) -> list[tuple[str, tuple[Any, ...]]]:
        return [("steps", self.steps), ("findings", self.findings), ("questions", self.questions)]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


@dataclass(frozen=True, slots=True)
class Texts:
    """The fixed parts of a finding, by its code."""

    severity: Severity
    path: str
    zh: str
    en: str
    suggestion: str
    source: tuple[str, ...]
    conflicts_with: tuple[str, ...] = field(default=())
