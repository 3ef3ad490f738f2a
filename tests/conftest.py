"""What the tests of the whole share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from rehearsal.stage import Demo, demo


@dataclass(frozen=True)
class Played:
    """A demonstration that has ended: its records, and where it happened."""

    demo: Demo
    records: dict[str, Any]
    seconds: float


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The embedded demonstration, run once and left alone."""
    directory = tmp_path_factory.mktemp("undisturbed")
    begin = time.monotonic()
    with demo(directory) as played:
        records = played.records()
        yield Played(played, records, time.monotonic() - begin)
