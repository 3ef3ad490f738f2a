"""Units: group commit, versions, requests repeated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store import open_store
from beianhub_core.store.faults import BrokenPlanError
from beianhub_core.store.port import Changes, Loaded, Store, Unit, VaultEntry


async def test_a_new_subject_is_read_back(store: Store, samples: Any) -> None:
    """What a unit commits is read back, and the response is the plan's."""
    committed = await store.execute(samples.unit("a", domains=["example.cn"], response=b"made"))
    assert (committed.response, committed.replayed) == (b"made", False)
    assert committed.record == await store.record("t", "a")
    assert [event.version for event in await store.list_events("t", "a", after_version=0, limit=10)] == [1]
    assert await store.record("t", "b") is None
    assert await store.record("other", "a") is None


async def test_a_failing_plan_fails_alone(store: Store, samples: Any) -> None:
    """Of the units that wait together, one whose plan raises fails, and the others are committed."""

    def refuse(_: Loaded) -> Changes:
        raise BeianhubError(ErrorKind.PRECONDITION, "NOT_NOW")

    units = [samples.unit(f"s{n}") for n in range(20)]
    units[7] = Unit("t", "s7", refuse)
    results = await asyncio.gather(*map(store.execute, units), return_exceptions=True)
    assert isinstance(results[7], BeianhubError)
    assert results[7].reason == "NOT_NOW"
    assert [n for n, result in enumerate(results) if isinstance(result, Exception)] == [7]
    assert len(await store.list_record_ids("t", after="", limit=100)) == 19


async def test_a_plan_that_runs_dry_does_not_hang(store: Store) -> None:
    """A StopIteration out of a plan reaches the caller as an error; a future could not carry it."""

    def dry(_: Loaded) -> Changes:
        return next(iter(()))

    with pytest.raises(BrokenPlanError):
        await store.execute(Unit("t", "a", dry))


async def test_units_of_one_subject_build_on_each_other(store: Store, samples: Any) -> None:
    """Concurrent units of one subject each see the record of the one before: versions are gapless."""
    await asyncio.gather(*(store.execute(samples.unit("a", events=2)) for _ in range(50)))
    versions = [event.version for event in await store.list_events("t", "a", after_version=0, limit=1000)]
    assert versions == list(range(1, 101))


async def test_a_plan_owns_what_it_is_given(store: Store, samples: Any) -> None:
    """A plan that changes its copy of the record and then raises leaves no trace."""
    await store.execute(samples.unit("a"))

    def spoil(loaded: Loaded) -> Changes:
        assert loaded.record is not None
        loaded.record.subject.customer = "spoilt"
        raise BeianhubError(ErrorKind.PRECONDITION, "NOT_NOW")

    results = await asyncio.gather(
        store.execute(Unit("t", "a", spoil)), store.execute(samples.unit("a")), return_exceptions=True
    )
    assert isinstance(results[0], BeianhubError)
    record = await store.record("t", "a")
    assert record is not None
    assert (record.version, record.subject.customer) == (2, "")


@pytest.mark.parametrize(
    ("record_version", "event_version", "event_subject"), [(2, 2, "a"), (1, 1, "b"), (2, 1, "a"), (1, 3, "a")]
)
async def test_a_version_that_does_not_continue_is_refused(
    store: Store, record_version: int, event_version: int, event_subject: str
) -> None:
    """Events that leave a gap, or stand in another stream, are a defect of the plan and are not written."""
    changes = Changes(
        record=Record(tenant="t", version=record_version),
        events=[Event(id="e", tenant="t", subject=event_subject, version=event_version)],
    )
    with pytest.raises(BrokenPlanError):
        await store.execute(Unit("t", "a", lambda _: changes))
    assert await store.record("t", "a") is None


async def test_a_record_without_events_is_refused(store: Store, samples: Any) -> None:
    """A record changes through events only."""
    await store.execute(samples.unit("a"))
    with pytest.raises(BrokenPlanError):
        await store.execute(samples.unit("a", events=0, customer="c"))


async def test_a_repeated_request_is_answered_as_before(store: Store, samples: Any) -> None:
    """The same request id and body write once, and give the same response, also to those that wait together."""
    request = samples.request("r1")
    units = [samples.unit("a", request=request, response=b"first") for _ in range(5)]
    results = await asyncio.gather(*map(store.execute, units))
    again = await store.execute(samples.unit("a", request=request, response=b"later"))
    assert sorted(result.replayed for result in results) == [False, True, True, True, True]
    assert (again.response, again.replayed) == (b"first", True)
    assert again.record is not None
    assert again.record.version == 1


