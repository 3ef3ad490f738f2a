"""A real store, whose log the buses carry."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from beianhub_core.ports import SystemClock
from beianhub_core.store import open_store
from beianhub_core.store.port import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'log.db'}", SystemClock())
    await store.start()
    yield store
    await store.close()
