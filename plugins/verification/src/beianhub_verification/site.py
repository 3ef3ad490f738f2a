"""网站可访问性核验: an unfiled site must not open (HW-KB doc_0150), a filed one must (S4.13, S1.7).

A site that could not be reached is not judged: the network's failure is a remark.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import FetchedPage, NoSuchNameError, Verifier, VerifierManifest
from beianhub_verification.orders import FILED_SITES, NEW_SITE
from beianhub_verification.rules import Basis, Rule, answer
from beianhub_verification.visits import MOST_SITES, Site, filed_sites, observed, own_sites, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_sdk import Call, Failed, Observed, Passed

_HW: Final = Basis(("HW-KB doc_0150",), "2026-05-01")
_FILED: Final = Basis(("S4.13", "S1.7", "S1.8"), "2026-05-01")

_OPENS: Final = Rule(
    id="sites.closed_before_filing",
    code="SITE_OPENS",
    severity=pb.SEVERITY_BLOCKER,
    zh="{domain} 尚未备案，备案期间网站不能打开（{url} 返回 {status}）",
    en="{domain} is not filed, and its site must not open before it is ({url} answers {status}).",
    suggestion="备案通过前关闭网站，或删除域名解析。 / "
    "Close the site, or remove the domain's DNS records, until the filing is approved.",
    basis=_HW,
)
_ANSWERS: Final = Rule(
    id="sites.closed_before_filing",
    code="SITE_ANSWERS",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 尚未备案却已解析到服务器（{url} 返回 {status}），可能被驳回",
    en="{domain} is not filed and yet leads to a server ({url} answers {status}), which may be a reason to reject.",
    suggestion="备案通过前删除域名解析。 / Remove the domain's DNS records until the filing is approved.",
    basis=_HW,
)
_CLOSED: Final = Rule(
    id="sites.must_be_open",
    code="SITE_CLOSED",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 已备案，网站应能正常打开（{url} 返回 {status}）",
    en="{domain} is filed, and its site must be open ({url} answers {status}).",
    suggestion="提交订单前开通网站，管局通过前不作改动。 / "
    "Open the site before the order is submitted, and leave it unchanged until the bureau has approved.",
    basis=_FILED,
)
_NOT_RESOLVED: Final = Rule(
    id="sites.must_be_open",
    code="SITE_NOT_RESOLVED",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 已备案，但从此处未能解析，网站应能正常打开",
    en="{domain} is filed, but does not resolve from here; its site must be open.",
    suggestion="恢复域名解析，并确认域名未过期。 / Restore the domain's DNS records, and see that it is not expired.",
    basis=_FILED,
)
_UNCHECKED: Final = Rule(
    id="site.reachable",
    code="SITE_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="{domain} 的网站此处未核验（{reason}）：{zh}",
    en="The site of {domain} was not checked from here ({reason}): {en}",
    suggestion="提交订单前用浏览器打开查看。 / Open it in a browser before the order is submitted.",
    basis=Basis(("HW-KB doc_0150", "S4.13"), "2026-05-01"),
)
_MUST_CLOSE: Final = ("未备案的网站不能打开", "an unfiled site must not open.")
_MUST_OPEN: Final = ("已备案的网站应能正常打开", "a filed site must be open.")

_ALI: Final = Basis(("ALI-2019", "S4.13"), "2019-09-01")
_TC: Final = Basis(("TC-DOC", "S4.13"), "2023-01-01")
DEMANDED: Final = {
    **dict.fromkeys(("上海", "广东", "云南", "西藏"), _ALI),
    **dict.fromkeys(("江西", "四川"), _TC),
    "河南": Basis(("S4.19", "ALI-2019", "TC-DOC"), "2026-05-01"),
    "广西": Basis(("HW-KB", "TC-DOC", "S4.13"), "2026-05-01"),
}
"""已备案网站须可访问: provinces whose page makes it a condition, with its newest source."""


class SiteVerifier(Verifier):
    """网站可访问性核验, before anything is sent. It visits the sites through the host's safe fetcher."""

    manifest = VerifierManifest(
        id="site",
        title="网站可访问性核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_SITE,
        precheck=True,
        source=("HW-KB doc_0150", "S4.12", "S4.13", "S1.7", "S1.8", "ALI-2019", "TC-DOC"),
        order_types=(pb.ORDER_TYPE_FIRST_FILING, *FILED_SITES),
        patrols=True,
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Each site that the order is about, up to five; the others are said to be unchecked."""
        assignment = call.assignment
        closed = own_sites(assignment) if assignment.order.type in NEW_SITE else []
        opened = filed_sites(assignment) if assignment.order.type in FILED_SITES else []
        sites = [*((site, True) for site in closed), *((site, False) for site in opened)]
        found = [f for site, new in sites[:MOST_SITES] for f in _judge(call, site, new=new)]
        return answer([*found, *(_unchecked(site, "TOO_MANY_SITES", new=new) for site, new in sites[MOST_SITES:])])

    def observe(self, call: Call) -> Observed:
        """The filed service's own sites must be open (S4.13, S1.7)."""
        return observed(call, lambda call, site: _judge(call, site, new=False))


def _judge(call: Call, site: Site, *, new: bool) -> Iterator[Finding]:
    answered = visit(call, site.domain)
    if isinstance(answered, FetchedPage):
        rule = _page(answered, call.assignment.subject.profile.province, new=new)
        if rule:
            yield rule.at(site.path, domain=site.domain, url=answered.url, status=str(answered.status))
    elif not isinstance(answered, NoSuchNameError):
        yield _unchecked(site, answered.code, new=new)
    elif not new:
        yield _NOT_RESOLVED.at(site.path, domain=site.domain)


def _page(page: FetchedPage, province: str, *, new: bool) -> Rule | None:
    if new:
        return _OPENS if page.opens else _ANSWERS
    if page.opens:
        return None
    demanded = DEMANDED.get(province)
    return replace(_CLOSED, severity=pb.SEVERITY_BLOCKER, basis=demanded) if demanded else _CLOSED


def _unchecked(site: Site, reason: str, *, new: bool) -> Finding:
    zh, en = _MUST_CLOSE if new else _MUST_OPEN
    return _UNCHECKED.at(site.path, domain=site.domain, reason=reason, zh=zh, en=en)
