"""Listings, look-ups and the directory."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from beianhub.filing.v1.admin_service_pb2 import ApiKey, Role, Tenant
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.resources_pb2 import Account, Document, OrderState
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Callback, Store


def _ids(messages: Any) -> list[str]:
    return [message.name.rpartition("/")[2] for message in messages]


async def test_subjects_are_listed_as_they_were_made(store: Store, samples: Any) -> None:
    """Subjects are paged in order of creation, whatever their ids, and narrowed by customer and domain."""
    for name, customer in (("z", "x"), ("m", "y"), ("a", "x")):
        await store.execute(samples.unit(name, customer=customer, domains=[f"{name}.cn"]))
    await store.execute(samples.unit("z"))

    async def listed(**filters: Any) -> list[str]:
        full = {"customer": "", "domain": "", "after": "", "limit": 10} | filters
        return _ids(await store.list_subjects("t", **full))

    assert await listed() == ["z", "m", "a"]
    assert await listed(limit=1) == ["z"]
    assert await listed(after="z", limit=1) == ["m"]
    assert await listed(after="a") == []
    assert await listed(customer="x") == ["z", "a"]
    assert await listed(customer="x", after="z") == ["a"]
    assert await listed(domain="m.cn") == ["m"]
    assert await listed(domain="m.cn", customer="x") == []
    assert await store.list_record_ids("t", after="m", limit=5) == ["a"]


async def test_a_page_behind_nothing_is_refused(store: Store) -> None:
    """A page behind an id that is not there is INVALID, never an empty last page."""
    with pytest.raises(BeianhubError) as refused:
        await store.list_record_ids("t", after="gone", limit=5)
    assert (refused.value.kind, refused.value.reason) == (ErrorKind.INVALID, "PAGE_TOKEN_INVALID")


async def test_orders_are_listed_and_found(store: Store, samples: Any) -> None:
    """Orders are narrowed by every filter, follow the record, and are found by the vendor's number per account."""
    draft = samples.order("o1", "a")
    await store.execute(samples.unit("a", customer="x", orders=[draft, samples.order("o2", "a", provider="aliyun")]))
    await store.execute(samples.unit("b", customer="y", orders=[samples.order("o3", "b", number="N-1")]))
    filed = samples.order("o1", "a", state=OrderState.ORDER_STATE_FILED, number="N-2")
    await store.execute(samples.unit("a", orders=[filed, samples.order("o2", "a", provider="aliyun")]))

    async def listed(**filters: Any) -> list[str]:
        full = {"customer": "", "subject": "", "states": [], "provider": "", "after": "", "limit": 10} | filters
        return _ids(await store.list_orders("t", **full))

    assert await listed() == ["o1", "o2", "o3"]
    assert await listed(after="o1", limit=1) == ["o2"]
    assert await listed(customer="y") == ["o3"]
    assert await listed(subject="a") == ["o1", "o2"]
    assert await listed(states=[OrderState.ORDER_STATE_FILED]) == ["o1"]
    assert await listed(provider="aliyun", customer="x") == ["o2"]
    assert await store.subject_of_order("t", "o3") == "b"
    assert await store.subject_of_order("t", "o4") is None
    assert await store.subject_of_provider_order("t", "main", "N-2") == ("a", "o1")
    assert await store.subject_of_provider_order("t", "other", "N-2") is None
    assert await store.subject_of_provider_order("t", "main", "") is None


async def test_services_are_found_by_domain(store: Store, samples: Any) -> None:
    """Each domain has a row with its customer and service, which goes with the domain."""
    await store.execute(samples.unit("a", customer="x", domains=["one.cn", "two.cn"]))
    await store.execute(samples.unit("b", domains=["three.cn"]))
    row = await store.domain("t", "two.cn")
    assert row is not None
    assert (row.tenant, row.subject, row.customer, list(row.service.domains)) == ("t", "a", "x", ["one.cn", "two.cn"])
    assert sorted(row.domain for row in await store.domains()) == ["one.cn", "three.cn", "two.cn"]
    assert sorted(row.domain for row in await store.domains([("t", "a"), ("u", "b")])) == ["one.cn", "two.cn"]
    assert await store.domains([]) == []
    await store.execute(samples.unit("a", domains=["one.cn"]))
    assert await store.domain("t", "two.cn") is None
    kept = await store.domain("t", "one.cn")
    assert kept is not None
    assert list(kept.service.domains) == ["one.cn"]


async def test_what_a_poll_confirms_stays_outside_the_fold(store: Store, clock: Any, samples: Any) -> None:
    """A unit may note a vendor's word without an event; the last one counts."""
    await store.execute(samples.unit("a", orders=[samples.order("o", "a")]))
    assert await store.observed("t", "o") is None
    for word in ("审核中", "待复审"):
        clock.forward(minutes=1)
        await store.execute(samples.observation("a", {"tenants/t/orders/o": word}))
    assert await store.observed("t", "o") == ("待复审", clock.now())
    record = await store.record("t", "a")
    assert record is not None
    assert record.version == 1


async def test_documents_come_and_go(store: Store, samples: Any) -> None:
    """Documents belong to a subject, are paged in order of creation, and can be deleted."""
    made = [Document(name=f"tenants/t/subjects/a/documents/{name}", purpose="BUSINESS_LICENCE") for name in "zya"]
    await store.execute(samples.unit("a", documents=[(document, f"ref-{n}") for n, document in enumerate(made)]))
    assert _ids(await store.list_documents("t", "a", after="", limit=10)) == ["z", "y", "a"]
    assert _ids(await store.list_documents("t", "a", after="z", limit=1)) == ["y"]
    assert await store.document("t", "a", "y") == (made[1], "ref-1")
    await store.execute(samples.unit("a", deleted_documents=["y"]))
    assert await store.document("t", "a", "y") is None
    assert await store.list_documents("t", "b", after="", limit=10) == []


