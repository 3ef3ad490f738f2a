"""Guarded calls: one plugin's code, with a deadline, in its own bounded threads, behind a circuit breaker.

Nothing but a value or a :class:`~beianhub_sdk.PluginError` ever comes out of a guard. A thread cannot be killed in
CPython: one that outlives its deadline goes on, unheard, and takes up a place of the plugin's until it returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import structlog

from beianhub_engine import metrics
from beianhub_engine.plugins.breaker import Breaker
from beianhub_engine.plugins.loader import LoadedPlugin
from beianhub_engine.settings import EngineSettings
from beianhub_engine.trails import trail
from beianhub_sdk import NotSentError, PluginError, RefusedError, RejectedError, UnknownOutcomeError

T = TypeVar("T")
_BUSY_SECONDS = 1.0
_log = structlog.get_logger()


class Guard:
    """Calls one plugin. Its methods belong to the event loop."""

    def __init__(self, plugin: LoadedPlugin, settings: EngineSettings) -> None:
        self.plugin = plugin
        self._settings = settings
        self._breakers: dict[str, Breaker] = {}
        self._busy: Counter[str] = Counter()
        self._threads = 0
        self._hung = 0

    @property
    def hung(self) -> int:
        """Threads whose call was given up and that have not returned."""
        return self._hung

    @property
    def circuit_open(self) -> bool:
        """Whether calls for any account are held back."""
        return any(breaker.is_open for breaker in self._breakers.values())

    async def call(self, account: str, seconds: float, work: Callable[[], T], limit: int = 0) -> T:
        """Runs ``work``, which calls the vendor for this account; at most ``limit`` at once for it, 0 for any number.

        Raises:
            PluginError: as :meth:`run`; also RefusedError CIRCUIT_OPEN or ACCOUNT_BUSY, nothing was called.
        """
        if 0 < limit <= self._busy[account]:
            raise RefusedError("ACCOUNT_BUSY", _BUSY_SECONDS)
        self._require_place()
        breaker = self._breaker(account)
        wait = breaker.wait()
        if wait:
            raise RefusedError("CIRCUIT_OPEN", wait)
        failed: bool | None = None
        self._busy[account] += 1
        try:
            with metrics.CALL_SECONDS.labels(self.plugin.id).time():
                value = await self.run(seconds, work)
            failed = False
        except PluginError as error:
            failed = isinstance(error, NotSentError | UnknownOutcomeError)
            raise
        finally:
            self._busy[account] -= 1
            breaker.record(failed=failed)
            metrics.CIRCUIT_OPEN.labels(self.plugin.id).set(self.circuit_open)
        return value

    def _require_place(self) -> None:
        if self._threads >= self.plugin.max_concurrency:
            raise RefusedError("BULKHEAD_FULL", _BUSY_SECONDS)

    def _breaker(self, account: str) -> Breaker:
        if account not in self._breakers:
            self._breakers[account] = Breaker(self._settings.breaker_failures, self._settings.breaker_cooldown)
        return self._breakers[account]

    async def run(self, seconds: float, work: Callable[[], T]) -> T:
        """Runs ``work``, which calls nobody.

        Raises:
            PluginError: what the plugin raised; RefusedError BULKHEAD_FULL, nothing was called; UnknownOutcomeError
                DEADLINE or PLUGIN_RAISED.
        """
        self._require_place()
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._threads += 1
        thread = threading.Thread(target=self._work, args=(result, work), name=f"plugin-{self.plugin.id}", daemon=True)
        thread.start()  # a daemon: a plugin that hangs does not keep the process from ending
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(result)
        except TimeoutError:
            raise UnknownOutcomeError("DEADLINE") from None
        finally:
            self._leave(result)

    def _leave(self, result: asyncio.Future[T]) -> None:
        """The caller is gone: its place is free, unless the thread has not returned."""
        if result.done():
            self._threads -= 1
            return
        self._hung += 1
        _log.warning("plugin_call_abandoned", plugin=self.plugin.id, hung=self._hung)
        result.add_done_callback(self._returned)

    def _returned(self, result: asyncio.Future[T]) -> None:
        self._threads -= 1
        self._hung -= 1
        if not result.cancelled():
            result.exception()  # nobody asks any more

    def _work(self, result: asyncio.Future[T], work: Callable[[], T]) -> None:
        """In the plugin's thread."""
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything, SystemExit included
            self._answer(result, result.set_exception, self._classed(error))
        else:
            self._answer(result, result.set_result, value)

    def _classed(self, error: BaseException) -> PluginError:
        """The error as it may be reported; a text that may quote a value stays out of reports and logs."""
        if isinstance(error, NotSentError | RefusedError | RejectedError | UnknownOutcomeError):
            return error
        if isinstance(error, PluginError):
            return UnknownOutcomeError(error.code)
        _log.error("plugin_raised", plugin=self.plugin.id, error=type(error).__name__, trail=trail(error))
        return UnknownOutcomeError("PLUGIN_RAISED")

    @staticmethod
    def _answer(result: asyncio.Future[T], settle: Callable[..., None], value: object) -> None:
        def deliver() -> None:
            if not result.done():
                settle(value)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            result.get_loop().call_soon_threadsafe(deliver)
