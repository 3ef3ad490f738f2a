"""Working days from a file, for years that the library does not have yet, or has otherwise.

Strict YAML, as the State Council's yearly notice says it: days off, and weekend days worked in exchange (调休)::

    source: 国务院办公厅关于某年部分节假日安排的通知
    years:
    - year: 2027
      holidays: [2027-01-01, 2027-02-05/2027-02-11]
      workdays: [2027-02-14]
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.rulebook.problems import Problems
from beianhub_core.rulebook.workdays import CHINA, Calendar
from beianhub_core.strict_yaml import StrictYamlError, load

if TYPE_CHECKING:
    from pathlib import Path

    from beianhub.resources.v1.resources_pb2 import Finding

_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_DAYS: Final = re.compile(rf"({_DAY})(?:/({_DAY}))?", re.ASCII)
_FRIDAY: Final = 4
_KEYS: Final = ({"source", "years"}, {"year", "holidays", "workdays"})


class CalendarError(BeianhubError):
    """A calendar's file is wrong: ``findings`` has every problem with its place in the file."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(ErrorKind.INVALID, "CALENDAR_INVALID", findings)


@dataclass(frozen=True, slots=True)
class _Year:
    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]


def read_calendar(path: Path) -> Calendar:
    """The library's calendar with the file's years in place of its own. Its version changes with what the file says.

    Raises:
        CalendarError: with every problem at once.
    """
    problems = Problems(path.name)
    document = _document(path, problems)
    _refuse_unknown(document, _KEYS[0], "", problems)
    source = document.get("source")
    if document and not (isinstance(source, str) and source.strip()):
        _add_source(problems)
    years = list(_years(document, problems)) if document else []
    if document and not problems.found:
        _check_row(years, problems)
    if problems.found:
        raise CalendarError(problems.found)
    return _merged(path.name, str(source), years)


def _document(path: Path, problems: Problems) -> dict[str, Any]:
    try:
        document = load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not UTF-8"
        _unreadable(problems, "", reason, reason)
        return {}
    except StrictYamlError as error:
        _unreadable(problems, error.place, *error.texts)
        return {}
    if isinstance(document, dict) and document:
        return document
    _unreadable(problems, "", "应为 source 和 years", "is no mapping of source and years")
    return {}


def _years(document: dict[str, Any], problems: Problems) -> Iterator[_Year]:
    rows = document.get("years")
    if not isinstance(rows, list) or not rows:
        _add_years(problems)
        return
    for index, row in enumerate(rows):
        at = f"years[{index}]"
        if not isinstance(row, dict) or not _is_year(row.get("year")):
            _add_year(problems, f"{at}.year")
            continue
        _refuse_unknown(row, _KEYS[1], at, problems)
        made = _Year(row["year"], *(frozenset(_days(row, key, at, problems)) for key in ("holidays", "workdays")))
        _check_workdays(made, at, problems)
        yield made


def _is_year(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and date.min.year <= value <= date.max.year


def _days(row: dict[str, Any], key: str, at: str, problems: Problems) -> Iterator[date]:
    """Single days, and from the first to the last of ``2027-02-05/2027-02-11``."""
    given = row.get(key, [])
    for index, text in enumerate(given if isinstance(given, list) else [given]):
        span = _span(text)
        if span is None or {day.year for day in span} != {row["year"]} or span[0] > span[1]:
            _add_day(problems, f"{at}.{key}[{index}]", row["year"])
            continue
        yield from (span[0] + timedelta(number) for number in range((span[1] - span[0]).days + 1))


def _span(text: object) -> tuple[date, date] | None:
    found = _DAYS.fullmatch(text) if isinstance(text, str) else None
    try:
        return (date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1])) if found else None
    except ValueError:
        return None


