"""Domains, addresses and phones."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub.resources.v1 import resources_pb2 as r
from beianhub_core.rules.addresses import canonical_ip, check_ip
from beianhub_core.rules.domains import canonical_domain, check_service_domain, registrable
from beianhub_core.rules.phones import canonical_phone, check_mobile, check_phone


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.com", []),
        ("例子.中国", []),
        ("例子abc.com", []),
        ("example.gov.cn", []),
        ("www.example.com.cn", ["DOMAIN_NOT_REGISTRABLE"]),
        ("user.github.io", ["DOMAIN_NOT_REGISTRABLE"]),
        ("com.cn", ["DOMAIN_IS_SUFFIX"]),
        ("公司.cn", ["DOMAIN_IS_SUFFIX"]),
        ("example.notasuffix", ["DOMAIN_SUFFIX_UNKNOWN"]),
        ("203.0.113.1", ["DOMAIN_IS_IP"]),
        ("2001:db8::1", ["DOMAIN_IS_IP"]),
        ("exa_mple.com", ["DOMAIN_INVALID"]),
        ("example", ["DOMAIN_INVALID"]),
        ("", ["DOMAIN_INVALID"]),
        ("раураl.com", ["DOMAIN_MIXED_SCRIPTS"]),  # Cyrillic with a Latin l
        ("аррӏе.com", ["DOMAIN_MIXED_SCRIPTS"]),  # Cyrillic throughout
    ],
)
def test_a_website_needs_a_registrable_domain(name: str, expected: list[str]) -> None:
    """Sub-domains, suffixes, addresses, unknown suffixes and look-alikes are told apart."""
    assert [found.code for found in check_service_domain(name, "d")] == expected


def test_a_sub_domain_comes_with_its_remedy() -> None:
    """The suggestion names the domain to file."""
    (found,) = check_service_domain("www.shop.example.com.cn", "services[0].domains[1]")
    assert (found.path, found.suggestion) == ("services[0].domains[1]", "请用 example.com.cn。 / Use example.com.cn.")


def test_an_app_may_use_sub_domains_to_the_fourth_level() -> None:
    """用到哪级备哪级, down to the fourth (HW-KB doc_0121)."""
    app = r.SERVICE_KIND_APP
    assert check_service_domain("api.eu.example.com", "d", app) == []
    assert [f.code for f in check_service_domain("a.b.c.example.com", "d", app)] == ["DOMAIN_TOO_DEEP"]


@pytest.mark.parametrize(
    ("text", "canonical", "parent"),
    [
        ("HTTPS://www.Example.com:8443/a?b#c", "www.example.com", "example.com"),
        ("例子。中国", "xn--fsqu00a.xn--fiqs8s", "xn--fsqu00a.xn--fiqs8s"),
        ("Example.COM.", "example.com", "example.com"),
        ("com.cn", "com.cn", ""),
        ("not a domain", "", ""),
    ],
)
def test_canonical_and_registrable_domains(text: str, canonical: str, parent: str) -> None:
    """URLs, upper case, ideographic stops and Chinese names become one ASCII form."""
    assert (canonical_domain(text), registrable(text)) == (canonical, parent)


def test_no_network_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suffix list is the bundled one."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert registrable("a.b.example.co.uk") == "example.co.uk"


@given(st.text(max_size=40))
def test_any_text_is_judged_and_canonical_names_are_stable(text: str) -> None:
    """No text breaks the check, and canonical forms stay as they are."""
    check_service_domain(text, "d")
    once = canonical_domain(text)
    assert not once or canonical_domain(once) == once


@pytest.mark.parametrize("value", ["8.8.8.8", "240e::1", "2408:8000::1", "::ffff:8.8.8.8"])
def test_public_addresses_pass(value: str) -> None:
    """Public addresses of both versions pass; an IPv4-mapped one is the IPv4 address."""
    assert check_ip(value, "i") == []


@pytest.mark.parametrize(
    "value",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0"),  # noqa: S104 - an address to refuse
        *("192.0.0.8", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fc00::1", "fe80::1", "fec0::1"),
        *("ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "::ffff:10.0.0.1", "::8.8.8.8"),
        *("2001:0:7f00:1::", "64:ff9b:1::1", "100::1", "64:ff9b::808:808", "4000::1"),
    ],
)
def test_addresses_that_are_not_public_are_refused(value: str) -> None:
    """Private, reserved, multicast and cloud-internal ones are refused, also inside IPv6, and spellings of others."""
    assert [found.code for found in check_ip(value, "i")] == ["IP_NOT_PUBLIC"]


@pytest.mark.parametrize(
    "value", ["", "1.2.3", "0x7f.1", "2130706433", "1.2.3.4/24", "fe80::1%eth0", "01.2.3.4", "1.2.3.4:80"]
)
def test_what_is_no_address_is_invalid(value: str) -> None:
    """Only the plain spellings of an address are taken."""
    assert [found.code for found in check_ip(value, "i")] == ["IP_INVALID"]


def test_example_addresses_serve_rehearsals() -> None:
    """Addresses of documentation are a warning, and count as not public elsewhere."""
    (found,) = check_ip("203.0.113.10", "i")
    assert (found.code, found.severity) == ("IP_FOR_DOCUMENTATION", r.SEVERITY_WARNING)


def test_canonical_addresses() -> None:
    """Addresses are printed as RFC 5952 says; mapped ones as IPv4."""
    texts = (" 240E:0:0::1 ", "::ffff:8.8.8.8", "8.8.8.8", "x")
    assert [canonical_ip(text) for text in texts] == ["240e::1", "8.8.8.8", "8.8.8.8", ""]


@pytest.mark.parametrize(
    "text", ["13800000001", "+86 138-0000-0001", "8613800000001", "0086 138 0000 0001", "１３８０００００００１"]
)
def test_mobiles_are_read_leniently(text: str) -> None:
    """Country code, blanks, dashes and width do not matter."""
    assert check_mobile(text, "m") == []
    assert canonical_phone(text) == "13800000001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "MOBILE_REQUIRED"),
        ("12800000001", "MOBILE_INVALID"),
        ("1380000000", "MOBILE_INVALID"),
        ("010-62345678", "MOBILE_INVALID"),
        ("+1 202 555 0100", "MOBILE_INVALID"),
        ("17000000001", "MOBILE_VIRTUAL_OPERATOR"),
    ],
)
def test_only_a_mainland_mobile_receives_the_sms(text: str, expected: str) -> None:
    """联系方式1 must be a mainland mobile; virtual operators are a warning."""
    (found,) = check_mobile(text, "m")
    assert found.code == expected
    assert not text or text not in str(found)


@pytest.mark.parametrize("text", ["", "010-62345678", "+86 (0755) 82345678", "0571 8234567-801", "13800000001"])
def test_landlines_serve_as_second_numbers(text: str) -> None:
    """The emergency phone may be a landline, or absent."""
    assert check_phone(text, "p") == []


def test_a_second_number_is_checked_too() -> None:
    """What is neither mobile nor landline is refused."""
    assert [found.code for found in check_phone("12345", "p")] == ["PHONE_INVALID"]


@given(st.text(st.sampled_from("+0123456789- ()"), max_size=20))
def test_canonical_phones_are_stable(text: str) -> None:
    """A canonical number stays as it is."""
    assert canonical_phone(canonical_phone(text)) == canonical_phone(text)
