"""What a deployment decides about its gateway."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files of the server's certificate chain and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Addresses, limits and times (seconds, bytes). Port 0 takes a free one."""

    host: str = "127.0.0.1"
    grpc_port: int = 0
    http_port: int = 0
    tls: Tls | None = None
    reflection: bool = True
    log_calls: bool = True
    reuse_port: bool = False  # off, so that two gateways on one port are an error instead of a mix-up
    max_message_bytes: int = MIB
    max_upload_bytes: int = 5 * MIB
    max_callback_bytes: int = MIB
    max_concurrent_rpcs: int = 1000
    max_streams_per_connection: int = 100  # CVE-2023-44487
    longest_call: float = 30.0  # of a call that names no deadline
    key_cache: float = 5.0  # how long a revoked key may still be taken for a good one
    tail_interval: float = 0.1
    index_age: float = 5.0  # beyond it CheckAccess reads the store
    watch_queue: int = 2000  # changes that a slow watcher may be behind
    heartbeat: float = 15.0
    drain: float = 2.0  # between NOT_SERVING and the end of the streams
    grace: float = 5.0  # for calls under way after that
