"""Moves a domain to and fro between two subjects for ever and prints each version acknowledged. Killed by its test."""

from __future__ import annotations

import asyncio
import sys
from uuid import uuid4

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Service, Subject
from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.store.port import Changes, Loaded, Unit


def _half(subject: str, loaded: Loaded, *, takes: bool) -> Changes:
    record = loaded.record or Record(tenant="t", subject=Subject(name=f"tenants/t/subjects/{subject}"))
    record.version += 1
    del record.subject.services[:]
    if takes:
        record.subject.services.append(Service(name=f"{subject}-main", domains=["one.cn"]))
    return Changes(record=record, events=[Event(id=str(uuid4()), tenant="t", subject=subject, version=record.version)])


def _swap(loaded: Loaded) -> Changes:
    assert loaded.second is not None
    takes = loaded.record is None or not loaded.record.subject.services
    first, second = _half("a", loaded, takes=takes), _half("b", loaded.second, takes=not takes)
    return Changes(record=first.record, events=first.events, second=second)


async def _main(url: str) -> None:
    store = open_store(url, SystemClock())
    await store.start()
    while True:
        committed = await store.execute(Unit("t", "a", _swap, second="b"))
        assert committed.record is not None
        sys.stdout.write(f"{committed.record.version}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
