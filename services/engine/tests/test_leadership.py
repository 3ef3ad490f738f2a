"""Leadership by lease, over a real store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.store.port import Store
from beianhub_engine.leadership import Leadership

TTL = 1.5


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'leases.db'}", SystemClock())
    await store.start()
    yield store
    await store.close()


async def test_one_of_two_leads_and_the_other_follows_at_once(store: Store) -> None:
    """While one holds the lease the other waits; given back at the end, it passes within a third of its time."""
    async with Leadership(store, "relay", "b", TTL) as second:
        await asyncio.wait_for(second.held(), 60)
        async with Leadership(store, "relay", "a", TTL) as third:
            await asyncio.sleep(2 * TTL)  # renewed meanwhile
            assert second.lease is not None
            assert third.lease is None
    async with Leadership(store, "relay", "a", TTL) as fourth:
        await asyncio.wait_for(fourth.held(), 60)
        assert fourth.lease is not None
        assert fourth.lease.holder == "a"
        assert fourth.lease.epoch > 1
        other = Leadership(store, "scheduler", "a", TTL)
        async with other:
            await asyncio.wait_for(other.held(), 60)  # another name is another lease
    assert fourth.lease is None


async def test_a_stolen_lease_is_lost_at_the_next_renewal(store: Store) -> None:
    """Who finds that another holds the lease does not lead any more."""
    async with Leadership(store, "relay", "a", TTL) as leadership:
        await asyncio.wait_for(leadership.held(), 60)
        assert leadership.lease is not None
        await store.release_lease(leadership.lease)
        assert await store.acquire_lease("relay", "thief", 60) is not None
        await asyncio.wait_for(leadership.lost(), 60)
        assert leadership.lease is None


async def test_a_lease_that_lapsed_unnoticed_counts_as_lost(store: Store) -> None:
    """A new epoch for the same holder is another lease: whoever worked under the old one has to begin again."""
    async with Leadership(store, "relay", "a", TTL) as leadership:
        await asyncio.wait_for(leadership.held(), 60)
        before = leadership.lease
        assert before is not None
        lost = asyncio.create_task(leadership.lost())
        await store.release_lease(before)
        await asyncio.wait_for(lost, 60)
        await asyncio.wait_for(leadership.held(), 60)
        assert leadership.lease is not None
        assert leadership.lease.epoch > before.epoch


async def test_without_the_store_the_lease_lapses_by_itself(store: Store) -> None:
    """Cut off from the store, a leader stops before another may begin."""
    loop = asyncio.get_running_loop()
    async with Leadership(store, "relay", "a", TTL) as leadership:
        await asyncio.wait_for(leadership.held(), 60)
        await store.close()
        cut_off = loop.time()
        await asyncio.wait_for(leadership.lost(), 60)
        assert loop.time() - cut_off <= TTL + 1.0
