"""The event log by position, leases and marks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store import open_store
from beianhub_core.store.port import Lease, Store


async def _lease(store: Store, name: str = "relay", holder: str = "one", seconds: float = 30) -> Lease:
    lease = await store.acquire_lease(name, holder, seconds)
    assert lease is not None
    return lease


async def test_positions_are_gapless_and_keep_a_subjects_order(store: Store, samples: Any) -> None:
    """Each event gets one position, gapless from 1, and a subject's positions go with its versions."""
    lease = await _lease(store)
    await asyncio.gather(*(store.execute(samples.unit(f"s{n % 4}", events=2)) for n in range(20)))
    assert [await store.assign_positions(lease, 25) for _ in range(3)] == [25, 15, 0]
    assert await store.head() == 40
    log = await store.events_after(0, 100)
    assert [entry.position for entry in log] == list(range(1, 41))
    versions: dict[str, list[int]] = defaultdict(list)
    for entry in log:
        versions[entry.event.subject].append(entry.event.version)
    assert all(order == list(range(1, 11)) for order in versions.values())
    assert [entry.position for entry in await store.events_after(38, 1)] == [39]


async def test_positions_hold_while_others_write(store_url: str, clock: Any, samples: Any) -> None:
    """While two stores write, a third that leads gives every event its place: none is passed over, none out of turn."""
    stores = [open_store(store_url, clock) for _ in range(3)]
    for store in stores:
        await store.start()
    leader = stores[2]
    lease = await _lease(leader)
    done = asyncio.Event()

    async def lead() -> None:
        while await leader.assign_positions(lease, 7) or not done.is_set():
            pass

    async def write(store: Store) -> None:
        for _ in range(15):
            await asyncio.gather(*(store.execute(samples.unit(f"s{n}")) for n in range(5)))

    leading = asyncio.create_task(lead())
    await asyncio.gather(write(stores[0]), write(stores[1]))
    done.set()
    await leading
    log = await leader.events_after(0, 1000)
    assert [entry.position for entry in log] == list(range(1, 151))
    versions: dict[str, list[int]] = defaultdict(list)
    for entry in log:
        versions[entry.event.subject].append(entry.event.version)
    assert all(order == list(range(1, 31)) for order in versions.values())
    for store in stores:
        await store.close()


async def test_one_holder_leads(store: Store) -> None:
    """A lease is renewed by its holder, with the same epoch, and refused to another; leases are by name."""
    first = await _lease(store)
    again = await _lease(store)
    assert (first.epoch, again.epoch) == (1, 1)
    assert again.expires >= first.expires
    assert await store.acquire_lease("relay", "two", 30) is None
    assert (await _lease(store, name="scheduler", holder="two")).epoch == 1


async def test_a_released_lease_goes_to_the_next(store: Store) -> None:
    """Once released, a lease may be taken by another, with a higher epoch; the old one can no longer release it."""
    first = await _lease(store)
    await store.release_lease(first)
    second = await _lease(store, holder="two")
    assert second.epoch == 2
    await store.release_lease(first)
    assert await store.acquire_lease("relay", "one", 30) is None


async def test_a_stale_leader_writes_nothing(store: Store, samples: Any) -> None:
    """A leader whose lease went to another, or lapsed, can neither give positions nor move what is published."""
    first = await _lease(store)
    await store.execute(samples.unit("a"))
    await store.release_lease(first)
    second = await _lease(store, holder="two")
    for write in (store.assign_positions(first, 10), store.set_published(first, "events", 1)):
        with pytest.raises(BeianhubError) as refused:
            await write
        assert (refused.value.kind, refused.value.reason) == (ErrorKind.ABORTED, "LEASE_LOST")
    assert (await store.head(), await store.published("events")) == (0, 0)
    assert await store.assign_positions(second, 10) == 1
    await store.set_published(second, "events", 1)
    assert (await store.published("events"), await store.published("other")) == (1, 0)


async def test_a_lapsed_lease_is_nobodys(store: Store, clock: Any) -> None:
    """After its time a lease is void by the store's own clock, also for its holder, who gets a new epoch."""
    lease = await _lease(store, seconds=0.05)
    clock.forward(seconds=1)
    await asyncio.sleep(0.1)
    with pytest.raises(BeianhubError):
        await store.assign_positions(lease, 10)
    assert (await _lease(store)).epoch == 2


async def test_marks_only_rise(store: Store) -> None:
    """A consumer's mark of a subject is raised, never lowered; absent ones are 0; consumers have their own."""
    one, two = ("t", "a"), ("t", "b")
    await store.advance_marks("index", {one: 5, two: 1})
    await store.advance_marks("index", {one: 3, two: 4})
    await store.advance_marks("index", {})
    assert await store.marks("index", [one, two, ("u", "a")]) == {one: 5, two: 4, ("u", "a"): 0}
    assert await store.marks("other", [one]) == {one: 0}
    assert await store.marks("other", []) == {}
