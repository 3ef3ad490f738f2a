"""What is unique per tenant: certificates, domains and the ids of orders."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from beianhub.resources.v1.resources_pb2 import Order, Service
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store import open_store
from beianhub_core.store.port import Changes, Loaded, Store, Unit


def _refusals(results: list[Any]) -> list[BeianhubError | None]:
    return [result if isinstance(result, BeianhubError) else None for result in results]


async def test_a_certificate_belongs_to_one_subject(store: Store, samples: Any) -> None:
    """A second subject of the tenant with the certificate is refused and told of the first; another tenant is not."""
    await store.execute(samples.unit("a", certificate=b"\x01\xff"))
    with pytest.raises(BeianhubError) as refused:
        await store.execute(samples.unit("b", certificate=b"\x01\xff"))
    error = refused.value
    assert (error.kind, error.reason, error.metadata) == (
        ErrorKind.ALREADY_EXISTS,
        "SUBJECT_EXISTS",
        {"subject": "a"},
    )
    await store.execute(samples.unit("b", tenant="other", certificate=b"\x01\xff"))
    await store.execute(samples.unit("a", certificate=b"\x01\xff"))


async def test_a_certificate_given_up_is_free(store: Store, samples: Any) -> None:
    """A subject that changes its certificate frees the old one, within the same group too."""
    await store.execute(samples.unit("a", certificate=b"old"))
    units = [samples.unit("a", certificate=b"new"), samples.unit("b", certificate=b"old")]
    await asyncio.gather(*map(store.execute, units))
    with pytest.raises(BeianhubError):
        await store.execute(samples.unit("c", certificate=b"old"))


async def test_a_domain_belongs_to_one_service(store: Store, samples: Any) -> None:
    """A domain of another subject is refused with the subject's id and the domain."""
    await store.execute(samples.unit("a", domains=["one.cn", "two.cn"]))
    with pytest.raises(BeianhubError) as refused:
        await store.execute(samples.unit("b", domains=["three.cn", "two.cn"]))
    assert refused.value.reason == "DOMAIN_EXISTS"
    assert refused.value.metadata == {"subject": "a", "domain": "two.cn"}
    assert await store.domain("t", "three.cn") is None
    await store.execute(samples.unit("b", tenant="other", domains=["two.cn"]))


async def test_two_services_of_a_subject_share_no_domain(store: Store, samples: Any) -> None:
    """A domain may not stand in two services of the subject itself either."""

    def plan(loaded: Loaded) -> Changes:
        changes: Changes = samples.changes(("t", "a"), loaded, domains=["one.cn"])
        assert changes.record is not None
        changes.record.subject.services.append(Service(name="second", domains=["one.cn"]))
        return changes

    with pytest.raises(BeianhubError) as refused:
        await store.execute(Unit("t", "a", plan))
    assert refused.value.metadata == {"subject": "a", "domain": "one.cn"}


async def test_an_orders_id_belongs_to_one_subject(store: Store, samples: Any) -> None:
    """An order is found by its id alone, so another subject of the tenant cannot take it, also at the same moment."""
    order = Order(name="tenants/t/orders/o")
    units = [samples.unit(subject, orders=[order]) for subject in ("a", "b")]
    errors = _refusals(await asyncio.gather(*map(store.execute, units), return_exceptions=True))
    assert [error.reason if error else None for error in errors] == [None, "ORDER_EXISTS"]
    with pytest.raises(BeianhubError, match="ORDER_EXISTS"):
        await store.execute(samples.unit("c", orders=[order]))
    assert await store.subject_of_order("t", "o") == "a"
    await store.execute(samples.unit("c", tenant="other", orders=[Order(name="tenants/other/orders/o")]))
    await store.execute(samples.unit("a", orders=[Order(name="tenants/t/orders/o", provider="p")]))


