"""The result on standard output, as a table, JSON or YAML; everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import yaml
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from beianhub_cli.client.errors import Failure

_WIDE: Final = 400  # without a terminal there is nothing to fit into
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Format(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its header, and rows of as many cells."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A result in both forms: ``document`` of plain values for machines, ``grids`` for people."""

    document: Any
    grids: Sequence[Grid] = field(default_factory=list)


def plain(message: Message) -> dict[str, Any]:
    """The message with the API's own field names and enum names; fields without a value are there, too."""
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def clean(text: str) -> str:
    """The text without control characters, which could steer a terminal: vendors' words are shown as they came."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


class Screen:
    """Where a command writes."""

    def __init__(self, form: Format = Format.TABLE) -> None:
        self.form = form
        self._out = _console(stderr=False)
        self.err = _console(stderr=True)

    def show(self, report: Report) -> None:
        """Writes the result."""
        if self.form is Format.TABLE:
            self._out.print(*[_rendered(grid) for grid in report.grids])
        else:
            sys.stdout.write(_dumped(report.document, self.form))

    def show_line(self, document: Any, line: str) -> None:
        """Writes one item of a stream at once: a line of JSON, a YAML document, or a line for people."""
        if self.form is Format.TABLE:
            self._out.print(Text(clean(line)), soft_wrap=True)
        elif self.form is Format.JSON:
            sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write("---\n" + _dumped(document, self.form))
        sys.stdout.flush()

    def note(self, text: str, style: str = "") -> None:
        """Tells a person something on standard error: as text, a line of JSON, or a comment of YAML."""
        if self.form is Format.JSON:
            sys.stderr.write(json.dumps({"note": text}, ensure_ascii=False) + "\n")
        elif self.form is Format.YAML:
            sys.stderr.write("".join(f"# {clean(line)}\n" for line in text.splitlines()))
        else:
            self.err.print(Text(clean(text), style=style), soft_wrap=True)

    def fail(self, failure: Failure) -> None:
        """Says on standard error why the command failed, in the form that was asked for."""
        if self.form is Format.TABLE:
            self.err.print(_explained(failure), soft_wrap=True)
        elif self.form is Format.JSON:
            sys.stderr.write(json.dumps(failure.document(), ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(_dumped(failure.document(), self.form))


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=None if stream.isatty() else _WIDE)


def _dumped(document: Any, form: Format) -> str:
    if form is Format.JSON:
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))


def _rendered(grid: Grid) -> RenderableType:
    if not grid.rows:
        return Text(f"{grid.title}: none" if grid.title else "none", style="dim")
    table = Table(box=SIMPLE_HEAD, title=grid.title or None, title_justify="left", pad_edge=False)
    for name in grid.header:
        table.add_column(Text(name), overflow="fold")
    for row in grid.rows:
        table.add_row(*[Text(clean(cell)) for cell in row])
    return table


def _explained(failure: Failure) -> RenderableType:
    lines = [Text.assemble(("error ", "bold red"), (f"{failure.reason} ", "bold"), clean(_headline(failure)))]
    for each in failure.findings:
        lines.append(Text.assemble("  ", (clean(each.path) or "request", "cyan"), f": {clean(each.message_zh)}"))
        lines.append(Text(f"    {clean(each.message_en)}"))
        lines.append(Text.assemble("    ", ("→ ", "green"), clean(each.suggestion)))
        if each.source:
            lines.append(Text(f"    source: {', '.join(each.source)}", style="dim"))
    facts = [f"{key}={value}" for key, value in sorted(failure.metadata.items())]
    if failure.server_request:
        facts.append(f"server request {failure.server_request}")
    if facts:
        lines.append(Text("  " + "; ".join(facts), style="dim"))
    if failure.request_id:
        lines.append(Text(f"  It may have been done. Repeat it safely with --request-id {failure.request_id}"))
    return Group(*lines)


def _headline(failure: Failure) -> str:
    """The code, and the server's message where no finding says it better."""
    return f"({failure.code})" if failure.findings else f"({failure.code}) {failure.message}"
