"""The sandbox's time: Unix seconds, and the conversion of domain durations into real ones."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BEIJING = timezone(timedelta(hours=8))
"""The regulator's and Tencent's civil time; mainland China has no daylight saving."""


class SandboxClock:
    """Reads real Unix seconds; `now` is the only source of time in the sandbox.

    Signatures must be judged in real time, so the clock itself is never sped up: it is the durations that
    are divided by `time_scale` (sandbox seconds per real second).
    """

    def __init__(self, time_scale: float = 1.0, read: Callable[[], float] = time.time) -> None:
        if time_scale <= 0:
            raise ValueError("time_scale must be positive")
        self._time_scale = time_scale
        self._read = read

    def now(self) -> float:
        """Unix seconds."""
        return self._read()

    def real_seconds(self, sandbox_seconds: float) -> float:
        """How many real seconds a duration of the domain lasts here."""
        return sandbox_seconds / self._time_scale


def iso_utc(moment: float) -> str:
    """`2026-11-22T02:47:19.250Z`: how Aliyun and Huawei write a moment here."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def beijing_text(moment: float) -> str:
    """`2026-11-22 10:47:19` in Beijing time without a zone: how Tencent writes a moment here."""
    return datetime.fromtimestamp(moment, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
