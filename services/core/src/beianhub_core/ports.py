"""The small ports: time and ids. Simulation and tests bring their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

import uuid6


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        ...


class Ids(Protocol):
    """Makes ids."""

    def new(self) -> str:
        """A new time-ordered id."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)


class Uuid7Ids:
    """UUIDv7: ordered by time, so that indexes grow at one end."""

    def new(self) -> str:
        """A new UUIDv7 in its canonical form."""
        return str(uuid6.uuid7())
