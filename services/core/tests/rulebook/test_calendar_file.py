"""Working days from a file. The days off of 2027 and 2028 here are invented: no notice had named them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from beianhub_core.rulebook.calendar_file import CalendarError, read_calendar
from beianhub_core.rulebook.workdays import CHINA

GOOD = """
source: 国务院办公厅放假通知（虚构）
years:
- year: 2027
  holidays: [2027-01-01, 2027-02-05/2027-02-11]
  workdays: [2027-02-14]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "calendar.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 12, 31), 1, date(2027, 1, 4)),  # New Year's Day is off, and a weekend follows
        (date(2027, 2, 4), 1, date(2027, 2, 12)),  # seven days off
        (date(2027, 2, 12), 1, date(2027, 2, 14)),  # a Sunday worked in exchange
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the library's own years stay
    ],
)
def test_the_file_s_years_are_known(tmp_path: Path, start: date, days: int, end: date) -> None:
    """Days off do not count, days worked in exchange do, and nothing in these years is provisional."""
    found = read_calendar(written(tmp_path, GOOD)).add(start, days)
    assert (found.date, found.provisional) == (end, False)


def test_past_the_file_weekends_alone_count(tmp_path: Path) -> None:
    """Its last year is the calendar's last year, and the finding says so."""
    calendar = read_calendar(written(tmp_path, GOOD))
    assert calendar.add(date(2027, 12, 31), 1).provisional
    assert "2027" in calendar.provisional("x").message_en
    assert calendar.provisional("x").source == [calendar.version]


def test_a_year_of_the_file_takes_the_place_of_the_library_s(tmp_path: Path) -> None:
    """Whoever has a newer notice than the library is right about that year, and about no other."""
    calendar = read_calendar(written(tmp_path, "source: 虚构\nyears: [{year: 2026, holidays: [2026-10-01]}]"))
    assert calendar.add(date(2026, 9, 30), 1).date == date(2026, 10, 2)
    assert calendar.add(date(2025, 9, 30), 1) == CHINA.add(date(2025, 9, 30), 1)


def test_the_version_is_that_of_what_the_file_says(tmp_path: Path) -> None:
    """Other days are another version, so that what is provisional is counted again; other blanks are none."""
    versions = [
        read_calendar(written(tmp_path, text)).version
        for text in (GOOD, GOOD + "\n# 备注\n", GOOD.replace("02-11", "02-12"))
    ]
    assert versions[0] == versions[1] != versions[2]
    assert versions[0].startswith(f"{CHINA.version} + calendar.yaml ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", {"calendar.yaml": "CALENDAR_UNREADABLE"}),
        ("{}", {"calendar.yaml": "CALENDAR_UNREADABLE"}),
        ("- 2027", {"calendar.yaml": "CALENDAR_UNREADABLE"}),
        ("source: [", {"calendar.yaml: line 2": "CALENDAR_UNREADABLE"}),
        ("source: x", {"calendar.yaml: years": "CALENDAR_YEARS"}),
        (
            GOOD.replace("source", "sauce"),
            {
                "calendar.yaml: sauce": "CALENDAR_KEY",
                "calendar.yaml: source": "CALENDAR_SOURCE",
            },
        ),
        (GOOD.replace("year: 2027", "year: next"), {"calendar.yaml: years[0].year": "CALENDAR_YEAR"}),
        ("source: x\nyears: [{year: 2028}]", {"calendar.yaml: years": "CALENDAR_YEARS"}),  # 2027 is missing
        (GOOD + GOOD.partition("years:")[2], {"calendar.yaml: years": "CALENDAR_YEARS"}),
        (GOOD.replace("2027-01-01,", "2026-01-01,"), {"calendar.yaml: years[0].holidays[0]": "CALENDAR_DAY"}),
        (GOOD.replace("/2027-02-11", "/2027-02-01"), {"calendar.yaml: years[0].holidays[1]": "CALENDAR_DAY"}),
        (GOOD.replace("/2027-02-11", "/2027-02-30"), {"calendar.yaml: years[0].holidays[1]": "CALENDAR_DAY"}),
        (GOOD.replace("[2027-02-14]", "2月14日"), {"calendar.yaml: years[0].workdays[0]": "CALENDAR_DAY"}),
        (GOOD.replace("02-14", "02-15"), {"calendar.yaml: years[0].workdays": "CALENDAR_WORKDAY"}),  # a Monday
        (GOOD.replace("02-14", "02-06"), {"calendar.yaml: years[0].workdays": "CALENDAR_WORKDAY"}),  # off
        (GOOD.replace("workdays", "works"), {"calendar.yaml: years[0].works": "CALENDAR_KEY"}),
    ],
)
def test_mistakes_are_told_at_once_with_their_places(tmp_path: Path, text: str, told: dict[str, str]) -> None:
    """Each names the file and the place, in both languages, with what to do; nothing is guessed."""
    with pytest.raises(CalendarError) as caught:
        read_calendar(written(tmp_path, text))
    assert {found.path: found.code for found in caught.value.findings} == told
    assert all(found.message_zh and found.suggestion for found in caught.value.findings)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    """No default takes its place: deadlines would silently be other ones."""
    with pytest.raises(CalendarError, match="CALENDAR_INVALID"):
        read_calendar(tmp_path / "calendar.yaml")
