"""``beianhub init --sandbox`` and the start: what a newcomer's first two commands leave and refuse."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from beianhub_cli.config import Config
from beianhub_cli.main import make_app
from beianhub_cli.serve.settings import engine_settings
from beianhub_sandbox.settings import Settings

_APP = make_app()


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged during the test."""
    with capture_logs() as lines:
        yield lines


def test_the_sandboxs_key_pairs_are_added_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init --sandbox` adds the pairs that the sandbox knows, each secret for its owner only, beside what is there."""
    monkeypatch.chdir(tmp_path)
    mine = '[credentials.tencent]\naccess_key_id = "AKIDMINE"\naccess_key_secret_file = "mine"\n'
    Path("beianhub.toml").write_text(mine, "utf-8")
    result = CliRunner().invoke(_APP, ["init", "--sandbox"])
    assert result.exit_code == 0, result.output
    assert CliRunner().invoke(_APP, ["init", "--sandbox"]).exit_code == 4  # the tenant is there; nothing is added twice
    written = tomllib.loads(Path("beianhub.toml").read_text("utf-8"))["credentials"]
    assert written["tencent"]["access_key_id"] == "AKIDMINE"
    for vendor in ("aliyun", "huawei"):
        file = Path(written[vendor]["access_key_secret_file"])
        assert Settings().credentials[vendor] == {written[vendor]["access_key_id"]: file.read_text("utf-8").strip()}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(".beianhub").stat().st_mode) == 0o700


def test_a_secret_that_others_can_read_is_warned_of(tmp_path: Path, logged: list[MutableMapping[str, Any]]) -> None:
    """The engine says which credential, and how to close its file; the secret itself is in no line."""
    file = tmp_path / "secret"
    file.write_text("sandbox-tencent-secret-1", "utf-8")
    file.chmod(0o644)
    given = {"access_key_id": "AKID", "access_key_secret_file": file}
    engine_settings(Config.model_validate({"credentials": {"tencent": given}}))
    (line,) = logged
    assert (line["event"], line["credential"]) == ("secret_open_to_others", "tencent")
    assert line["remedy"] == f"chmod 600 {file}"
    assert "sandbox-tencent" not in str(line)


def test_a_missing_secret_ends_the_start_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` and `engine` name a credential's file that is not there, with code 2, and start no part of themselves."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(_APP, ["init"]).exit_code == 0
    lines = '[credentials.tencent]\naccess_key_id = "AKID"\naccess_key_secret_file = "nowhere"\n'
    with Path("beianhub.toml").open("a", encoding="utf-8") as file:
        file.write(lines)
    for command in (["up", "--sandbox"], ["engine"]):
        # As a process of its own: a server sets up the logging of its whole process.
        words = [sys.executable, "-m", "beianhub_cli", *command]
        result = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own
        assert result.returncode == 2, result.stderr
        assert "credentials.tencent.access_key_secret_file" in result.stderr
        assert "ready" not in result.stdout + result.stderr
        assert "Traceback" not in result.stderr
