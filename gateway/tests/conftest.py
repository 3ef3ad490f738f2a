"""The application and the gateway of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gateway_support import Running, open_application, running

from beianhub_core.application import Application


@pytest.fixture
async def application(tmp_path: Path) -> AsyncIterator[Application]:
    """An application with two tenants, one provider and one account."""
    async with open_application(tmp_path) as made:
        yield made


@pytest.fixture
async def gateway(application: Application) -> AsyncIterator[Running]:
    """A gateway that serves the application."""
    async with running(application) as made:
        yield made
