"""What a hostile or careless user does to the command ends in an error that helps, never in a trace of the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from beianhub_cli.main import make_app

from .conftest import Command

_APP = make_app()
_PLAIN = ("rules", "list")  # long, and needs no gateway


def _process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "beianhub_cli", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, timeout=120, check=False, **options)  # noqa: S603 - our own


@pytest.mark.parametrize(
    ("typed", "zh"),
    [
        (["nosuch"], "用法有误"),
        (["order", "lst"], "用法有误"),
        (["order", "get"], "缺少参数或选项"),
        (["order", "get", "x", "--nope"], "没有此选项"),
        (["order", "list", "--page-size", "x"], "参数或选项的值无效"),
        (["order", "plan"], "用法有误"),
    ],
    ids=" ".join,
)
def test_a_mistake_on_the_command_line_is_told_as_any_other(typed: list[str], zh: str) -> None:
    """It ends with 2, in both languages, with the help to read, in the form that was asked for, on standard error."""
    table = CliRunner().invoke(_APP, typed)
    assert (table.exit_code, table.stdout) == (2, "")
    assert all(part in table.stderr for part in (zh, "--help`", "USAGE"))
    for form, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        result = CliRunner().invoke(_APP, [*typed, "-o", form])
        error = read(result.stderr)["error"]
        assert (result.exit_code, error["exit_code"], error["reason"]) == (2, 2, "USAGE")
        assert error["findings"][0]["path"].startswith("beianhub")


def test_a_full_disk_is_said() -> None:
    """Output that cannot be written ends with 1 and the system's reason, in every form."""
    for form in ("table", "json", "yaml"):
        with Path("/dev/full").open("wb") as full:
            result = _process(*_PLAIN, "-o", form, stdout=full)
        assert result.returncode == 1
        assert b"SYSTEM_REFUSED" in result.stderr
        assert b"Traceback" not in result.stderr


def test_a_closed_output_is_no_error() -> None:
    """A caller that closed standard output or standard error wants none of it."""
    script = 'exec 1>&-; [ "$0" = both ] && exec 2>&-; exec "$@"'
    for which in ("one", "both"):
        command = ["/bin/sh", "-c", script, which, sys.executable, "-m", "beianhub_cli", *_PLAIN]
        result = subprocess.run(command, stderr=subprocess.PIPE, timeout=120, check=False)  # noqa: S603 - our own
        assert (result.returncode, result.stderr) == (0, b"")


def test_a_reader_that_goes_ends_it_quietly() -> None:
    """After `| head -1` a long answer ends with 1 and says nothing."""
    read, write = os.pipe()
    os.close(read)
    result = _process(*_PLAIN, "-o", "json", stdout=write)
    os.close(write)
    assert (result.returncode, result.stderr) == (1, b"")


@pytest.mark.parametrize("key", ["bh_钥匙", "two words", "line\nbreak", "\x00"])
def test_a_key_that_cannot_be_one_is_refused_before_it_is_sent(key: str, tmp_path: Path) -> None:
    """It ends with 5, and neither the key nor a trace is shown."""
    file = tmp_path / "key"
    file.write_text(key, "utf-8")
    result = CliRunner().invoke(_APP, ["subject", "list", "--api-key-file", str(file)])
    assert result.exit_code == 5
    assert "API_KEY_MALFORMED" in result.stderr
    assert key not in result.output
    assert "Traceback" not in result.output


def test_a_key_that_others_can_read_is_used_with_a_warning(beianhub: Command, tmp_path: Path) -> None:
    """The warning names the file and the remedy, on standard error; a file of mode 0600 needs none."""
    file = tmp_path / "key"
    file.write_text(beianhub.keys["main"] + "\n", "utf-8")
    for mode, warned in ((0o644, True), (0o600, False)):
        file.chmod(mode)
        result = beianhub.run("subject", "list", "--api-key-file", str(file), "-o", "json")
        assert result.exit_code == 0
        assert (f"chmod 600 {file}" in result.stderr) is warned
        assert beianhub.keys["main"] not in result.output


def test_a_wrong_key_is_answered_with_what_to_type(beianhub: Command) -> None:
    """The remedy names the command's own means, not the API's metadata."""
    error = beianhub.fails(5, "subject", "list", key="bh_wrong")
    assert "--api-key-file" in error["findings"][0]["suggestion"]


@pytest.mark.parametrize("typed", [["subject", "create", "-f"], ["subject", "import"], ["order", "apply", "-f"]])
def test_a_file_without_end_is_refused(beianhub: Command, typed: list[str]) -> None:
    """No more of it is read than shows that it is too large; a file that is not there is wrong usage."""
    assert beianhub.fails(4, *typed, "/dev/zero")["reason"] == "FILE_TOO_LARGE"
    assert beianhub.fails(2, *typed, "nowhere.yaml")["reason"] == "FILE_UNREADABLE"


@pytest.mark.parametrize(
    ("typed", "inside"),
    [
        (["subject", "list"], "subjects"),
        (["order", "list"], "orders"),
        (["drift", "list"], "drifts"),
        (["handoff", "list"], "handoffs"),
        (["task", "list"], "tasks"),
        (["account", "list"], "accounts"),
        (["deadlines"], "deadlines"),
        (["risks"], "risks"),
        (["audit"], "differences"),
    ],
    ids=" ".join,
)
def test_an_empty_list_is_a_whole_document(beianhub: Command, typed: list[str], inside: str) -> None:
    """Of a tenant with nothing in it each list is an empty one in JSON and YAML, and nothing else is printed."""
    for form, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        result = beianhub.run(*typed, "--tenant", "other", "-o", form, key="other")
        assert (result.exit_code, result.stderr) == (0, "")
        assert read(result.stdout)[inside] == []
        whole = beianhub.run(*typed, "-o", form)
        assert (whole.exit_code, whole.stderr) == (0, "")
        assert read(whole.stdout).keys() == read(result.stdout).keys()


@pytest.mark.parametrize(
    "beside", [["--ip", "203.0.113.9"], ["--subject", "a"], ["--target-account", "b"], ["--confirm", "c"]]
)
def test_an_option_beside_a_file_is_refused(beianhub: Command, tmp_path: Path, beside: list[str]) -> None:
    """What `order create -f` would pass over is wrong usage, named by its option; nothing is drafted."""
    file = tmp_path / "order.yaml"
    file.write_text("{id: passed-over, subject: shili-keji, type: FIRST_FILING, account: tencent-main}", "utf-8")
    error = beianhub.fails(2, "order", "create", "-f", str(file), *beside)
    assert beside[0] in error["message"]
    assert beianhub.run("order", "get", "passed-over").exit_code == 3


def test_nothing_but_json_stands_on_standard_error(unused_address: Callable[[], str]) -> None:
    """With -o json each line of standard error is JSON, also where a TLS connection fails inside gRPC."""
    result = _process(
        *("subject", "list", "-o", "json", "--tls", "--timeout", "1", "--server", unused_address()),
        stdout=subprocess.PIPE,
        env=os.environ | {"BEIANHUB_API_KEY": "bh_x"},
    )
    assert (result.returncode, result.stdout) == (6, b"")
    assert [json.loads(line) for line in result.stderr.splitlines()][-1]["error"]["reason"] == "NO_GATEWAY"
