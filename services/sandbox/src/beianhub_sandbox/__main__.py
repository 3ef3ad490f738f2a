"""`python -m beianhub_sandbox`: the sandbox as a process of its own."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from beianhub_sandbox.server import run
from beianhub_sandbox.settings import STANDARD_DURATIONS, Settings, with_environment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("beianhub_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--time-scale", type=float, help="sandbox seconds per real second, for all durations")
    parser.add_argument("--state", help="SQLite file that keeps the ledger")
    parser.add_argument("--sms-mode", choices=["auto", "manual"])
    parser.add_argument("--credentials", type=Path, help="JSON file {vendor: {access key id: secret}}")
    for name in STANDARD_DURATIONS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, help="real seconds")
    return parser


def settings_from(arguments: argparse.Namespace, environment: dict[str, str]) -> Settings:
    """Defaults, then the time scale, then the environment, then the options: the later one wins."""
    settings = Settings()
    if arguments.time_scale is not None:
        settings = settings.with_time_scale(arguments.time_scale)
    settings = with_environment(settings, environment)
    names = (*STANDARD_DURATIONS, "state", "sms_mode")
    changes: dict[str, Any] = {name: getattr(arguments, name) for name in names}
    if arguments.credentials is not None:
        changes["credentials"] = json.loads(arguments.credentials.read_text(encoding="utf-8"))
    return replace(settings, **{name: value for name, value in changes.items() if value is not None})


def main() -> None:
    """Parse the options and serve."""
    arguments = _parser().parse_args()
    run(arguments.host, arguments.port, settings_from(arguments, dict(os.environ)))


if __name__ == "__main__":
    main()
