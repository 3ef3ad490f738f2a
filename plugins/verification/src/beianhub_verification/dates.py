"""Days as China counts them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8))


def china_day(moment: datetime) -> date:
    """The day in China at a moment that has a time zone."""
    return moment.astimezone(CHINA).date()


def read_day(text: str) -> date | None:
    """A day written YYYY-MM-DD; None of anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
