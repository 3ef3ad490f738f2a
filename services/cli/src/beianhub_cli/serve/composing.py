"""Opens the ports that the configuration names, and makes the application over them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from beianhub_cli.config import Config, ConfigError
from beianhub_cli.config.model import KEYS_FILE, STORE_FILE
from beianhub_core.application import Application, make_application
from beianhub_core.ports import SystemClock
from beianhub_core.private_files import tighten
from beianhub_core.store import open_store
from beianhub_core.vault import Keyring, MasterKey, open_vault

MASTER_KEY_VARIABLE: Final = "BEIANHUB_MASTER_KEY"


def master_key(config: Config) -> MasterKey:
    """The master key, from the environment or its file.

    Raises:
        ConfigError: there is none; `beianhub init` makes one.
        BeianhubError: it is malformed, or others can read its file.
    """
    if os.environ.get(MASTER_KEY_VARIABLE):
        return MasterKey.from_environment(MASTER_KEY_VARIABLE)
    if not config.master_key_file.exists():
        remedy = f"run `beianhub init`, or set {MASTER_KEY_VARIABLE}"
        raise ConfigError([f"vault.master_key_file: {config.master_key_file} is missing; {remedy}"])
    return MasterKey.from_file(config.master_key_file)


@asynccontextmanager
async def application(
    config: Config, *, callback_url: str = "", wake: Callable[[], None] = lambda: None
) -> AsyncIterator[Application]:
    """The application over the configured store and vault, which are closed at the end."""
    key = master_key(config)
    clock = SystemClock()
    if not config.store.url:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        tighten(config.data_dir / STORE_FILE)
    if not config.vault.keystore_url:
        (config.data_dir / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        tighten(config.data_dir / KEYS_FILE)
    store = open_store(config.store_url, clock)
    await store.start()
    try:
        vault = await open_vault(
            config.keystore_url,
            Keyring(key),
            backup_retention=timedelta(days=config.vault.backup_retention_days),
            clock=clock,
        )
        try:
            yield make_application(
                store,
                vault,
                clock=clock,
                callback_url=callback_url,
                wake=wake,
                rulebooks=config.rules.rulebooks(),
                calendar=config.calendar.calendar(),
            )
        finally:
            await vault.close()
    finally:
        await store.close()
