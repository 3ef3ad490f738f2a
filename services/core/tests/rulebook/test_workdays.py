"""China's working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub_core.rulebook.workdays import CHINA


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday worked in exchange before the Spring Festival
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # 15 to 23 February are off
        (date(2026, 2, 16), 5, date(2026, 2, 28)),  # and Saturday the 28th is worked
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day holiday, 1 to 7 October
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday worked in exchange for it
        (date(2026, 10, 8), 2, date(2026, 10, 10)),  # as is a Saturday after it
        (date(2026, 5, 29), 0, date(2026, 5, 29)),
        (date(2026, 11, 20), 10, date(2026, 12, 4)),
    ],
)
def test_holidays_of_2026(start: date, days: int, end: date) -> None:
    """Public holidays do not count, days worked in exchange do, and the first day is the one after the start."""
    deadline = CHINA.add(start, days)
    assert (deadline.date, deadline.provisional) == (end, False)


def test_past_the_data() -> None:
    """Past the last year with data only weekends are known: the deadline is provisional, and a finding says so."""
    deadline = CHINA.add(date(CHINA.last_year, 12, 30), 5)
    assert deadline.provisional
    finding = CHINA.provisional("orders.deadline")
    assert (finding.code, finding.path, finding.as_of) == ("DEADLINE_PROVISIONAL", "orders.deadline", "")
    assert finding.source[0].startswith("chinesecalendar ")
    far = CHINA.add(date(CHINA.last_year + 4, 1, 1), 20)
    assert far.provisional
    assert far.date.weekday() <= 4


@pytest.mark.parametrize("days", [-1, 2501])
def test_unreasonable_periods(days: int) -> None:
    """Nobody has a deadline in the past, or ten years ahead."""
    with pytest.raises(ValueError, match="0 to 2500"):
        CHINA.add(date(2026, 1, 1), days)


@given(start=st.dates(date(2004, 1, 1), date(2040, 1, 1)), days=st.integers(1, 60), more=st.integers(0, 20))
def test_counting(start: date, days: int, more: int) -> None:
    """A deadline is a working day, with exactly the days asked for since the start, and adding goes in steps."""
    end = CHINA.add(start, days).date
    passed = [start + timedelta(n) for n in range(1, (end - start).days + 1)]
    assert CHINA.is_working_day(end)
    assert sum(map(CHINA.is_working_day, passed)) == days
    assert CHINA.add(end, more).date == CHINA.add(start, days + more).date
