"""How an address stands to the internet.

``ipaddress.is_global`` alone is not enough: depending on Python's version it lets through NAT64 and 6to4 forms of
127.0.0.1, ``::127.0.0.1``, fec0::/10, unassigned IPv6 space and multicast. So there is an explicit list, what is
embedded is decoded, and of IPv6 only 2000::/3 counts, which is all that IANA gives out.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address
from typing import Final

Address = IPv4Address | IPv6Address

_DENIED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        "2001::/23",
    )
)
_GLOBAL_UNICAST: Final = tuple(ipaddress.ip_network(network) for network in ("0.0.0.0/0", "2000::/3"))
_DOCUMENTATION: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
_LOW_32: Final = tuple(ipaddress.IPv6Network(network) for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96"))
_IPV4_MASK: Final = 0xFFFF_FFFF


class Standing(Enum):
    """From what cannot be filed at all to what can."""

    INVALID = auto()
    """No address: a name, a decimal, octal or hexadecimal spelling, a zone, a prefix length, a port."""
    NOT_PUBLIC = auto()
    """Private, loopback, link-local, shared, reserved or multicast; also where only an embedded IPv4 address is."""
    EMBEDDED = auto()
    """An IPv6 spelling of an IPv4 address that may be filed itself: mapped, compatible, 6to4, Teredo or NAT64."""
    NOT_CANONICAL = auto()
    """Another spelling than RFC 5952's."""
    DOCUMENTATION = auto()
    """Reserved for examples (RFC 5737, 3849, 9637)."""
    PUBLIC = auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A standing, and the canonical spelling of the address meant; "" where there is none."""

    standing: Standing
    canonical: str = ""


def judge(value: str) -> Judgement:
    """How what was typed stands."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return Judgement(Standing.INVALID)
    if getattr(address, "scope_id", None):
        return Judgement(Standing.INVALID)
    carried = embedded(address)
    standing = _reach(carried or address)
    if standing is Standing.NOT_PUBLIC:
        return Judgement(standing, str(address))
    if carried:
        return Judgement(Standing.EMBEDDED, str(carried))
    return Judgement(standing if value == str(address) else Standing.NOT_CANONICAL, str(address))


def embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one is a spelling of; the client's of Teredo."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in _LOW_32):
        return IPv4Address(int(address) & _IPV4_MASK)
    return address.sixtofour or (address.teredo[1] if address.teredo else None)


def _reach(address: Address) -> Standing:
    if any(address in network for network in _DOCUMENTATION):
        return Standing.DOCUMENTATION
    given_out = address.is_global and any(address in network for network in _GLOBAL_UNICAST)
    denied = any(address in network for network in _DENIED)
    return Standing.PUBLIC if given_out and not denied else Standing.NOT_PUBLIC
