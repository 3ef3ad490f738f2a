"""China's working days: weekends, public holidays and the days worked in exchange (调休).

:data:`CHINA` is the data of the library ``chinesecalendar``, which follows the State Council's yearly notices. Past a
calendar's last year only weekends are known: such a deadline is provisional, and is counted again when data arrive:
with another version of the library, or from a file (:mod:`beianhub_core.rulebook.calendar_file`).
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chinese_calendar import constants  # type: ignore[import-untyped]  # it ships no types

from beianhub.resources.v1.resources_pb2 import SEVERITY_INFO, Finding
from beianhub_core.findings import finding

_DAY: Final = timedelta(days=1)
_FRIDAY: Final = 4
_MOST: Final = 2500  # working days: ten years, more than any deadline has


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a period. ``provisional`` says that days were counted for which no calendar is known yet."""

    date: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days from ``first_year`` to ``last_year``; beyond them weekends alone.

    ``version`` names the data: another version means that what is provisional is to be counted again.
    """

    version: str
    first_year: int
    last_year: int
    holidays: AbstractSet[date]
    workdays: AbstractSet[date]

    def is_known(self, day: date) -> bool:
        """Whether there are data for the year of ``day``."""
        return self.first_year <= day.year <= self.last_year

    def is_working_day(self, day: date) -> bool:
        """Whether people work on ``day``; where there are no data, whether it is no weekend."""
        return day in self.workdays or (day.weekday() <= _FRIDAY and day not in self.holidays)

    def add(self, start: date, n: int) -> LastDay:
        """The ``n``-th working day after ``start``, which itself does not count; with 0, ``start``.

        Plan a range on its longest: ``add(start, value["max"])``. Raises ValueError for ``n`` outside 0 to 2500.
        """
        if not 0 <= n <= _MOST:
            raise ValueError(f"{n} working days: must be 0 to {_MOST}")
        day = start
        provisional = False
        while n:
            day += _DAY
            provisional = provisional or not self.is_known(day)
            n -= self.is_working_day(day)
        return LastDay(day, provisional)

    def provisional(self, path: str) -> Finding:
        """The INFO finding of a provisional deadline at ``path``."""
        return finding(
            SEVERITY_INFO,
            "DEADLINE_PROVISIONAL",
            path,
            f"{self.last_year} 年以后的放假安排尚未公布，暂只按周末计算",
            f"no holiday calendar is known after {self.last_year}: only weekends are counted",
            "放假安排更新后重新计算。 / It is counted again when the calendar is updated.",
            rule="workdays",
            source=(self.version,),
        )


CHINA: Final = Calendar(
    version=f"chinesecalendar {importlib.metadata.version('chinesecalendar')}",
    first_year=min(constants.holidays).year,
    last_year=max(constants.holidays).year,
    holidays=frozenset(constants.holidays),
    workdays=frozenset(constants.workdays),
)
