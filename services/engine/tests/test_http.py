"""HTTP for plugins: once, in time, and with the truth about whether a byte left."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from beianhub_engine import http as module
from beianhub_engine.http import BoundHttp, open_client
from beianhub_sdk import HttpRequest, NotSentError, UnknownOutcomeError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Mixed: Yes\r\n\r\nok"
Serve = Callable[..., "Server"]


class Server:
    """Answers each connection with the same bytes, however odd, after a pause; keeps what it was sent."""

    def __init__(self, answer: bytes, pause: float = 0.0, drip: float = 0.0) -> None:
        self.answer = answer
        self.pause = pause
        self.drip = drip
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(65536)
                if b"Content-Length: 4\r\n" in request and not request.endswith(b"body"):
                    request += connection.recv(4)  # the body may come in a packet of its own
                self.requests.append(request)
                time.sleep(self.pause)
                self._reply(connection)

    def _reply(self, connection: socket.socket) -> None:
        try:
            if not self.drip:
                connection.sendall(self.answer)
            for byte in self.answer if self.drip else b"":
                connection.sendall(bytes([byte]))
                time.sleep(self.drip)
        except OSError:
            return


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def make(*args: Any, **more: Any) -> Server:
        servers.append(Server(*args, **more))
        return servers[-1]

    yield make
    for server in servers:
        server.listener.close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client() as made:
        yield made


def bound(client: httpx.Client, seconds: float = 0.5, may_send: Callable[[], bool] = lambda: True) -> BoundHttp:
    return BoundHttp(client, seconds, may_send)


def test_any_status_is_an_answer(serve: Serve, client: httpx.Client) -> None:
    """Every status comes back whole, with lower-case header names; a redirect is not followed."""
    server = serve(b"HTTP/1.1 302 Found\r\nLocation: /else\r\nX-Mixed: Yes\r\nContent-Length: 2\r\n\r\nno")
    answer = bound(client).send(HttpRequest("POST", server.url, {"X-Key": "v"}, b"body"))
    assert (answer.status, answer.headers["x-mixed"], answer.body) == (302, "Yes", b"no")
    (request,) = server.requests
    assert request.endswith(b"\r\n\r\nbody")
    assert b"X-Key: v" in request


def test_proxies_of_the_environment_are_ignored(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signed request goes to the vendor, and to nobody between."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with open_client() as client:
        assert bound(client).send(HttpRequest("GET", serve(OK).url)).body == b"ok"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/"])
def test_no_connection_is_not_sent(client: httpx.Client, url: str) -> None:
    """Without a connection nothing has left."""
    with pytest.raises(NotSentError, match="CONNECT"):
        bound(client, 2.0).send(HttpRequest("GET", url))


@pytest.mark.parametrize("url", ["ftp://x/", "http://[::bad/", "http://a b/", "nonsense"])
def test_a_malformed_request_is_not_sent(client: httpx.Client, url: str) -> None:
    """A request that cannot be written has not left."""
    with pytest.raises(NotSentError):
        bound(client).send(HttpRequest("GET", url))


@pytest.mark.parametrize(
    ("answer", "more", "code"),
    [
        (b"", {}, "CONNECTION_LOST"),
        (b"garbage\r\n\r\n", {}, "CONNECTION_LOST"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", {}, "CONNECTION_LOST"),
        (OK, {"pause": 0.8}, "DEADLINE"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + b"x" * 40, {"drip": 0.02}, "DEADLINE"),
    ],
)
def test_no_whole_answer_is_unknown(
    serve: Serve, client: httpx.Client, answer: bytes, more: dict[str, float], code: str
) -> None:
    """Once bytes have left, whatever is no whole answer leaves the outcome unknown; a dripping one ends in time."""
    server = serve(answer, **more)
    began = time.monotonic()
    with pytest.raises(UnknownOutcomeError, match=code):
        bound(client).send(HttpRequest("POST", server.url, {}, b"body"))
    assert time.monotonic() - began < 1.5
    assert len(server.requests) == 1


def test_an_endless_answer_is_cut(serve: Serve, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor's answer has a size limit."""
    monkeypatch.setattr(module, "LARGEST_ANSWER", 1000)
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000)
    with pytest.raises(UnknownOutcomeError, match="ANSWER_TOO_LARGE"):
        bound(client).send(HttpRequest("GET", server.url))


def test_a_lapsed_lease_sends_nothing(serve: Serve, client: httpx.Client) -> None:
    """After the lease's end nothing is sent, even if it ends between the connection and the first byte."""
    server = serve(OK)
    with pytest.raises(NotSentError, match="LEASE_LAPSED"):
        bound(client, may_send=lambda: False).send(HttpRequest("POST", server.url))
    answers = iter([True, False])
    with pytest.raises(NotSentError, match="LEASE_LAPSED"):
        bound(client, may_send=lambda: next(answers)).send(HttpRequest("POST", server.url))
    with pytest.raises(NotSentError, match="LEASE_LAPSED"):
        bound(client, seconds=0.0).send(HttpRequest("POST", server.url))
    time.sleep(0.05)
    assert [request for request in server.requests if request] == []


def test_a_second_call_connects_anew(serve: Serve, client: httpx.Client) -> None:
    """No connection is kept: one that the vendor has closed meanwhile would make the outcome unknown for nothing."""
    server = serve(OK)
    for _ in range(2):
        assert bound(client).send(HttpRequest("GET", server.url)).status == 200
    assert len(server.requests) == 2
