"""Tenants, accounts, keys, plugins, documents, callbacks and ciphertexts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from beianhub.filing.v1.admin_service_pb2 import ApiKey, Tenant
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.resources_pb2 import Account, Document
from beianhub_core import names
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.store import faults
from beianhub_core.store.part import Part, page
from beianhub_core.store.port import Callback, RequestKey
from beianhub_core.store.tables import (
    accounts,
    api_keys,
    callbacks,
    documents,
    patrols,
    plugins,
    request_keys,
    tenants,
    vault,
)

REQUEST_KEYS_KEPT: Final = timedelta(days=7)
CALLBACKS_KEPT: Final = timedelta(days=1)


class SqlDirectory(Part):
    """:class:`~beianhub_core.store.port.Directory` in SQL."""

    async def put_tenant(self, tenant: Tenant) -> bool:
        """Adds it; ``False`` when it is there."""
        row = {"tenant": names.last(tenant.name), "body": tenant.SerializeToString(deterministic=True)}
        return await self._write(lambda connection: self._add(connection, tenants, row))

    async def tenant_ids(self) -> list[str]:
        """The ids of all tenants, in order."""
        query = select(tenants.c.tenant).order_by(tenants.c.tenant)
        return await self._read(lambda connection: list(connection.scalars(query)))

    async def count_tenants(self) -> int:
        """How many tenants there are."""
        query = select(func.count()).select_from(tenants)
        return await self._read(lambda connection: connection.scalar(query) or 0)

    async def tenant(self, tenant: str) -> Tenant | None:
        """The tenant."""
        body = await self._read(
            lambda connection: connection.scalar(select(tenants.c.body).where(tenants.c.tenant == tenant))
        )
        return None if body is None else Tenant.FromString(body)

    async def put_account(self, account: Account, request: RequestKey | None = None) -> Account:
        """Adds it, or returns the one that the same request added."""
        return await self._write(lambda connection: self._put_account(connection, account, request))

    def _put_account(self, connection: Connection, account: Account, request: RequestKey | None) -> Account:
        earlier = _earlier(connection, request) if request else None
        if earlier is not None:
            return Account.FromString(earlier)
        _, tenant, _, account_id = account.name.split("/")
        body = account.SerializeToString(deterministic=True)
        if not self._add(connection, accounts, {"tenant": tenant, "account_id": account_id, "body": body}):
            raise _exists("ACCOUNT_EXISTS", "account_id", "account", account.name)
        if request:
            connection.execute(insert(request_keys), [_kept(request, body, self._database.clock.now())])
        return account

    async def account(self, tenant: str, account: str) -> Account | None:
        """The account."""
        query = select(accounts.c.body).where(accounts.c.tenant == tenant, accounts.c.account_id == account)
        body = await self._read(lambda connection: connection.scalar(query))
        return None if body is None else Account.FromString(body)

    async def list_accounts(self, tenant: str, *, after: str, limit: int) -> list[Account]:
        """The tenant's accounts in order of creation."""
        query = select(accounts.c.body).where(accounts.c.tenant == tenant)
        key = accounts.c.account_id
        bodies = await self._read(
            lambda connection: page(connection, query, accounts, key, tenant=tenant, after=after, limit=limit)
        )
        return [Account.FromString(body) for body in bodies]

    async def put_api_key(self, key: ApiKey, secret_digest: bytes) -> None:
        """Adds a key.

        Raises:
            BeianhubError: ALREADY_EXISTS with reason ``API_KEY_EXISTS``.
        """
        _, tenant, _, key_id = key.name.split("/")
        body = key.SerializeToString(deterministic=True)
        row = {"tenant": tenant, "key_id": key_id, "secret_digest": secret_digest, "body": body}
        if not await self._write(lambda connection: self._add(connection, api_keys, row)):
            raise _exists("API_KEY_EXISTS", "api_key_id", "api_key", key.name)

    async def api_key(self, secret_digest: bytes) -> ApiKey | None:
        """The key with this digest, revoked or not."""
        query = select(api_keys.c.body).where(api_keys.c.secret_digest == secret_digest)
        body = await self._read(lambda connection: connection.scalar(query))
        return None if body is None else ApiKey.FromString(body)

    async def list_api_keys(self, tenant: str, *, after: str, limit: int) -> list[ApiKey]:
        """The tenant's keys in order of creation."""
        query = select(api_keys.c.body).where(api_keys.c.tenant == tenant)
        key = api_keys.c.key_id
        bodies = await self._read(
            lambda connection: page(connection, query, api_keys, key, tenant=tenant, after=after, limit=limit)
        )
        return [ApiKey.FromString(body) for body in bodies]

    async def revoke_api_key(self, tenant: str, key: str, now: datetime) -> ApiKey | None:
        """Revokes it from ``now`` on; one revoked before stays as it is."""

        def revoke(connection: Connection) -> ApiKey | None:
            found = api_keys.c.tenant == tenant, api_keys.c.key_id == key
            body = connection.scalar(select(api_keys.c.body).where(*found).with_for_update())
            if body is None:
                return None
            revoked = ApiKey.FromString(body)
            if not revoked.HasField("revoke_time"):
                revoked.revoke_time.FromDatetime(now)
                changed = revoked.SerializeToString(deterministic=True)
                connection.execute(update(api_keys).where(*found).values(body=changed))
            return revoked

        return await self._write(revoke)

    async def put_plugins(self, plugins: Sequence[Plugin]) -> None:
        """Adds or replaces what an engine has seen; a plugin that an operator disabled stays disabled.

        Where one begins or ends to patrol, or does so at another interval, all records are looked at.
        """
        rows = [_plugin_row(plugin) for plugin in sorted(plugins, key=lambda plugin: plugin.name)]
        await self._write(lambda connection: self._put_plugins(connection, rows))

    def _put_plugins(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        if rows:
            known = _patrolling(connection)
            if any(known.get(row["plugin_id"], 0.0) != _interval(row) for row in rows):
                now = self._database.clock.now()
                connection.execute(update(patrols).where(patrols.c.time > now).values(time=now))
            connection.execute(self._sql.upsert(plugins, rows[0], "plugin_id", keep=("disabled",)), rows)

    async def plugins(self) -> list[Plugin]:
        """All plugins by id."""
        query = select(plugins.c.body, plugins.c.disabled).order_by(plugins.c.plugin_id)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [_plugin(*row) for row in rows]

    async def set_plugin_enabled(self, plugin: str, *, enabled: bool) -> Plugin | None:
        """Enables or disables it: what is disabled gets no tasks."""

        def switch(connection: Connection) -> Plugin | None:
            found = plugins.c.plugin_id == plugin
            connection.execute(update(plugins).where(found).values(disabled=not enabled))
            row = connection.execute(select(plugins.c.body, plugins.c.disabled).where(found)).first()
            return None if row is None else _plugin(*row)

        return await self._write(switch)

    async def document(self, tenant: str, subject: str, document: str) -> tuple[Document, str] | None:
        """A document and the vault's reference of its content."""
        found = documents.c.tenant == tenant, documents.c.subject == subject, documents.c.document_id == document
        query = select(documents.c.body, documents.c.vault_ref).where(*found)
        row = await self._read(lambda connection: connection.execute(query).first())
        return None if row is None else (Document.FromString(row.body), row.vault_ref)

    async def list_documents(self, tenant: str, subject: str, *, after: str, limit: int) -> list[Document]:
        """The subject's documents in order of creation."""
        query = select(documents.c.body).where(documents.c.tenant == tenant, documents.c.subject == subject)
        key = documents.c.document_id
        bodies = await self._read(
            lambda connection: page(connection, query, documents, key, tenant=tenant, after=after, limit=limit)
        )
        return [Document.FromString(body) for body in bodies]

    async def vault_entries(self, tenant: str, refs: Sequence[str]) -> dict[str, bytes]:
        """The ciphertexts that are there, by reference."""
        if not refs:
            return {}
        query = self._sql.among(select(vault.c.ref, vault.c.ciphertext), vault.c.tenant, vault.c.ref)
        keys = self._sql.keys((tenant, ref) for ref in refs)
        rows = await self._read(lambda connection: connection.execute(query, keys).all())
        return {row.ref: row.ciphertext for row in rows}

    async def add_callback(self, callback: Callback) -> bool:
        """Keeps a callback; ``False`` when one with the id is there."""
        row = {
            "callback_id": callback.id,
            "tenant": callback.tenant,
            "account": callback.account,
            "headers": json.dumps(dict(callback.headers), ensure_ascii=False),
            "body": callback.body,
            "received": callback.received,
        }
        return await self._write(lambda connection: self._add(connection, callbacks, row))

    async def pending_callbacks(self, limit: int) -> list[Callback]:
        """Callbacks that nobody has finished, in order of arrival."""
        query = select(callbacks).where(callbacks.c.finished.is_(None)).order_by(callbacks.c.seq).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [
            Callback(row.callback_id, row.tenant, row.account, json.loads(row.headers), row.body, row.received)
            for row in rows
        ]

    async def finish_callback(self, callback_id: str) -> None:
        """It needs no more work."""
        pending = callbacks.c.callback_id == callback_id, callbacks.c.finished.is_(None)
        finish = update(callbacks).where(*pending).values(finished=self._database.clock.now())
        await self._write(lambda connection: connection.execute(finish).rowcount)

    async def purge(self, now: datetime) -> None:
        """Drops request keys older than 7 days and finished callbacks older than one."""

        def drop(connection: Connection) -> None:
            connection.execute(delete(request_keys).where(request_keys.c.time < now - REQUEST_KEYS_KEPT))
            connection.execute(delete(callbacks).where(callbacks.c.finished < now - CALLBACKS_KEPT))

        await self._write(drop)

    def _add(self, connection: Connection, table: Table, row: dict[str, Any]) -> bool:
        """Inserts the row; ``False`` when its key is taken."""
        added = self._sql.insert(table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
        return connection.execute(added).first() is not None


def _earlier(connection: Connection, request: RequestKey) -> bytes | None:
    """The response of the request with this id, where there was one."""
    keys = request_keys.c
    same = keys.tenant == request.tenant, keys.method == request.method, keys.request_id == request.request_id
    row = connection.execute(select(keys.digest, keys.response).where(*same)).first()
    if row is not None and row.digest != request.digest:
        raise faults.reused()
    return None if row is None else row.response


def _kept(request: RequestKey, response: bytes, now: datetime) -> dict[str, Any]:
    key = {"tenant": request.tenant, "method": request.method, "request_id": request.request_id}
    return key | {"digest": request.digest, "response": response, "time": now}


def _plugin_row(plugin: Plugin) -> dict[str, Any]:
    return {
        "plugin_id": names.last(plugin.name),
        "disabled": plugin.state == Plugin.STATE_DISABLED,
        "body": plugin.SerializeToString(deterministic=True),
    }


def _plugin(body: bytes, disabled: bool) -> Plugin:  # noqa: FBT001 - the row's columns in order
    """As an engine saw it, but for the operator's switch."""
    plugin = Plugin.FromString(body)
    if disabled:
        plugin.state = Plugin.STATE_DISABLED
    elif plugin.state == Plugin.STATE_DISABLED:
        plugin.state = Plugin.STATE_READY
    return plugin


def _exists(reason: str, path: str, what: str, name: str) -> BeianhubError:
    finding = blocker(
        reason,
        path,
        f"{name} 已存在",
        f"{name} exists already",
        "请另选编号，或使用现有的。 / Choose another id, or use the one that is there.",
    )
    return BeianhubError(ErrorKind.ALREADY_EXISTS, reason, [finding], metadata={what: name})


def _patrolling(connection: Connection) -> dict[str, float]:
    """By plugin, how often it patrols."""
    rows = connection.execute(select(plugins.c.plugin_id, plugins.c.body))
    return {plugin_id: Plugin.FromString(body).patrol_interval_seconds for plugin_id, body in rows}


def _interval(row: dict[str, Any]) -> float:
    return Plugin.FromString(row["body"]).patrol_interval_seconds
