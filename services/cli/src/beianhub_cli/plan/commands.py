"""The command: reads a situation, plans, and writes the answer."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from beianhub_cli.client.errors import EXIT_CODES, CommandError, Exit, local_failure, several
from beianhub_cli.client.output import Format, Report, Screen
from beianhub_cli.plan.reading import NotYamlError, load
from beianhub_cli.plan.views import grids
from beianhub_core.planner import Answer, Request, plan, read
from beianhub_core.planner.answer import Finding, Severity
from beianhub_core.rulebook import PackError, Rulebook, load_rulebook

_CHINA: Final = timezone(timedelta(hours=8))
_LARGEST: Final = 1_000_000  # bytes; a situation has a few hundred
_EPILOG: Final = (
    "Example: beianhub plan -f situation.yaml -o json\n\n"
    "The file holds `situation`, `wish` and, where something changes, `change`.\n\n" + EXIT_CODES
)

File = Annotated[str, typer.Option("--file", "-f", help="The situation and the wish, as YAML or JSON; - reads stdin.")]
Output = Annotated[Format, typer.Option("--output", "-o", help="How to print the result.")]
Packs = Annotated[list[Path] | None, typer.Option("--pack", help="One more rule pack, loaded after the built-in ones.")]


def register(app: typer.Typer) -> None:
    """Adds ``plan``."""
    app.command("plan", epilog=_EPILOG)(plan_file)


def plan_file(file: File, pack: Packs = None, output: Output = Format.TABLE) -> None:
    """Plan the orders (备案订单) that fulfil a wish: steps in sequence, findings with their sources, questions.

    A plan with a blocker is a plan, too, and ends with 0; only an input that cannot be read ends with 4. Where the
    situation does not say today's date, it is today's in China.
    """
    screen = Screen(output)
    try:
        answer, readable = _planned(_text(file), _book(pack or []))
    except CommandError as error:
        screen.fail(error.failure)
        raise typer.Exit(error.failure.exit) from None
    screen.show(Report(answer.document(), grids(answer)))
    if not readable:
        raise typer.Exit(Exit.INVALID)


def _planned(text: str, book: Rulebook) -> tuple[Answer, bool]:
    """The answer, and whether the input could be read."""
    try:
        request = read(load(text))
    except NotYamlError as error:
        return Answer(findings=(_not_yaml(error),)), False
    if isinstance(request, Answer):
        return request, False
    return plan(_dated(request), request.wish, request.change, book), True


def _dated(request: Request) -> Any:
    situation = request.situation
    if situation.today is not None:
        return situation
    return situation.model_copy(update={"today": datetime.now(UTC).astimezone(_CHINA).date()})


def _not_yaml(error: NotYamlError) -> Finding:
    return Finding(
        "NOT_YAML",
        Severity.BLOCKER,
        error.where,
        f"不是有效的 YAML：{error.reason}",
        f"is no valid YAML: {error.reason}",
        "Mend the file there; every key stands once, and no anchors.",
        "planner.schema",
        ("YAML 1.1",),
    )


def _book(packs: list[Path]) -> Rulebook:
    try:
        return load_rulebook(packs)
    except PackError as error:
        raise several(error.findings) from None


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(_LARGEST + 1) if file == "-" else _start_of(Path(file))
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from None
    if len(raw) > _LARGEST:
        raise _unreadable(file, f"it has over {_LARGEST} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(file, "it is not UTF-8") from None


def _start_of(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(_LARGEST + 1)


def _unreadable(file: str, reason: str) -> CommandError:
    return local_failure(
        "FILE_UNREADABLE",
        "file",
        f"文件 {file} 无法读取：{reason}",
        f"{file} cannot be read: {reason}",
        "Check it.",
        Exit.USAGE,
    )
