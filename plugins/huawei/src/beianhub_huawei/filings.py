"""GET of the filings of a partner's account. Huawei has no public API of filings (S4.28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_huawei import client
from beianhub_sdk import FiledService, FiledSubject
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS
from beianhub_sdk.vendor import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub_sdk import Call

_NATURES: Final[Mapping[str, pb.Nature.ValueType]] = {
    word: pb.Nature.ValueType(nature) for nature, word in NATURES.items()
}
_KINDS: Final[Mapping[str, pb.ServiceKind.ValueType]] = {
    word: pb.ServiceKind.ValueType(kind) for kind, word in SERVICE_KINDS.items()
}


def read(call: Call) -> list[FiledSubject]:
    """The whole list."""
    answer = client.send(call, "GET", "filings")
    with reading():
        return [_subject(entry) for entry in answer["filings"]]


def _subject(entry: Mapping[str, Any]) -> FiledSubject:
    return FiledSubject(
        licence_number=str(entry["subject_record_number"]),
        title=str(entry["sponsor_name"]),
        nature=_NATURES.get(str(entry["sponsor_nature"]), pb.NATURE_UNSPECIFIED),
        principal_name=str(entry["principal_name"]),
        services=[_service(service) for service in entry["services"]],
    )


def _service(entry: Mapping[str, Any]) -> FiledService:
    return FiledService(
        title=str(entry["name"]),
        licence_number=str(entry["record_number"]),
        domains=[str(domain) for domain in entry["domains"]],
        kind=_KINDS[str(entry["type"])],
        principal_name=str(entry["principal_name"]),
    )
