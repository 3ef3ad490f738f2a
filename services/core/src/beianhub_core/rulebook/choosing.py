"""Which of the statements under one scope holds, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from beianhub_core.rulebook.definitions import filled
from beianhub_core.rulebook.model import Alternative, Definition, Rule, Statement


def choose(
    statements: Sequence[Statement], definition: Definition, today: str = "", *, broader: Sequence[Statement] = ()
) -> Rule | None:
    """The rule that the statements of one id and scope make; ``None`` where none of them holds on ``today``.

    A tenant's override first, then a statement that facts prefer, then the newest official one; among equals the one
    that was loaded last. ``broader`` are the statements of wider scopes, kept beside it.
    """
    standing = [s for s in statements if s.in_force(today) and not s.rejected]
    if not standing:
        return None
    winner = max(enumerate(standing), key=lambda pair: (*_rank(pair[1]), pair[0]))[1]
    others = [(s, _reason(s, winner, today)) for s in statements if s is not winner]
    known = {(repr(s.value), s.source) for s in statements}
    others += [(s, _reason(s, winner, today, broader=True)) for s in broader if (repr(s.value), s.source) not in known]
    return Rule(
        id=winner.id,
        scope=winner.scope,
        value=winner.value,
        source=winner.source,
        as_of=winner.as_of,
        severity=winner.severity or definition.severity,
        message_zh=_text(winner.message_zh or definition.message_zh, winner, definition, chinese=True),
        message_en=_text(winner.message_en or definition.message_en, winner, definition, chinese=False),
        suggestion=winner.suggestion or definition.suggestion,
        alternatives=tuple(Alternative(s.value, s.source, s.as_of, reason) for s, reason in others),
        pack=winner.pack,
    )


def _rank(statement: Statement) -> tuple[Any, ...]:
    return (
        statement.override,
        statement.value is not None,
        bool(statement.preferred),
        statement.official,
        statement.as_of,
    )


def _text(text: str, statement: Statement, definition: Definition, *, chinese: bool) -> str:
    return filled(text, statement.value, definition, statement.scope, chinese=chinese)


def _reason(statement: Statement, winner: Statement, today: str, *, broader: bool = False) -> str:
    """The first of the reasons that put ``statement`` behind ``winner``."""
    reasons = (
        (statement.rejected, statement.rejected),
        (
            not statement.in_force(today),
            f"不在有效期内 (in force {statement.since or '…'} to {statement.until or '…'})",
        ),
        (statement.value is None, "来源未述 (the source says nothing)"),
        (winner.override, "租户另有设定 (the tenant overrides it)"),
        (broader, "范围较宽，以更具体者为准 (a more specific rule stands before it)"),
        (winner.preferred and not statement.preferred, winner.preferred),
        (winner.official and not statement.official, "来源较弱 (a weak source)"),
        (statement.as_of < winner.as_of, f"较旧：{statement.as_of} 早于 {winner.as_of} (older than the chosen source)"),
        (True, f"同为 {winner.as_of}，以后载入者为准 (as new as the chosen source, which was loaded later)"),
    )
    return next(text for applies, text in reasons if applies)
