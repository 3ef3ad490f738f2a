"""Guarded calls: nothing but values and classed errors comes out, in time, and only so many at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_engine.plugins.breaker import Breaker
from beianhub_engine.plugins.guard import Guard
from beianhub_engine.plugins.loader import LoadedPlugin
from beianhub_engine.settings import EngineSettings
from beianhub_sdk import NotSentError, PluginError, RefusedError, RejectedError, UnknownOutcomeError


@pytest.fixture
def guard() -> Guard:
    adapter: Any = None  # a guard never looks at it
    return Guard(
        LoadedPlugin("vendor", adapter, Plugin(), max_concurrency=2, call_timeout=1.0),
        EngineSettings(breaker_failures=3, breaker_cooldown=1.0),
    )


async def until(condition: Callable[[], bool]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a guard has no event for it
            await asyncio.sleep(0.01)


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


async def test_a_value_comes_out(guard: Guard) -> None:
    """What the plugin returns is returned; it ran in a thread of its own."""
    assert await guard.call("a", 1.0, lambda: threading.current_thread().name) == "plugin-vendor"


@pytest.mark.parametrize(
    "error", [NotSentError("X"), RefusedError("X", 3), RejectedError("X"), UnknownOutcomeError("X")]
)
async def test_classed_errors_stay(guard: Guard, error: PluginError) -> None:
    """An error that says what is known goes through as it is."""
    with pytest.raises(type(error)) as caught:
        await guard.call("a", 1.0, raising(error))
    assert caught.value is error


@pytest.mark.parametrize("error", [ValueError("13800138000"), SystemExit(1), StopIteration(), PluginError("ODD")])
async def test_everything_else_is_unknown(
    guard: Guard, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any other exception leaves the outcome unknown, and its text, which may quote a value, is nowhere."""
    with pytest.raises(UnknownOutcomeError) as caught:
        await guard.call("a", 1.0, raising(error))
    assert caught.value.code in {"PLUGIN_RAISED", "ODD"}
    assert "13800138000" not in capsys.readouterr().out + str(caught.value)


async def test_a_hanging_call_holds_its_place(guard: Guard) -> None:
    """After the deadline the caller goes on; the thread counts against the bulkhead until it returns."""
    release = threading.Event()
    hanging = [asyncio.create_task(guard.call(account, 0.05, release.wait)) for account in "ab"]
    for task in hanging:
        with pytest.raises(UnknownOutcomeError, match="DEADLINE"):
            await task
    assert guard.hung == 2
    with pytest.raises(RefusedError, match="BULKHEAD_FULL"):
        await guard.call("c", 1.0, lambda: 1)
    release.set()
    await until(lambda: not guard.hung)
    assert await guard.call("c", 1.0, lambda: 1) == 1


async def test_the_circuit_opens_per_account(guard: Guard) -> None:
    """Failures in a row hold back this account's calls until one probe succeeds; other accounts go on."""
    for _ in range(3):
        with pytest.raises(NotSentError):
            await guard.call("a", 1.0, raising(NotSentError("CONNECT")))
    assert guard.circuit_open
    with pytest.raises(RefusedError, match="CIRCUIT_OPEN"):
        await guard.call("a", 1.0, lambda: 1)
    assert await guard.call("b", 1.0, lambda: 1) == 1
    await asyncio.sleep(1.1)
    assert await guard.call("a", 1.0, lambda: 1) == 1
    assert not guard.circuit_open


async def test_a_definite_no_is_no_failure(guard: Guard) -> None:
    """A vendor that answers no is alive: its circuit stays closed."""
    for error in (RejectedError("NO"), RefusedError("LATER")) * 3:
        with pytest.raises(type(error)):
            await guard.call("a", 1.0, raising(error))
    assert not guard.circuit_open


async def test_an_account_has_its_own_limit(guard: Guard) -> None:
    """Calls beyond an account's limit are put off; another account's are not."""
    release = threading.Event()
    first = asyncio.create_task(guard.call("a", 5.0, release.wait, 1))
    await asyncio.sleep(0.05)
    with pytest.raises(RefusedError, match="ACCOUNT_BUSY"):
        await guard.call("a", 1.0, lambda: 1, 1)
    assert await guard.call("b", 1.0, lambda: 1, 1) == 1
    release.set()
    assert await first


async def test_a_full_bulkhead_closes_no_circuit(guard: Guard) -> None:
    """A call that found no place says nothing of the vendor: an open circuit stays open."""
    release = threading.Event()
    for _ in range(3):
        with pytest.raises(NotSentError):
            await guard.call("a", 1.0, raising(NotSentError("CONNECT")))
    await asyncio.sleep(1.1)
    hanging = [asyncio.create_task(guard.call("b", 5.0, release.wait)) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(RefusedError, match="BULKHEAD_FULL"):
        await guard.call("a", 1.0, lambda: 1)
    assert guard.circuit_open
    release.set()
    await asyncio.gather(*hanging)


def test_one_probe_at_a_time() -> None:
    """A half-open circuit lets one call through, and opens anew when that fails."""
    now = [0.0]
    breaker = Breaker(1, 10.0, lambda: now[0])
    breaker.record(failed=True)
    assert breaker.wait() == 10.0
    now[0] = 11.0
    assert breaker.wait() == 0.0
    assert breaker.wait() > 0
    breaker.record(failed=True)
    assert breaker.wait() == 10.0


async def test_a_cancelled_caller_leaves_the_thread(guard: Guard) -> None:
    """A caller that goes away does not wait, and its place is free once the thread has returned."""
    release = threading.Event()
    task = asyncio.create_task(guard.call("a", 5.0, release.wait))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 4
    assert guard.hung == 1
    release.set()
    await until(lambda: not guard.hung)
