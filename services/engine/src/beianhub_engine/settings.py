"""What a deployment decides about its engine; the command's configuration file maps to it."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from beianhub_sdk import Credential


@dataclass(frozen=True, slots=True)
class PluginOverrides:
    """Replaces a plugin's own times, in seconds, where the other side is faster: a sandbox settles in moments, while a
    real vendor's signature is good for a quarter of an hour. ``None`` leaves the manifest's.
    """

    poll_interval: float | None = None
    token_validity: float | None = None
    signature_validity: float | None = None
    visibility_delay: float | None = None
    call_timeout: float | None = None
    patrol_interval: float | None = None  # of a verifier that patrols, in place of that of all


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """Which plugins run in this process.

    ``trusted`` and ``denied`` name entry points or distributions, and are read before anything is imported. In-process
    code can do whatever the engine can, so nothing runs here that nobody named. ``strict`` raises instead of
    quarantining, for CI; the variable BEIANHUB_STRICT_PLUGINS=1 does the same.
    """

    trusted: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    strict: bool = False
    overrides: Mapping[str, PluginOverrides] = field(default_factory=dict)
    patrol: float = 86400.0  # seconds between two looks at a filed service; 0: nobody patrols


def _holder() -> str:
    return f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Times are in seconds.

    ``credentials`` maps the names that accounts refer to onto key pairs. ``lease`` is the shortest lease of a claim: a
    plugin with a longer call timeout gets one that outlasts it by ``margin``, within which no byte leaves any more.
    ``fetch_loopback`` is a switch for tests: a site's exact ``host:port`` to the port of this machine that plays it.
    """

    holder: str = field(default_factory=_holder)
    plugins: PluginSettings = field(default_factory=PluginSettings)
    credentials: Mapping[str, Credential] = field(default_factory=dict, repr=False)
    credential_tenants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by name; no entry: any tenant
    lease: float = 60.0
    margin: float = 3.0
    poll: float = 1.0  # the longest pause between two looks for due tasks, timers and callbacks
    grace: float = 10.0  # for calls under way when the engine stops
    breaker_failures: int = 5  # in a row, of one plugin and account
    breaker_cooldown: float = 30.0
    leadership: float = 6.0
    registration: float = 10.0  # between two notes of what is loaded
    purge: float = 600.0
    fetch_loopback: Mapping[str, int] = field(default_factory=dict)
    restart: tuple[float, float] = (0.5, 30.0)  # the first and the longest wait before a crashed role runs again
