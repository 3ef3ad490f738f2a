"""A site on this machine, names that a test invents, and a network that ends here."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore

from beianhub_sdk import NoSuchNameError

PUBLIC = "119.29.29.29"
"""A public address, for names; nothing is ever sent to it."""


class Site:
    """Answers a request for a path with the bytes set for it, each chunk after a pause; keeps what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Iterable[bytes]] = {}
        self.pause = 0.0
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def page(self, path: str, body: bytes = b"ok", status: str = "200 OK", **headers: str) -> None:
        """Sets an answer with a length; header names with ``_`` for ``-``."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.pages[path] = ["\r\n".join([*lines, "", ""]).encode() + body]

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            request = connection.recv(65536)
            self.requests.append(request)
            path = request.split(b" ")[1].decode() if request.startswith(b"GET ") else ""
            try:
                for chunk in self.pages.get(path, [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]):
                    connection.sendall(chunk)
                    time.sleep(self.pause)
            except OSError:
                return


@dataclass
class Names:
    """A resolver whose answers a test gives; a name may have another answer each time, and then keeps the last."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def resolve(self, host: str, seconds: float) -> Sequence[str]:
        assert 0 < seconds <= 2.0
        self.asked.append(host)
        given = self.answers.get(host)
        if not given:
            raise NoSuchNameError("NO_SUCH_NAME")
        return given.pop(0) if len(given) > 1 else given[0]


class EndsHere(httpcore.NetworkBackend):
    """Connects to the site, whatever address is asked for, and keeps which; nothing leaves this machine."""

    def __init__(self, port: Callable[[str], int]) -> None:
        self.connected: list[tuple[str, int]] = []
        self._port = port
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        return self._tcp.connect_tcp("127.0.0.1", self._port(host), *rest, **more)
