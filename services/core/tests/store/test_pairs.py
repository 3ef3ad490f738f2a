"""Units of two subjects (网站迁移): both streams in one transaction, or neither."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store import open_store
from beianhub_core.store.faults import BrokenPlanError
from beianhub_core.store.port import Changes, Loaded, Store, Unit, VaultEntry

MOVER = Path(__file__).with_name("pairing_process.py")


class Pairs:
    """Makes units of two subjects; each changes both with one event, unless it is told otherwise."""

    def __init__(self, samples: Any) -> None:
        self.samples = samples

    def unit(self, first: str, second: str, *, request: Any = None, response: bytes = b"", **of_second: Any) -> Unit:
        def plan(loaded: Loaded) -> Changes:
            assert loaded.second is not None
            other = self.samples.changes(("t", second), loaded.second, **of_second)
            made: Changes = self.samples.changes(("t", first), loaded, response=response, second=other)
            return made

        return Unit("t", first, plan, request, second)

    def moving(self, first: str, second: str, domain: str) -> Unit:
        """Moves the domain, with its service, from the first to the second."""

        def plan(loaded: Loaded) -> Changes:
            assert loaded.second is not None
            other: Changes = self.samples.changes(
                ("t", second), loaded.second, domains=[domain], vault=[VaultEntry(f"{second}-new", b"sealed")]
            )
            made: Changes = self.samples.changes(
                ("t", first), loaded, domains=[], dropped_refs=[f"{first}-old"], second=other
            )
            return made

        return Unit("t", first, plan, None, second)


@pytest.fixture
def pairs(samples: Any) -> Pairs:
    """A maker of pairs over the samples."""
    return Pairs(samples)


async def versions(store: Store, subject: str) -> list[int]:
    return [event.version for event in await store.list_events("t", subject, after_version=0, limit=1000)]


async def test_two_subjects_change_in_one_transaction(store: Store, samples: Any, pairs: Pairs) -> None:
    """A unit of two subjects sees both records and appends to both streams; the result is that of its own subject."""
    await store.execute(samples.unit("b", events=3, customer="kept"))
    committed = await store.execute(pairs.unit("a", "b", response=b"both"))
    assert committed.response == b"both"
    assert committed.record == await store.record("t", "a")
    assert (await versions(store, "a"), await versions(store, "b")) == ([1], [1, 2, 3, 4])
    second = await store.record("t", "b")
    assert second is not None
    assert (second.version, second.subject.customer) == (4, "kept")


async def test_a_domain_and_its_values_move_at_once(store: Store, samples: Any, pairs: Pairs) -> None:
    """What one of the two gives up the other takes: never both, never neither."""
    await store.execute(samples.unit("a", domains=["one.cn"], vault=[VaultEntry("a-old", b"sealed")]))
    await store.execute(samples.unit("b"))
    await store.execute(pairs.moving("a", "b", "one.cn"))
    row = await store.domain("t", "one.cn")
    assert row is not None
    assert row.subject == "b"
    assert await store.vault_entries("t", ["a-old", "b-new"]) == {"b-new": b"sealed"}


async def test_a_domain_of_a_third_does_not_move(store: Store, samples: Any, pairs: Pairs) -> None:
    """A domain that neither of the two had is still refused where another subject has it, and nothing is written."""
    await store.execute(samples.unit("c", domains=["one.cn"]))
    await store.execute(samples.unit("a"))
    with pytest.raises(BeianhubError) as refused:
        await store.execute(pairs.unit("a", "b", domains=["one.cn"]))
    assert refused.value.metadata == {"subject": "c", "domain": "one.cn"}
    assert (await versions(store, "a"), await store.record("t", "b")) == ([1], None)


async def test_the_two_never_share_a_domain(store: Store, pairs: Pairs, samples: Any) -> None:
    """Both cannot end with the domain, whoever had it before."""

    def plan(loaded: Loaded) -> Changes:
        assert loaded.second is not None
        other = samples.changes(("t", "b"), loaded.second, domains=["one.cn"])
        made: Changes = samples.changes(("t", "a"), loaded, domains=["one.cn"], second=other)
        return made

    with pytest.raises(BeianhubError, match="DOMAIN_EXISTS"):
        await store.execute(Unit("t", "a", plan, None, "b"))
    await store.execute(samples.unit("a", domains=["one.cn"]))
    with pytest.raises(BeianhubError, match="DOMAIN_EXISTS"):
        await store.execute(pairs.unit("a", "b", domains=["one.cn"]))
    assert await store.record("t", "b") is None


async def test_a_failing_half_leaves_neither(store: Store, samples: Any, pairs: Pairs) -> None:
    """A plan that raises, or whose second half is not gapless, writes nothing of either; its group is committed."""

    def refuse(_: Loaded) -> Changes:
        raise BeianhubError(ErrorKind.PRECONDITION, "NOT_NOW")

    def skip(loaded: Loaded) -> Changes:
        assert loaded.second is not None
        other = samples.changes(("t", "b"), loaded.second)
        other.events[0].version = 7
        made: Changes = samples.changes(("t", "a"), loaded, second=other)
        return made

    units = [
        pairs.unit("a", "b"),
        Unit("t", "a", refuse, None, "b"),
        Unit("t", "a", skip, None, "b"),
        pairs.unit("b", "a"),
        samples.unit("c"),
    ]
    results = await asyncio.gather(*map(store.execute, units), return_exceptions=True)
    failures = [type(result).__name__ if isinstance(result, Exception) else "" for result in results]
    assert failures == ["", "BeianhubError", "BrokenPlanError", "", ""]
    assert (await versions(store, "a"), await versions(store, "b")) == ([1, 2], [1, 2])


@pytest.mark.parametrize("second", ["", "a"])
async def test_a_second_change_needs_a_second_subject(store: Store, samples: Any, second: str) -> None:
    """A plan that changes a second subject which the unit does not name, or which is the first, is a defect."""

    def plan(loaded: Loaded) -> Changes:
        made: Changes = samples.changes(("t", "a"), loaded, second=Changes())
        return made

    with pytest.raises(BrokenPlanError):
        await store.execute(Unit("t", "a", plan, None, second))
    assert await store.record("t", "a") is None


async def test_a_repeated_request_changes_neither_again(store: Store, samples: Any, pairs: Pairs) -> None:
    """The request's key stands for both halves."""
    request = samples.request("r1")
    results = [await store.execute(pairs.unit("a", "b", request=request, response=b"first")) for _ in range(2)]
    assert [(result.response, result.replayed) for result in results] == [(b"first", False), (b"first", True)]
    assert (await versions(store, "a"), await versions(store, "b")) == ([1], [1])


