"""QuerySuccessIcpData: what is filed through the account, in the shape of the public product (domain.md 6.2).

Nothing of it was tried with a real account; the mandatory ``Caller`` suggests that Alibaba Cloud opens it to partners.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun import client
from beianhub_aliyun.vocabulary import CODES
from beianhub_sdk import FiledService, FiledSubject, UnknownOutcomeError
from beianhub_sdk.regulator import NATURES
from beianhub_sdk.vendor import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub_sdk import Call

VERSION: Final = "2026-04-23"
_CALLER: Final = "beianhub"
# The sources do not say whether the nature comes as a word or as a code.
_NATURES: Final[Mapping[str, pb.Nature.ValueType]] = {
    spelling: pb.Nature.ValueType(nature)
    for nature, word in NATURES.items()
    for spelling in (word, CODES["SponsorNature"][word])
}


def read(call: Call) -> list[FiledSubject]:
    """The whole list: the product has no pages."""
    answer = client.ask(call, "QuerySuccessIcpData", version=VERSION, Caller=_CALLER)
    if answer.get("Success") is False:
        raise UnknownOutcomeError("NOT_SUCCESSFUL")
    with reading():
        return [_subject(entry) for entry in answer["BaSuccessDataWithRiskList"]]


def _subject(entry: Mapping[str, Any]) -> FiledSubject:
    sites = [_service(site, "Site", pb.SERVICE_KIND_WEBSITE) for site in entry.get("WebsiteList") or ()]
    apps = [_service(app, "App", pb.SERVICE_KIND_APP) for app in entry.get("AppList") or ()]
    return FiledSubject(
        licence_number=str(entry["IcpNumber"]),
        title=str(entry["OrganizersName"]),
        nature=_NATURES.get(str(entry.get("OrganizersNature", "")), pb.NATURE_UNSPECIFIED),
        principal_name=str(entry.get("ResponsiblePersonName") or ""),
        services=(*sites, *apps),
    )


def _service(entry: Mapping[str, Any], kind: str, number: pb.ServiceKind.ValueType) -> FiledService:
    return FiledService(
        title=str(entry[f"{kind}Name"]),
        licence_number=str(entry[f"{kind}RecordNum"]),
        domains=[str(domain) for domain in entry.get("DomainList") or ()],
        kind=number,
        principal_name=str(entry.get("ResponsiblePersonName") or ""),
    )
