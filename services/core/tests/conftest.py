"""Fixtures of the core's tests: a clock that is set, and the store on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beianhub_core.store import open_store
from beianhub_core.store.port import Store


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    time: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'beianhub.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
async def store(store_url: str, clock: SetClock) -> AsyncIterator[Store]:
    """A started store on a fresh database."""
    opened = open_store(store_url, clock)
    await opened.start()
    yield opened
    await opened.close()
