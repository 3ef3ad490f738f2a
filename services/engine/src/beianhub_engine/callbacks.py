"""Vendors' callbacks become hints: the order is asked for at once, and only its answer changes anything."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from beianhub_core import names
from beianhub_core.application import Application
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Callback
from beianhub_engine import outcomes
from beianhub_engine.credentials import Credentials
from beianhub_engine.plugins.guard import Guard
from beianhub_engine.waiting import first
from beianhub_sdk import CallbackRequest, Credential, PluginError, Provider
from beianhub_sdk.provider import CallbackHint

_BATCH = 100
_SECONDS = 5.0  # to read one; it calls nobody
_log = structlog.get_logger()


class CallbackWorker:
    """Works on what vendors posted."""

    def __init__(
        self, app: Application, guards: Mapping[str, Guard], credentials: Credentials, poll: float, wake: asyncio.Event
    ) -> None:
        self._app = app
        self._guards = guards
        self._credentials = credentials
        self._poll = poll
        self._wake = wake

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop``."""
        while not stop.is_set():
            self._wake.clear()
            if not await self.work():
                await first(stop.wait(), self._wake.wait(), asyncio.sleep(self._poll))

    async def work(self) -> int:
        """Works on the callbacks that wait; returns how many are done. One that cannot be read is dropped: polling
        finds out what it would have said.
        """
        waiting = await self._app.callbacks.pending(_BATCH)
        done = await asyncio.gather(*(self._finish(callback, body) for callback, body in waiting))
        return sum(done)

    async def _finish(self, callback: Callback, body: bytes) -> bool:
        try:
            if not await self._hint(callback, body):
                return False
        except BeianhubError as error:
            if error.kind is ErrorKind.UNAVAILABLE:
                raise
            _log.warning("callback_dropped", account=callback.account, code=error.reason)
        await self._app.callbacks.finish(callback)
        return True

    async def _hint(self, callback: Callback, body: bytes) -> bool:
        """Hints at what the callback names; ``False`` leaves it to the host that has its plugin."""
        account = await self._app.core.account(
            names.child(names.tenant_name(callback.tenant), "accounts", callback.account)
        )
        guard = self._guards.get(account.provider)
        if guard is None or not isinstance(guard.plugin.adapter, Provider):
            return (await self._app.catalog()).provider(account.provider) is None
        provider = guard.plugin.adapter
        request = CallbackRequest(headers=callback.headers, body=body, received=callback.received)
        try:
            credential = self._credentials.of(account)
            numbers = await guard.run(_SECONDS, lambda: _numbers(provider, request, credential))
        except PluginError as error:
            _log.warning("callback_dropped", account=account.name, code=error.code)
            return True
        for number in numbers:
            await self._app.tasks.hint(callback.tenant, callback.account, number)
        return True


def _numbers(provider: Provider, request: CallbackRequest, credential: Credential) -> set[str]:
    hints = provider.parse_callback(request, credential)
    for hint in hints:
        outcomes.expect(hint, CallbackHint)
    return {str(hint.provider_order_id) for hint in hints}