async def test_two_stores_never_take_one_order_id(store: Store, store_url: str, clock: Any, samples: Any) -> None:
    """Of two processes that take an id for two subjects at once, one is refused."""
    other = open_store(store_url, clock)
    await other.start()
    try:
        for number in range(20):
            order = Order(name=f"tenants/t/orders/o{number}")
            units = (
                store.execute(samples.unit(f"a{number}", orders=[order])),
                other.execute(samples.unit(f"b{number}", orders=[order])),
            )
            errors = _refusals(await asyncio.gather(*units, return_exceptions=True))
            assert sorted(error.reason if error else "" for error in errors) == ["", "ORDER_EXISTS"]
    finally:
        await other.close()


async def test_conflicts_within_a_group_hit_the_right_unit(store: Store, samples: Any) -> None:
    """Of units that wait together the first has the domain; later ones are refused, and units that build on a refused
    one do without it.
    """
    units = [
        samples.unit("a", domains=["one.cn"]),
        samples.unit("b", domains=["one.cn"]),
        samples.unit("b", customer="kept"),
        samples.unit("c", certificate=b"c", domains=["three.cn"]),
        samples.unit("d", certificate=b"c"),
    ]
    errors = _refusals(await asyncio.gather(*map(store.execute, units), return_exceptions=True))
    assert [error and error.reason for error in errors] == [None, "DOMAIN_EXISTS", None, None, "SUBJECT_EXISTS"]
    record = await store.record("t", "b")
    assert record is not None
    assert (record.version, record.subject.customer, len(record.subject.services)) == (1, "kept", 0)


async def test_a_conflict_with_what_is_stored_spoils_no_neighbour(store: Store, samples: Any) -> None:
    """A unit that takes a stored subject's domain fails alone, and its subject's next unit builds on what was."""
    await store.execute(samples.unit("a", domains=["one.cn"], certificate=b"a"))
    units = [
        samples.unit("b", domains=["one.cn"]),
        samples.unit("b", domains=["free.cn"]),
        samples.unit("c", certificate=b"a"),
        samples.unit("d", domains=["four.cn"]),
    ]
    errors = _refusals(await asyncio.gather(*map(store.execute, units), return_exceptions=True))
    assert [error and error.metadata.get("subject") for error in errors] == ["a", None, "a", None]
    record = await store.record("t", "b")
    assert record is not None
    assert (record.version, list(record.subject.services[0].domains)) == (1, ["free.cn"])


async def test_a_domain_moves_within_a_group(store: Store, samples: Any) -> None:
    """A domain that one subject drops may be taken up by the next unit of the same group."""
    await store.execute(samples.unit("a", domains=["one.cn", "kept.cn"]))
    units = [samples.unit("a", domains=["kept.cn"]), samples.unit("b", domains=["one.cn"], customer="b")]
    await asyncio.gather(*map(store.execute, units))
    moved, kept = await store.domain("t", "one.cn"), await store.domain("t", "kept.cn")
    assert moved is not None
    assert kept is not None
    assert (moved.subject, moved.customer, kept.subject) == ("b", "b", "a")


async def test_two_stores_race_for_names(store_url: str, clock: Any, samples: Any) -> None:
    """Of two processes that claim the same domains and certificates at once exactly one gets each, and the other is
    told who; neighbours in the group are committed.
    """
    stores = [open_store(store_url, clock), open_store(store_url, clock)]
    for store in stores:
        await store.start()
    work = []
    for n in range(30):
        for which, store in enumerate(stores):
            name = f"s{n}-{which}"
            unit = samples.unit(name, domains=[f"d{n}.cn"]) if n % 2 else samples.unit(name, certificate=bytes([n + 1]))
            work += [store.execute(unit), store.execute(samples.unit(f"free{n}-{which}"))]
    errors = _refusals(await asyncio.gather(*work, return_exceptions=True))
    raced = [(errors[n], errors[n + 2]) for n in range(0, len(errors), 4)]
    assert all((one is None) != (two is None) for one, two in raced)
    assert {error.reason for pair in raced for error in pair if error} == {"DOMAIN_EXISTS", "SUBJECT_EXISTS"}
    assert not any(errors[1::2])
    for store in stores:
        await store.close()
