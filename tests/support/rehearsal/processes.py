"""The ``beianhub`` command as processes: run to the end, or running until it is killed or stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")
ROOT: Final = Path(__file__).resolve().parents[3]
COMMAND: Final = (sys.executable, "-m", "beianhub_cli")
START_SECONDS: Final = 60.0
_LOOK: Final = 0.02


def until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """The first true value of the condition. Fails the test when there is none in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(_LOOK)
    return value


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without the configuration of whoever runs the tests."""
    kept = ("BEIANHUB_LOCAL_", "BEIANHUB_TEST_")
    own = {
        name: value for name, value in os.environ.items() if not name.startswith("BEIANHUB_") or name.startswith(kept)
    }
    return own | dict(more or {})


def beianhub(
    *arguments: str, seconds: float = 120, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(  # noqa: S603 - this interpreter and the command under test
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(more),
        timeout=seconds,
        check=False,
    )


def kill(pid: int) -> None:
    """SIGKILL, at once."""
    os.kill(pid, signal.SIGKILL)


def read_json(path: Path) -> dict[str, Any] | None:
    """The document, or ``None`` while there is none."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


@dataclass(frozen=True)
class Running:
    """A process of the command; its standard output and error are files in its directory."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def wait(self, seconds: float) -> int:
        """Its exit code."""
        return self.process.wait(seconds)

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM, and its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def interrupt(self, seconds: float = 60) -> None:
        """Ctrl-C, if it still runs, and it has cleaned up."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.wait(seconds)

    def kill(self) -> None:
        """SIGKILL, and it is gone."""
        self.process.kill()
        self.process.wait(60)


@contextmanager
def running(directory: Path, name: str, *arguments: str, more: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A process that is killed at the end of the block, if it is still there."""
    out, err = directory / f"{name}.out", directory / f"{name}.err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 - this interpreter and the command under test
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=ROOT,
            env=environment(more),
        )
        try:
            yield Running(process, out, err)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(60)


@contextmanager
def serving(
    directory: Path, *arguments: str, name: str = "again", more: Mapping[str, str] | None = None
) -> Iterator[tuple[Running, dict[str, Any]]]:
    """A process that serves, and what it said of itself when everything in it answered."""
    ready = directory / f"{name}.json"
    ready.unlink(missing_ok=True)
    with running(directory, name, *arguments, "--ready-file", str(ready), more=more) as started:

        def answered() -> dict[str, Any] | None:
            assert started.process.poll() is None, started.err.read_text(encoding="utf-8")
            return read_json(ready)

        yield started, until(answered, START_SECONDS, f"{arguments[0]} answers")
