"""What a rulebook is made of: statements as the sources make them, and the rules that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from beianhub_core.errors import BeianhubError, ErrorKind

UNIT: Final = "UNIT"  # in a scope: every nature but an individual's
INDIVIDUAL: Final = "INDIVIDUAL"
UNIT_NATURES: Final = ("ENTERPRISE", "GOVERNMENT", "INSTITUTION", "SOCIAL_ORG")
NATURES: Final = (INDIVIDUAL, *UNIT_NATURES)
SEVERITIES: Final = ("BLOCKER", "WARNING", "INFO")


class PackError(BeianhubError):
    """A pack or a tenant's override is wrong: ``findings`` has every problem with its path in the file."""

    def __init__(self, findings: list[Any]) -> None:
        super().__init__(ErrorKind.INVALID, "RULE_PACK_INVALID", findings)


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Where a rule holds; an empty field means everywhere.

    ``province`` is a short name ("河南"), ``nature`` one of :data:`NATURES` or ``UNIT``, ``provider`` a plugin's id and
    ``order_type`` a name of the order types, such as "ADD_ACCESS".
    """

    province: str = ""
    nature: str = ""
    provider: str = ""
    order_type: str = ""

    def covers(self, facts: Scope) -> bool:
        """Whether a rule of this scope holds for ``facts``."""
        return (
            self.province in ("", facts.province)
            and self.provider in ("", facts.provider)
            and self.order_type in ("", facts.order_type)
            and _covers_nature(self.nature, facts.nature)
        )

    @property
    def specificity(self) -> tuple[int, bool, bool, bool, int]:
        """How narrow it is: first by the number of fields, then province, provider, order type, nature.

        The bureau decides (S4.45), so a province's rule stands above a provider's.
        """
        nature = 0 if not self.nature else 1 if self.nature == UNIT else 2
        named = (bool(self.province), bool(self.provider), bool(self.order_type))
        return (sum(named) + bool(nature), *named, nature)

    def document(self) -> dict[str, str]:
        """The fields that are not empty."""
        return {name: value for name in SCOPE_FIELDS if (value := getattr(self, name))}


SCOPE_FIELDS: Final = ("province", "nature", "provider", "order_type")


def _covers_nature(scope: str, nature: str) -> bool:
    return scope in ("", nature) or (scope == UNIT and nature in UNIT_NATURES)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says under one scope. ``value`` is ``None`` where the source was read and is silent.

    ``since`` and ``until`` (exclusive) are dates, empty for no limit; ``rejected`` and ``preferred`` are reasons why
    the statement stands below or above what its date would give it.
    """

    id: str
    scope: Scope
    value: Any
    source: tuple[str, ...]
    as_of: str
    pack: str
    since: str = ""
    until: str = ""
    official: bool = True
    rejected: str = ""
    preferred: str = ""
    severity: str = ""
    message_zh: str = ""
    message_en: str = ""
    suggestion: str = ""
    override: bool = False

    def in_force(self, today: str) -> bool:
        """Whether it holds on ``today``, YYYY-MM-DD; with an empty one, whether it holds in the end."""
        return not self.until if not today else self.since <= today and (not self.until or today < self.until)


@dataclass(frozen=True, slots=True)
class Alternative:
    """What another source says, and why it was not chosen (Chinese, then English)."""

    value: Any
    source: tuple[str, ...]
    as_of: str
    reason_not_chosen: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The statement that holds, with all others beside it. ``value`` is ``None`` where all sources are silent.

    ``severity`` is "BLOCKER", "WARNING" or "INFO": what a finding by this rule weighs.
    """

    id: str
    scope: Scope
    value: Any
    source: tuple[str, ...]
    as_of: str
    severity: str
    message_zh: str
    message_en: str
    suggestion: str
    alternatives: tuple[Alternative, ...] = ()
    pack: str = ""

    @property
    def conflicts(self) -> tuple[Alternative, ...]:
        """The alternatives that say something else."""
        return tuple(a for a in self.alternatives if a.value is not None and a.value != self.value)

    @property
    def conflicts_with(self) -> tuple[str, ...]:
        """The sources that say something else, each once."""
        return tuple(dict.fromkeys(source for a in self.conflicts for source in a.source))

    def document(self) -> dict[str, Any]:
        """The rule as plain values."""
        return {
            "id": self.id,
            "scope": self.scope.document(),
            "value": self.value,
            "source": list(self.source),
            "as_of": self.as_of,
            "severity": self.severity,
            "message_zh": self.message_zh,
            "message_en": self.message_en,
            "suggestion": self.suggestion,
            "pack": self.pack,
            "conflicts_with": list(self.conflicts_with),
            "alternatives": [
                {"value": a.value, "source": list(a.source), "as_of": a.as_of, "reason_not_chosen": a.reason_not_chosen}
                for a in self.alternatives
            ],
        }


@dataclass(frozen=True, slots=True)
class PackInfo:
    """A pack: ``as_of`` is the date of its newest source; ``path`` is ``None`` for one that a plugin brought."""

    id: str
    version: str
    as_of: str
    title: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Change:
    """How one rule differs between two books; ``before`` is ``None`` where it is new, ``after`` where it is gone."""

    id: str
    scope: Scope
    before: Rule | None
    after: Rule | None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a rule id means. ``kind`` is the form of its values, ``words`` their Chinese and English names."""

    id: str
    kind: str
    severity: str
    message_zh: str
    message_en: str
    suggestion: str
    words: dict[str, tuple[str, str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
