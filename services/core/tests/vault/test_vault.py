"""The vault on both databases."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import VaultEntry
from beianhub_core.vault import Keyring, MasterKey, Vault, open_vault
from beianhub_core.vault.keystore import KeyStore, WrappedKey


class FixedClock:
    """A day of the tests."""

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def vault(keystore_url: str, keyring: Keyring) -> AsyncIterator[Vault]:
    opened = await open_vault(keystore_url, keyring, clock=FixedClock(), backup_retention=timedelta(days=14))
    yield opened
    await opened.close()


def _files_with(data: bytes, folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if data in file.read_bytes()]


async def refused(vault: Vault, tenant: str, subject: str, entry: VaultEntry) -> BeianhubError:
    with pytest.raises(BeianhubError) as caught:
        await vault.open(tenant, subject, entry)
    return caught.value


async def test_what_was_sealed_is_opened(vault: Vault) -> None:
    """A value comes back, and its ciphertext does not show it."""
    entry = await vault.seal("acme", "s1", "r1", "张三丰".encode())
    assert "张三丰".encode() not in entry.ciphertext
    assert await vault.open("acme", "s1", entry) == "张三丰".encode()


async def test_an_entry_opens_in_its_own_place_only(vault: Vault) -> None:
    """A ciphertext moved to another reference, subject or tenant does not decrypt."""
    entry = await vault.seal("acme", "s1", "r1", b"value")
    for tenant, subject in (("acme", "s2"), ("other", "s1")):
        await vault.seal(tenant, subject, "r1", b"theirs")
        assert (await refused(vault, tenant, subject, entry)).reason == "VAULT_ENTRY_UNREADABLE"
    moved = VaultEntry("r2", entry.ciphertext)
    assert (await refused(vault, "acme", "s1", moved)).reason == "VAULT_ENTRY_UNREADABLE"


async def test_an_erased_subject_is_unreadable_for_good(vault: Vault) -> None:
    """After erasure nothing is opened or sealed, and the receipt names the last backup's day each time."""
    entry = await vault.seal("acme", "s1", "r1", b"value")
    receipt = await vault.erase("acme", "s1")
    assert receipt.last_backup_expires.isoformat() == "2026-03-15"
    error = await refused(vault, "acme", "s1", entry)
    assert (error.kind, error.reason) == (ErrorKind.NOT_FOUND, "KEY_ERASED")
    with pytest.raises(BeianhubError, match="KEY_ERASED"):
        await vault.seal("acme", "s1", "r2", b"again")
    assert await vault.erase("acme", "s1") == receipt


async def test_erasure_leaves_other_subjects_readable(vault: Vault) -> None:
    """One subject's erasure touches no other, of this tenant or another."""
    kept = [(t, s, await vault.seal(t, s, "r", b"v")) for t, s in (("acme", "s2"), ("other", "s1"))]
    await vault.seal("acme", "s1", "r", b"v")
    await vault.erase("acme", "s1")
    assert [await vault.open(*entry) for entry in kept] == [b"v", b"v"]


async def test_a_subject_without_a_key_is_unknown(vault: Vault) -> None:
    """Opening where no key was ever made says so; erasing there forbids one."""
    error = await refused(vault, "acme", "s9", VaultEntry("r", b"\x01" + b"\0" * 40))
    assert error.reason == "KEY_UNKNOWN"
    await vault.erase("acme", "s9")
    with pytest.raises(BeianhubError, match="KEY_ERASED"):
        await vault.seal("acme", "s9", "r", b"v")


async def test_processes_that_start_together_agree_on_keys(keystore_url: str, keyring: Keyring) -> None:
    """Several vaults on one key store open, make keys of the same subjects at once, and read each other's entries."""
    vaults = await asyncio.gather(*(open_vault(keystore_url, keyring) for _ in range(4)))
    work = [(vault, f"s{n}") for n in range(20) for vault in vaults]
    entries = await asyncio.gather(*(vault.seal("acme", subject, "r", subject.encode()) for vault, subject in work))
    for (_, subject), entry in zip(work, entries, strict=True):
        assert {await vault.open("acme", subject, entry) for vault in vaults} == {subject.encode()}
    await asyncio.gather(*(vault.close() for vault in vaults))


