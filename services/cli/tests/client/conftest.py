"""A gateway that runs for all tests of a module, and the command against it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from beianhub_cli.main import make_app

API = ("--endpoint", "http://127.0.0.1:9/", "--credential", "sandbox")  # nobody is called in these tests

_SCRIPT = Path(__file__).with_name("gateway_process.py")
SAMPLES = Path(__file__).parents[4] / "samples"
APP = make_app()


@dataclass(frozen=True)
class Command:
    """The ``beianhub`` command with a gateway's address and an owner's key."""

    server: str
    keys: dict[str, str]

    def run(self, *arguments: str, key: str = "main", stdin: bytes | None = None) -> Result:
        """Runs it in this process."""
        environment = {"BEIANHUB_API_KEY": self.keys.get(key, key), "BEIANHUB_CLIENT__SERVER": self.server}
        return CliRunner(env=environment).invoke(APP, arguments, input=stdin)

    def ok(self, *arguments: str, **options: Any) -> Any:
        """What it prints as JSON, after it ended well."""
        result = self.run(*arguments, "-o", "json", **options)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def fails(self, code: int, *arguments: str, **options: Any) -> Any:
        """The error that it prints as JSON, after it ended with this code."""
        result = self.run(*arguments, "-o", "json", **options)
        assert result.exit_code == code, result.output
        return json.loads(result.stderr.splitlines()[-1])["error"]


@pytest.fixture(scope="module")
def beianhub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command and a fresh gateway, with three accounts and the sample portfolio in it."""
    directory = tmp_path_factory.mktemp("gateway")
    with subprocess.Popen(  # noqa: S603 - this interpreter and a script beside this file
        [sys.executable, str(_SCRIPT), str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        command = Command(ready["grpc"], ready["keys"])
        for provider in ("tencent", "aliyun", "huawei"):
            channel = "CONSOLE" if provider == "huawei" else "API"
            command.ok("account", "create", f"{provider}-main", "--provider", provider, "--channel", channel, *API)
        command.ok("subject", "import", str(SAMPLES / "portfolio.csv"))
        yield command
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.fixture
def unused_address() -> Callable[[], str]:
    """Gives addresses where nothing listens."""

    def make() -> str:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            return f"127.0.0.1:{taken.getsockname()[1]}"

    return make
