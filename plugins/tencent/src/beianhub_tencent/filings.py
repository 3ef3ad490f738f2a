"""DescribeIcpFilings: what is filed through a partner's account. Tencent's public product has no such action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import FiledService, FiledSubject
from beianhub_sdk.regulator import NATURES, SERVICE_KINDS
from beianhub_sdk.vendor import reading
from beianhub_tencent import client
from beianhub_tencent.vocabulary import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub_sdk import Call

_NATURES: Final[Mapping[str, pb.Nature.ValueType]] = {
    str(CODES["OrganizerNature"][word]): pb.Nature.ValueType(nature) for nature, word in NATURES.items()
}
_KINDS: Final[Mapping[str, pb.ServiceKind.ValueType]] = {
    str(CODES["SiteType"][word]): pb.ServiceKind.ValueType(kind) for kind, word in SERVICE_KINDS.items()
}


def read(call: Call) -> list[FiledSubject]:
    """The whole list."""
    answer = client.ask(call, "DescribeIcpFilings")
    with reading():
        return [_subject(entry) for entry in answer["IcpFilings"]]


def _subject(entry: Mapping[str, Any]) -> FiledSubject:
    return FiledSubject(
        licence_number=str(entry["OrganizerIcpNumber"]),
        title=str(entry["OrganizerName"]),
        nature=_NATURES.get(str(entry["OrganizerNature"]), pb.NATURE_UNSPECIFIED),
        principal_name=str(entry["OrganizerPersonName"]),
        services=[_service(service) for service in entry["Services"]],
    )


def _service(entry: Mapping[str, Any]) -> FiledService:
    return FiledService(
        title=str(entry["SiteName"]),
        licence_number=str(entry["IcpNumber"]),
        domains=[str(domain) for domain in entry["Domains"]],
        kind=_KINDS[str(entry["ServiceType"])],
        principal_name=str(entry["SitePersonName"]),
    )