SEALER = """
import asyncio, base64, sys
from beianhub_core.vault import Keyring, MasterKey, open_vault

async def main(url):
    vault = await open_vault(url, Keyring(MasterKey.from_environment()))
    entries = await asyncio.gather(*(vault.seal("acme", f"s{n}", "r", b"v") for n in range(40)))
    print(*(base64.b64encode(entry.ciphertext).decode() for entry in entries))
    await vault.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_real_processes_agree_on_keys(keystore_url: str, keyring: Keyring) -> None:
    """Three processes make the schema and the keys of the same subjects at once; one reads what all have sealed."""
    environment = os.environ | {"BEIANHUB_MASTER_KEY": base64.b64encode(keyring.current.secret).decode()}
    sealers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SEALER, keystore_url, env=environment, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [(await sealer.communicate())[0].split() for sealer in sealers]
    vault = await open_vault(keystore_url, keyring)
    for output in outputs:
        entries = [VaultEntry("r", base64.b64decode(text)) for text in output]
        opened = [await vault.open("acme", f"s{n}", entry) for n, entry in enumerate(entries)]
        assert opened == [b"v"] * 40
    await vault.close()


class InlineExecutor(Executor):
    """Runs its work at once, as under simulation."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """A future that is done."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


async def test_an_injected_executor_does_the_blocking_work(keyring: Keyring) -> None:
    """With an executor that runs inline no thread is started, and closing leaves the executor alone."""
    threads = threading.active_count()
    executor = InlineExecutor()
    vault = await open_vault("sqlite://", keyring, executor=executor)
    assert await vault.open("acme", "s1", await vault.seal("acme", "s1", "r", b"v")) == b"v"
    await vault.close()
    assert threading.active_count() == threads
    assert executor.submit(len, "ab").result() == 2


async def test_another_process_notices_an_erasure_when_its_cache_expires(keystore_url: str, keyring: Keyring) -> None:
    """A cached key lives for a bounded time: then the erasure elsewhere is seen."""
    now = [0.0]
    first = await open_vault(keystore_url, keyring)
    second = await open_vault(keystore_url, keyring, cache_seconds=30, monotonic=lambda: now[0])
    entry = await second.seal("acme", "s1", "r", b"v")
    await first.erase("acme", "s1")
    assert await second.open("acme", "s1", entry) == b"v"
    now[0] = 30.0
    assert (await refused(second, "acme", "s1", entry)).reason == "KEY_ERASED"
    await asyncio.gather(first.close(), second.close())


async def test_a_rotation_keeps_entries_and_blind_indexes(keystore_url: str) -> None:
    """A new master key opens what the old one wrapped; once all is rewrapped the old key is not needed to read."""
    old, new = MasterKey(secrets.token_bytes(32)), MasterKey(secrets.token_bytes(32))
    vault = await open_vault(keystore_url, Keyring(old))
    entries = [(f"s{n}", await vault.seal("acme", f"s{n}", "r", b"v")) for n in range(5)]
    index = vault.blind_index("acme", "certificate", "91110000600037341L")
    await vault.close()

    both = await open_vault(keystore_url, Keyring(new, old))
    assert both.blind_index("acme", "certificate", "91110000600037341L") == index
    assert [await both.open("acme", *entry) for entry in entries] == [b"v"] * 5
    assert [await both.rewrap(3), await both.rewrap(3), await both.rewrap(3)] == [3, 2, 0]
    await both.close()

    alone = await open_vault(keystore_url, Keyring(new))
    assert [await alone.open("acme", *entry) for entry in entries] == [b"v"] * 5
    await alone.close()


async def test_a_missing_master_key_is_named(keystore_url: str, keyring: Keyring) -> None:
    """A ring without the key that wrapped is refused at the start, and the error says which key it lacks."""
    vault = await open_vault(keystore_url, keyring)
    await vault.seal("acme", "s1", "r", b"v")
    await vault.close()
    with pytest.raises(BeianhubError) as caught:
        await open_vault(keystore_url, Keyring(MasterKey(secrets.token_bytes(32))))
    assert caught.value.reason == "MASTER_KEY_UNKNOWN"
    assert keyring.current.id in caught.value.findings[0].message_en


