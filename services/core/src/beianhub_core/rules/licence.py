"""Licence numbers (备案号): parsed leniently, printed canonically (HW-KB doc_0033, doc_0115; domain facts 1.2)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from beianhub.resources.v1.resources_pb2 import (
    SERVICE_KIND_APP,
    SERVICE_KIND_MINI_PROGRAM,
    SERVICE_KIND_QUICK_APP,
    SERVICE_KIND_WEBSITE,
    Finding,
    ServiceKind,
    Subject,
)
from beianhub_core.findings import blocker
from beianhub_core.rules.provinces import BY_ABBREVIATION

_LETTERS: Final[dict[str, ServiceKind.ValueType]] = {
    "": SERVICE_KIND_WEBSITE,
    "A": SERVICE_KIND_APP,
    "X": SERVICE_KIND_MINI_PROGRAM,
    "K": SERVICE_KIND_QUICK_APP,
}
_KIND_LETTERS: Final = {kind: letter for letter, kind in _LETTERS.items()}

_DASHES: Final = re.compile("[‐‑‒–—―−－_]")
_FILING: Final = "ICP备"
_FILING_NUMBER: Final = re.compile(
    rf"(?P<province>[{''.join(BY_ABBREVIATION)}])ICP[备備](?P<serial>[0-9]{{10}}|[0-9]{{8}})号?"
    r"(?:-(?P<sequence>[1-9][0-9]{0,5})(?P<letter>[AXK]?))?号?"
)
_COMMERCIAL_NUMBER: Final = re.compile(
    rf"(?P<province>[{''.join(BY_ABBREVIATION)}])(?P<form>B2-|ICP[证證])(?P<serial>[0-9]{{6}}|[0-9]{{8}})号?"
    r"(?:-(?P<sequence>[1-9][0-9]{0,5})(?P<letter>[AXK]?))?号?"
)


@dataclass(frozen=True, slots=True)
class LicenceNumber:
    """A licence number. ``form`` is "ICP备", or "B2-" and "ICP证" of commercial licences (经营性).

    ``sequence`` is ``None`` for the subject's own number; all kinds of service share one sequence (HW-KB doc_0115).
    """

    province: str  # the abbreviation, such as 京
    form: str
    serial: str
    sequence: int | None = None
    kind: ServiceKind.ValueType = SERVICE_KIND_WEBSITE

    @property
    def subject(self) -> LicenceNumber:
        """The subject's number."""
        return replace(self, sequence=None, kind=SERVICE_KIND_WEBSITE)

    @property
    def province_name(self) -> str:
        """The province's short name, such as 北京."""
        return BY_ABBREVIATION[self.province].name

    def __str__(self) -> str:
        """The canonical spelling, such as 京ICP备2026000001号-2A; commercial B2 numbers have no 号."""
        stem = f"{self.province}{self.form}{self.serial}{'' if self.form == 'B2-' else '号'}"
        return stem if self.sequence is None else f"{stem}-{self.sequence}{_KIND_LETTERS[self.kind]}"


def parse_licence(text: str) -> LicenceNumber | None:
    """The number in any of the spellings that footers use; ``None`` when it is none.

    Blanks, width, case and kinds of dash do not count; 号 may be missing, or stand behind the suffix.

    >>> str(parse_licence("滇ICP备09010050-5号"))
    '滇ICP备09010050号-5'
    """
    compact = _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", text).split())).upper()
    match = _FILING_NUMBER.fullmatch(compact) or _COMMERCIAL_NUMBER.fullmatch(compact)
    if match is None:
        return None
    parts = match.groupdict()
    form = parts.get("form", _FILING).replace("證", "证")
    if parts["sequence"] is None:
        return LicenceNumber(parts["province"], form, parts["serial"])
    return LicenceNumber(
        parts["province"], form, parts["serial"], int(parts["sequence"]), _LETTERS[parts["letter"] or ""]
    )


def check_subject_licence(text: str, path: str) -> list[Finding]:
    """What is wrong with a subject's number; an empty one is of a subject that is not filed."""
    licence = parse_licence(text)
    if not text or (licence and licence.sequence is None):
        return []
    return [_of_service(path, licence)] if licence else [_unreadable(path, "京ICP备2026000001号")]


def check_service_licence(text: str, path: str, kind: ServiceKind.ValueType, subject_licence: str) -> list[Finding]:
    """What is wrong with a service's number: its form, its letter, and its stem, which is the subject's number."""
    if not text:
        return []
    licence = parse_licence(text)
    if licence is None or licence.sequence is None:
        return [_unreadable(path, "京ICP备2026000001号-1")]
    found = []
    if licence.kind != kind:
        found.append(_wrong_letter(path))
    owner = parse_licence(subject_licence)
    if owner and owner.subject != licence.subject:
        found.append(_wrong_stem(path, owner.subject))
    return found


def check_distinct_licences(subject: Subject) -> list[Finding]:
    """Services of all kinds share one sequence, so no two of a subject have the same number, whatever their letters."""
    found, seen = [], set()
    for index, service in enumerate(subject.services):
        licence = parse_licence(service.licence_number)
        if licence is None or licence.sequence is None:
            continue
        key = licence.subject, licence.sequence
        if key in seen:
            found.append(_twice(f"services[{index}].licence_number", licence))
        seen.add(key)
    return found


def _unreadable(path: str, example: str) -> Finding:
    return blocker(
        "LICENCE_NUMBER_FORMAT",
        path,
        f"备案号格式应如 {example}",
        f"a licence number looks like {example}",
        "按管局通知填写，或在 beian.miit.gov.cn 查询。 / "
        "Copy it from the notice of the regulator, or look it up at beian.miit.gov.cn.",
        source=("HW-KB doc_0033", "HW-KB doc_0115"),
    )


def _of_service(path: str, licence: LicenceNumber) -> Finding:
    return blocker(
        "LICENCE_NUMBER_OF_SERVICE",
        path,
        "此处应填主体备案号，不带服务后缀",
        "this is a service's number; a subject's has no suffix",
        f"请用 {licence.subject}。 / Use {licence.subject}.",
        source=("HW-KB doc_0033",),
    )


def _wrong_letter(path: str) -> Finding:
    return blocker(
        "LICENCE_NUMBER_KIND",
        path,
        "备案号后缀字母与服务类型不符：网站无字母，APP 为 A，小程序为 X，快应用为 K",
        "the suffix's letter does not fit the service: none for a website, A for an APP, X for a mini program, "
        "K for a quick app",
        "更正服务类型或备案号。 / Correct the kind of the service, or its number.",
        source=("HW-KB doc_0115",),
    )


def _wrong_stem(path: str, subject: LicenceNumber) -> Finding:
    return blocker(
        "LICENCE_NUMBER_SUBJECT",
        path,
        f"服务备案号应以主体备案号 {subject} 开头",
        f"a service's number starts with the subject's, {subject}",
        "更正主体备案号，或将服务移至其所属主体。 / "
        "Correct the subject's number, or move the service to the subject that holds it.",
        source=("MIIT-V3 备案号",),
    )


def _twice(path: str, licence: LicenceNumber) -> Finding:
    return blocker(
        "LICENCE_NUMBER_DUPLICATE",
        path,
        f"同一主体的另一服务已有序号 {licence.sequence}；各类服务共用一个序号序列",
        f"another service of the subject has the number {licence.sequence}; services of all kinds share one sequence",
        "更正其中之一；同一网站的多个域名写在同一服务下。 / "
        "Correct one of the two; several domains of one website belong to one service.",
        source=("HW-KB doc_0115", "MIIT-V3 备案号"),
    )