async def test_a_request_id_with_another_body_is_refused(store: Store, samples: Any) -> None:
    """The same request id with another digest is INVALID; another method is another request."""
    await store.execute(samples.unit("a", request=samples.request("r1")))
    with pytest.raises(BeianhubError) as refused:
        await store.execute(samples.unit("a", request=samples.request("r1", b"other")))
    assert (refused.value.kind, refused.value.reason) == (ErrorKind.INVALID, "REQUEST_ID_REUSED")
    other = await store.execute(samples.unit("a", request=samples.request("r1", method="Update")))
    assert not other.replayed


async def test_a_failed_request_may_be_tried_again(store: Store, samples: Any) -> None:
    """The request id of a failed unit is not used up."""

    def refuse(_: Loaded) -> Changes:
        raise BeianhubError(ErrorKind.PRECONDITION, "NOT_NOW")

    with pytest.raises(BeianhubError):
        await store.execute(Unit("t", "a", refuse, samples.request("r1")))
    assert not (await store.execute(samples.unit("a", request=samples.request("r1")))).replayed


async def test_ciphertexts_come_and_go_with_their_unit(store: Store, samples: Any) -> None:
    """Vault entries are kept, replaced and dropped with the unit, per tenant."""
    await store.execute(samples.unit("a", vault=[VaultEntry("v1", b"one"), VaultEntry("v2", b"two")]))
    await store.execute(samples.unit("a", vault=[VaultEntry("v1", b"new")], dropped_refs=["v2"]))
    assert await store.vault_entries("t", ["v1", "v2", "v3"]) == {"v1": b"new"}
    assert await store.vault_entries("other", ["v1"]) == {}


async def test_two_stores_write_to_one_subject(store_url: str, clock: Any, samples: Any) -> None:
    """Two processes' stores on one database write to the same subjects at once: nothing is lost, versions are gapless,
    and a request that reaches both is carried out once.
    """
    stores = [open_store(store_url, clock), open_store(store_url, clock)]
    await asyncio.gather(*(store.start() for store in stores))  # both migrate at once
    work = [
        store.execute(samples.unit(f"s{n % 3}", request=samples.request(f"r{n}"), response=b"done"))
        for n in range(60)
        for store in stores
    ]
    results = await asyncio.gather(*work)
    assert sum(not result.replayed for result in results) == 60
    for n in range(3):
        events = await stores[0].list_events("t", f"s{n}", after_version=0, limit=100)
        assert [event.version for event in events] == list(range(1, 21))
        record = await stores[1].record("t", f"s{n}")
        assert record is not None
        assert record.version == 20
    await asyncio.gather(*(store.close() for store in stores))


async def test_a_closed_store_says_so(store_url: str, clock: Any, samples: Any) -> None:
    """What waits when the store is closed is still written; afterwards it is UNAVAILABLE."""
    store = open_store(store_url, clock)
    await store.start()
    waiting = [asyncio.ensure_future(store.execute(samples.unit(f"s{n}"))) for n in range(10)]
    await asyncio.sleep(0)
    await store.close()
    assert all(not result.replayed for result in await asyncio.gather(*waiting))
    with pytest.raises(BeianhubError) as refused:
        await store.execute(samples.unit("s1"))
    assert refused.value.kind is ErrorKind.UNAVAILABLE


async def test_a_group_takes_no_more_statements_than_a_unit(store: Any, samples: Any) -> None:
    """However many units share a transaction, each table is read and written once."""

    def units(name: str, count: int) -> list[Unit]:
        return [
            samples.unit(
                f"{name}{n}",
                request=samples.request(f"{name}{n}"),
                domains=[f"{name}{n}.cn"],
                certificate=f"{name}{n}".encode(),
                orders=[samples.order(f"{name}{n}", f"{name}{n}")],
                tasks=[samples.task(f"{name}{n}", f"{name}{n}")],
                vault=[VaultEntry(f"{name}{n}", b"v")],
            )
            for n in range(count)
        ]

    statements: list[str] = []
    event.listen(store._database.writer, "before_cursor_execute", lambda *call: statements.append(call[2]))
    store._writer._group(units("a", 1))
    alone = len(statements)
    statements.clear()
    results = store._writer._group(units("b", 50))
    assert not any(isinstance(result, Exception) for result in results)
    assert len(statements) == alone
    assert alone <= 14
