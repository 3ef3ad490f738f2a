"""TCP ports on 127.0.0.1: find free ones, wait for one to answer."""

import random
import socket
import time
from collections.abc import Callable

from beianhub_local.errors import LocalServerError

HOST = "127.0.0.1"
# Below the range from which Linux (32768) and macOS (49152) take the ports of outgoing connections: a broker
# that is down for some seconds must find its port free again.
CANDIDATES = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return `count` different free ports; raises `LocalServerError` when there are too few."""
    found: list[int] = []
    for port in random.sample(CANDIDATES, k=len(CANDIDATES)):
        if len(found) == count:
            return found
        if _is_free(port):
            found.append(port)
    raise LocalServerError(f"fewer than {count} free TCP ports between {CANDIDATES[0]} and {CANDIDATES[-1]}")


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections on `port`."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0


def wait_until(ready: Callable[[], bool], *, timeout: float, what: str, step: float = 0.05) -> None:
    """Poll `ready` every `step` seconds; raises `LocalServerError` naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise LocalServerError(f"waited {timeout:g} s in vain: {what}")
        time.sleep(step)