async def test_tenants_are_added_once(store: Store) -> None:
    """A tenant that is there is not replaced."""
    assert await store.put_tenant(Tenant(name="tenants/t", title="first"))
    assert not await store.put_tenant(Tenant(name="tenants/t", title="second"))
    tenant = await store.tenant("t")
    assert tenant is not None
    assert tenant.title == "first"
    assert await store.tenant("u") is None


async def test_accounts_are_added_once(store: Store, samples: Any) -> None:
    """A name that is taken is ALREADY_EXISTS, a repeated request gives the same account, a reused id is refused."""
    account = Account(name="tenants/t/accounts/main", provider="tencent")
    assert await store.put_account(account, samples.request("r1")) == account
    assert await store.put_account(account, samples.request("r1")) == account
    for request, reason in ((None, "ACCOUNT_EXISTS"), (samples.request("r1", b"other"), "REQUEST_ID_REUSED")):
        with pytest.raises(BeianhubError) as refused:
            await store.put_account(account, request)
        assert refused.value.reason == reason
    await store.put_account(Account(name="tenants/t/accounts/a"))
    assert _ids(await store.list_accounts("t", after="", limit=10)) == ["main", "a"]
    assert _ids(await store.list_accounts("t", after="main", limit=10)) == ["a"]
    assert await store.account("t", "main") == account
    assert await store.account("u", "main") is None


async def test_keys_are_found_by_digest_and_revoked(store: Store, clock: Any) -> None:
    """A key is found by its secret's digest, revoked or not; it is revoked once."""
    key = ApiKey(name="tenants/t/apiKeys/k", role=Role.ROLE_OWNER)
    await store.put_api_key(key, b"digest")
    with pytest.raises(BeianhubError) as refused:
        await store.put_api_key(key, b"other")
    assert refused.value.reason == "API_KEY_EXISTS"
    assert await store.api_key(b"digest") == key
    revoked = await store.revoke_api_key("t", "k", clock.now())
    later = await store.revoke_api_key("t", "k", clock.now() + timedelta(days=1))
    assert revoked is not None
    assert revoked.revoke_time.ToDatetime() == clock.now().replace(tzinfo=None)
    assert revoked == later == await store.api_key(b"digest")
    assert await store.list_api_keys("t", after="", limit=10) == [revoked]
    assert await store.revoke_api_key("t", "none", clock.now()) is None


async def test_a_disabled_plugin_stays_disabled(store: Store) -> None:
    """What an engine sees replaces a plugin's row, but not an operator's decision."""
    seen = Plugin(name="plugins/tencent", state=Plugin.STATE_READY, version="1")
    await store.put_plugins([seen])
    assert await store.plugins() == [seen]
    disabled = await store.set_plugin_enabled("tencent", enabled=False)
    assert disabled is not None
    assert disabled.state == Plugin.STATE_DISABLED
    await store.put_plugins([Plugin(name="plugins/tencent", state=Plugin.STATE_READY, version="2")])
    assert [(plugin.state, plugin.version) for plugin in await store.plugins()] == [(Plugin.STATE_DISABLED, "2")]
    enabled = await store.set_plugin_enabled("tencent", enabled=True)
    assert enabled is not None
    assert enabled.state == Plugin.STATE_READY
    assert await store.set_plugin_enabled("none", enabled=True) is None


async def test_callbacks_are_kept_until_finished(store: Store, clock: Any) -> None:
    """A callback is kept once, waits in order of arrival, and is done when it is finished."""
    first = Callback("c2", "t", "main", {"X-Signature": "签名"}, b"sealed", clock.now())
    assert await store.add_callback(first)
    assert not await store.add_callback(first)
    assert await store.add_callback(Callback("c1", "t", "main", {}, b"", clock.now()))
    assert [callback.id for callback in await store.pending_callbacks(10)] == ["c2", "c1"]
    assert (await store.pending_callbacks(1)) == [first]
    await store.finish_callback("c2")
    assert [callback.id for callback in await store.pending_callbacks(10)] == ["c1"]


async def test_old_keys_and_callbacks_are_purged(store: Store, clock: Any, samples: Any) -> None:
    """Request keys go after 7 days, finished callbacks after one; what waits stays."""
    await store.execute(samples.unit("a", request=samples.request("r1")))
    for name in ("done", "waits"):
        await store.add_callback(Callback(name, "t", "main", {}, b"", clock.now()))
    await store.finish_callback("done")
    clock.forward(days=7)
    await store.purge(clock.now())
    assert (await store.execute(samples.unit("a", request=samples.request("r1")))).replayed
    assert await store.add_callback(Callback("done", "t", "main", {}, b"", clock.now()))
    assert not await store.add_callback(Callback("waits", "t", "main", {}, b"", clock.now()))
    clock.forward(seconds=1)
    await store.purge(clock.now())
    assert not (await store.execute(samples.unit("a", request=samples.request("r1")))).replayed


async def test_reads_run_beside_writes(store: Store, samples: Any) -> None:
    """Reads do not wait for the writer's queue."""
    writes = [asyncio.ensure_future(store.execute(samples.unit(f"s{n}"))) for n in range(100)]
    await asyncio.gather(*(store.record("t", f"s{n}") for n in range(20)))
    await asyncio.gather(*writes)
    assert len(await store.list_record_ids("t", after="", limit=1000)) == 100
