"""Findings about what a province or a subject's nature adds."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Severity, Texts

_B, _W = Severity.BLOCKER, Severity.WARNING

TEXTS: Final = {
    "SUFFIX_NOT_OF_NATURE": Texts(
        _W,
        "domain.name",
        "该性质的单位须使用 {wanted} 域名，而不是 {suffix}",
        "units of this nature use {wanted}, not {suffix}",
        "使用该后缀的域名，或咨询管局。 / Use a domain of such a suffix, or ask the bureau.",
        ("HW-KB",),
    ),
    "TOO_MANY_SERVICES": Texts(
        _B,
        "subject.services",
        "这将是第 {count} 个服务，每个主体最多 {limit} 个",
        "this would be service number {count}; one subject may have {limit}",
        "注销不再使用的服务，或以其他主体备案。 / "
        "Cancel services that are no longer used, or file under another subject.",
        ("S4.45",),
    ),
    "PLAN_LETTER_NEEDED": Texts(
        _W,
        "subject.services",
        "这将是第 {count} 个服务：从第 {limit} 个起须提供网站建设方案书",
        "this would be service number {count}: from {limit} on a construction plan (建设方案书) is needed",
        "附上方案书。 / Attach the plan.",
        ("S4.45",),
    ),
    "EXPLANATION_NEEDED": Texts(
        _W,
        "subject.services",
        "这将是第 {count} 个服务：从第 {limit} 个起须作书面说明",
        "this would be service number {count}: from {limit} on a written explanation is needed",
        "附上说明。 / Attach the explanation.",
        ("S4.45",),
    ),
}
