"""IP 核验."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verification_support import call, found, order

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Failed, Passed
from beianhub_sdk.addresses import Standing, judge
from beianhub_verification.ip import IpVerifier

VERIFIER = IpVerifier()


def verified(*ips: str) -> Passed | Failed:
    assignment = order()
    assignment.order.ips[:] = ips
    return VERIFIER.verify(call(assignment))


@pytest.mark.parametrize(
    ("ip", "code"),
    [
        ("10.0.0.1", "IP_NOT_PUBLIC"),  # S2: 内网 IP 不需要备案
        ("172.31.255.255", "IP_NOT_PUBLIC"),
        ("192.168.1.1", "IP_NOT_PUBLIC"),
        ("127.0.0.1", "IP_NOT_PUBLIC"),
        ("100.100.100.200", "IP_NOT_PUBLIC"),  # a cloud's metadata service, which is_private lets through
        ("169.254.169.254", "IP_NOT_PUBLIC"),
        ("0.0.0.0", "IP_NOT_PUBLIC"),  # noqa: S104  nobody listens here
        ("224.0.0.1", "IP_NOT_PUBLIC"),
        ("255.255.255.255", "IP_NOT_PUBLIC"),
        ("192.0.0.8", "IP_NOT_PUBLIC"),
        ("::", "IP_NOT_PUBLIC"),
        ("::1", "IP_NOT_PUBLIC"),
        ("fe80::1", "IP_NOT_PUBLIC"),
        ("fec0::1", "IP_NOT_PUBLIC"),  # global for ipaddress.is_global, like those below
        ("ff02::1", "IP_NOT_PUBLIC"),
        ("fc00::1", "IP_NOT_PUBLIC"),
        ("::1:0:0", "IP_NOT_PUBLIC"),
        ("4000::1", "IP_NOT_PUBLIC"),
        ("64:ff9b::7f00:1", "IP_NOT_PUBLIC"),
        ("64:ff9b:1::808:808", "IP_NOT_PUBLIC"),
        ("2002:7f00:1::", "IP_NOT_PUBLIC"),
        ("::ffff:10.0.0.1", "IP_NOT_PUBLIC"),
        ("::127.0.0.1", "IP_NOT_PUBLIC"),
        ("::ffff:8.8.4.4", "IP_EMBEDDED"),
        ("64:ff9b::808:404", "IP_EMBEDDED"),
        ("2002:808:404::1", "IP_EMBEDDED"),
        ("2400:3200:0::1", "IP_NOT_CANONICAL"),
        ("2400:3200::A", "IP_NOT_CANONICAL"),
        ("2130706433", "IP_INVALID"),
        ("0x7f.1", "IP_INVALID"),
        ("0177.0.0.1", "IP_INVALID"),
        ("010.8.4.4", "IP_INVALID"),
        ("8.8.4", "IP_INVALID"),
        ("8.8.4.4:80", "IP_INVALID"),
        ("8.8.4.0/24", "IP_INVALID"),
        ("fe80::1%eth0", "IP_INVALID"),
        ("８.8.4.4", "IP_INVALID"),
        (" 8.8.4.4", "IP_INVALID"),
        ("localhost", "IP_INVALID"),
        ("", "IP_INVALID"),
    ],
)
def test_an_address_that_cannot_be_filed_is_refused(ip: str, code: str) -> None:
    """Only public addresses are filed (S2, domain facts 4.4; MIIT-V3 1006), each in its one spelling."""
    assert found(verified("8.8.4.4", ip), "ips[1]") == {code: pb.SEVERITY_BLOCKER}


@pytest.mark.parametrize("ip", ["8.8.4.4", "1.2.4.8", "2400:3200::1"])
def test_a_public_address_passes_with_a_remark_on_what_is_unknown(ip: str) -> None:
    """Whether it is in the provider's own IP filing (MIIT-V3 1063) is never passed over in silence."""
    answer = verified(ip)
    assert isinstance(answer, Passed)
    assert found(answer) == {"IP_RANGE_UNCHECKED": pb.SEVERITY_INFO}


