"""Callbacks: signed notifications of every change of state, retried, to 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from beianhub_sandbox.ledger import new_identifier
from beianhub_sandbox.model import Behaviour, Callback, Order
from beianhub_sandbox.signatures import callback_signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub_sandbox.clock import SandboxClock
    from beianhub_sandbox.ledger import Ledger
    from beianhub_sandbox.scenarios import Scenarios
    from beianhub_sandbox.settings import Settings
    from beianhub_sandbox.vocabulary import Vocabulary

HOLD_SECONDS = 2.0
"""How long an out-of-order callback waits for a later one to overtake it."""
_HTTP_OK = range(200, 300)


class Courier:
    """Writes callbacks down when an order changes, and delivers them one at a time per order."""

    def __init__(
        self,
        settings: Settings,
        clock: SandboxClock,
        ledger: Ledger,
        scenarios: Scenarios,
        vocabularies: Mapping[str, Vocabulary],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger = ledger
        self._scenarios = scenarios
        self._vocabularies = vocabularies
        self._busy: dict[str, asyncio.Task[None]] = {}

    def order_changed(self, order: Order, at: float) -> None:
        """Write down the callback for a change; it is delivered after the commit."""
        if not order.callback_url:
            return
        words = self._vocabularies[order.vendor]
        body = json.dumps(words.event(words.describe(order), at), ensure_ascii=False)
        domain = order.application.domain
        held = self._scenarios.take(order.vendor, domain, Behaviour.OUT_OF_ORDER_CALLBACK) is not None
        twice = self._scenarios.take(order.vendor, domain, Behaviour.DUPLICATE_CALLBACK) is not None
        message_id = new_identifier()
        wait = HOLD_SECONDS if held else 0.0
        for _copy in range(2 if twice else 1):
            sequence = self._ledger.next_number("callbacks")
            next_at = self._clock.now() + wait
            self._ledger.put(Callback(f"{sequence:012d}", message_id, order.number, sequence, body, next_at, held=held))

    def start_due(self) -> None:
        """Start the deliveries that are due, without waiting for them."""
        now = self._clock.now()
        waiting: dict[str, Callback] = {}
        for callback in sorted(self._ledger.all(Callback), key=lambda item: item.sequence):
            if not callback.held or callback.next_at <= now:
                waiting.setdefault(callback.order_number, callback)
        for number, callback in waiting.items():
            if number not in self._busy and callback.next_at <= now:
                self._busy[number] = asyncio.create_task(self._deliver(callback))

    async def close(self) -> None:
        """Wait for the deliveries under way; what is undelivered stays in the ledger."""
        await asyncio.gather(*self._busy.values())

    async def _deliver(self, callback: Callback) -> None:
        try:
            await self._attempt(callback)
        finally:
            del self._busy[callback.order_number]

    async def _attempt(self, callback: Callback) -> None:
        order = self._ledger.get(Order, callback.order_number)
        if order is None:
            self._ledger.remove(Callback, callback.identifier)
            return
        headers = self._headers(order, callback)
        arrived = await asyncio.to_thread(
            _post, order.callback_url, callback.body, headers, self._settings.callback_timeout
        )
        delays = self._settings.callback_retry_delays
        if arrived or callback.attempts >= len(delays):
            self._finish(callback)
        elif self._ledger.get(Callback, callback.identifier) is callback:
            callback.next_at = self._clock.now() + delays[callback.attempts]
            callback.attempts += 1
            self._ledger.put(callback)

    def _finish(self, done: Callback) -> None:
        self._ledger.remove(Callback, done.identifier)
        for callback in self._ledger.all(Callback):
            overtaken = callback.order_number == done.order_number and callback.sequence < done.sequence
            if overtaken and callback.held:
                callback.held = False
                callback.next_at = self._clock.now()
                self._ledger.put(callback)

    def _headers(self, order: Order, callback: Callback) -> dict[str, str]:
        prefix = f"X-{self._vocabularies[order.vendor].header}"
        timestamp = str(int(self._clock.now()))
        secret = self._settings.credentials[order.vendor][order.account]
        return {
            "Content-Type": "application/json; charset=utf-8",
            f"{prefix}-Key-Id": order.account,
            f"{prefix}-Timestamp": timestamp,
            f"{prefix}-Message-Id": callback.message_id,
            f"{prefix}-Signature": callback_signature(secret, timestamp, callback.body),
        }


def _post(url: str, body: str, headers: Mapping[str, str], timeout: float) -> bool:
    """Whether the receiver answered 2xx."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=timeout)
    try:
        connection.request("POST", path, body.encode(), dict(headers))
        return connection.getresponse().status in _HTTP_OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