async def test_an_erased_subject_needs_no_master_key(keystore_url: str, keyring: Keyring) -> None:
    """Tombstones are under no master key: a ring without the old one opens a key store where all was erased."""
    vault = await open_vault(keystore_url, keyring)
    await vault.seal("acme", "s1", "r", b"v")
    await vault.erase("acme", "s1")
    await vault.close()
    await (await open_vault(keystore_url, Keyring(MasterKey(secrets.token_bytes(32))))).close()


async def test_a_small_cache_still_reads_everything(keystore_url: str, keyring: Keyring) -> None:
    """Keys that fell out of the cache are read again."""
    vault = await open_vault(keystore_url, keyring, cache_size=2)
    entries = [(f"s{n}", await vault.seal("acme", f"s{n}", "r", b"v")) for n in range(6)]
    assert [await vault.open("acme", *entry) for entry in entries] == [b"v"] * 6
    await vault.close()


async def test_erased_bytes_leave_the_sqlite_file(tmp_path: Path, keyring: Keyring) -> None:
    """After an erasure no file of an SQLite key store holds the wrapped key."""
    path = tmp_path / "keys.db"
    vault = await open_vault(f"sqlite:///{path}", keyring)
    await vault.seal("acme", "s1", "r", b"v")
    store = KeyStore(f"sqlite:///{path}")
    wrapped = store.find([("acme", "s1")])["acme", "s1"].wrapped
    assert wrapped is not None
    assert wrapped in path.read_bytes()
    await vault.erase("acme", "s1")
    assert not _files_with(wrapped, tmp_path)
    store.close()
    await vault.close()


async def test_an_unreachable_key_store_is_unavailable_and_says_no_secret(tmp_path: Path, keyring: Keyring) -> None:
    """A database that does not answer is UNAVAILABLE, with a delay, and without its URL."""
    with pytest.raises(BeianhubError) as caught:
        await open_vault(f"sqlite:///{tmp_path}/missing/keys.db", keyring)
    assert (caught.value.kind, caught.value.retry_after) == (ErrorKind.UNAVAILABLE, 1.0)
    assert str(tmp_path) not in str(caught.value)


async def test_blind_indexes_find_equal_values_only(keyring: Keyring) -> None:
    """Width, case and outer blanks do not count; tenant, purpose and value do."""
    vault = await open_vault("sqlite://", keyring)
    index = vault.blind_index("acme", "certificate", "11010519491231002X")
    assert len(index) == 16
    assert index == vault.blind_index("acme", "certificate", " １１０１０５19491231002x ")
    assert index != vault.blind_index("other", "certificate", "11010519491231002X")
    assert index != vault.blind_index("acme", "mobile", "11010519491231002X")
    assert index != vault.blind_index("acme", "certificate", "110105194912310021")
    await vault.close()


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=2000), st.integers(min_value=0), st.text(max_size=20))
def test_any_value_round_trips_and_any_flipped_bit_is_found(value: bytes, flip: int, ref: str) -> None:
    """Sealing and opening is the identity for any bytes; one changed bit anywhere is refused."""

    async def run() -> None:
        vault = await open_vault("sqlite://", Keyring(MasterKey(b"k" * 32)))
        entry = await vault.seal("acme", "s1", ref, value)
        assert await vault.open("acme", "s1", entry) == value
        changed = bytearray(entry.ciphertext)
        changed[flip // 8 % len(changed)] ^= 1 << flip % 8
        assert (await refused(vault, "acme", "s1", VaultEntry(ref, bytes(changed)))).reason == "VAULT_ENTRY_UNREADABLE"
        await vault.close()

    asyncio.run(run())


def test_a_key_that_changed_meanwhile_is_not_replaced(keystore_url: str) -> None:
    """Rewrapping gives way to an erasure that came between."""
    store = KeyStore(keystore_url)
    store.start()
    old = WrappedKey("acme", "s1", 1, "m1", b"old")
    assert store.add([old, old.__class__("acme", "s2", 1, "m1", b"old")])["acme", "s1"] == old
    store.erase("acme", "s1", datetime(2026, 3, 1, tzinfo=UTC))
    assert not store.replace(old, WrappedKey("acme", "s1", 1, "m2", b"new"))
    assert [key.subject for key in store.under_other_master("m2", 10)] == ["s2"]
    store.close()
