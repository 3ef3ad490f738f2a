"""A real gateway over SQLite in a process of its own: prints its address and keys as JSON, and ends with its input.

Events get their positions as the relay gives them, so that watches and access checks are as in a deployment.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Capability, Plugin
from beianhub_core.application import Application, make_application
from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.vault import Keyring, MasterKey, open_vault
from beianhub_gateway.runner import Addresses, serve
from beianhub_gateway.settings import GatewaySettings

_QUICK = GatewaySettings(tail_interval=0.02, key_cache=0.0, heartbeat=0.5, drain=0.0, grace=0.5, log_calls=False)


def provider(name: str, channel: res.Channel.ValueType) -> Plugin:
    """A provider that submits every order type over one channel, and lists filings where that is the API."""
    made = Plugin(name=f"plugins/{name}", kind=Plugin.KIND_PROVIDER, state=Plugin.STATE_READY, title=name)
    for order_type in res.OrderType.values()[1:]:
        made.capabilities.append(Capability(operation=res.OPERATION_SUBMIT, order_type=order_type, channel=channel))
    listed = channel if channel == res.CHANNEL_API else res.CHANNEL_UNSUPPORTED
    made.capabilities.add(operation=res.OPERATION_LIST_FILINGS, channel=listed, source=["S4.28"])
    return made


def plugins() -> list[Plugin]:
    """Three providers, a plugin that brings rules, and one that could not be loaded."""
    broken = Plugin(name="plugins/broken", state=Plugin.STATE_QUARANTINED, reason="ModuleNotFoundError: no such module")
    house = Plugin(name="plugins/house", kind=Plugin.KIND_RULES, state=Plugin.STATE_READY, title="自有规则")
    house.rule_pack = (
        'pack: {id: house, version: "1", as_of: "2027", title: 自有规则}\n'
        'rules:\n- {source: [ours], as_of: "2027", values: {phone_check.calls: 3}}\n'
    )
    return [
        provider("tencent", res.CHANNEL_API),
        provider("aliyun", res.CHANNEL_API),
        provider("huawei", res.CHANNEL_CONSOLE),
        house,
        broken,
    ]


async def relay(application: Application) -> None:
    """Gives waiting events their positions."""
    store = application.store
    lease = await store.acquire_lease("relay", "test", 3600)
    assert lease is not None
    while True:
        await store.assign_positions(lease, 1000)
        await asyncio.sleep(0.02)


async def main(directory: Path) -> None:
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        store = open_store(f"sqlite:///{directory / 'store.db'}", clock)
        await store.start()
        stack.push_async_callback(store.close)
        key = MasterKey(secrets.token_bytes(32))
        vault = await open_vault(f"sqlite:///{directory / 'keys.db'}", Keyring(key))
        stack.push_async_callback(vault.close)
        application = make_application(store, vault, clock=clock)
        keys = {}
        for tenant in ("main", "other"):
            await application.admin.create_tenant(tenant, "")
            keys[tenant] = (await application.admin.make_api_key(tenant, admin.ROLE_OWNER, "")).secret
        await application.admin.register_plugins(plugins())
        stop = asyncio.Event()

        def ready(addresses: Addresses) -> None:
            print(json.dumps({"grpc": addresses.grpc, "keys": keys}), flush=True)

        following = asyncio.create_task(relay(application))
        asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
        await serve(application, _QUICK, stop=stop, ready=ready)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
