"""Vendors' callbacks: kept as they came, sealed, and worked on by an engine. They are hints, never facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from beianhub_core import names
from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Callback, VaultEntry

if TYPE_CHECKING:
    from beianhub_core.application.core import Core

_OWNER: Final = "callbacks"  # the vault's key for what no subject can be named for yet
LARGEST_CALLBACK: Final = 1024 * 1024


class Callbacks:
    """Receives callbacks, and hands them out."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def receive(self, tenant: str, account: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Keeps a callback; ``False`` when it is there already. Raises NOT_FOUND for an unknown account."""
        await self._core.account(names.child(names.tenant_name(tenant), "accounts", account))
        if len(body) > LARGEST_CALLBACK:
            raise refused(
                ErrorKind.INVALID,
                "CALLBACK_TOO_LARGE",
                "body",
                "回调过大",
                "the callback is too large",
                "请减少发送的内容。 / Send less.",
            )
        digest = hashlib.sha256(tenant.encode() + b"/" + account.encode() + b"/" + body).hexdigest()
        entry = await self._core.vault.seal(tenant, _OWNER, digest, body)
        kept = {name.lower(): value for name, value in headers.items()}
        now = self._core.clock.now()
        added = await self._core.store.add_callback(Callback(digest, tenant, account, kept, entry.ciphertext, now))
        self._core.wake()
        return added

    async def pending(self, limit: int) -> list[tuple[Callback, bytes]]:
        """Callbacks to work on, each with its body. One whose body cannot be read any more is dropped: it was a hint.

        Raises:
            BeianhubError: UNAVAILABLE, the key store is away.
        """
        readable = []
        for callback in await self._core.store.pending_callbacks(limit):
            try:
                body = await self._core.vault.open(callback.tenant, _OWNER, VaultEntry(callback.id, callback.body))
            except BeianhubError as error:
                if error.kind is ErrorKind.UNAVAILABLE:
                    raise
                await self.finish(callback)
            else:
                readable.append((callback, body))
        return readable

    async def finish(self, callback: Callback) -> None:
        """It was worked on."""
        await self._core.store.finish_callback(callback.id)
