"""The rulebook: packs loaded, asked, listed and compared."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from beianhub_core.rulebook.choosing import choose
from beianhub_core.rulebook.definitions import define
from beianhub_core.rulebook.model import Change, Definition, PackError, PackInfo, Rule, Scope, Statement
from beianhub_core.rulebook.overriding import override_blocks
from beianhub_core.rulebook.problems import Problems
from beianhub_core.rulebook.reading import parse, read
from beianhub_core.rulebook.validating import check_blocks, check_head

PACKS: Final = Path(__file__).with_name("packs")
# The catalogue defines the ids; the provinces come last, as the bureau decides (S4.45).
BUILT_IN: Final = ("catalogue", "national", "tencent", "aliyun", "huawei", "provinces")

_MOST_FOUND: Final = 16_384  # answers kept; the planner asks about 40 rules for a province, a nature and a day

_Kept = dict[str, dict[Scope, tuple[Statement, ...]]]
# Rulebook.list hides the built-in name inside the class.
_Packs = list[PackInfo]
_Rules = list[Rule]
_Keys = list[tuple[str, Scope]]


class Rulebook:
    """Rules by id and scope. It is immutable, and safe to share."""

    def __init__(self, packs: Sequence[PackInfo], definitions: Mapping[str, Definition], kept: _Kept) -> None:
        self._packs = tuple(packs)
        self._definitions = dict(definitions)
        self._kept = kept
        self._find = functools.lru_cache(_MOST_FOUND)(self._search)  # a book does not change, and is asked the same

    @property
    def packs(self) -> _Packs:
        """The packs in the order in which they were loaded."""
        return [*self._packs]

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What each rule id means."""
        return self._definitions

    @functools.cached_property
    def providers(self) -> frozenset[str]:
        """The providers of whom a rule is."""
        return frozenset(scope.provider for said in self._kept.values() for scope in said) - {""}

    def find(
        self,
        id: str,  # noqa: A002 - the field's own name
        *,
        province: str = "",
        nature: str = "",
        provider: str = "",
        order_type: str = "",
        today: date | None = None,
    ) -> Rule | None:
        """The rule that holds under these facts, or ``None``: the most specific scope, then the newest official source.

        Statements of wider scopes are among its alternatives; a scope whose sources are silent leaves the word to them.
        Raises KeyError for an id that no pack defines.
        """
        return self._find(id, Scope(province, nature, provider, order_type), today.isoformat() if today else "")

    def _search(self, id_: str, facts: Scope, day: str) -> Rule | None:
        definition = self._definitions[id_]
        by_scope = {scope: said for scope, said in self._kept.get(id_, {}).items() if scope.covers(facts)}
        order = sorted(by_scope, key=lambda scope: (_overridden(by_scope[scope]), scope.specificity), reverse=True)
        silent: Rule | None = None
        for index, scope in enumerate(order):
            broader = [said for wider in order[index + 1 :] for said in by_scope[wider]]
            rule = choose(by_scope[scope], definition, day, broader=broader)
            if rule is not None and rule.value is not None:
                return rule
            silent = silent or rule
        return silent

    def find_all(
        self,
        prefix: str,
        *,
        province: str = "",
        nature: str = "",
        provider: str = "",
        order_type: str = "",
        today: date | None = None,
    ) -> _Rules:
        """For each id that is ``prefix`` or begins with ``prefix.``, the rule that holds under these facts."""
        found = (
            self.find(id_, province=province, nature=nature, provider=provider, order_type=order_type, today=today)
            for id_ in self._definitions
            if _under(id_, prefix)
        )
        return [rule for rule in found if rule is not None]

    def list(
        self,
        *,
        id: str = "",  # noqa: A002 - the field's own name
        province: str = "",
        nature: str = "",
        provider: str = "",
        order_type: str = "",
    ) -> _Rules:
        """Every rule, or those that the given facts bring into play: their scope covers them and names one of them.

        ``id`` keeps that id and those below it: "access" keeps "access.must_match".
        """
        facts = Scope(province, nature, provider, order_type)
        rules = []
        for id_, scope in self.scopes():
            if (not id or _under(id_, id)) and _in_play(scope, facts):
                rule = choose(self._kept[id_][scope], self._definitions[id_])
                if rule is not None:
                    rules.append(rule)
        return rules

    def scopes(self) -> _Keys:
        """The id and scope of every rule, in the catalogue's order."""
        return [(id_, scope) for id_ in self._definitions for scope in sorted(self._kept.get(id_, {}))]

    def at(self, id_: str, scope: Scope) -> Rule | None:
        """The rule of exactly this scope."""
        said = self._kept.get(id_, {}).get(scope)
        return choose(said, self._definitions[id_]) if said else None


