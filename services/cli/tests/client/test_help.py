"""The help of every command is enough to use it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
import typer.main
from typer.testing import CliRunner

from beianhub_cli import client


def _leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, sub in below.items():
        yield from _leaves(sub, (*path, name))


def _app() -> typer.Typer:
    app = typer.Typer()
    client.register(app)
    return app


@pytest.mark.parametrize("path", list(_leaves(typer.main.get_command(_app()), ())), ids=" ".join)
def test_help_is_enough(path: tuple[str, ...]) -> None:
    """Each command's help has an example, the exit codes, and the options that all commands share."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(_app(), [*path, "--help"])
    assert result.exit_code == 0
    for part in ("Example", f"beianhub {' '.join(path)}", "Exit codes", "--output", "--server", "--timeout"):
        assert part in result.output
