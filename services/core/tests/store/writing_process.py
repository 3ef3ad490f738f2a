"""Writes units to a store for ever and prints each that is acknowledged: `subject version`. Killed by its test."""

from __future__ import annotations

import asyncio
import sys
from uuid import uuid4

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Subject
from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.store.port import Changes, Loaded, Store, Unit


def _grow(subject: str, loaded: Loaded) -> Changes:
    record = loaded.record or Record(tenant="t", subject=Subject(name=f"tenants/t/subjects/{subject}"))
    first = record.version + 1
    record.version += 3
    events = [Event(id=str(uuid4()), tenant="t", subject=subject, version=first + n) for n in range(3)]
    return Changes(record=record, events=events)


async def _write(store: Store, subject: str) -> None:
    while True:
        committed = await store.execute(Unit("t", subject, lambda loaded: _grow(subject, loaded)))
        assert committed.record is not None
        sys.stdout.write(f"{subject} {committed.record.version}\n")
        sys.stdout.flush()


async def _main(url: str) -> None:
    store = open_store(url, SystemClock())
    await store.start()
    await asyncio.gather(*(_write(store, f"s{n}") for n in range(8)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
