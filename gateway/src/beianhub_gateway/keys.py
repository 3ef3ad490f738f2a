"""From a call's metadata to its caller."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from beianhub_core.application.caller import Caller
from beianhub_core.domain.draft import refused
from beianhub_core.errors import ErrorKind

AUTHORIZATION: Final = "authorization"
_SCHEME: Final = "bearer "
_LARGEST: Final = 4096


class Keys:
    """Authenticates API keys, and remembers for ``seconds`` whom a key belongs to; by its digest, never the key."""

    def __init__(self, authenticate: Callable[[str], Awaitable[Caller]], seconds: float) -> None:
        self._authenticate = authenticate
        self._seconds = seconds
        self._known: dict[bytes, tuple[Caller, float]] = {}

    async def caller(self, metadata: Mapping[str, str | bytes]) -> Caller:
        """Who calls.

        Raises:
            BeianhubError: UNAUTHENTICATED, without a key, or with one that is unknown or revoked.
        """
        secret = _secret(metadata.get(AUTHORIZATION, ""))
        digest = hashlib.sha256(secret.encode()).digest()
        now = time.monotonic()
        known = self._known.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        caller = await self._authenticate(secret)
        self._remember(digest, caller, now)
        return caller

    def _remember(self, digest: bytes, caller: Caller, now: float) -> None:
        if len(self._known) >= _LARGEST:
            self._known.clear()
        self._known[digest] = (caller, now + self._seconds)


def _secret(authorization: str | bytes) -> str:
    text = authorization if isinstance(authorization, str) else ""
    if text[: len(_SCHEME)].lower() != _SCHEME or not text[len(_SCHEME) :].strip():
        raise refused(
            ErrorKind.UNAUTHENTICATED,
            "API_KEY_MISSING",
            AUTHORIZATION,
            "缺少 API 密钥",
            "the call carries no API key",
            "请发送元数据 `authorization: Bearer <API key>`。 / Send the metadata `authorization: Bearer <API key>`.",
        )
    return text[len(_SCHEME) :].strip()
