"""The circuit breaker of one plugin and account."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Opens after ``failures`` in a row; after ``cooldown`` seconds lets one call through, whose end decides."""

    failures: int
    cooldown: float
    monotonic: Callable[[], float] = time.monotonic
    _count: int = 0
    _opened: float = 0.0
    _probing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self._count >= self.failures

    def wait(self) -> float:
        """Seconds until a call may be tried; 0 lets this one go, and counts it as the probe of an open circuit."""
        if not self.is_open:
            return 0.0
        left = self._opened + self.cooldown - self.monotonic()
        if left > 0 or self._probing:
            return max(left, 1.0)
        self._probing = True
        return 0.0

    def record(self, *, failed: bool | None) -> None:
        """Takes over how a call ended; ``None`` says nothing of the vendor: the call was cancelled."""
        self._probing = False
        if failed is None:
            return
        self._count = self._count + 1 if failed else 0
        if self.is_open:
            self._opened = self.monotonic()
