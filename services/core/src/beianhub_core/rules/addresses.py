"""IP addresses of servers: public ones only are filed (S2; domain facts 4.4)."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding
from beianhub_sdk.addresses import Standing, judge

Address = IPv4Address | IPv6Address


def parse_ip(value: str) -> Address | None:
    """The address; ``None`` of anything else, also of one with a zone or a prefix length."""
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError:
        return None
    return None if getattr(address, "scope_id", None) else address


def canonical_ip(value: str) -> str:
    """The canonical spelling (RFC 5952; an IPv4-mapped address as IPv4); "" when it is no address."""
    address = parse_ip(value)
    if address is None:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def check_ip(value: str, path: str) -> list[Finding]:
    """What is wrong with a server's address. One of documentation is a warning: it serves rehearsals only."""
    standing = judge(canonical_ip(value)).standing
    if standing is Standing.INVALID:
        return [_invalid(path)]
    if standing is Standing.DOCUMENTATION:
        return [_documentation(path)]
    return [] if standing is Standing.PUBLIC else [_not_public(path)]


def _invalid(path: str) -> Finding:
    return blocker(
        "IP_INVALID",
        path,
        "不是有效的 IPv4 或 IPv6 地址",
        "is no IPv4 or IPv6 address",
        "填写服务器的公网地址，如 203.0.113.10，不带端口和前缀长度。 / "
        "Enter the server's public address, such as 203.0.113.10, without a port or a prefix length.",
        source=("MIIT-V3 1006",),
    )


def _not_public(path: str) -> Finding:
    return blocker(
        "IP_NOT_PUBLIC",
        path,
        "不是公网地址：内网、回环、保留和组播地址不能备案",
        "is not a public address: private, loopback, reserved and multicast ones are not filed",
        "填写接入商分配给服务器的公网地址。 / Enter the public address that the provider gave the server.",
        source=("S2", "MIIT-V3 1006"),
    )


def _documentation(path: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        "IP_FOR_DOCUMENTATION",
        path,
        "这是文档示例地址，仅可用于演练，真实备案会被驳回",
        "is reserved for examples: fine for a rehearsal, refused by a real provider",
        "填写接入商分配给服务器的公网地址。 / Enter the public address that the provider gave the server.",
        source=("RFC 5737", "RFC 3849"),
    )
