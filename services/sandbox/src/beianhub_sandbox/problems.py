"""Why a vendor refuses a request, in neutral words; each vendor answers in its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Problem(StrEnum):
    """What is wrong with a request."""

    UNSIGNED = "UNSIGNED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    STALE = "STALE"
    NONCE_USED = "NONCE_USED"
    UNKNOWN_ACTION = "UNKNOWN_ACTION"
    BAD_VERSION = "BAD_VERSION"
    MALFORMED = "MALFORMED"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    MISSING = "MISSING"
    INVALID = "INVALID"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    TOKEN_MISMATCH = "TOKEN_MISMATCH"  # noqa: S105  the name of an error, not a password
    NO_IDENTITY_CHECK = "NO_IDENTITY_CHECK"
    THROTTLED = "THROTTLED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True)
class ErrorWord:
    """A vendor's answer to a problem: HTTP status, code, message (`{field}` and `{detail}` are filled in)."""

    http: int
    code: str
    message: str


class Refused(Exception):  # noqa: N818  the vendors refuse; nothing here is in error
    """A request that a vendor refuses; nothing was stored."""

    def __init__(
        self, problem: Problem, detail: str = "", *, fields: tuple[str, ...] = (), retry_after: float = 0.0
    ) -> None:
        super().__init__(f"{problem}: {detail or ', '.join(fields)}")
        self.problem = problem
        self.detail = detail
        self.fields = fields
        self.retry_after = retry_after
