"""The processes of a demonstration: started, waited for, and ended by their pids."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from beianhub_cli.client.errors import Exit, local_failure

_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 60.0
_LOOK: Final = 0.05


@dataclass(frozen=True, slots=True)
class Started:
    """A running process, and what it said when it was ready."""

    name: str
    process: asyncio.subprocess.Process
    ready: Mapping[str, Any]


class Processes:
    """Starts ``beianhub`` commands, each with a log and a ready file in ``directory``, and ends them at the end."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = {**os.environ, **environment}
        self._running: list[Started] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for started in self._running:
            with contextlib.suppress(ProcessLookupError):
                started.process.send_signal(signal.SIGTERM)
        for started in self._running:
            await _end(started.process)

    async def start(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Started:
        """Starts ``beianhub arguments…`` and waits until it is ready. Raises CommandError."""
        ready = self._directory / f"{name}.json"
        ready.unlink(missing_ok=True)
        log = self._directory / f"{name}.log"
        with log.open("ab") as stream:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "beianhub_cli",
                *arguments,
                "--ready-file",
                str(ready),
                stdout=stream,
                stderr=stream,
                stdin=asyncio.subprocess.DEVNULL,
                env={**self._environment, **(environment or {})},
            )
        said = await _wait(process, ready)
        if said is None:
            if process.returncode is None:
                process.kill()
            await process.wait()
            raise local_failure(
                "NOT_STARTED",
                name,
                f"{name} 未能启动",
                f"{name} did not start",
                f"请查看 {log}。 / See {log}.",
                Exit.OTHER,
            )
        started = Started(name, process, said)
        self._running.append(started)
        return started


async def _wait(process: asyncio.subprocess.Process, ready: Path) -> dict[str, Any] | None:
    """What the process said when it was ready; ``None`` when it ended before, or took too long."""
    until = asyncio.get_running_loop().time() + _START_SECONDS
    while (said := _read(ready)) is None:
        if process.returncode is not None or asyncio.get_running_loop().time() > until:
            return None
        await asyncio.sleep(_LOOK)
    return said


def _read(ready: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(ready.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


async def _end(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
