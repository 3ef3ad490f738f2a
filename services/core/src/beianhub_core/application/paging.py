"""Page tokens: opaque, and bound to the query that they page through."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Final

from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind

if TYPE_CHECKING:
    from google.protobuf.message import Message

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 1000
_LONGEST_NUMBER: Final = 18  # digits of a signed 64-bit number


def size(page_size: int) -> int:
    """The number of items to return. Raises INVALID for a negative one; a larger one is cut (AIP-158)."""
    if page_size < 0:
        raise refused(
            ErrorKind.INVALID,
            "NEGATIVE_PAGE_SIZE",
            "page_size",
            "每页数量不能为负",
            "a page cannot have a negative size",
            "使用默认值请填 0。 / Use 0 for the default.",
        )
    return min(page_size or DEFAULT_SIZE, LARGEST_SIZE)


def after(request: Message) -> str:
    """Where the request's page begins: the id after which it goes on, "" for the first.

    Raises:
        BeianhubError: INVALID with reason ``PAGE_TOKEN_MISMATCH`` for a token of another query, or of nobody.
    """
    token: str = request.page_token  # type: ignore[attr-defined]  # every List request has one
    if not token:
        return ""
    try:
        last, query = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, binascii.Error):
        raise mismatch() from None
    if query != _query(request) or not isinstance(last, str):
        raise mismatch()
    return last


def after_number(request: Message) -> int:
    """Like :func:`after`, of a query that pages by number; 0 for the first page."""
    last = after(request) or "0"
    if not (last.isascii() and last.isdigit()) or len(last) > _LONGEST_NUMBER:
        raise mismatch()
    return int(last)


def next_token(request: Message, items: int, last: str) -> str:
    """The token of the page after one of ``items`` that ends with ``last``; "" when the page was not full."""
    if items < size(request.page_size):  # type: ignore[attr-defined]  # every List request has one
        return ""
    return base64.urlsafe_b64encode(json.dumps([last, _query(request)]).encode()).decode()


def _query(request: Message) -> str:
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("page_token")
    copy.ClearField("page_size")
    body = request.DESCRIPTOR.full_name.encode() + copy.SerializeToString(deterministic=True)
    return hashlib.sha256(body).hexdigest()[:16]


def mismatch() -> BeianhubError:
    """INVALID: a token of another query, or of nobody."""
    return refused(
        ErrorKind.INVALID,
        "PAGE_TOKEN_MISMATCH",
        "page_token",
        "分页标记不属于此查询",
        "the page token belongs to another query",
        (
            "请用相同的过滤条件重新查询，或不带令牌从头开始。 / "
            "Repeat the query with the same filters, or begin without a token."
        ),
    )
