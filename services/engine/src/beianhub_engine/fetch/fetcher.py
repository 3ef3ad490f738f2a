"""The safe fetcher: reads a page of a site that a stranger chose the name and the content of.

It goes by http and https to their own ports, to public addresses alone, and without proxies, cookies or credentials. A
name is resolved once per hop, *all* of its addresses are checked, and the connection goes to one that was checked, so
that a second answer of the DNS changes nothing. Redirects are hops like the first. Time, bytes and what they unpack to
are bounded.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import httpcore
import httpx

from beianhub_engine.fetch import bodies, targets
from beianhub_engine.fetch.limits import Budget, Limits
from beianhub_engine.fetch.network import PinnedBackend
from beianhub_engine.fetch.resolving import Resolver, SystemResolver
from beianhub_engine.fetch.targets import Target
from beianhub_sdk import FetchedPage, FetchFailedError, FetchRefusedError

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_AGENT: Final = "Mozilla/5.0 (compatible; beianhub-check)"


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are checked. It is made once: it loads all of the authorities."""
    return httpx.create_ssl_context(trust_env=False)


class SafeFetcher:
    """Safe in several threads; it keeps nothing between two fetches.

    ``loopback`` is a switch for tests: it opens exactly the ``host:port`` named to a port of this machine.
    ``public`` False leaves only what the switch opens: nobody else is resolved or asked. ``network`` carries the
    connections, to addresses that were checked.
    """

    def __init__(
        self,
        resolver: Resolver | None = None,
        limits: Limits | None = None,
        loopback: Mapping[str, int] | None = None,
        *,
        public: bool = True,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._resolver = resolver or SystemResolver()
        self._limits = limits or Limits()
        self._loopback = dict(loopback or {})
        self._public = public
        self._network = network or httpcore.SyncBackend()

    def fetch(self, url: str, seconds: float | None = None) -> FetchedPage:
        """The page behind a URL after at most three redirects; ``seconds`` may shorten the limit's.

        Raises:
            FetchError: see its subclasses; the code says which limit or rule.
        """
        total = self._limits.total if seconds is None else min(seconds, self._limits.total)
        budget = Budget(total, self._limits)
        target = targets.read(url)
        for _ in range(self._limits.redirects + 1):
            page = self._hop(target, budget)
            location = page.headers.get("location", "")
            if page.status not in _REDIRECTS or not location:
                return page
            target = targets.read(location, target.url)
        raise FetchFailedError("TOO_MANY_REDIRECTS")

    def _hop(self, target: Target, budget: Budget) -> FetchedPage:
        if not self._public and target.place not in self._loopback:
            raise FetchRefusedError("REHEARSAL")
        budget.received = 0
        with _told_truly():
            route = targets.route(target, self._resolver, budget, self._loopback)
            return _get(target, PinnedBackend(route, budget, self._network), budget)


@dataclass(slots=True)
class BoundFetch:
    """The SDK's Fetch for one call; ``seconds`` is what is left for all of its pages together."""

    fetcher: SafeFetcher
    seconds: float

    def __post_init__(self) -> None:
        self.seconds += time.monotonic()

    def __call__(self, url: str) -> FetchedPage:
        """See :meth:`SafeFetcher.fetch`."""
        return self.fetcher.fetch(url, max(0.0, self.seconds - time.monotonic()))


def _get(target: Target, backend: PinnedBackend, budget: Budget) -> FetchedPage:
    headers: dict[bytes | str, bytes | str] = {
        "Host": target.url.netloc.decode("ascii"),
        "User-Agent": _AGENT,
        "Accept": "text/html",
        "Accept-Encoding": bodies.ACCEPTED,
        "Connection": "close",
    }
    url = httpcore.URL(scheme=target.url.scheme, host=target.host, port=target.port, target=target.url.raw_path)
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
        pool.stream("GET", url, headers=headers) as answer,
    ):
        answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        body = b""
        if answer.status not in _REDIRECTS:
            body = bodies.read(answer.iter_stream(), answered.get("content-encoding", ""), budget.limits.body)
        return FetchedPage(str(target.url), answer.status, answered, body, backend.address)


@contextmanager
def _told_truly() -> Iterator[None]:
    """The transport's exceptions, by what stood in the way."""
    try:
        yield
    except httpcore.TimeoutException:
        raise FetchFailedError("TIMEOUT") from None
    except httpcore.ConnectError as error:
        raise FetchFailedError("TLS_FAILED" if _of_tls(error) else "CONNECT_FAILED") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
        raise FetchFailedError("CONNECTION_LOST") from None


def _of_tls(error: BaseException | None) -> bool:
    """Whether TLS is behind it: httpcore has one exception for both, and cuts the cause off, but not the context."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__context__
    return error is not None
