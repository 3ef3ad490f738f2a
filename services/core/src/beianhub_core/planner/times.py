"""Time limits and expected durations, with their sources; a plan reckons with the longest."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Deadline

SMS: Final = Deadline("MIIT_SMS", 24, "HOURS", source=("S3.13", "HW-KB doc_0013"))
REGULATOR: Final = Deadline(
    "REGULATOR_REVIEW", 20, "WORKING_DAYS", 1, source=("S2.22", "S2.23", "S4.14", "HW-KB doc_0158")
)
CHANGE_WITHIN: Final = Deadline("CHANGE_WITHIN", 10, "WORKING_DAYS", source=("HW-KB doc_0173", "TC-DOC"))
_NOTICE_AHEAD: Final = Deadline("CHANGE_AHEAD", 30, "DAYS", source=("HW-KB doc_0195",))

CHANGE_TIMES: Final = (CHANGE_WITHIN, _NOTICE_AHEAD)
CANCELLATION: Final = Deadline("CANCELLATION", 20, "WORKING_DAYS", 0, source=("S0.7", "S3.15", "S3.16"))
OFFLINE: Final = (Deadline("CANCELLATION", 5, "WORKING_DAYS", source=("HW-KB doc_0037",)),)
NO_REVIEW: Final[tuple[Deadline, ...]] = ()
REVIEWED: Final = frozenset(
    {
        "FIRST_FILING",
        "ADD_SERVICE",
        "ADD_ACCESS",
        "CHANGE_SUBJECT",
        "CHANGE_SERVICE",
        "CHANGE_ACCESS",
        "MIGRATE_SERVICE",
    }
)
