"""IP 核验: the servers' addresses are public ones, each in its one spelling (S2, MIIT-V3 1006)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import FetchedPage, Verifier, VerifierManifest
from beianhub_sdk.addresses import Standing, judge
from beianhub_verification.orders import MAKES_ACCESS
from beianhub_verification.rules import Basis, Rule, answer
from beianhub_verification.visits import Site, observed, own_names, visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_sdk import Call, Failed, Observed, Passed

_MIIT: Final = Basis(("MIIT-V3 1006",), "2013-10-01")
_PUBLIC_ADDRESS: Final = (
    "填写接入商分配给服务器的公网地址。 / Enter the public address that the provider gave the server."
)

_REQUIRED: Final = Rule(
    id="ip.required",
    code="IPS_REQUIRED",
    severity=pb.SEVERITY_BLOCKER,
    zh="接入必须填写服务器公网 IP",
    en="An access needs the servers' public addresses.",
    suggestion="至少填写一个接入商的公网地址。 / Give at least one public address of the provider.",
    basis=Basis(("MIIT-V3",), "2013-10-01"),
)
_RANGE: Final = Rule(
    id="ip.range",
    code="IP_RANGE_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="IP 是否位于境内、是否属于该接入商的 IP 备案，须由接入商核对，此处未核验",
    en="Whether the addresses are in the mainland and in the provider's own IP filing is not checked here: "
    "only the provider knows its ranges.",
    suggestion="确认其属于订单账号的大陆实例；否则被退回（MIIT-V3 1063）。 / "
    "Make sure that they belong to mainland instances of the order's account; others end in MIIT-V3 1063.",
    basis=Basis(("MIIT-V3 1063", "HW-KB"), "2026-05-01"),
)

_ELSEWHERE: Final = Rule(
    id="ip.resolves_to_filed",
    code="RESOLVES_ELSEWHERE",
    severity=pb.SEVERITY_WARNING,
    zh="{domain} 由 {address} 应答，而备案的接入 IP 是 {filed}：解析IP与备案IP不符，可能被要求整改（经 CDN 的除外）",
    en="{domain} is answered by {address}, while {filed} is filed: a rectification notice may follow, unless it is the "
    "provider's CDN.",
    suggestion="将解析改回，或备案实际地址（变更接入，或在其接入商办理接入）。 / "
    "Point the domain back, or file the address it is served from (变更接入, or an access at its provider).",
    basis=Basis(("HW-KB 5.2", "S0.6", "S2.20"), "2026-05-01"),
)
_NOT_SEEN: Final = Rule(
    id="ip.resolves_to_filed",
    code="RESOLUTION_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="{domain} 由谁应答，此处未核验",
    en="Who answers for {domain} was not checked from here.",
    suggestion="查询域名解析地址。 / Look up the domain's addresses.",
    basis=Basis(("HW-KB 5.2",), "2026-05-01"),
)

_RULES: Final[Mapping[Standing, Rule]] = {
    Standing.INVALID: Rule(
        id="ip.valid",
        code="IP_INVALID",
        severity=pb.SEVERITY_BLOCKER,
        zh="不是有效的 IPv4 或 IPv6 地址",
        en="It is no IPv4 or IPv6 address.",
        suggestion="写成 8.8.4.4 或 2400:3200::1 的形式，不带端口、区域和前缀长度。 / "
        "Write it like 8.8.4.4 or 2400:3200::1, without a port, a zone or a prefix length.",
        basis=_MIIT,
    ),
    Standing.NOT_PUBLIC: Rule(
        id="ip.public_only",
        code="IP_NOT_PUBLIC",
        severity=pb.SEVERITY_BLOCKER,
        zh="{canonical} 不是公网地址：内网、回环、保留和组播地址不能备案",
        en="{canonical} is not a public address: private, loopback, reserved and multicast ones are not filed.",
        suggestion=_PUBLIC_ADDRESS,
        basis=Basis(("S2", "MIIT-V3 1006"), "2015-01-01"),
    ),
    Standing.EMBEDDED: Rule(
        id="ip.canonical",
        code="IP_EMBEDDED",
        severity=pb.SEVERITY_BLOCKER,
        zh="这是 IPv4 地址 {canonical} 的 IPv6 写法，应直接填写 IPv4 地址",
        en="It is an IPv6 spelling of {canonical}, which is filed itself.",
        suggestion="请用 {canonical}。 / Use {canonical}.",
        basis=_MIIT,
    ),
    Standing.NOT_CANONICAL: Rule(
        id="ip.canonical",
        code="IP_NOT_CANONICAL",
        severity=pb.SEVERITY_BLOCKER,
        zh="地址不是规范写法，应写作 {canonical}",
        en="It is not in its canonical form, {canonical}.",
        suggestion="请用 {canonical}。 / Use {canonical}.",
        basis=Basis(("RFC 5952", "MIIT-V3 1006"), "2013-10-01"),
    ),
    Standing.DOCUMENTATION: Rule(
        id="ip.public_only",
        code="IP_FOR_DOCUMENTATION",
        severity=pb.SEVERITY_WARNING,
        zh="{canonical} 是文档示例地址，仅可用于演练，真实备案会被驳回",
        en="{canonical} is reserved for examples: fine for a rehearsal, refused by a real provider.",
        suggestion=_PUBLIC_ADDRESS,
        basis=Basis(("RFC 5737", "RFC 3849", "RFC 9637"), "2024-08-01"),
    ),
}


class IpVerifier(Verifier):
    """IP 核验, before anything is sent. It calls nobody."""

    manifest = VerifierManifest(
        id="ip",
        title="IP 核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_IP,
        precheck=True,
        source=("S2", "MIIT-V3 1006", "MIIT-V3 1063"),
        order_types=(*MAKES_ACCESS, pb.ORDER_TYPE_CHANGE_ACCESS),
        patrols=True,
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Every address of the order; that their ranges stay unchecked is always said."""
        ips = call.assignment.order.ips
        if not ips:
            return answer([_REQUIRED.at("ips")])
        checked = (_check(ip, f"ips[{index}]") for index, ip in enumerate(ips))
        return answer([*(finding for finding in checked if finding), _RANGE.at("ips")])

    def observe(self, call: Call) -> Observed:
        """Whether an address of an access answers for each site (解析IP与备案IP不符, HW-KB 5.2)."""
        return observed(call, _resolves)


def _resolves(call: Call, site: Site) -> Iterator[Finding]:
    """Only an answer from the site's own name is judged, and only where the record knows the addresses."""
    filed = {ip for a in site.service.accesses if a.state == pb.ACCESS_STATE_ACTIVE for ip in a.ips}
    if not filed:
        return
    answered = visit(call, site.domain)
    if not isinstance(answered, FetchedPage) or urlsplit(answered.url).hostname not in own_names(site.domain):
        yield _NOT_SEEN.at(site.path, domain=site.domain)
    elif answered.address and answered.address not in filed:
        yield _ELSEWHERE.at(site.path, domain=site.domain, address=answered.address, filed="、".join(sorted(filed)))


def _check(ip: str, path: str) -> Finding | None:
    judgement = judge(ip)
    rule = _RULES.get(judgement.standing)
    return rule.at(path, canonical=judgement.canonical) if rule else None