async def test_opposite_pairs_do_not_wait_for_each_other(store_url: str, clock: Any, samples: Any) -> None:
    """Two processes that name the same two subjects in opposite orders never deadlock: versions of both are gapless."""
    stores = [open_store(store_url, clock), open_store(store_url, clock)]
    for one in stores:
        await one.start()
    pairs = Pairs(samples)
    for subject in ("a", "b"):
        await stores[0].execute(samples.unit(subject))
    try:
        for _ in range(25):
            work = (stores[0].execute(pairs.unit("a", "b")), stores[1].execute(pairs.unit("b", "a")))
            await asyncio.wait_for(asyncio.gather(*work), timeout=120)
        expected = list(range(1, 52))
        assert (await versions(stores[0], "a"), await versions(stores[1], "b")) == (expected, expected)
    finally:
        for one in stores:
            await one.close()


async def test_a_kill_leaves_both_or_neither(store_url: str, clock: Any) -> None:
    """A process killed while it writes pairs leaves both streams equally long, and what it acknowledged is there."""
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(sys.executable, MOVER, store_url, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        lines = [await process.stdout.readline() for _ in range(20)]
        process.kill()
        lines += (await process.stdout.read()).splitlines(keepends=True)
        await process.wait()
        acknowledged = [int(line) for line in lines if line.endswith(b"\n")]
        store = open_store(store_url, clock)
        await store.start()
        first, second = await versions(store, "a"), await versions(store, "b")
        row = await store.domain("t", "one.cn")
        await store.close()
        assert first == second == list(range(1, len(first) + 1))
        assert len(first) >= acknowledged[-1]
        assert row is not None
        assert row.subject == ("b", "a")[len(first) % 2]
