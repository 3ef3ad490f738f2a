"""What the documentation prints works: the README's walk on a real deployment, and every other command by its name."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from beianhub_cli.main import make_app

_ROOT = Path(__file__).parents[3]
_APP = make_app()
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(beianhub [^`]+)`")
_PAGES = [_ROOT / "README.md", *sorted(_ROOT.glob("docs/**/*.md")), *sorted(_ROOT.glob("samples/*.md"))]
_PAGES += sorted(_ROOT.glob("services/*/README.md"))
_SANDBOX = "127.0.0.1:7432"  # where it listens unless told otherwise
_GUARD = 60.0  # seconds
# Those that run until somebody ends them, which the tests here do with a signal.
_ENDLESS = {"up", "watch"}


def _lines(page: Path) -> list[str]:
    """What a page's code blocks tell its reader to type, without the comments."""
    typed = (line for block in _BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines())
    return [line.split("  #")[0].strip() for line in typed if line.startswith(("beianhub ", "curl "))]


def _printed() -> list[tuple[str, str]]:
    """Each command with its page, from code blocks and from the text."""
    found = [(page, line) for page in _PAGES for line in _lines(page) if line.startswith("beianhub ")]
    found += [(page, span) for page in _PAGES for span in _SPAN.findall(_BLOCK.sub("", page.read_text("utf-8")))]
    return list(dict.fromkeys((str(page.relative_to(_ROOT)), " ".join(line.split())) for page, line in found))


def _unknown(command: str) -> list[str]:
    """The words of a command that are neither a command's name nor one of its options."""
    _, *words = shlex.split(command)
    here: Any = get_command(_APP)
    while words and not words[0].startswith("-") and hasattr(here, "get_command"):
        below = here.get_command(None, words[0])
        if below is None:
            return [] if words[0].isupper() else [words[0]]  # `beianhub COMMAND --help` means any
        here = below
        del words[0]
    known = {option for parameter in here.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h", "-"}
    return [word for word in words if word.startswith("-") and word not in known]


@pytest.mark.parametrize(("page", "command"), _printed())
def test_a_printed_command_exists_with_its_options(page: str, command: str) -> None:
    """Whatever a page prints of the command names a command that is there, and options that it has."""
    assert _unknown(command) == [], page


def _examples(command: Any) -> Iterator[str]:
    for name in command.list_commands(None):
        below = command.get_command(None, name)
        if hasattr(below, "list_commands"):
            yield from _examples(below)
        else:
            yield from re.findall(r"Example: (.*)", below.epilog)


@pytest.mark.parametrize("example", sorted(set(_examples(get_command(_APP)))))
def test_an_example_of_the_help_exists_with_its_options(example: str) -> None:
    """Each example that a command's help shows names that command, and options that it has."""
    _, _, typed = example.rpartition("beianhub ")  # one may begin with a variable of the environment
    assert _unknown(f"beianhub {typed}") == []


@dataclass
class _Place:
    """A fresh directory with the samples, and the free addresses that everything there uses."""

    directory: Path
    environment: dict[str, str]
    sandbox: str

    def run(self, line: str) -> int:
        """Runs a line as printed, in this process; its exit code."""
        _, *words = shlex.split(line.replace(_SANDBOX, self.sandbox))
        result = CliRunner(env=self.environment).invoke(_APP, words)
        assert "Traceback" not in result.output, result.output
        return result.exit_code

    def post(self, line: str) -> int:
        """Sends what a line of ``curl -d @FILE URL`` sends; the status."""
        *_, data, url = shlex.split(line.replace(_SANDBOX, self.sandbox))
        return httpx.post(url, content=(self.directory / data.removeprefix("@")).read_bytes()).status_code

    @contextmanager
    def running(self, line: str, said: str) -> Iterator[list[str]]:
        """Starts an endless command, waits until it said something, and ends it with Ctrl-C; its lines by then."""
        _, *words = shlex.split(line)
        log = self.directory / f"{words[0]}.log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", "beianhub_cli", *words]
            process = subprocess.Popen(command, cwd=self.directory, env=self.environment, stdout=output, stderr=output)  # noqa: S603 - a line of our own README
            try:
                _until_said(process, log, said)
                yield log.read_text("utf-8").splitlines()
            finally:
                process.send_signal(signal.SIGINT)
                ended = process.wait(_GUARD)
        assert ended == (0 if words[0] == "up" else 130), log.read_text("utf-8")


def _until_said(process: subprocess.Popen[bytes], log: Path, said: str) -> None:
    guard = time.monotonic() + _GUARD
    while said not in log.read_text("utf-8"):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < guard, log.read_text("utf-8")
        time.sleep(0.05)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Place:
    """The directory in which the README's reader stands, with three free ports in the environment."""
    shutil.copytree(_ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    grpc, http, sandbox = (f"127.0.0.1:{one.getsockname()[1]}" for one in taken)
    for one in taken:
        one.close()
    monkeypatch.setenv("BEIANHUB_GATEWAY__LISTEN", grpc)
    monkeypatch.setenv("BEIANHUB_GATEWAY__HTTP_LISTEN", http)
    monkeypatch.setenv("BEIANHUB_SANDBOX__LISTEN", sandbox)
    return _Place(tmp_path, {**os.environ, "PYTHONUNBUFFERED": "1"}, sandbox)


@pytest.mark.timeout(300)
def test_the_readmes_walk_works_as_printed(place: _Place) -> None:
    """Typed one after the other in a fresh directory, each command that the README prints does what it says: code 0."""
    lines = _lines(_ROOT / "README.md")
    init, up, *walk = lines
    assert [init.split()[1], up.split()[1]] == ["init", "up"]
    assert place.run(init) == 0
    with place.running(up, "engine ready"):
        for line in walk:
            if line.startswith("curl "):
                assert place.post(line) == 201, line
            elif line.split()[1] in _ENDLESS:
                with place.running(line, "snapshot complete") as told:
                    assert "shili-first" in told[0]
                assert "go on with --since" in (place.directory / "watch.log").read_text("utf-8").splitlines()[-1]
            else:
                assert place.run(line) == 0, line
        kept = list((place.directory / ".beianhub").rglob("*"))
        assert {"beianhub.db-wal", "keys.db", "master.key", "owner.key", "tencent", "up.lock"} <= {f.name for f in kept}
        assert [str(file) for file in kept if file.stat().st_mode & 0o077] == []  # nobody else reads any of it
