"""When the sources were written, as far as they say so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# S0, S1 and S4 carry no date of their own; theirs is the year that the national pack gives them, and why.
_DATES: Final = {
    "S0": "2018",
    "S1": "2020",
    "S2": "2015-11-19",
    "S3": "2023-09-27",
    "S4": "2023",
    "ALI-2019": "2019-09",
    "TC-DOC": "2023",
    "HW-KB": "2026-05",
    "MIIT-V3": "2013-10",
    "RFC": "2010-01",  # 5737
    "UTS": "2023-09",  # 39
    "国务院办公厅放假通知": "2025-11",
}


def as_of(sources: Iterable[str]) -> str:
    """The date of the newest source, as exact as it is known; "" where none has one."""
    labels = (source.split()[0].split(".")[0] for source in sources)
    return max((_DATES[label] for label in labels if label in _DATES), default="")
