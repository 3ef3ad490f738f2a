"""The errors of the core: each names its kind, a stable reason, and findings with field, rule and remedy."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from beianhub.resources.v1.resources_pb2 import Finding


class ErrorKind(enum.Enum):
    """What a caller can do about it; the gateway maps each to one gRPC status."""

    INVALID = "invalid"  # the request itself is wrong
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    PRECONDITION = "precondition"  # right, but not in this state
    ABORTED = "aborted"  # somebody else was first: read again
    OUT_OF_RANGE = "out_of_range"  # a position that is gone
    PERMISSION = "permission"
    UNAUTHENTICATED = "unauthenticated"
    UNAVAILABLE = "unavailable"  # try again
    DEADLINE = "deadline"


class BeianhubError(Exception):
    """The base of what the core raises on purpose.

    ``reason`` is UPPER_SNAKE_CASE and stable; ``findings`` carry the field's path, Chinese and English message and the
    remedy; ``metadata`` has machine-readable facts (never personal data); ``retry_after`` is in seconds, ``None`` where
    a retry does not help.
    """

    def __init__(
        self,
        kind: ErrorKind,
        reason: str,
        findings: Sequence[Finding] = (),
        *,
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{reason}: " + "; ".join(f"{f.path}: {f.message_en}" for f in findings))
        self.kind = kind
        self.reason = reason
        self.findings = tuple(findings)
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after