def _check_workdays(made: _Year, at: str, problems: Problems) -> None:
    """Only a weekend day is worked in exchange, and none is both off and worked."""
    wrong = sorted(day for day in made.workdays if day.weekday() <= _FRIDAY or day in made.holidays)
    for day in wrong:
        problems.add(
            "CALENDAR_WORKDAY",
            f"{at}.workdays",
            f"{day} 不是周末，或同时列为放假：调休上班日只能是周末",
            f"{day} is no weekend, or is off too: days worked in exchange are weekend days",
            "按通知核对该日期。 / Compare the day with the notice.",
        )


def _check_row(years: list[_Year], problems: Problems) -> None:
    """No year stands twice, and none is missing between the library's and the file's: it would count as known."""
    given = [each.year for each in years]
    known = {*range(CHINA.first_year, CHINA.last_year + 1), *given}
    missing = [year for year in range(min(known), max(known) + 1) if year not in known]
    if missing or len(set(given)) < len(given):
        problems.add(
            "CALENDAR_YEARS",
            "years",
            f"年份重复，或缺少年份：{'、'.join(map(str, missing)) or '无'}",
            f"a year stands twice, or years are missing: {', '.join(map(str, missing)) or 'none'}",
            f"每年一项，并与内置数据（{CHINA.first_year} 至 {CHINA.last_year}）相接。 / "
            f"One entry for each year, next to those that are built in ({CHINA.first_year} to {CHINA.last_year}).",
        )


def _merged(name: str, source: str, years: list[_Year]) -> Calendar:
    own = {each.year for each in years}
    holidays = frozenset().union(*(each.holidays for each in years))
    workdays = frozenset().union(*(each.workdays for each in years))
    said = "|".join(
        [source, *map(str, sorted(own)), *(day.isoformat() for day in (*sorted(holidays), *sorted(workdays)))]
    )
    return Calendar(
        version=f"{CHINA.version} + {name} {hashlib.sha256(said.encode()).hexdigest()[:8]}",
        first_year=min(CHINA.first_year, *own),
        last_year=max(CHINA.last_year, *own),
        holidays=holidays | {day for day in CHINA.holidays if day.year not in own},
        workdays=workdays | {day for day in CHINA.workdays if day.year not in own},
    )


def _refuse_unknown(mapping: dict[str, Any], known: set[str], at: str, problems: Problems) -> None:
    for key in sorted(set(mapping) - known):
        problems.add(
            "CALENDAR_KEY",
            f"{at}.{key}" if at else key,
            "未知的键",
            "is no key of a calendar",
            f"可用：{'、'.join(sorted(known))}。 / Use {', '.join(sorted(known))}.",
        )


def _unreadable(problems: Problems, place: str, zh: str, en: str) -> None:
    problems.add(
        "CALENDAR_UNREADABLE",
        place,
        f"日历文件不可读：{zh}",
        f"the calendar cannot be read: {en}",
        "检查文件：source 和 years。 / Check the file: source and years.",
    )


def _add_source(problems: Problems) -> None:
    problems.add(
        "CALENDAR_SOURCE",
        "source",
        "须写明来源",
        "names no source",
        "写明国务院办公厅的放假通知。 / Name the State Council's notice.",
    )


def _add_years(problems: Problems) -> None:
    problems.add(
        "CALENDAR_YEARS",
        "years",
        "须列出年份",
        "lists no year",
        "每年一项：year、holidays、workdays。 / One entry for each year: year, holidays, workdays.",
    )


def _add_year(problems: Problems, path: str) -> None:
    problems.add(
        "CALENDAR_YEAR",
        path,
        "年份应为四位数字",
        "is no year",
        "写四位数字，如 2027。 / Write four digits, such as 2027.",
    )


def _add_day(problems: Problems, path: str, year: int) -> None:
    problems.add(
        "CALENDAR_DAY",
        path,
        f"应为 {year} 年的日期 YYYY-MM-DD，或起止日期 YYYY-MM-DD/YYYY-MM-DD",
        f"must be a day of {year}, YYYY-MM-DD, or the first and the last of several, YYYY-MM-DD/YYYY-MM-DD",
        "按通知填写。 / Copy it from the notice.",
    )
