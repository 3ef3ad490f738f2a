"""When the sources were written, as far as they say so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# S0, S1, S3 and S4 carry no date of their own.
_DATES: Final = {
    "S2": "2015-11-19",
    "ALI-2019": "2019-09",
    "TC-DOC": "2023",
    "HW-KB": "2026-05",
    "MIIT-V3": "2013-10",
}


def as_of(sources: Iterable[str]) -> str:
    """The date of the newest source, as exact as it is known; "" where none has one."""
    labels = (source.split()[0].split(".")[0] for source in sources)
    return max((_DATES[label] for label in labels if label in _DATES), default="")
