"""Resume tokens of a watch: a position, bound to the tenant whose log it was seen in. Opaque to clients."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from typing import Final

from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind

_FORMAT: Final = ">BQ8s"
_VERSION: Final = 1


def encode(tenant: str, position: int) -> str:
    """The token for "after this position"."""
    return base64.urlsafe_b64encode(struct.pack(_FORMAT, _VERSION, position, _mark(tenant))).decode()


def decode(tenant: str, token: str) -> int:
    """The token's position.

    Raises:
        BeianhubError: INVALID with reason ``RESUME_TOKEN_MALFORMED``; OUT_OF_RANGE with reason ``POSITION_GONE`` for
            another tenant's.
    """
    try:
        version, position, mark = struct.unpack(_FORMAT, base64.b64decode(token, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, struct.error):
        raise _malformed() from None
    if version != _VERSION:
        raise _malformed()
    if mark != _mark(tenant):
        raise gone()
    return int(position)


def gone() -> BeianhubError:
    """The error of a position that the log does not have, or has no more."""
    return refused(
        ErrorKind.OUT_OF_RANGE,
        "POSITION_GONE",
        "resume_token",
        "续传位置已失效",
        "the token's position is not in the log any more",
        "请不带令牌重新订阅，从快照开始。 / Watch again without a token, to begin with a snapshot.",
    )


def _malformed() -> BeianhubError:
    return refused(
        ErrorKind.INVALID,
        "RESUME_TOKEN_MALFORMED",
        "resume_token",
        "续传标记无效",
        "is not a token of this service",
        "请原样使用消息中的 resume_token。 / Use the resume_token of a message as it came.",
    )


def _mark(tenant: str) -> bytes:
    return hashlib.sha256(tenant.encode()).digest()[:8]
