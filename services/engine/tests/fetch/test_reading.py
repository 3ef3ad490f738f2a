"""What the fetcher reads, follows, and cuts off: against a real site on this machine."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator

import pytest

from beianhub.resources.v1.resources_pb2 import Account
from beianhub_engine.fetch import BoundFetch, Limits, SafeFetcher, Sites, rehearses
from beianhub_sdk import FetchedPage, FetchError, FetchFailedError, FetchRefusedError

from .support import PUBLIC, EndsHere, Names, Site

OK_HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
SHORT = Limits(total=0.4, body=10_000, wire=20_000)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def names() -> Names:
    return Names({"shop1.cn": [[PUBLIC]], "www.shop1.cn": [[PUBLIC, "2400:3200::1"]]})


@pytest.fixture
def network(site: Site) -> EndsHere:
    return EndsHere(lambda _: site.port)


def fetch(url: str, names: Names, network: EndsHere, limits: Limits = SHORT) -> FetchedPage:
    return SafeFetcher(names, limits, network=network).fetch(url)


def code(url: str, names: Names, network: EndsHere, limits: Limits = SHORT) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, names, network, limits)
    return caught.value.code


# --- through the switch -----------------------------------------------------------------------------------------------


def test_the_switch_opens_the_test_s_own_site(site: Site) -> None:
    """Exactly the host and port that it names: the site is read over a real connection."""
    site.page("/", "备案号".encode("gbk"), Content_Type="text/html; charset=gbk")
    fetcher = SafeFetcher(Names(), loopback={"shop1.cn:80": site.port, f"127.0.0.1:{site.port}": site.port})
    for url in ("http://shop1.cn/", f"http://127.0.0.1:{site.port}/"):
        page = fetcher.fetch(url)
        assert (page.url, page.status, page.text, page.address) == (url, 200, "备案号", "127.0.0.1")
        assert page.opens


@pytest.mark.parametrize("url", ["http://localhost:{port}/", "http://127.0.0.1:{other}/", "http://[::1]:{port}/"])
def test_the_switch_opens_nothing_else(site: Site, url: str) -> None:
    """Another spelling, another port: refused as ever."""
    fetcher = SafeFetcher(Names(), loopback={f"127.0.0.1:{site.port}": site.port})
    with pytest.raises(FetchRefusedError):
        fetcher.fetch(url.format(port=site.port, other=site.port + 1))
    assert site.requests == []


def test_a_rehearsal_asks_nobody(site: Site, names: Names, network: EndsHere) -> None:
    """An account at a sandbox has invented domains: not even a name is resolved, and only the switch's site is read."""
    fetcher = SafeFetcher(names, loopback={"shop1.cn:80": site.port}, public=False, network=network)
    site.page("/")
    assert fetcher.fetch("http://shop1.cn/").opens
    with pytest.raises(FetchRefusedError, match="REHEARSAL"):
        fetcher.fetch("http://www.shop1.cn/")
    assert names.asked == []


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:8080/tencent/", True),
        ("http://[::1]:8080/aliyun/", True),
        ("http://localhost:8080/", True),
        ("http://sandbox:8080/huawei", True),
        ("http://192.168.1.8/", True),
        ("https://ba.tencentcloudapi.com", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_an_endpoint_in_the_own_network_is_a_sandbox(endpoint: str, *, expected: bool) -> None:
    """No vendor is there, so that the order is a rehearsal."""
    assert rehearses(Account(endpoint=endpoint)) is expected
    sites = Sites({})
    assert (sites.of(Account(endpoint=endpoint)) is sites.of(Account(endpoint="http://127.0.0.1/"))) is expected


# --- where the connection goes ----------------------------------------------------------------------------------------


def test_a_name_is_resolved_once_and_its_address_pinned(site: Site, network: EndsHere) -> None:
    """DNS rebinding: a second answer, which is private, is never asked for."""
    names = Names({"shop1.cn": [[PUBLIC], ["127.0.0.1"]]})
    site.page("/")
    page = fetch("http://shop1.cn/", names, network)
    assert (page.address, names.asked, network.connected) == (PUBLIC, ["shop1.cn"], [(PUBLIC, 80)])
    assert b"Host: shop1.cn\r\n" in site.requests[0]


def test_a_rebound_name_is_refused_at_its_next_hop(site: Site, network: EndsHere) -> None:
    """Each redirect is resolved and checked anew: public first, private second."""
    names = Names({"shop1.cn": [[PUBLIC], ["127.0.0.1"]]})
    site.page("/", status="302 Found", Location="/again")
    assert code("http://shop1.cn/", names, network) == "ADDRESS_NOT_PUBLIC"
    assert network.connected == [(PUBLIC, 80)]


def test_the_next_address_is_tried_when_one_does_not_answer(site: Site, names: Names) -> None:
    """All of them were checked."""
    site.page("/")

    def first_is_dead(host: str) -> int:
        return 1 if host == PUBLIC else site.port

    network = EndsHere(first_is_dead)
    assert fetch("http://www.shop1.cn/", names, network).address == "2400:3200::1"
    assert [host for host, _ in network.connected] == [PUBLIC, "2400:3200::1"]


def test_tls_is_checked_against_the_name(names: Names, network: EndsHere, site: Site) -> None:
    """The site here speaks no TLS: what arrives is a client's hello with the name (SNI), and no page comes of it."""
    site.pages[""] = [b"no TLS here"]
    assert code("https://shop1.cn/", names, network) == "TLS_FAILED"
    assert b"shop1.cn" in site.requests[0]
    assert network.connected == [(PUBLIC, 443)]


def test_nothing_of_the_environment_or_of_a_person_is_sent(
    site: Site, names: Names, network: EndsHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy, no cookie that an earlier page set, no credential, no referrer."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    site.page("/", status="302 Found", Location="/next", Set_Cookie="session=1")
    site.page("/next")
    fetch("http://shop1.cn/", names, network)
    for request in site.requests:
        assert not any(word in request.lower() for word in (b"cookie", b"authorization", b"referer", b"proxy"))


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://127.0.0.1/", "ADDRESS_NOT_PUBLIC"),
        ("http://100.100.100.200/latest/meta-data/", "ADDRESS_NOT_PUBLIC"),
        ("http://[::ffff:169.254.169.254]/", "ADDRESS_NOT_PUBLIC"),
        ("//10.0.0.1/", "ADDRESS_NOT_PUBLIC"),
        ("http://inner.example.com/", "ADDRESS_NOT_PUBLIC"),
        ("http://2130706433/", "NAME_NOT_PUBLIC"),
        ("http://localhost/", "NAME_NOT_PUBLIC"),
        ("http://shop1.cn:22/", "PORT_REFUSED"),
        ("http://user@shop1.cn/", "CREDENTIALS_REFUSED"),
        ("file:///etc/passwd", "SCHEME_REFUSED"),
        ("http://[::1/", "URL_INVALID"),
    ],
)
def test_a_redirect_is_checked_like_a_first_target(
    site: Site, names: Names, network: EndsHere, location: str, expected: str
) -> None:
    """Whatever a page answers, nothing that is refused at first is reached at second hand."""
    names.answers["inner.example.com"] = [["192.168.0.1"]]
    site.page("/", status="301 Moved Permanently", Location=location)
    assert code("http://shop1.cn/", names, network) == expected
    assert len(network.connected) == 1