def load_rulebook(given: Sequence[Path | Pack] = (), overrides: Mapping[str, Any] | None = None) -> Rulebook:
    """The built-in packs, then those ``given``, then a tenant's ``overrides`` (see :mod:`.overriding`).

    One with the id of a built-in pack takes its place, as a newer version of it.

    Raises PackError with every problem of every pack.
    """
    return _load(given, overrides or {}) if given or overrides else _built_in()


@functools.cache
def _built_in() -> Rulebook:
    return _load([], {})


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it was read once, with what is wrong with its text and head; its rules are checked with a book's."""

    info: PackInfo
    document: dict[str, Any]
    problems: Problems


def read_pack(path: Path) -> Pack:
    """The pack of a file; one that cannot be read is a problem of every book that is made with it."""
    problems = Problems(path.name)
    return _pack(_shipped(path) if path.parent == PACKS else read(path, problems), problems, path)


def parse_pack(name: str, text: str) -> Pack:
    """The pack that ``text`` holds, which is no file's; ``name`` stands in the paths of its problems."""
    problems = Problems(name)
    return _pack(parse(text, problems), problems, None)


def _pack(document: dict[str, Any], problems: Problems, path: Path | None) -> Pack:
    head = check_head(document, problems) if document else dict.fromkeys(("id", "version", "as_of", "title"), "")
    return Pack(PackInfo(head["id"], head["version"], head["as_of"], head["title"], path), document, problems)


def _load(given: Sequence[Path | Pack], overrides: Mapping[str, Any]) -> Rulebook:
    own = [read_pack(each) if isinstance(each, Path) else each for each in given]
    own = [replace(each, problems=each.problems.copy()) for each in own]  # a pack may be part of several books
    replaced = {each.info.id for each in own}
    built_in = (read_pack(PACKS / f"{name}.yaml") for name in BUILT_IN)
    _check_ids(own)
    return _made([*(each for each in built_in if each.info.id not in replaced), *own], overrides)


def _made(packs: Sequence[Pack], overrides: Mapping[str, Any]) -> Rulebook:
    definitions: dict[str, Definition] = {}
    statements: list[Statement] = []
    for pack in packs:
        _define(pack, definitions)
        statements += check_blocks(pack.document.get("rules", []), pack.info.id, definitions, pack.problems)
    own = Problems("overrides")
    blocks = override_blocks(overrides, statements, own)
    statements += check_blocks(blocks, "overrides", definitions, own, override=True)
    findings = [finding for problems in (*(p.problems for p in packs), own) for finding in problems.found]
    if findings:
        raise PackError(findings)
    return Rulebook([pack.info for pack in packs], definitions, _kept(statements))


@functools.cache
def _shipped(path: Path) -> dict[str, Any]:
    """The document of a built-in pack, which nobody changes while we run."""
    problems = Problems(path.name)
    document = read(path, problems)
    problems.check()
    return document


def _check_ids(given: Sequence[Pack]) -> None:
    seen: set[str] = set()
    for each in given:
        if each.info.id and each.info.id in seen:
            each.problems.add(
                "DUPLICATE_PACK", "pack.id", "规则包编号重复", "another file has this id", "改名其一。 / Rename one."
            )
        seen.add(each.info.id)


def _define(pack: Pack, definitions: dict[str, Definition]) -> None:
    for id_, definition in define(pack.document.get("definitions", {}), pack.problems).items():
        if id_ in definitions:
            pack.problems.add(
                "DUPLICATE_RULE", f"definitions.{id_}", "规则编号重复定义", "is defined already", "改名。 / Rename it."
            )
        definitions.setdefault(id_, definition)


def _kept(statements: Iterable[Statement]) -> _Kept:
    kept: dict[str, dict[Scope, tuple[Statement, ...]]] = {}
    for each in statements:
        scopes = kept.setdefault(each.id, {})
        scopes[each.scope] = (*scopes.get(each.scope, ()), each)
    return kept


def diff(book_a: Rulebook, book_b: Rulebook) -> list[Change]:
    """The rules that differ from ``book_a`` to ``book_b`` in value, source, date, severity, texts or alternatives."""
    keys = dict.fromkeys([*book_a.scopes(), *book_b.scopes()])
    pairs = ((id_, scope, book_a.at(id_, scope), book_b.at(id_, scope)) for id_, scope in keys)
    return [Change(id_, scope, before, after) for id_, scope, before, after in pairs if before != after]


def _overridden(said: Sequence[Statement]) -> bool:
    return any(each.override for each in said)


def _under(id_: str, prefix: str) -> bool:
    return id_ == prefix or id_.startswith(f"{prefix.rstrip('.')}.")


def _in_play(scope: Scope, facts: Scope) -> bool:
    """Whether the scope names one of the given facts and contradicts none; all of them where nothing is given."""
    if facts == Scope():
        return True
    given = facts.document()
    named = [name for name in given if getattr(scope, name)]
    narrowed = Scope(**{name: value for name, value in scope.document().items() if name in given})
    return bool(named) and narrowed.covers(facts)
