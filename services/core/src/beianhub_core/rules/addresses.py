"""IP addresses of servers: public ones only are filed (S2; domain facts 4.4).

``ipaddress.is_global`` is not enough: it lets through addresses that carry a private IPv4 address inside, site-local
and multicast ones. So there is an explicit list, and what is embedded is decoded first.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

Address = IPv4Address | IPv6Address

_DOCUMENTATION: Final = tuple(
    ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
_DENIED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10"),
        "ff00::/8",
    )
)
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")  # all that IANA gives out; is_global says yes to more
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_IPV4_MASK: Final = 0xFFFF_FFFF


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


def is_documentation(address: Address) -> bool:
    """Whether it is reserved for examples (RFC 5737, 3849, 9637)."""
    return any(address in network for network in _DOCUMENTATION)


def is_public(address: Address) -> bool:
    """Whether it, and every IPv4 address that it carries, can be reached from the internet."""
    return all(_is_public_itself(each) and not is_documentation(each) for each in (address, *_embedded(address)))


def check_ip(value: str, path: str) -> list[Finding]:
    """What is wrong with a server's address. One of documentation is a warning: it serves rehearsals only."""
    address = parse_ip(canonical_ip(value))
    if address is None:
        return [_invalid(path)]
    if is_documentation(address):
        return [_documentation(path)]
    return [] if is_public(address) else [_not_public(path)]


def _is_public_itself(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return True  # what it carries decides
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    denied = any(address in network for network in _DENIED if network.version == address.version)
    return not denied and (address.is_global or is_documentation(address))


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """IPv4 addresses inside an IPv6 one: mapped, compatible, 6to4, Teredo and NAT64."""
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64 or address in _COMPATIBLE:
        yield IPv4Address(int(address) & _IPV4_MASK)


def _invalid(path: str) -> Finding:
    return blocker(
        "IP_INVALID",
        path,
        "不是有效的 IPv4 或 IPv6 地址",
        "is no IPv4 or IPv6 address",
        "Enter the server's public address, such as 203.0.113.10, without a port or a prefix length.",
        source=("MIIT-V3 1006",),
    )


def _not_public(path: str) -> Finding:
    return blocker(
        "IP_NOT_PUBLIC",
        path,
        "不是公网地址：内网、回环、保留和组播地址不能备案",
        "is not a public address: private, loopback, reserved and multicast ones are not filed",
        "Enter the public address that the provider gave the server.",
        source=("S2", "MIIT-V3 1006"),
    )


def _documentation(path: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        "IP_FOR_DOCUMENTATION",
        path,
        "这是文档示例地址，仅可用于演练，真实备案会被驳回",
        "is reserved for examples: fine for a rehearsal, refused by a real provider",
        "Enter the public address that the provider gave the server.",
        source=("RFC 5737", "RFC 3849"),
    )
