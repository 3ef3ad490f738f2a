"""What the fetcher never goes to: no byte leaves, and the reason is a code."""

from __future__ import annotations

import ipaddress
import socket
import threading

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub_engine.fetch import SafeFetcher, SystemResolver
from beianhub_sdk import FetchError, FetchFailedError, FetchRefusedError, NoSuchNameError
from beianhub_sdk.addresses import Standing, judge

from .support import PUBLIC, EndsHere, Names


def no_port(host: str) -> int:
    raise AssertionError(host)


def refused(url: str, names: Names | None = None) -> str:
    """The code; nothing was connected to."""
    network = EndsHere(no_port)
    with pytest.raises(FetchRefusedError) as caught:
        SafeFetcher(names or Names(), network=network).fetch(url)
    assert network.connected == []
    return caught.value.code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",  # noqa: S104  nobody listens here
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",  # metadata of most clouds
        "100.100.100.200",  # metadata of Aliyun, which ipaddress does not call private
        "100.64.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.10",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",  # metadata of AWS
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[2001:db8::1]",
        "[4000::1]",
        "127.0.0.1.",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_that_is_not_public_is_refused(scheme: str, host: str) -> None:
    """Private, loopback, link-local, shared, metadata, documentation, multicast, and every IPv6 form of them."""
    assert refused(f"{scheme}://{host}/") == "ADDRESS_NOT_PUBLIC"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",  # 127.0.0.1 in decimal
        "3232235777",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "10.1",
        "0",
        "1.2.3.0x",
        "127.0.0.0x1",
        "0x8.0x8.0x8.0x8",
        "localhost",
        "metadata",
        "intranet",
        "127.0.0.1%00.example.com",
        "example.com%2f.evil.com",
        "[fe80::1%25eth0]",
    ],
)
def test_what_programs_read_differently_is_no_name(host: str) -> None:
    """Decimal, octal and hexadecimal spellings, shortened ones, zones, escapes, and names of the own network."""
    names = Names()
    assert refused(f"http://{host}/", names) in {"NAME_NOT_PUBLIC", "URL_INVALID"}
    assert names.asked == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/", "SCHEME_REFUSED"),
        ("file:///etc/passwd", "SCHEME_REFUSED"),
        ("gopher://example.com/", "SCHEME_REFUSED"),
        ("javascript:alert(1)", "SCHEME_REFUSED"),
        ("//example.com/", "SCHEME_REFUSED"),
        ("example.com", "SCHEME_REFUSED"),
        ("", "SCHEME_REFUSED"),
        ("http://example.com:8080/", "PORT_REFUSED"),
        ("http://example.com:22/", "PORT_REFUSED"),
        ("http://example.com:443/", "PORT_REFUSED"),
        ("https://example.com:80/", "PORT_REFUSED"),
        ("http://example.com:6379/", "PORT_REFUSED"),
        ("http://user:secret@example.com/", "CREDENTIALS_REFUSED"),
        ("http://example.com@127.0.0.1/", "CREDENTIALS_REFUSED"),
        ("http://127.0.0.1:80@example.com/", "CREDENTIALS_REFUSED"),
        ("http://example.com%40127.0.0.1/", "NAME_NOT_PUBLIC"),
        ("http://127.0.0.1\\@example.com/", "CREDENTIALS_REFUSED"),
        ("http:///etc/passwd", "URL_INVALID"),
        ("http:\\\\127.0.0.1\\", "URL_INVALID"),
        ("http://[::1/", "URL_INVALID"),
        ("http://exa mple.com/", "NAME_NOT_PUBLIC"),
        ("http://example.com\r\nHost: evil/", "URL_INVALID"),
        ("http://example.com:port/", "URL_INVALID"),
        (f"http://example.com/{'a' * 3000}", "URL_INVALID"),
    ],
)
def test_a_url_of_another_form_is_refused(url: str, code: str) -> None:
    """Only http and https to their own ports, without credentials, in one reading."""
    assert refused(url) == code


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.8"],
        ["169.254.169.254"],
        ["100.100.100.200"],
        ["::ffff:10.0.0.8"],
        [PUBLIC, "127.0.0.1"],
        ["10.0.0.8", PUBLIC],
        [PUBLIC, "fd00::1"],
        [PUBLIC, "fe80::1%eth0"],
        ["not an address"],
        [],
    ],
)
def test_a_name_with_an_address_that_is_not_public_is_refused(addresses: list[str]) -> None:
    """All of a name's addresses are checked: one that is private refuses the name, wherever it stands."""
    assert refused("http://shop1.cn/", Names({"shop1.cn": [addresses]})) == "ADDRESS_NOT_PUBLIC"


@pytest.mark.parametrize("name", ["localhost.localdomain", "rebind.example.com", "xn--fsqu00a.xn--fiqs8s"])
def test_a_name_without_an_address_is_told_apart(name: str) -> None:
    """It is no failure: an unfiled domain is to have none."""
    with pytest.raises(NoSuchNameError, match="NO_SUCH_NAME"):
        SafeFetcher(Names(), network=EndsHere(no_port)).fetch(f"http://{name}/")


@given(address=st.ip_addresses())
def test_no_address_but_a_public_one_is_ever_routed(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """Whatever a resolver answers, the connection goes to a public address or nowhere."""
    went: list[str] = []

    def note(host: str) -> int:
        went.append(host)
        raise httpcore.ConnectError(host)

    with pytest.raises(FetchError):
        SafeFetcher(Names({"a.cn": [[str(address)]]}), network=EndsHere(note)).fetch("http://a.cn/")
    assert all(judge(host).standing is Standing.PUBLIC for host in went)


@given(text=st.text())
def test_any_text_is_answered(text: str) -> None:
    """Whatever is put where a URL belongs, the fetcher's own errors come out."""
    for url in (text, f"http://{text}", f"http://a.cn{text}"):
        with pytest.raises(FetchError):
            SafeFetcher(Names(), network=EndsHere(no_port)).fetch(url)


def test_the_system_s_resolver_answers_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that hangs is not waited for, and does not pile up threads without end."""
    hang = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: hang.wait(5) and [])
    resolver = SystemResolver()
    codes = set()
    for _ in range(20):
        with pytest.raises(FetchFailedError) as caught:
            resolver.resolve("slow.example.com", 0.01)
        codes.add(caught.value.code)
    hang.set()
    assert codes == {"RESOLVER_TIMEOUT", "RESOLVER_BUSY"}


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (socket.EAI_NONAME, NoSuchNameError, "NO_SUCH_NAME"),
        (socket.EAI_AGAIN, FetchFailedError, "RESOLVER_FAILED"),
        (socket.EAI_FAIL, FetchFailedError, "RESOLVER_FAILED"),
    ],
)
def test_the_system_s_resolver_tells_absence_from_failure(
    monkeypatch: pytest.MonkeyPatch, number: int, kind: type[FetchError], code: str
) -> None:
    """A server that does not answer says nothing of the name."""

    def fail(*_args: object, **_more: object) -> None:
        raise socket.gaierror(number, "invented")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(kind, match=code):
        SystemResolver().resolve("shop1.cn", 1.0)
