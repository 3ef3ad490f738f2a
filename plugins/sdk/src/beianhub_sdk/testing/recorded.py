"""Answers that no real vendor gives on demand: garbage, codes that nobody knows, foreign error pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from beianhub_sdk.call import Call, Credential
from beianhub_sdk.http import HttpResponse
from beianhub_sdk.testing.samples import sample

if TYPE_CHECKING:
    from beianhub_sdk.http import HttpRequest


@dataclass
class Recorded:
    """:class:`~beianhub_sdk.http.Http` that gives one answer and keeps what it was sent."""

    answer: HttpResponse
    sent: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Gives the answer."""
        self.sent.append(request)
        return self.answer


def answered(status: int, body: bytes, endpoint: str = "https://vendor.example.com/", **headers: str) -> Call:
    """A call of the sample's order, which the vendor will answer so; header names with ``_`` for ``-``."""
    assignment = sample(9)
    assignment.account.endpoint = endpoint
    assignment.order.provider_order_id = "1"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    http = Recorded(HttpResponse(status, named, body))
    return Call(assignment, Credential("AKEXAMPLE", "secret-example"), http, datetime(2026, 1, 1, tzinfo=UTC))
