"""HTTP as the host gives it to a plugin.

The host implements :class:`Http`, so that deadlines, redaction, tracing and simulation are the host's. It sends a
request once: it never retries and never follows a redirect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request, already signed: ``url`` is absolute, ``body`` is exactly what is sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer of any status; header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Http(Protocol):
    """Sends requests within the call's deadline."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends it and returns the whole answer.

        Raises:
            NotSentError: no byte left, or the lease had lapsed before one could.
            UnknownOutcomeError: bytes left and no whole answer came back.
        """
        ...
