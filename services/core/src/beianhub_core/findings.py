"""Findings, made in one way."""

from __future__ import annotations

from beianhub.resources.v1.resources_pb2 import SEVERITY_BLOCKER, SEVERITY_INFO, SEVERITY_WARNING, Finding, Severity


def finding(
    severity: Severity.ValueType,
    code: str,
    path: str,
    message_zh: str,
    message_en: str,
    suggestion: str,
    *,
    rule: str = "",
    source: tuple[str, ...] = (),
    as_of: str = "",
) -> Finding:
    """A finding: what is wrong at ``path``, by which rule and source, and what to do. Never holds personal data.

    ``suggestion`` is one text in both languages: "续费域名。 / Renew the domain.".
    """
    return Finding(
        code=code,
        path=path,
        severity=severity,
        message_zh=message_zh,
        message_en=message_en,
        suggestion=suggestion,
        rule=rule or code,
        source=source,
        as_of=as_of,
    )


def blocker(
    code: str,
    path: str,
    message_zh: str,
    message_en: str,
    suggestion: str,
    *,
    rule: str = "",
    source: tuple[str, ...] = (),
    as_of: str = "",
) -> Finding:
    """A finding that refuses."""
    return finding(
        SEVERITY_BLOCKER, code, path, message_zh, message_en, suggestion, rule=rule, source=source, as_of=as_of
    )


def blocks(findings: list[Finding]) -> bool:
    """Whether one of them refuses."""
    return any(f.severity == SEVERITY_BLOCKER for f in findings)


__all__ = ["SEVERITY_BLOCKER", "SEVERITY_INFO", "SEVERITY_WARNING", "blocker", "blocks", "finding"]
