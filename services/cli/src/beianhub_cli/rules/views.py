"""Rules as tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from beianhub_cli.client.output import Grid
from beianhub_core.rulebook import Change, PackInfo, Rule, Scope

_KINDS: Final = {(True, False): "added", (False, True): "removed", (False, False): "changed"}


def value(anything: Any) -> str:
    """A rule's value on one line."""
    return "not stated" if anything is None else json.dumps(anything, ensure_ascii=False)


def place(scope: Scope) -> str:
    """Where a rule holds."""
    return " ".join(scope.document().values()) or "nationwide"


def listing(rules: Sequence[Rule], packs: Sequence[PackInfo]) -> list[Grid]:
    """One line for each rule, and the packs that they come from."""
    rows = [
        (r.id, place(r.scope), value(r.value), "; ".join(r.source), r.as_of, "; ".join(r.conflicts_with), r.pack)
        for r in rules
    ]
    own = [(p.id, p.version, p.as_of, p.title) for p in packs]
    return [
        Grid(("rule", "where", "value", "source", "as of", "against", "pack"), rows, "rules"),
        Grid(("pack", "version", "as of", "title"), own, "packs"),
    ]


def details(rule: Rule) -> list[Grid]:
    """Everything about one rule."""
    rows = [
        ("value", value(rule.value)),
        ("where", place(rule.scope)),
        ("source", "; ".join(rule.source)),
        ("as of", rule.as_of),
        ("severity", rule.severity),
        ("message", f"{rule.message_zh}\n{rule.message_en}"),
        ("suggestion", rule.suggestion),
        ("pack", rule.pack),
    ]
    others = [(value(a.value), "; ".join(a.source), a.as_of, a.reason_not_chosen) for a in rule.alternatives]
    return [
        Grid(("field", "value"), rows, rule.id),
        Grid(("value", "source", "as of", "why not chosen"), others, "other statements"),
    ]


def changes(found: Sequence[Change]) -> list[Grid]:
    """One line for each rule that differs."""
    rows = [(c.id, place(c.scope), kind(c), _said(c.before), _said(c.after)) for c in found]
    return [Grid(("rule", "where", "change", "before", "after"), rows, "differences")]


def kind(change: Change) -> str:
    """Whether a rule was added, removed or changed."""
    return _KINDS[change.before is None, change.after is None]


def _said(rule: Rule | None) -> str:
    return f"{value(rule.value)} ({'; '.join(rule.source)}, {rule.as_of})" if rule else ""
