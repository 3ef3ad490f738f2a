"""The demonstration at scale: three Apache Kafka brokers and a PostgreSQL on this machine, and separate processes."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beianhub_local.postgresql import create_database, drop_database

DATABASES = ("beianhub_demo", "beianhub_demo_keys")
START_SECONDS = 300  # the first run fetches Kafka


@contextlib.contextmanager
def servers(directory: Path) -> Iterator[dict[str, Any]]:
    """Runs the servers while the block does; what they say of themselves when they answer."""
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "beianhub_local", "up", "--brokers", "3", "--postgresql", "--dir", str(directory)]
    process = subprocess.Popen(command, stdout=sys.stderr, stdin=subprocess.DEVNULL)
    try:
        yield wait_for(ready, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def wait_for(ready: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The servers' ready file, once they wrote it."""
    until = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None:
            raise SystemExit("the servers did not start; what they said is above")
        if time.monotonic() > until:
            raise SystemExit(f"the servers did not answer within {START_SECONDS} s")
        time.sleep(0.2)
    said: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
    return said


def fresh_database(server: str, name: str) -> str:
    """The address of a new, empty database."""
    drop_database(server, name)
    return create_database(server, name)


def main() -> int:
    """Returns the demonstration's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path(".beianhub/demo-scale"))
    arguments, rest = parser.parse_known_args()
    directory: Path = arguments.directory.resolve()
    (directory / "servers").mkdir(parents=True, exist_ok=True)
    with servers(directory / "servers") as said:
        print(f"Apache Kafka {said['versions']['kafka']}, PostgreSQL {said['versions']['postgresql']}", file=sys.stderr)
        store, keystore = (fresh_database(said["postgresql"], name) for name in DATABASES)
        bus = f"kafka://{said['kafka']}?topic_prefix=demo-{os.getpid()}."
        options = ["--bus", bus, "--store", store, "--keystore", keystore, "--directory", str(directory / "demo")]
        return subprocess.call([sys.executable, "-m", "beianhub_cli", "demo", *options, *rest])


if __name__ == "__main__":
    raise SystemExit(main())
