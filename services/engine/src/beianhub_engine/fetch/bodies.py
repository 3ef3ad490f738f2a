"""Bodies, decompressed up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

from beianhub_sdk import FetchFailedError

ACCEPTED: Final = "gzip, deflate"
_WINDOW: Final = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_PLAIN: Final = frozenset({"", "identity"})


def read(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """The whole body, at most ``limit`` bytes; no more than that is ever unpacked.

    Raises:
        FetchFailedError: TOO_LARGE, ENCODING_UNKNOWN (also of several encodings at once), or ENCODING_BROKEN.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        return _joined(chunks, limit)
    if name not in _WINDOW:
        raise FetchFailedError("ENCODING_UNKNOWN")
    try:
        return _joined(_unpacked(chunks, _WINDOW[name], limit), limit)
    except zlib.error:
        raise FetchFailedError("ENCODING_BROKEN") from None


def _joined(chunks: Iterable[bytes], limit: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise FetchFailedError("TOO_LARGE")
    return bytes(body)


def _unpacked(chunks: Iterable[bytes], window: int, limit: int) -> Iterable[bytes]:
    """One step unpacks at most one byte beyond the limit, which the reader then refuses."""
    unpacker = zlib.decompressobj(window)
    for chunk in chunks:
        yield unpacker.decompress(chunk, limit + 1)
        if unpacker.unconsumed_tail:
            raise FetchFailedError("TOO_LARGE")
