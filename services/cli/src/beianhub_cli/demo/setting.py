"""Where a demonstration happens: its directory, its configuration, its ports."""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomli_w

from beianhub_cli.client.errors import CommandError, local_failure
from beianhub_cli.serve.initialising import SANDBOX_KEYS

TENANT: Final = "demo"
_MARKER: Final = "beianhub-demo"


@dataclass(frozen=True, slots=True)
class Setting:
    """A fresh directory with a configuration in it. Ports are fixed, so that a part can be started again."""

    directory: Path
    config_file: Path
    gateways: tuple[tuple[str, str], ...]  # (gRPC, HTTP) addresses
    sandbox: str


def prepare(directory: Path, *, people: Path | None, gateways: int, more: dict[str, Any]) -> Setting:
    """Clears the directory of an earlier demonstration, and writes the configuration of a new one.

    Raises:
        CommandError: the directory holds something else.
    """
    _clear(directory)
    ports = _free_ports(2 * gateways + 1)
    addresses = [f"127.0.0.1:{port}" for port in ports]
    pairs = tuple(zip(addresses[0:-1:2], addresses[1:-1:2], strict=True))
    setting = Setting(directory, directory / "beianhub.toml", pairs, addresses[-1])
    secrets = directory / "secrets"
    secrets.mkdir(mode=0o700)
    for vendor, (_, secret) in SANDBOX_KEYS.items():
        (secrets / vendor).touch(mode=0o600)
        (secrets / vendor).write_text(secret + "\n", encoding="utf-8")
    setting.config_file.write_text(tomli_w.dumps(_values(setting, people) | more), encoding="utf-8")
    return setting


def _values(setting: Setting, people: Path | None) -> dict[str, Any]:
    grpc, http = setting.gateways[0]
    pace = {"poll_interval": 0.4, "signature_validity": 1.0, "visibility_delay": 1.0, "call_timeout": 5.0}
    return {
        "data_dir": str(setting.directory),
        "tenant": TENANT,
        "gateway": {"listen": grpc, "http_listen": http, "public_url": f"http://{http}", "drain_seconds": 0.2},
        "engine": {"lease_seconds": 10.0, "overrides": dict.fromkeys(SANDBOX_KEYS, pace)},
        "credentials": {
            vendor: {"access_key_id": key, "access_key_secret_file": str(setting.directory / "secrets" / vendor)}
            for vendor, (key, _) in SANDBOX_KEYS.items()
        },
        # Time enough to start again by hand what was killed while somebody had a code to type.
        "sandbox": {"listen": setting.sandbox, "sms_window": 600.0} | ({"people": str(people)} if people else {}),
        "log": {"level": "info", "format": "json"},
    }


def _clear(directory: Path) -> None:
    marker = directory / _MARKER
    if directory.exists() and any(directory.iterdir()) and not marker.exists():
        raise CommandError(
            local_failure(
                "DIRECTORY_IN_USE",
                "--directory",
                f"{directory} 不是演示目录，不会清空",
                f"{directory} holds something else than a demonstration, and is left alone",
                "请指定其他目录。 / Name another directory.",
            ).failure
        )
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    marker.touch()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
