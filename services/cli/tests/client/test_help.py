"""The help of every command is enough to use it, and every command is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_group
from typer.testing import CliRunner

from beianhub_cli import client
from beianhub_cli.main import COMMANDS, make_app

_APP = make_app()


def _client() -> Any:
    app = typer.Typer()
    client.register(app)
    return get_group(app)


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, sub in below.items():
        yield from _leaves(sub, (*path, name))


@pytest.mark.parametrize("path", list(_leaves(_client(), ())), ids=" ".join)
def test_help_is_enough(path: tuple[str, ...]) -> None:
    """Each command's help has an example, the exit codes, and the options that all commands share."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(_APP, [*path, "--help"])
    assert result.exit_code == 0
    for part in ("Example", f"beianhub {' '.join(path)}", "Exit codes", "--output", "--server", "--timeout"):
        assert part in result.output


def test_every_command_is_registered_where_it_is_said_to_live() -> None:
    """The root lists each command once, and its package registers it."""
    result = CliRunner().invoke(_APP, ["--help"])
    assert result.exit_code == 0
    for name in COMMANDS:
        assert CliRunner().invoke(_APP, [name, "--help"]).exit_code == 0
    assert {name for path in _leaves(_client(), ()) for name in path[:1]} <= set(COMMANDS)


def test_a_mistyped_command_is_a_usage_error_with_a_hint() -> None:
    """An unknown command ends with 2, and says which was perhaps meant."""
    result = CliRunner().invoke(_APP, ["acount"])
    assert result.exit_code == 2
    assert "account" in result.stderr


def test_mistakes_of_the_configuration_come_at_once(tmp_path: Path) -> None:
    """Every command ends with 2 for a wrong configuration, naming each mistake, and with no traceback."""
    file = tmp_path / "wrong.toml"
    file.write_text('tenant = 5\n[bus]\nurl = "rabbit://x"\n', "utf-8")
    for arguments in (["config", "show"], ["subject", "list"], ["order", "get", "x", "-o", "yaml"]):
        result = CliRunner().invoke(_APP, [*arguments, "--config", str(file)])
        assert result.exit_code == 2, result.output
        assert "bus.url" in result.stderr
        assert "tenant" in result.stderr
        assert "Traceback" not in result.output
