"""Subjects' data keys, unwrapped: made once whoever asks first, cached for a short while, forgotten on erasure."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beianhub_core.errors import BeianhubError
from beianhub_core.vault import errors
from beianhub_core.vault.keystore import KeyStore, Owner, WrappedKey
from beianhub_core.vault.master import KEY_BYTES, Keyring, join

T = TypeVar("T")

_BATCH: Final = 256  # owners in one transaction of the key store
_FIRST_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class DataKey:
    """A subject's key, ready for use."""

    version: int
    cipher: AESGCM
    expires: float  # by the cache's monotonic clock


class DataKeys:
    """The data keys of a key store. Used from one event loop; the key store's blocking calls run on ``executor``.

    Keys asked for at the same moment are made in one transaction.
    """

    def __init__(
        self,
        keystore: KeyStore,
        keyring: Keyring,
        executor: Executor | None,
        *,
        cache_size: int,
        cache_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._keystore = keystore
        self._keyring = keyring
        self._executor = executor
        self._cache_size = cache_size
        self._cache_seconds = cache_seconds
        self._monotonic = monotonic
        self._cache: OrderedDict[Owner, DataKey] = OrderedDict()
        self._erasures = 0
        self._waiting: dict[Owner, asyncio.Future[DataKey]] = {}
        self._maker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Makes the key store ready.

        Raises:
            BeianhubError: PRECONDITION, reason MASTER_KEY_UNKNOWN, when the ring lacks a master key that wrapped a key
                of the store: what was sealed then could not be read, nor found by its blind index.
        """
        await self._call(self._keystore.start)
        stranger = await self._call(partial(self._keystore.under_none_of, self._keyring.ids))
        if stranger is not None:
            raise errors.master_key_unknown(*stranger.owner, stranger.master_key)

    async def existing(self, owner: Owner) -> DataKey:
        """The owner's key. Raises NOT_FOUND with reason KEY_UNKNOWN or KEY_ERASED, or PRECONDITION, UNAVAILABLE."""
        cached = self._cached(owner)
        if cached:
            return cached
        erasures = self._erasures
        found = await self._call(partial(self._keystore.find, [owner]))
        if owner not in found:
            raise errors.key_unknown(*owner)
        return self._admit(found[owner], erasures)

    async def existing_or_new(self, owner: Owner) -> DataKey:
        """The owner's key, made if there is none. Raises as :meth:`existing`, but never KEY_UNKNOWN."""
        cached = self._cached(owner)
        if cached:
            return cached
        future = self._waiting.get(owner)
        if future is None:
            future = self._waiting[owner] = asyncio.get_running_loop().create_future()
            # A caller that was cancelled leaves nobody to take the outcome.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        if self._maker is None or self._maker.done():
            self._maker = asyncio.create_task(self._make_waiting())
        return await asyncio.shield(future)

    async def erase(self, owner: Owner, now: datetime) -> datetime:
        """Deletes the owner's key; returns when it was deleted first."""
        erased = await self._call(partial(self._keystore.erase, *owner, now))
        self._erasures += 1  # what was read before the deletion and arrives now must not be cached
        self._cache.pop(owner, None)
        return erased

    async def rewrap(self, limit: int) -> int:
        """Wraps up to ``limit`` keys of other master keys under the current one; returns how many it did."""
        return await self._call(partial(self._rewrap, limit))

    async def close(self) -> None:
        """Ends after the keys that are being made, forgets all of them and closes the key store."""
        if self._maker is not None:
            await self._maker
        self._cache.clear()
        await self._call(self._keystore.close)

    async def _call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _cached(self, owner: Owner) -> DataKey | None:
        key = self._cache.get(owner)
        if key is None:
            return None
        if key.expires <= self._monotonic():
            del self._cache[owner]
            return None
        self._cache.move_to_end(owner)
        return key

    def _admit(self, wrapped: WrappedKey, erasures: int) -> DataKey:
        """Unwraps a key and caches it, unless an erasure came between, counted since ``erasures``."""
        expires = self._monotonic() + self._cache_seconds
        key = DataKey(wrapped.version, AESGCM(self._unwrap(wrapped)), expires)
        if erasures == self._erasures:
            self._cache[wrapped.owner] = key
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return key

    def _unwrap(self, wrapped: WrappedKey) -> bytes:
        if wrapped.wrapped is None:
            raise errors.key_erased(*wrapped.owner)
        master = self._keyring.get(wrapped.master_key)
        secret = master.unwrap(wrapped.wrapped, _context(wrapped.owner, wrapped.version)) if master else None
        if secret is None:
            raise errors.master_key_unknown(*wrapped.owner, wrapped.master_key)
        return secret

    def _wrap(self, owner: Owner, version: int, secret: bytes) -> WrappedKey:
        master = self._keyring.current
        return WrappedKey(*owner, version, master.id, master.wrap(secret, _context(owner, version)))

    async def _make_waiting(self) -> None:
        """Makes keys until nobody waits for one; what arrives meanwhile shares the next transaction."""
        while self._waiting:
            batch = [self._waiting.popitem() for _ in range(min(_BATCH, len(self._waiting)))]
            erasures = self._erasures
            try:
                found = await self._call(partial(self._find_or_add, [owner for owner, _ in batch]))
            except BeianhubError as error:
                for _, future in batch:
                    future.set_exception(error)
                continue
            for owner, future in batch:
                self._settle(future, found[owner], erasures)

    def _settle(self, future: asyncio.Future[DataKey], wrapped: WrappedKey, erasures: int) -> None:
        try:
            future.set_result(self._admit(wrapped, erasures))
        except BeianhubError as error:
            future.set_exception(error)

    def _find_or_add(self, owners: Sequence[Owner]) -> dict[Owner, WrappedKey]:
        found = self._keystore.find(owners)
        missing = [owner for owner in owners if owner not in found]
        made = [self._wrap(owner, _FIRST_VERSION, secrets.token_bytes(KEY_BYTES)) for owner in missing]
        return found | self._keystore.add(made) if made else found

    def _rewrap(self, limit: int) -> int:
        olds = self._keystore.under_other_master(self._keyring.current.id, limit)
        return sum(self._keystore.replace(old, self._wrap(old.owner, old.version, self._unwrap(old))) for old in olds)


def _context(owner: Owner, version: int) -> bytes:
    """What a wrapped key is bound to."""
    return join(*owner, str(version))
