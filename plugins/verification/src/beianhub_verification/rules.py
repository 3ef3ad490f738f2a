"""A rule with its texts and its basis, and the answer that findings amount to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beianhub.resources.v1.resources_pb2 import SEVERITY_BLOCKER, Finding
from beianhub_sdk import Failed, Passed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beianhub.resources.v1.resources_pb2 import Severity


@dataclass(frozen=True, slots=True)
class Basis:
    """Which sources say so, by their labels, and the date of the newest, YYYY-MM-DD."""

    source: tuple[str, ...]
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule and what it says of an offender; texts are templates of :meth:`str.format`.

    ``id`` is the rulebook's where it has the rule, as ``suffix.refused``, so that an owner who overrides it there
    overrides it here; otherwise the rule's own name, such as ``domain.registrable``. ``code`` is the finding's.
    """

    id: str
    code: str
    severity: Severity.ValueType
    zh: str
    en: str
    suggestion: str
    basis: Basis

    def at(self, path: str, **words: str) -> Finding:
        """The finding about the field at ``path``; ``words`` fill in the templates."""
        return Finding(
            code=self.code,
            path=path,
            severity=self.severity,
            message_zh=self.zh.format(**words),
            message_en=self.en.format(**words),
            suggestion=self.suggestion.format(**words),
            rule=self.id,
            source=self.basis.source,
            as_of=self.basis.as_of,
        )


def answer(findings: Sequence[Finding]) -> Passed | Failed:
    """Failed if one of the findings refuses; otherwise they are remarks."""
    refuses = any(finding.severity == SEVERITY_BLOCKER for finding in findings)
    return Failed(findings) if refuses else Passed(findings)
