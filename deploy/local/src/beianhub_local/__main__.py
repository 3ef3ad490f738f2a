"""Command line: `python -m beianhub_local up | stop | env | fetch`."""

import argparse
import json
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from beianhub_local.errors import LocalServerError
from beianhub_local.jars import CACHE_VARIABLE, MIRROR_VARIABLE, cache_directory, kafka_jars
from beianhub_local.java import java
from beianhub_local.kafka import KafkaCluster
from beianhub_local.postgresql import PostgresServer
from beianhub_local.processes import PidFile

READY = "ready.json"
PID_FILE = "up.pid"
STOP_SECONDS = 60.0

EPILOGUE = f"""\
A session:
  python -m beianhub_local up --brokers 3 --postgresql --dir run &
  until test -e run/{READY}; do sleep 0.2; done
  eval "$(python -m beianhub_local env --dir run)"
  ...                                   # BEIANHUB_TEST_KAFKA and BEIANHUB_TEST_POSTGRESQL name the servers
  python -m beianhub_local stop --dir run

Environment:
  {CACHE_VARIABLE}   where Apache Kafka's jars are kept (default: beianhub-local in the user's cache)
  {MIRROR_VARIABLE}   URL of a mirror of Maven Central to fetch them from
"""


class _Stopped(BaseException):
    """SIGTERM or SIGINT arrived."""


@dataclass(frozen=True, slots=True)
class Servers:
    """What `up` started."""

    kafka: KafkaCluster | None
    postgresql: PostgresServer | None

    def describe(self) -> dict[str, Any]:
        """Return addresses, versions and process ids for people and scripts."""
        kafka, postgresql = self.kafka, self.postgresql
        return {
            "kafka": kafka.bootstrap_servers if kafka else None,
            "postgresql": postgresql.url if postgresql else None,
            "versions": {
                "kafka": kafka.version if kafka else None,
                "postgresql": postgresql.version if postgresql else None,
            },
            "pids": {
                "up": os.getpid(),
                "kafka": kafka.pids if kafka else {},
                "postgresql": postgresql.pid if postgresql else None,
            },
        }


class Keeper:
    """Watches the servers and, when asked, starts a crashed one again after a pause."""

    def __init__(self, servers: Servers, restart_after: float | None, ready: Path) -> None:
        self._servers = servers
        self._restart_after = restart_after
        self._ready = ready
        self._down_since: dict[str, float] = {}

    def watch(self) -> NoReturn:
        """Look at the servers twice a second until a signal ends it."""
        while True:
            time.sleep(0.5)
            for name in sorted(self._down()):
                self._handle(name)

    def _down(self) -> set[str]:
        """Names of the servers that are not running: broker numbers, and `postgresql`."""
        kafka, postgresql = self._servers.kafka, self._servers.postgresql
        down = {str(number) for number in set(kafka.numbers) - kafka.pids.keys()} if kafka else set()
        return down | ({"postgresql"} if postgresql and not postgresql.running else set())

    def _handle(self, name: str) -> None:
        now = time.monotonic()
        since = self._down_since.setdefault(name, now)
        if since == now:
            print(f"{name}: down", file=sys.stderr, flush=True)
        if self._restart_after is not None and now - since >= self._restart_after:
            self._restart(name)
            del self._down_since[name]
            _write(self._ready, self._servers.describe())
            print(f"{name}: up again", file=sys.stderr, flush=True)

    def _restart(self, name: str) -> None:
        if name == "postgresql" and self._servers.postgresql:
            self._servers.postgresql.start()
        elif self._servers.kafka:
            self._servers.kafka.restart(int(name))


def up(options: argparse.Namespace) -> int:
    """Start the servers, say where they are, stay until SIGTERM or SIGINT, then stop them."""
    directory: Path = options.dir.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    ready = directory / READY
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop_once)
    with ExitStack() as stack:
        pid_file = PidFile(directory / PID_FILE)
        pid_file.acquire()
        stack.callback(pid_file.release)
        ready.unlink(missing_ok=True)  # of an `up` that was killed
        stack.callback(ready.unlink, missing_ok=True)
        try:
            servers = _start(options, directory, stack)
            _write(ready, servers.describe())
            print(ready.read_text("utf-8"), flush=True)
            Keeper(servers, options.restart_after, ready).watch()
        except _Stopped:
            return 0


def _start(options: argparse.Namespace, directory: Path, stack: ExitStack) -> Servers:
    kafka = stack.enter_context(KafkaCluster(options.brokers, directory / "kafka")) if options.brokers else None
    postgresql = stack.enter_context(PostgresServer(directory / "postgresql")) if options.postgresql else None
    return Servers(kafka, postgresql)


def _stop_once(_number: int, _frame: FrameType | None) -> NoReturn:
    """End `up`; from here on a second Ctrl-C cannot interrupt the servers' own shutdown."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise _Stopped


def _write(path: Path, values: dict[str, Any]) -> None:
    """Write at one stroke: whoever waits for the file never reads half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(values, indent=2), "utf-8")
    draft.replace(path)


def stop(options: argparse.Namespace) -> int:
    """Stop what `up` started in the directory, and wait for it."""
    if not PidFile(options.dir / PID_FILE).stop_owner(timeout=STOP_SECONDS):
        print(f"nothing runs in {options.dir}", file=sys.stderr)
    return 0


def env(options: argparse.Namespace) -> int:
    """Print the shell lines that point the tests to the servers of a running `up`."""
    ready = options.dir / READY
    if PidFile(options.dir / PID_FILE).owner() is None or not ready.exists():
        raise LocalServerError(f"`up` is not running in {options.dir}, or not ready")
    values = json.loads(ready.read_text("utf-8"))
    for key in ("kafka", "postgresql"):
        if values[key]:
            print(f"export BEIANHUB_TEST_{key.upper()}='{values[key]}'")
    return 0


def fetch(_options: argparse.Namespace) -> int:
    """Fetch and verify Apache Kafka's jars, so that later starts need no network."""
    print(f"{len(kafka_jars())} jars verified in {cache_directory()}; Java: {java()}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    formatter = argparse.RawDescriptionHelpFormatter
    root = argparse.ArgumentParser("python -m beianhub_local", formatter_class=formatter, epilog=EPILOGUE)
    root.description = "A real Apache Kafka and a real PostgreSQL on 127.0.0.1; for development only."
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    start = commands.add_parser("up", help="start servers and stay until SIGTERM or Ctrl-C", description=up.__doc__)
    start.add_argument("--brokers", type=int, choices=(0, 1, 3), default=1, help="Kafka brokers (default: 1)")
    start.add_argument("--postgresql", action="store_true", help="start PostgreSQL too")
    start.add_argument("--restart-after", type=float, metavar="SECONDS", help="restart a server that crashed")
    start.set_defaults(run=up)

    end = commands.add_parser("stop", help="stop what `up` started", description=stop.__doc__)
    end.set_defaults(run=stop)
    shell = commands.add_parser("env", help="print the servers as shell variables", description=env.__doc__)
    shell.set_defaults(run=env)
    for command in (start, end, shell):
        command.add_argument("--dir", type=Path, required=True, help=f"data, logs and {READY} of one `up`")
    commands.add_parser("fetch", help="fetch Kafka's jars now", description=fetch.__doc__).set_defaults(run=fetch)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the process's exit status."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except LocalServerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
