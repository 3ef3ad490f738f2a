"""When each step ends if everything takes its longest, from today on, in China's working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from beianhub_core.planner.answer import Deadline, Step

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.rulebook.workdays import Calendar

# What makes a step last; the other times are limits.
_LASTING: Final = frozenset(
    {"FIRST_REVIEW", "PHOTO_REVIEW", "FORWARDING", "REGULATOR_REVIEW", "CANCELLATION", "DOMAIN_DATA", "MIIT_SMS"}
)
_LAST_DAY: Final = date(9000, 1, 1)  # beyond it dates overflow


def schedule(draft: Draft, calendar: Calendar) -> None:
    """Adds to every step the day on which it ends at the latest; without a today there are no days."""
    today = draft.facts.given.today
    if today is None or today > _LAST_DAY:
        return
    ends: dict[str, Deadline] = {}
    for index, step in enumerate(draft.steps):
        start = max((date.fromisoformat(ends[before].date) for before in step.after), default=today)
        shaky = any(ends[before].provisional for before in step.after)
        ends[step.id] = _end(step, start, calendar, shaky=shaky)
        draft.steps[index] = replace(step, deadlines=(*step.deadlines, ends[step.id]))
    if any(end.provisional for end in ends.values()):
        draft.find("DEADLINE_PROVISIONAL")


def _end(step: Step, start: date, calendar: Calendar, *, shaky: bool) -> Deadline:
    lasting = [each for each in step.deadlines if each.kind in _LASTING]
    working = sum(each.most or 0 for each in lasting if each.unit == "WORKING_DAYS")
    days = sum(each.most or 0 for each in lasting if each.unit == "DAYS") + any(e.unit == "HOURS" for e in lasting)
    end = calendar.add(start, working)
    day = end.date + timedelta(days=days)
    provisional = shaky or end.provisional
    return Deadline("PLANNED_END", date=day.isoformat(), provisional=provisional, source=(calendar.version,))
