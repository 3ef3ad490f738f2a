"""A reseller's CSV as rows of cells: its encoding, its separator, and lines that break it. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.findings import blocker

_SEPARATORS: Final = (",", "\t", ";")
_LONGEST_RECORD: Final = 20  # lines of a record whose cells have line breaks; a quote open for longer was never closed


@dataclass(frozen=True, slots=True)
class Row:
    """One record: ``number`` counts lines of the file from 1, as an editor shows them."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no record."""

    number: int
    finding: Finding


def decode(content: bytes) -> str:
    """The text, from UTF-8 with or without a byte order mark, UTF-16 with one, or GB 18030 (with GBK and GB 2312).

    UTF-8 is tried first: Chinese text in GB 18030 is hardly ever valid UTF-8, the other way round it often is.

    Raises:
        UnicodeDecodeError: it is none of them.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def separator(header: str) -> str:
    """What separates the header's cells: whichever of comma, tab and semicolon there are most of."""
    return max(_SEPARATORS, key=header.count)


def records(text: str) -> Iterator[Row | Broken]:
    """The records in the text, blank lines left out. A quote that is never closed costs its own line and no other."""
    lines = text.splitlines(keepends=True)
    between = separator(lines[0]) if lines else ","
    start = 0
    while start < len(lines):
        end, cells = _record(lines, start, between)
        if cells is None:
            yield Broken(start + 1, _open_quote())
        elif any(cell.strip() for cell in cells):
            yield Row(start + 1, tuple(_tidy(cell) for cell in cells))
        start = end


def _record(lines: Sequence[str], start: int, between: str) -> tuple[int, list[str] | None]:
    """The line after the record that begins at ``start``, and its cells; ``None`` when no record begins there."""
    for end in range(start + 1, min(start + _LONGEST_RECORD, len(lines)) + 1):
        try:
            found = list(csv.reader(io.StringIO("".join(lines[start:end]), newline=""), delimiter=between, strict=True))
        except csv.Error:
            continue  # a cell goes on in the next line, or a quote stands where none may
        return end, found[0] if found else []
    return start + 1, None


def _tidy(cell: str) -> str:
    """The cell without outer blanks, and without the apostrophe by which spreadsheets mark a text."""
    return unicodedata.normalize("NFC", cell).strip().removeprefix("'").strip()


def _open_quote() -> Finding:
    return blocker(
        "ROW_UNREADABLE",
        "",
        "引号不成对，或引号位置不对",
        "has a quotation mark that is not closed, or stands where none may",
        (
            '单元格内的引号请写成两个（""），并给整个单元格加引号，或删除引号。 / '
            'Double quotation marks inside a cell ("") and put the whole cell in quotation marks, or remove them.'
        ),
    )
