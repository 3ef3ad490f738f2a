"""The command line, run as users run it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from beianhub_local.__main__ import main
from beianhub_local.ports import answers

pytestmark = pytest.mark.servers
COMMAND = [sys.executable, "-m", "beianhub_local"]


@contextmanager
def running(directory: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """Run `up` in the background, wait for its ready file, stop it at the end."""
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen([*COMMAND, "up", "--dir", str(directory), *options], stdout=output, stderr=output)
    try:
        wait_for(lambda: is_ready(directory, process.pid) or process.poll() is not None)
        assert process.poll() is None, (directory / "output").read_text()
        yield process, json.loads((directory / "ready.json").read_text())
    finally:
        process.terminate()
        process.wait(60)


def is_ready(directory: Path, pid: int) -> bool:
    """Whether the ready file is that of this process."""
    try:
        return bool(json.loads((directory / "ready.json").read_text())["pids"]["up"] == pid)
    except FileNotFoundError:
        return False


def wait_for(condition: Any, seconds: float = 60) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_up_env_and_stop(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`up` tells addresses, versions and process ids, `env` exports them, `stop` ends every process."""
    with running(directory, "--brokers", "1", "--postgresql") as (process, ready):
        assert ready["versions"]["kafka"] == "4.3.1"
        assert ready["versions"]["postgresql"].startswith("18.")
        assert json.loads((directory / "output").read_text()) == ready
        assert main(["env", "--dir", str(directory)]) == 0
        exported = capsys.readouterr().out
        assert f"export BEIANHUB_TEST_KAFKA='{ready['kafka']}'" in exported
        assert f"export BEIANHUB_TEST_POSTGRESQL='{ready['postgresql']}'" in exported
        assert main(["up", "--dir", str(directory)]) == 1
        assert f"already in use by process {process.pid}" in capsys.readouterr().err
        assert main(["stop", "--dir", str(directory)]) == 0
        assert process.wait(60) == 0
    assert not any(map(alive, [*ready["pids"]["kafka"].values(), ready["pids"]["postgresql"]]))
    assert not (directory / "ready.json").exists()
    assert main(["env", "--dir", str(directory)]) == 1


def test_servers_end_with_a_killed_parent(directory: Path) -> None:
    """On Linux even `kill -9` of `up` leaves no orphan; a stale pidfile does not keep the next `up` out."""
    with running(directory, "--brokers", "0", "--postgresql") as (process, ready):
        process.kill()
        wait_for(lambda: not alive(ready["pids"]["postgresql"]), 10)
        assert main(["env", "--dir", str(directory)]) == 1
    with running(directory, "--brokers", "0", "--postgresql") as (_, again):
        assert again["pids"]["up"] != ready["pids"]["up"]


def test_a_crashed_server_is_restarted_when_asked(directory: Path) -> None:
    """With --restart-after, a server that was killed from outside comes back on the same port."""
    with running(directory, "--brokers", "0", "--postgresql", "--restart-after", "0.5") as (_, ready):
        port = int(ready["postgresql"].rpartition(":")[2].partition("/")[0])
        os.kill(ready["pids"]["postgresql"], signal.SIGKILL)
        wait_for(lambda: not answers(port))
        wait_for(lambda: answers(port))
