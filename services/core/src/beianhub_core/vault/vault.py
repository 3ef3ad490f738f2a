"""The vault: personal data under one data key per subject (AES-256-GCM), and keyed blind indexes.

An entry is ``format (1 byte) | key version (4) | nonce (12) | ciphertext and tag``; its additional data name the
tenant, the subject, the reference and the key version, so that an entry decrypts in its own place only.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag

from beianhub_core.errors import BeianhubError
from beianhub_core.ports import Clock, SystemClock
from beianhub_core.store.port import VaultEntry
from beianhub_core.vault.errors import entry_unreadable
from beianhub_core.vault.keys import DataKeys
from beianhub_core.vault.keystore import KeyStore
from beianhub_core.vault.master import NONCE_BYTES, Keyring, join

_FORMAT: Final = b"\x01"
_VERSION_BYTES: Final = 4
_HEADER_BYTES: Final = len(_FORMAT) + _VERSION_BYTES
_BLIND_INDEX_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Proof of an erasure. ``last_backup_expires`` is the day when the last backup that may hold the key is gone."""

    tenant: str
    subject: str
    erased: datetime
    last_backup_expires: date


class Vault:
    """Seals, opens and erases; made by :func:`open_vault`."""

    def __init__(
        self,
        keys: DataKeys,
        keyring: Keyring,
        backup_retention: timedelta,
        clock: Clock,
        own_executor: Executor | None,
    ) -> None:
        self._keys = keys
        self._own_executor = own_executor
        self._retention = backup_retention
        self._clock = clock

        @lru_cache(maxsize=1024)
        def index_key(tenant: str, purpose: str) -> bytes:
            return keyring.oldest.derive("blind index", tenant, purpose)

        self._index_key: Callable[[str, str], bytes] = index_key

    async def seal(self, tenant: str, subject: str, ref: str, plaintext: bytes) -> VaultEntry:
        """Encrypts ``plaintext`` as the entry ``ref`` of the subject, whose key is made with its first entry.

        Raises:
            BeianhubError: NOT_FOUND with reason KEY_ERASED, PRECONDITION with reason MASTER_KEY_UNKNOWN, or
                UNAVAILABLE with reason KEY_STORE_UNAVAILABLE.
        """
        key = await self._keys.existing_or_new((tenant, subject))
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = key.cipher.encrypt(nonce, plaintext, _place(tenant, subject, ref, key.version))
        return VaultEntry(ref, _header(key.version) + nonce + sealed)

    async def open(self, tenant: str, subject: str, entry: VaultEntry) -> bytes:
        """The plaintext of an entry.

        Raises:
            BeianhubError: as :meth:`seal`; also NOT_FOUND with reason KEY_UNKNOWN, and PRECONDITION with reason
                VAULT_ENTRY_UNREADABLE for an entry that was changed or belongs elsewhere.
        """
        key = await self._keys.existing((tenant, subject))
        header, rest = entry.ciphertext[:_HEADER_BYTES], entry.ciphertext[_HEADER_BYTES:]
        if header != _header(key.version):
            raise entry_unreadable(tenant, subject, entry.ref)
        place = _place(tenant, subject, entry.ref, key.version)
        try:
            return key.cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise entry_unreadable(tenant, subject, entry.ref) from None

    def blind_index(self, tenant: str, purpose: str, value: str) -> bytes:
        """16 bytes that are equal for equal values of a tenant and purpose, and tell nothing without the master key.

        Width, case and blanks at the ends do not count (NFKC).
        """
        normal = unicodedata.normalize("NFKC", value).strip().upper()
        digest = hmac.new(self._index_key(tenant, purpose), normal.encode(), hashlib.sha256).digest()
        return digest[:_BLIND_INDEX_BYTES]

    async def erase(self, tenant: str, subject: str) -> ErasureReceipt:
        """Deletes the subject's key for good: what it sealed stays unreadable. Repeating it gives the same receipt."""
        erased = await self._keys.erase((tenant, subject), self._clock.now())
        return ErasureReceipt(tenant, subject, erased, (erased + self._retention).date())

    async def rewrap(self, limit: int = 256) -> int:
        """Wraps up to ``limit`` keys of older master keys under the current one; 0 once a rotation is complete."""
        return await self._keys.rewrap(limit)

    async def close(self) -> None:
        """Forgets the keys, closes the key store and ends the vault's own thread."""
        await self._keys.close()
        if self._own_executor is not None:
            self._own_executor.shutdown(wait=False)


async def open_vault(
    keystore_url: str,
    keyring: Keyring,
    *,
    backup_retention: timedelta = timedelta(days=30),
    executor: Executor | None = None,
    clock: Clock | None = None,
    cache_size: int = 4096,
    cache_seconds: float = 30.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> Vault:
    """Opens the key store at an SQLAlchemy URL, creates its schema where it is missing, and returns the vault.

    ``backup_retention`` is how long backups of the key store are kept. Another process's erasure is noticed after at
    most ``cache_seconds``; this one's at once. Without an ``executor`` a thread of its own does the blocking calls.

    Raises:
        BeianhubError: UNAVAILABLE with reason KEY_STORE_UNAVAILABLE; PRECONDITION with reason MASTER_KEY_UNKNOWN when
            the ring lacks a master key that the key store's keys are under.
    """
    keystore = KeyStore(keystore_url)
    own = None if executor else ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault")
    runner = executor or own
    keys = DataKeys(keystore, keyring, runner, cache_size=cache_size, cache_seconds=cache_seconds, monotonic=monotonic)
    vault = Vault(keys, keyring, backup_retention, clock or SystemClock(), own)
    try:
        await keys.start()
    except BeianhubError:
        await vault.close()
        raise
    return vault


def _header(version: int) -> bytes:
    return _FORMAT + version.to_bytes(_VERSION_BYTES, "big")


def _place(tenant: str, subject: str, ref: str, version: int) -> bytes:
    """Where an entry belongs."""
    return join(tenant, subject, ref, str(version))
