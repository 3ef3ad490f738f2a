"""The help of every command is enough to use it, and every command is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command, get_group
from typer.testing import CliRunner

from beianhub_cli import client
from beianhub_cli.main import COMMANDS, make_app

_APP = make_app()


def _client() -> Any:
    app = typer.Typer()
    client.register(app)
    return get_group(app)


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not hasattr(command, "list_commands"):
        yield path
        return
    for name in command.list_commands(None):
        yield from _leaves(command.get_command(None, name), (*path, name))


def _found(path: tuple[str, ...]) -> Any:
    command: Any = get_command(_APP)
    for name in path:
        command = command.get_command(None, name)
    return command


@pytest.mark.parametrize("path", list(_leaves(_client(), ())), ids=" ".join)
def test_help_is_enough(path: tuple[str, ...]) -> None:
    """Each command's help has an example, the exit codes, and the options that all commands share."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(_APP, [*path, "--help"])
    assert result.exit_code == 0
    for part in ("Example", f"beianhub {' '.join(path)}", "Exit codes", "--output", "--server", "--timeout"):
        assert part in result.output


@pytest.mark.parametrize("path", list(_leaves(get_command(_APP), ())), ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    """Each command says what it does, shows an example and the exit codes, and explains each of its options."""
    command = _found(path)
    assert command.help
    assert "Exit codes" in command.epilog
    assert f"beianhub {' '.join(path)}" in command.epilog
    assert [one.name for one in command.params if not one.help] == []


@pytest.mark.parametrize(
    ("shell", "typed", "offered"),
    [
        ("bash", "beianhub ord", {"order"}),
        ("bash", "beianhub order sub", {"submit"}),
        ("bash", "beianhub order submit --to", {"--to-end"}),
        ("bash", "beianhub watch --type risk_", {"risk_raised", "risk_cleared"}),
        ("bash", "beianhub order list -o j", {"json"}),
        ("zsh", "beianhub subj", {"subject"}),
        ("fish", "beianhub order with", {"withdraw"}),
    ],
)
def test_the_shell_completes(shell: str, typed: str, offered: set[str]) -> None:
    """Commands, options and values are completed in each shell, though a command's module is loaded only when named."""
    environment = {
        "_BEIANHUB_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    command = [sys.executable, "-c", "from beianhub_cli.main import make_app; make_app()(prog_name='beianhub')"]
    result = subprocess.run(  # noqa: S603 - this interpreter
        command, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.stderr == ""
    assert offered <= set(re.findall(r"[\w-]+", result.stdout))
    assert "plugin" not in result.stdout


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


def test_a_client_waits_for_no_engine() -> None:
    """What only servers need, the application with its database's drivers and the engine, no client's command loads."""
    script = "import sys, beianhub_cli.client; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.split()  # noqa: S603 - this interpreter
    servers = {"sqlalchemy", "alembic", "beianhub_core.application", "beianhub_engine", "beianhub_gateway"}
    assert servers.isdisjoint(loaded)
    assert "grpc" in loaded
