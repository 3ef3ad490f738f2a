"""备案号悬挂核验: a filed site shows its number, linked to MIIT's site (S4.12, S4.13, S4.35, S4.36)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import FetchedPage, Verifier, VerifierManifest
from beianhub_verification.footers import Number, is_portal, numbers, shown
from beianhub_verification.orders import FILED_SITES
from beianhub_verification.pages import read
from beianhub_verification.rules import Basis, Rule, answer
from beianhub_verification.visits import MOST_SITES, Site, filed_sites, observed, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_sdk import Call, Failed, Observed, Passed

PORTAL: Final = "https://beian.miit.gov.cn"
_SUBJECTS_NUMBER: Final = "粤"
"""HW-KB doc_0033: Guangdong's sites show the subject's number without suffix, all others the service's."""

_BASIS: Final = Basis(("S4.12", "S4.13", "S4.36", "HW-KB doc_0033"), "2026-05-01")

_ABSENT: Final = Rule(
    id="footer.number",
    code="FOOTER_NUMBER_ABSENT",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 的首页源码中未见备案号 {expected}（不含脚本生成的内容）",
    en="The home page of {domain}, as it is served and without its scripts, does not show {expected}.",
    suggestion="在页面底部居中悬挂 {expected} 并链接至 https://beian.miit.gov.cn。 / "
    "Put {expected} at the bottom centre of the page, linked to https://beian.miit.gov.cn.",
    basis=_BASIS,
)
_WRONG: Final = Rule(
    id="footer.number",
    code="FOOTER_NUMBER_WRONG",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 的首页显示的备案号是 {shown}，应为 {expected}",
    en="The home page of {domain} shows {shown} in place of {expected}.",
    suggestion="准确悬挂 {expected}：广东不带后缀，其他省份带服务后缀。 / "
    "Show {expected} exactly: without suffix in Guangdong, with the service's suffix elsewhere.",
    basis=_BASIS,
)
_NOT_LINKED: Final = Rule(
    id="footer.link",
    code="FOOTER_NOT_LINKED",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 的备案号未链接到 https://beian.miit.gov.cn",
    en="The number on the home page of {domain} is not linked to https://beian.miit.gov.cn.",
    suggestion="将备案号链接至 https://beian.miit.gov.cn。 / Link the number to https://beian.miit.gov.cn.",
    basis=Basis(("S4.35", "S4.13"), "2026-05-01"),
)
_UNCHECKED: Final = Rule(
    id="footer.number",
    code="FOOTER_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="{domain} 的备案号悬挂此处未核验（{reason}）：应显示 {expected} 并链接到 https://beian.miit.gov.cn",
    en="The footer of {domain} was not checked from here ({reason}): it must show {expected}, linked to "
    "https://beian.miit.gov.cn.",
    suggestion="提交订单前人工查看页面底部。 / Look at the bottom of the page before the order is submitted.",
    basis=_BASIS,
)

DEMANDED: Final = {
    "河南": Basis(("S4.19", "S4.12"), "2026-05-01"),
    "广西": Basis(("HW-KB", "S4.12"), "2026-05-01"),
}
"""Provinces whose page makes the number on every filed site a condition."""


class FooterVerifier(Verifier):
    """备案号悬挂核验, before anything is sent. It visits the sites through the host's safe fetcher."""

    manifest = VerifierManifest(
        id="footer",
        title="备案号悬挂核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_FOOTER,
        precheck=True,
        source=("S4.12", "S4.13", "S4.35", "S4.36", "S1.7", "HW-KB doc_0033"),
        order_types=FILED_SITES,
        patrols=True,
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Each filed site of the subject, up to five; the others are said to be unchecked."""
        sites = filed_sites(call.assignment)
        found = [f for site in sites[:MOST_SITES] for f in _judge(call, site)]
        return answer([*found, *(_unchecked(site, "TOO_MANY_SITES") for site in sites[MOST_SITES:])])

    def observe(self, call: Call) -> Observed:
        """The filed service's own sites."""
        return observed(call, _judge)


def expected(licence_number: str) -> Number | None:
    """The number that a site shows for its licence number; None where that cannot be read."""
    found = numbers(licence_number)
    if len(found) != 1:
        return None
    return found[0].subject if found[0].province == _SUBJECTS_NUMBER else found[0]


def _judge(call: Call, site: Site) -> Iterator[Finding]:
    wanted = expected(site.service.licence_number)
    if wanted is None:
        yield _unchecked(site, "LICENCE_NUMBER_UNREADABLE")
        return
    page = visit(call, site.domain)
    if not isinstance(page, FetchedPage):
        yield _unchecked(site, page.code)
    elif not page.opens:
        yield _unchecked(site, f"HTTP_{page.status}")
    else:
        for rule, others in _compare(page, wanted):
            weighed = _weighed(rule, call.assignment.subject.profile.province)
            yield weighed.at(site.path, domain=site.domain, expected=str(wanted), shown=others)


def _compare(page: FetchedPage, wanted: Number) -> Iterator[tuple[Rule, str]]:
    found = shown(read(page.text))
    if wanted not in found:
        others = "、".join(map(str, found))
        yield (_WRONG, others) if found else (_ABSENT, "")
    elif not is_portal(found[wanted]):
        yield _NOT_LINKED, ""


def _weighed(rule: Rule, province: str) -> Rule:
    basis = DEMANDED.get(province)
    return replace(rule, severity=pb.SEVERITY_BLOCKER, basis=basis) if basis else rule


def _unchecked(site: Site, reason: str) -> Finding:
    wanted = expected(site.service.licence_number)
    return _UNCHECKED.at(site.path, domain=site.domain, reason=reason, expected=str(wanted or "备案号"))