@pytest.mark.parametrize("ip", ["192.0.2.1", "198.51.100.7", "203.0.113.10", "2001:db8::1", "3fff::1"])
def test_an_address_of_documentation_serves_rehearsals(ip: str) -> None:
    """RFC 5737, 3849 and 9637 reserve them: no real provider has one, and no rehearsal hurts anybody with one."""
    assert found(verified(ip), "ips[0]") == {"IP_FOR_DOCUMENTATION": pb.SEVERITY_WARNING}


def test_an_access_without_an_address_is_refused() -> None:
    """Each access has at least one IP range (MIIT-V3 Ip_xx)."""
    assert found(verified()) == {"IPS_REQUIRED": pb.SEVERITY_BLOCKER}


@pytest.mark.parametrize(
    ("ip", "meant"),
    [
        ("::ffff:8.8.4.4", "8.8.4.4"),
        ("2400:3200:0:0:0:0:0:1", "2400:3200::1"),
    ],
)
def test_the_suggestion_is_the_spelling_to_use(ip: str, meant: str) -> None:
    """A finding says what to do about it."""
    assert verified(ip).findings[0].suggestion == f"请用 {meant}。 / Use {meant}."


_IPV4 = st.ip_addresses(v=4)
_SPELLINGS = {
    "decimal": str,
    "hexadecimal": hex,
    "octal": lambda number: f"0{number:o}",
    "hexadecimal parts": lambda number: ".".join(hex(part) for part in number.to_bytes(4)),
    "octal parts": lambda number: ".".join(f"0{part:o}" for part in number.to_bytes(4)),
    "padded parts": lambda number: ".".join(f"{part:04d}" for part in number.to_bytes(4)),
    "two parts": lambda number: f"{number >> 24}.{number & 0xFFFFFF}",
}


@pytest.mark.parametrize("spelling", _SPELLINGS)
@settings(deadline=None)
@given(address=_IPV4)
def test_spellings_that_programs_read_differently_are_refused(spelling: str, address: ipaddress.IPv4Address) -> None:
    """inet_aton reads them as an address, others as another or as none: only four decimal parts are one address."""
    assert judge(_SPELLINGS[spelling](int(address))).standing is Standing.INVALID


_EMBEDDINGS = {
    "mapped": lambda number: 0xFFFF << 32 | number,
    "compatible": lambda number: number,
    "6to4": lambda number: 0x2002 << 112 | number << 80,
    "NAT64": lambda number: 0x64FF9B << 96 | number,
    "Teredo": lambda number: 0x20010000 << 96 | (number ^ 0xFFFFFFFF),
}


@pytest.mark.parametrize("embedding", _EMBEDDINGS)
@settings(deadline=None)
@given(address=_IPV4)
def test_an_embedded_address_is_judged_itself(embedding: str, address: ipaddress.IPv4Address) -> None:
    """An IPv6 spelling of an IPv4 address never passes: the IPv4 address is filed where it is public, else nothing."""
    outer = str(ipaddress.IPv6Address(_EMBEDDINGS[embedding](int(address))))
    inner = judge(str(address)).standing
    expected = Standing.NOT_PUBLIC if inner is Standing.NOT_PUBLIC else Standing.EMBEDDED
    assert judge(outer).standing is expected


@settings(deadline=None)
@given(address=st.ip_addresses())
def test_what_is_public_is_global_and_written_canonically(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """PUBLIC is never wider than the library's own view of the registries, nor another spelling."""
    if judge(str(address)).standing is Standing.PUBLIC:
        assert address.is_global
        assert not any((address.is_multicast, address.is_reserved, address.is_loopback))
        assert judge(str(address)).canonical == str(address)


@settings(deadline=None)
@given(text=st.text())
def test_any_text_has_a_standing(text: str) -> None:
    """Nothing that is typed raises."""
    assert judge(text).standing in Standing
