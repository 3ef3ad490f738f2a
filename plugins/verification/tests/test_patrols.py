"""巡检: what the verifiers that patrol see of a filed site, over pages as the host's fetcher gives them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verification_support import Web, order, page

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TASK_KIND_PATROL, TaskAssignment
from beianhub_sdk import FetchedPage, FetchError, FetchFailedError, FetchRefusedError, NotSentError, Observed, Verifier
from beianhub_verification.footer import FooterVerifier
from beianhub_verification.ip import IpVerifier
from beianhub_verification.plugin import beianhub_register_verifiers
from beianhub_verification.site import SiteVerifier
from beianhub_verification.visits import MOST_SITES

NUMBER = "京ICP备2025000007号-1"
GOOD = f'<a href="https://beian.miit.gov.cn/">{NUMBER}</a>'
WRONG = NUMBER.replace("7号", "8号")
TIMEOUT = FetchFailedError("TIMEOUT")


def filed(*domains: str, ips: tuple[str, ...] = ("119.29.29.29",)) -> TaskAssignment:
    """A filed website with one access, as a patrol gets it: without an order."""
    given = order(pb.ORDER_TYPE_ADD_ACCESS)
    service = given.service
    service.licence_number = NUMBER
    service.state = pb.SERVICE_STATE_FILED
    service.domains[:] = domains or ("shop7.cn",)
    service.accesses.add(provider="tencent", state=pb.ACCESS_STATE_ACTIVE, ips=ips)
    made = TaskAssignment(subject=given.subject, service=service)
    made.task.kind = TASK_KIND_PATROL
    return made


def look(verifier: type[Verifier], sites: dict[str, FetchedPage | FetchError], *domains: str) -> Observed:
    return verifier().observe(Web(sites).call(filed(*domains)))


def codes(seen: Observed) -> dict[str, str]:
    assert all(finding.severity >= pb.SEVERITY_WARNING for finding in seen.findings)
    return {finding.path: finding.code for finding in seen.findings}


def test_three_verifiers_patrol() -> None:
    """What a manifest declares is what the class can do."""
    verifiers = beianhub_register_verifiers()
    assert {v.manifest.id for v in verifiers if v.manifest.patrols} == {"footer", "site", "ip"}
    assert {v.manifest.id for v in verifiers if v.observe is not Verifier.observe} == {"footer", "site", "ip"}


@pytest.mark.parametrize(
    ("html", "code"),
    [
        (GOOD, None),
        ("nothing", "FOOTER_NUMBER_ABSENT"),
        (GOOD.replace(NUMBER, WRONG), "FOOTER_NUMBER_WRONG"),
        (NUMBER, "FOOTER_NOT_LINKED"),
    ],
)
def test_a_footer_is_looked_at(html: str, code: str | None) -> None:
    """S4.35, S4.36: absent, wrong and not linked."""
    assert codes(look(FooterVerifier, {"shop7.cn": page(html)})) == ({"service.domains[0]": code} if code else {})


def test_a_filed_site_must_be_open() -> None:
    """S4.13: an answer that shows no page, or no name at all, is wrong."""
    assert codes(look(SiteVerifier, {"shop7.cn": page("hello")})) == {}
    assert codes(look(SiteVerifier, {"shop7.cn": page(status=503)})) == {"service.domains[0]": "SITE_CLOSED"}
    assert codes(look(SiteVerifier, {})) == {"service.domains[0]": "SITE_NOT_RESOLVED"}


def test_who_answers_is_compared_with_what_is_filed() -> None:
    """HW-KB 5.2: another address than the accesses'; www and redirects to another site are not judged by it."""
    answered = replace(page("hello"), url="http://shop7.cn/", address="119.29.29.29")
    assert codes(look(IpVerifier, {"shop7.cn": answered})) == {}
    elsewhere = replace(answered, address="8.8.4.4")
    assert codes(look(IpVerifier, {"shop7.cn": elsewhere})) == {"service.domains[0]": "RESOLVES_ELSEWHERE"}
    with pytest.raises(NotSentError):
        look(IpVerifier, {"shop7.cn": replace(elsewhere, url="http://other.cn/")})
    unknown = Web({"shop7.cn": elsewhere}).call(filed(ips=()))
    assert IpVerifier().observe(unknown) == Observed([], [])


@pytest.mark.parametrize("verifier", [FooterVerifier, SiteVerifier, IpVerifier])
@pytest.mark.parametrize("error", [TIMEOUT, FetchRefusedError("REHEARSAL")])
def test_what_cannot_be_seen_tells_nothing(verifier: type[Verifier], error: FetchError) -> None:
    """A network's failure, or a host that goes nowhere, is no observation; of several sites those seen still are."""
    with pytest.raises(NotSentError) as raised:
        look(verifier, {"shop7.cn": error, "www.shop7.cn": error})
    assert raised.value.code == "NO_SITE_SEEN"
    well = replace(page(GOOD), url="http://b.cn/", address="119.29.29.29")
    seen = look(verifier, {"shop7.cn": error, "www.shop7.cn": error, "b.cn": well}, "shop7.cn", "b.cn")
    assert (codes(seen), list(seen.unseen)) == ({}, ["service.domains[0]"])


def test_many_sites_are_not_all_visited() -> None:
    """Those beyond the limit are unseen, not well."""
    domains = [f"site{number}.cn" for number in range(MOST_SITES + 1)]
    seen = look(SiteVerifier, {domain: page("hello") for domain in domains}, *domains)
    assert list(seen.unseen) == [f"service.domains[{MOST_SITES}]"]