def test_three_redirects_are_followed_and_no_fourth(site: Site, names: Names, network: EndsHere) -> None:
    """A loop ends."""
    for number in range(4):
        site.page(f"/{number}", status="302 Found", Location=f"http://www.shop1.cn/{number + 1}")
    site.page("/4")
    assert fetch("http://shop1.cn/1", names, network).url == "http://www.shop1.cn/4"
    assert code("http://shop1.cn/0", names, network) == "TOO_MANY_REDIRECTS"
    site.page("/loop", status="302 Found", Location="/loop")
    site.requests.clear()
    assert code("http://shop1.cn/loop", names, network) == "TOO_MANY_REDIRECTS"
    assert len(site.requests) == 4


# --- how much and how long --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10_001, 5_000_000])
def test_a_huge_body_is_cut(site: Site, names: Names, network: EndsHere, size: int) -> None:
    """With or without a length."""
    site.page("/", b"x" * size)
    site.pages["/endless"] = [OK_HEAD, b"\r\n", b"x" * size]
    assert {code(f"http://shop1.cn{path}", names, network) for path in ("/", "/endless")} == {"TOO_LARGE"}


def test_a_body_of_the_limit_is_read(site: Site, names: Names, network: EndsHere) -> None:
    """1 MiB by default."""
    site.page("/", b"x" * 1024 * 1024)
    assert len(fetch("http://shop1.cn/", names, network, Limits()).body) == 1024 * 1024
    site.page("/", b"x" * (1024 * 1024 + 1))
    assert code("http://shop1.cn/", names, network, Limits()) == "TOO_LARGE"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_page_is_read_and_a_bomb_is_not(
    site: Site, names: Names, network: EndsHere, encoding: str
) -> None:
    """10 MiB of nothing in some 10 KiB: never unpacked beyond the limit."""
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    site.page("/", pack(b"page"), Content_Encoding=encoding)
    assert fetch("http://shop1.cn/", names, network).body == b"page"
    site.page("/bomb", pack(bytes(10 * 1024 * 1024)), Content_Encoding=encoding)
    assert code("http://shop1.cn/bomb", names, network) == "TOO_LARGE"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("gzip", "ENCODING_BROKEN"), ("br", "ENCODING_UNKNOWN"), ("gzip, gzip", "ENCODING_UNKNOWN")],
)
def test_an_encoding_that_cannot_be_bounded_is_refused(
    site: Site, names: Names, network: EndsHere, encoding: str, expected: str
) -> None:
    """A bomb may be packed twice, or by a method that nobody asked for."""
    site.page("/", b"no archive", Content_Encoding=encoding)
    assert code("http://shop1.cn/", names, network) == expected


