"""A reseller's portfolio: rows of a CSV, one per site, become subjects with their services. Pure.

No finding quotes a cell: a shifted column would put personal data where none is expected.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from beianhub.filing.v1.subject_service_pb2 import ImportRow
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_cli.client.columns import (
    BY_HEADER,
    COLUMNS,
    REQUIRED,
    Column,
    Part,
    header_key,
    read_cell,
)
from beianhub_cli.client.sheet import Broken, Row, decode, records
from beianhub_core import names
from beianhub_core.findings import blocker
from beianhub_core.rules.completing import completed

_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: its line in the file, the column's header as the file has it, and the finding."""

    row: int
    column: str
    finding: Finding


@dataclass(slots=True)
class Entry:
    """A subject of the file: what the file says of it and nothing else, and the row that each service came from; the
    first is the subject's.
    """

    subject_id: str
    subject: res.Subject
    rows: list[int] = field(default_factory=list)

    def as_import(self) -> ImportRow:
        """The row of the API, with the subject's id as its key."""
        return ImportRow(key=self.subject_id, subject_id=self.subject_id, subject=self.subject)


@dataclass(slots=True)
class Portfolio:
    """What a file says. ``notes`` are for a person: columns that are not read."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  # by column key, as the file spells them

    def place(self, entry: Entry, finding: Finding) -> Fault:
        """Where a finding of the server belongs in the file."""
        service = re.match(r"services\[(\d+)\]\.?", finding.path)
        index = int(service[1]) if service else 0
        row = entry.rows[index] if index < len(entry.rows) else entry.rows[0]
        return Fault(row, self._column(finding.path, Part.SERVICE if service else Part.SUBJECT), finding)

    def _column(self, path: str, part: Part) -> str:
        """The header of the column that holds ``path``; of the one below or above it where it has none of its own."""
        bare = _INDEX.sub("", path)
        bare = bare.removeprefix("services.") if part is Part.SERVICE else bare
        mine = [c for c in COLUMNS if c.part is part and c.key in self.headers]
        fitting = [c for c in mine if c.path and (bare == c.path or bare.startswith(f"{c.path}."))]
        fitting += [c for c in mine if c.path.startswith(f"{bare}.")]
        return self.headers[fitting[0].key] if fitting else ""


def parse(content: bytes) -> Portfolio:
    """Reads a portfolio: rows with mistakes are in ``faults``; all others, whatever the bad ones are, in ``entries``.

    Rows of one subject id make one subject with several services. A later row may leave the subject's cells empty, or
    repeat them; it may not contradict them.
    """
    portfolio = Portfolio()
    try:
        text = decode(content)
    except UnicodeDecodeError:
        portfolio.faults.append(Fault(0, "", _unreadable()))
        return portfolio
    lines = records(text)
    first = next(lines, None)
    if not isinstance(first, Row):
        portfolio.faults.append(Fault(first.number if first else 0, "", first.finding if first else _empty()))
        return portfolio
    columns = _header(first, portfolio)
    if not portfolio.faults:
        _body(lines, columns, portfolio)
    portfolio.faults.sort(key=lambda fault: fault.row)
    return portfolio


def _header(row: Row, portfolio: Portfolio) -> list[Column | None]:
    columns = [BY_HEADER.get(header_key(cell)) for cell in row.cells]
    for cell, column in zip(row.cells, columns, strict=True):
        if column is None:
            portfolio.notes += [_unknown_column(cell)] if cell else []
        elif column.key in portfolio.headers:
            portfolio.faults.append(Fault(row.number, cell, _column_twice()))
        else:
            portfolio.headers[column.key] = cell
    portfolio.faults += [
        Fault(row.number, column.chinese, _column_missing(column))
        for column in COLUMNS
        if column.key in REQUIRED and column.key not in portfolio.headers
    ]
    return columns


def _body(lines: Iterable[Row | Broken], columns: Sequence[Column | None], portfolio: Portfolio) -> None:
    found: dict[str, Entry] = {}
    for line in lines:
        if isinstance(line, Broken):
            portfolio.faults.append(Fault(line.number, "", line.finding))
            continue
        faults = _take(line, columns, found, portfolio)
        portfolio.faults += faults
    portfolio.entries += found.values()


def _take(row: Row, columns: Sequence[Column | None], found: dict[str, Entry], portfolio: Portfolio) -> list[Fault]:
    """Adds the row to its subject; or says why not, and adds nothing."""
    if len(row.cells) != len(columns):
        return [Fault(row.number, "", _cell_count(len(columns), len(row.cells)))]
    cells = {c.key: cell for c, cell in zip(columns, row.cells, strict=True) if c is not None and cell}
    subject_id = cells.pop("subject_id", "").lower()
    if not names.ID.fullmatch(subject_id):
        return [Fault(row.number, portfolio.headers["subject_id"], _bad_id())]
    subject, service = res.Subject(), res.Service()
    faults = []
    for column in (c for c in COLUMNS if c.key in cells):
        target = subject if column.part is Part.SUBJECT else service
        found_faults = read_cell(target, column, cells[column.key])
        faults += [Fault(row.number, portfolio.headers[column.key], finding) for finding in found_faults]
    entry = found.get(subject_id)
    faults += _misfits(row, subject, entry, portfolio) if entry else _gaps(row, cells, portfolio)
    if faults:
        return faults
    if entry is None:
        entry = found.setdefault(subject_id, Entry(subject_id, subject))
    entry.rows.append(row.number)
    entry.subject.services.append(service)
    return []


def _gaps(row: Row, cells: Mapping[str, str], portfolio: Portfolio) -> list[Fault]:
    """What the first good row of a subject has to say."""
    return [
        Fault(row.number, portfolio.headers[column.key], _required())
        for column in COLUMNS
        if column.key in REQUIRED and column.path and column.key not in cells
    ]


def _misfits(row: Row, subject: res.Subject, entry: Entry, portfolio: Portfolio) -> list[Fault]:
    """Where a later row contradicts the subject, or what follows where the subject's first row is silent."""
    known = completed(entry.subject)
    return [
        Fault(row.number, portfolio.headers[column.key], _contradicts(entry.rows[0]))
        for column in COLUMNS
        if column.part is Part.SUBJECT
        and column.path
        and (value := _value(subject, column.path))
        and value != _value(known, column.path)
    ]


