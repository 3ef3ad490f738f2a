"""Where a URL leads, and whether the host may go there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from beianhub_engine.fetch.limits import Budget
from beianhub_engine.fetch.resolving import Resolver
from beianhub_sdk import FetchRefusedError
from beianhub_sdk.addresses import Standing, judge

_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = "127.0.0.1"
_LONGEST_URL: Final = 2048
_NAME: Final = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL whose form is all right. ``host`` is a name in its ASCII form or an address without brackets."""

    url: httpx.URL
    host: str
    port: int

    @property
    def place(self) -> str:
        """``host:port``, by which the test switch names it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Route:
    """Where the connection goes: the addresses that were checked, and no other."""

    addresses: tuple[str, ...]
    port: int


def read(url: str, base: httpx.URL | None = None) -> Target:
    """The target of a URL, or of a redirect's location seen from ``base``.

    Raises:
        FetchRefusedError: URL_INVALID, SCHEME_REFUSED or CREDENTIALS_REFUSED.
    """
    if len(url) > _LONGEST_URL:
        raise FetchRefusedError("URL_INVALID")
    try:
        parsed = base.join(url) if base else httpx.URL(url)
        host, port = parsed.raw_host.decode("ascii").strip("[]").rstrip("."), parsed.port
    except (httpx.InvalidURL, ValueError, TypeError):
        raise FetchRefusedError("URL_INVALID") from None
    if parsed.scheme not in _PORTS:
        raise FetchRefusedError("SCHEME_REFUSED")
    if parsed.userinfo:
        raise FetchRefusedError("CREDENTIALS_REFUSED")
    if not host:
        raise FetchRefusedError("URL_INVALID")
    return Target(parsed, host, port or _PORTS[parsed.scheme])


def route(target: Target, resolver: Resolver, budget: Budget, loopback: Mapping[str, int]) -> Route:
    """The addresses to connect to; the name is resolved here, and nowhere else.

    ``loopback`` is the test switch: exact ``host:port`` to a port of this machine.

    Raises:
        FetchError: PORT_REFUSED, NAME_NOT_PUBLIC, ADDRESS_NOT_PUBLIC, or what the resolver raises.
    """
    if target.place in loopback:
        return Route((_LOOPBACK,), loopback[target.place])
    if target.port != _PORTS[target.url.scheme]:
        raise FetchRefusedError("PORT_REFUSED")
    literal = _canonical(target.host)
    if literal:
        return Route(_all_public([literal]), target.port)
    if not _is_public_name(target.host):
        raise FetchRefusedError("NAME_NOT_PUBLIC")
    return Route(_all_public(resolver.resolve(target.host, budget.left(budget.limits.resolving))), target.port)


def _is_public_name(host: str) -> bool:
    """At least two labels, and no number at the end: programs read 2130706433, 0x7f.1 and 127.1 as an address, and a
    single label is of the own network.
    """
    return _NAME.fullmatch(host) is not None and not _NUMBER.fullmatch(host.rpartition(".")[2])


def _all_public(found: Iterable[str]) -> tuple[str, ...]:
    """One address that is not public refuses all: a name that mixes them is an attack, or a mistake."""
    addresses = tuple(dict.fromkeys(_canonical(address) for address in found))
    if not addresses or any(judge(address).standing is not Standing.PUBLIC for address in addresses):
        raise FetchRefusedError("ADDRESS_NOT_PUBLIC")
    return addresses


def _canonical(text: str) -> str:
    """The one spelling of an address; "" of anything else, also of one with a zone."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return "" if getattr(address, "scope_id", None) else str(address)
