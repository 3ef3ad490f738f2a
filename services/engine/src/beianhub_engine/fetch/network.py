"""The network below httpcore: connects to the checked addresses, whatever the name says, and within the budget.

httpcore goes on to send the name as Host and in TLS (SNI), and checks the certificate against it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from beianhub_engine.fetch.limits import Budget
from beianhub_engine.fetch.targets import Route


class PinnedBackend(httpcore.NetworkBackend):
    """Serves one hop. It resolves nothing, and opens no Unix socket."""

    def __init__(self, route: Route, budget: Budget, tcp: httpcore.NetworkBackend) -> None:
        self._route = route
        self._budget = budget
        self._tcp = tcp
        self.address = ""

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  the route's addresses stand in for it
        port: int,  # noqa: ARG002  likewise the route's port
        timeout: float | None = None,  # noqa: ARG002  the budget's holds
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """The first of the checked addresses that answers."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._route.addresses:
            seconds = self._budget.left(self._budget.limits.connecting)
            try:
                stream = self._tcp.connect_tcp(address, self._route.port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self.address = address
            return _BudgetedStream(stream, self._budget)
        raise failure


class _BudgetedStream(httpcore.NetworkStream):
    """Each step gets what is left of the whole: a site that drips bytes cannot renew its time."""

    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  the budget's holds
        data = self._stream.read(max_bytes, self._budget.left())
        self._budget.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  the budget's holds
        self._stream.write(buffer, self._budget.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  the budget's holds
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._budget.left())
        return _BudgetedStream(secured, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
