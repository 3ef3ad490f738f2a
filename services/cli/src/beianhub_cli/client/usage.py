"""Mistakes on the command line, told as every other failure: in both languages, and in the form that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import typer

from beianhub_cli.client.errors import Exit, Failure
from beianhub_cli.client.output import Format
from beianhub_core.findings import blocker

# Typer keeps the class of all such mistakes to itself; it is what the one that it shows derives from.
UsageError: Final = cast("type[Exception]", typer.BadParameter.__mro__[1])
_CHINESE: Final = {
    "NoSuchOption": "没有此选项",
    "NoSuchCommand": "没有此命令",
    "MissingParameter": "缺少参数或选项",
    "BadParameter": "参数或选项的值无效",
    "BadOptionUsage": "选项用法有误",
    "BadArgumentUsage": "参数用法有误",
}


def asked_form(typed: Sequence[str]) -> Format:
    """The output form that a command line asks for, whatever else is wrong with it."""
    for index, word in enumerate(typed):
        option, is_joined, value = word.partition("=")
        if option in ("-o", "--output"):
            named = value if is_joined else next(iter(typed[index + 1 :]), "")
            return Format(named) if named in list(Format) else Format.TABLE
    return Format.TABLE


def is_help(error: Exception) -> bool:
    """Whether it is a group's way to show its help, when no command of it was named."""
    return type(error).__name__ == "NoArgsIsHelpError"


def misused(error: Any) -> Failure:
    """The failure that a usage error is: its place is the command, and its help the remedy."""
    path = error.ctx.command_path if error.ctx is not None else "beianhub"
    told = " ".join(str(error.format_message()).split()).rstrip(".")
    zh = f"{_CHINESE.get(type(error).__name__, '用法有误')}：{told}"
    remedy = f"请查看 `{path} --help`。 / See `{path} --help`."
    return Failure(Exit.USAGE, Exit.USAGE.name, "USAGE", told, (blocker("USAGE", path, zh, told, remedy),))