@pytest.mark.parametrize(
    "chunks",
    [
        [b""],  # connects and falls silent
        [OK_HEAD + b"Content-Length: 100\r\n\r\n", *[b"x"] * 99],
        [OK_HEAD, *[b"X-More: 1\r\n"] * 100],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 100,
    ],
)
def test_a_slow_site_ends_with_the_time_of_the_whole(
    site: Site, names: Names, network: EndsHere, chunks: list[bytes]
) -> None:
    """A byte now and then renews nothing."""
    site.pause = 0.05 if len(chunks) > 1 else 2.0
    site.pages["/"] = chunks
    began = time.monotonic()
    assert code("http://shop1.cn/", names, network) == "TIMEOUT"
    assert time.monotonic() - began < 1.0


def test_redirects_share_one_time(site: Site, names: Names, network: EndsHere) -> None:
    """Hops that are slow each, but not too slow, do not add up beyond the limit."""
    site.pause = 0.3
    for number in range(3):
        head = f"HTTP/1.1 302 Found\r\nLocation: /{number + 1}\r\n".encode()
        site.pages[f"/{number}"] = [head, b"Content-Length: 0\r\n\r\n"]
    assert code("http://shop1.cn/0", names, network) == "TIMEOUT"


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", b"HTTP/9 1\r\n\r\n"]
)
def test_no_whole_answer_is_a_failure(site: Site, names: Names, network: EndsHere, answer: bytes) -> None:
    """It says nothing about whether the site opens."""
    site.pages["/"] = [answer]
    assert code("http://shop1.cn/", names, network) == "CONNECTION_LOST"


def test_nobody_there_is_a_failure(names: Names) -> None:
    """Nothing listens."""
    assert code("http://shop1.cn/", names, EndsHere(lambda _: 1)) == "CONNECT_FAILED"


def test_the_pages_of_one_call_share_its_time(site: Site, names: Names, network: EndsHere) -> None:
    """A verifier of many domains ends before the host gives it up."""
    site.page("/")
    bound = BoundFetch(SafeFetcher(names, SHORT, network=network), 0.1)
    assert bound("http://shop1.cn/").status == 200
    time.sleep(0.12)
    with pytest.raises(FetchFailedError, match="TIMEOUT"):
        bound("http://shop1.cn/")


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("备案".encode(), "", "备案"),
        ("备案".encode("gb2312"), "text/html; charset=GB2312", "备案"),
        (b'<meta charset="gbk">' + "备案".encode("gbk"), "text/html", '<meta charset="gbk">备案'),
        (b"\xff\xfe", "text/html; charset=punycode", "\ufffd\ufffd"),
    ],
)
def test_a_page_is_read_in_its_own_encoding(body: bytes, content_type: str, text: str) -> None:
    """Old pages are in GBK; a codec that could be abused is not used."""
    assert FetchedPage("http://a.cn/", 200, {"content-type": content_type}, body).text == text