def _value(message: Message, path: str) -> object:
    value: object = message
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _unknown_column(cell: str) -> str:
    near = difflib.get_close_matches(header_key(cell), list(BY_HEADER), n=1)
    hint = f"; did you mean {BY_HEADER[near[0]].chinese}?" if near else ""
    return f"column {cell} is not read{hint}"


def _unreadable() -> Finding:
    return blocker(
        "ENCODING_UNKNOWN",
        "",
        "无法识别文件编码",
        "the file's encoding is neither UTF-8 nor GB 18030",
        "请在表格软件中另存为“CSV UTF-8”。 / Save it as “CSV UTF-8” in the spreadsheet program.",
    )


def _empty() -> Finding:
    return blocker("FILE_EMPTY", "", "文件为空", "the file is empty", "请重新导出。 / Export it again.")


def _column_twice() -> Finding:
    return blocker(
        "COLUMN_TWICE", "", "列重复", "the column is there twice", "请删除其中一个。 / Remove one of the two."
    )


def _column_missing(column: Column) -> Finding:
    en = f"the column {column.chinese} ({column.key}) is missing"
    return blocker(
        "COLUMN_MISSING",
        "",
        f"缺少列“{column.chinese}”",
        en,
        "请补充；参见 samples/portfolio.csv。 / Add it; see samples/portfolio.csv.",
    )


def _cell_count(wanted: int, got: int) -> Finding:
    return blocker(
        "CELL_COUNT",
        "",
        f"表头有 {wanted} 列，此行有 {got} 列",
        f"has {got} cells where the header has {wanted}",
        (
            "含分隔符的单元格请加引号；空单元格请保留。 / "
            "Put cells with a separator inside in quotation marks; keep empty cells."
        ),
    )


def _bad_id() -> Finding:
    return blocker(
        "SUBJECT_ID_INVALID",
        "subject_id",
        "主体ID 应由小写字母、数字和连字符组成，最多 63 个字符",
        "must be lower-case letters, digits and hyphens, at most 63",
        (
            "请为客户的主体自定一个编号，并保持不变。 / "
            "Choose an id of your own for the customer's subject, and keep it."
        ),
    )


def _required() -> Finding:
    return blocker(
        "CELL_REQUIRED",
        "",
        "此格不能为空（该主体没有其他正确的行给出此项）",
        "must not be empty: no good row above says it for this subject",
        "请填写，或更正描述该主体的行。 / Fill it in, or correct the row that describes the subject.",
    )


def _contradicts(row: int) -> Finding:
    return blocker(
        "CONTRADICTS_ROW",
        "",
        f"与第 {row} 行同一主体的内容不一致",
        f"differs from what row {row} says of the same subject",
        "请更正其中之一，或将单元格留空。 / Correct one of the two, or leave the cell empty.",
    )
