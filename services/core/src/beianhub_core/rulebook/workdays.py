"""China's working days: weekends, public holidays and the days worked in exchange (调休).

The calendar is the data of the library ``chinesecalendar``, which follows the State Council's yearly notices. Past its
last year only weekends are known: such a deadline is provisional and is to be computed again when data arrive.
"""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chinese_calendar import constants  # type: ignore[import-untyped]  # it ships no types

from beianhub.resources.v1.resources_pb2 import SEVERITY_INFO, Finding
from beianhub_core.findings import finding

_DAY: Final = timedelta(days=1)
_FRIDAY: Final = 4
_MOST: Final = 2500  # working days: ten years, more than any deadline has
FIRST_YEAR: Final[int] = min(constants.holidays).year
LAST_YEAR: Final[int] = max(constants.holidays).year
SOURCE: Final = f"chinesecalendar {importlib.metadata.version('chinesecalendar')}"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period. ``provisional`` says that days were counted for which no calendar is known yet."""

    date: date
    provisional: bool
    source: str

    def findings(self, path: str) -> list[Finding]:
        """The INFO finding of a provisional deadline at ``path``; nothing else."""
        if not self.provisional:
            return []
        return [
            finding(
                SEVERITY_INFO,
                "DEADLINE_PROVISIONAL",
                path,
                f"{LAST_YEAR} 年以后的放假安排尚未公布，暂只按周末计算",
                f"no holiday calendar is known after {LAST_YEAR}: only weekends are counted",
                "It is computed again when the calendar is updated.",
                rule="workdays",
                source=(self.source,),
            )
        ]


def is_known(day: date) -> bool:
    """Whether the calendar has data for the year of ``day``."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_working_day(day: date) -> bool:
    """Whether people work on ``day``; where the calendar has no data, whether it is no weekend."""
    return bool(day in constants.workdays or (day.weekday() <= _FRIDAY and day not in constants.holidays))


def add_working_days(start: date, n: int) -> Deadline:
    """The ``n``-th working day after ``start``, which itself does not count; with 0, ``start``.

    Plan a range on its longest: ``add_working_days(start, value["max"])``. Raises ValueError for ``n`` outside 0 to
    2500.
    """
    if not 0 <= n <= _MOST:
        raise ValueError(f"{n} working days: must be 0 to {_MOST}")
    day = start
    provisional = False
    while n:
        day += _DAY
        provisional = provisional or not is_known(day)
        n -= is_working_day(day)
    return Deadline(day, provisional, SOURCE)
