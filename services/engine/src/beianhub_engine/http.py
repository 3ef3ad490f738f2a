"""HTTP for plugins: sends a request once, within the call's deadline, and says truly whether a byte may have left.

The classing does not guess from exceptions: the transport's trace tells when the first byte is about to be written,
and there, at the last moment, the lease is checked. Bodies, queries and headers are never logged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from beianhub_sdk import HttpRequest, HttpResponse, NotSentError, UnknownOutcomeError

LARGEST_ANSWER: Final = 4 * 1024 * 1024
_WRITING: Final = frozenset({"http11.send_request_headers.started", "http2.send_request_headers.started"})


def open_client() -> httpx.Client:
    """A client for all calls of a host; safe in several threads.

    It keeps no connection: a kept one may have been closed by the other side at the moment of writing, which would
    leave the outcome of a call unknown for nothing. It takes no compressed answers, whose size nobody knows, and no
    proxies of the environment: they are not for signed requests.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    transport = httpx.HTTPTransport(limits=limits, retries=0, trust_env=False)
    return httpx.Client(transport=transport, trust_env=False, headers={"Accept-Encoding": "identity"})


@dataclass(slots=True)
class BoundHttp:
    """The SDK's Http for one call. ``seconds`` is what is left for it; ``may_send`` says whether the lease still holds,
    and is asked in the plugin's thread.
    """

    client: httpx.Client
    seconds: float
    may_send: Callable[[], bool]

    def __post_init__(self) -> None:
        self.seconds += time.monotonic()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends it and returns the whole answer, of any status.

        Raises:
            NotSentError: LEASE_LAPSED, BAD_REQUEST or CONNECT; no byte left.
            UnknownOutcomeError: DEADLINE, CONNECTION_LOST or ANSWER_TOO_LARGE.
        """
        left = self.seconds - time.monotonic()
        if left <= 0 or not self.may_send():
            raise NotSentError("LEASE_LAPSED")
        writing = _Writing(self)
        try:
            return self._exchange(request, left, writing)
        except (httpx.HTTPError, httpx.InvalidURL, TypeError, ValueError) as error:
            if not writing.begun:
                is_ours = isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | TypeError | ValueError)
                raise NotSentError("BAD_REQUEST" if is_ours else "CONNECT") from None
            reason = "DEADLINE" if isinstance(error, httpx.TimeoutException) else "CONNECTION_LOST"
            raise UnknownOutcomeError(reason) from None

    def _exchange(self, request: HttpRequest, left: float, writing: _Writing) -> HttpResponse:
        with self.client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            timeout=left,
            follow_redirects=False,
            extensions={"trace": writing},
        ) as answer:
            body = self._read(answer)
        return HttpResponse(answer.status_code, _lower(answer.headers), body)

    def _read(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise UnknownOutcomeError("ANSWER_TOO_LARGE")
            if time.monotonic() > self.seconds:  # each chunk renews httpx's own timeout
                raise UnknownOutcomeError("DEADLINE")
        return bytes(body)


@dataclass(slots=True)
class _Writing:
    """Hears of the transport's steps: before the first byte the lease is asked once more."""

    http: BoundHttp
    begun: bool = False

    def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        if event in _WRITING:
            if time.monotonic() > self.http.seconds or not self.http.may_send():
                raise NotSentError("LEASE_LAPSED")
            self.begun = True


def _lower(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
