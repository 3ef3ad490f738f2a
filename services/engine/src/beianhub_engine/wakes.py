"""Waking: whoever commits in this process rings, and every loop that sleeps looks again."""

from __future__ import annotations

import asyncio
from weakref import WeakSet


class Wakes:
    """Rings all its events. Give it to ``make_application`` as ``wake``; the engine's loops take an event each."""

    def __init__(self) -> None:
        self._events: WeakSet[asyncio.Event] = WeakSet()

    def event(self) -> asyncio.Event:
        """A new event that every ring sets; its owner clears it."""
        event = asyncio.Event()
        self._events.add(event)
        return event

    def __call__(self) -> None:
        """Rings."""
        for event in self._events:
            event.set()
