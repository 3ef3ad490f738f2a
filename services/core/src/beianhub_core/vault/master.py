"""Master keys: loaded from a file or the environment, kept in a ring for rotation, never shown."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from beianhub_core.vault.errors import master_key_refused

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # NIST SP 800-38D: random 96-bit nonces, far below 2**32 messages per key
ENVIRONMENT: Final = "BEIANHUB_MASTER_KEY"
_FORBIDDEN_MODE: Final = 0o077
_MAKE_ONE: Final = (
    "请用 MasterKey.generate 生成：32 字节的 base64。 / Make one with MasterKey.generate; it is 32 bytes in base64."
)


def join(*parts: str) -> bytes:
    """The parts as bytes, each with its length before it, so that no two lists of parts are alike."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


@dataclass(frozen=True)
class MasterKey:
    """32 secret bytes; ``id`` is derived from them and may be stored beside what they wrapped."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise master_key_refused("master key", f"has {len(self.secret)} bytes instead of {KEY_BYTES}", _MAKE_ONE)

    @cached_property
    def id(self) -> str:
        """A fingerprint that tells nothing about the key."""
        return hmac.new(self.secret, b"beianhub master key id", hashlib.sha256).hexdigest()[:16]

    @classmethod
    def from_file(cls, path: Path) -> MasterKey:
        """Reads a base64 key from a file that its owner alone may read.

        Raises:
            BeianhubError: PRECONDITION, reason MASTER_KEY_REFUSED, with the remedy.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read()
        except OSError as error:
            raise master_key_refused(str(path), error.strerror or "cannot be read", _MAKE_ONE) from None
        if mode & _FORBIDDEN_MODE:
            remedy = f"请运行 chmod 600 {path} / Run chmod 600 {path}"
            raise master_key_refused(str(path), "others than its owner may read or change it", remedy)
        return cls._decode(text, str(path))

    @classmethod
    def from_environment(cls, name: str = ENVIRONMENT, environment: Mapping[str, str] = os.environ) -> MasterKey:
        """Reads a base64 key from an environment variable.

        Raises:
            BeianhubError: PRECONDITION, reason MASTER_KEY_REFUSED, with the remedy.
        """
        return cls._decode(environment.get(name, "").encode(), name)

    @classmethod
    def generate(cls, path: Path) -> MasterKey:
        """Makes a key and writes it to a new file of mode 0600.

        Raises:
            BeianhubError: PRECONDITION, reason MASTER_KEY_REFUSED: the file is there, or its folder is not.
        """
        key = cls(secrets.token_bytes(KEY_BYTES))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            remedy = (
                "请保留现有密钥，或指定已有文件夹中的其他文件。 / "
                "Keep the key that is there, or name another file in a folder that exists."
            )
            raise master_key_refused(str(path), error.strerror or "cannot be made", remedy) from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key.secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return key

    @classmethod
    def _decode(cls, text: bytes, where: str) -> MasterKey:
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except binascii.Error:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise master_key_refused(where, f"is not the base64 of {KEY_BYTES} bytes", _MAKE_ONE)
        return cls(secret)

    def derive(self, purpose: str, *parts: str) -> bytes:
        """A key of 32 bytes for one purpose alone (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=join("beianhub", purpose, *parts)).derive(self.secret)

    @cached_property
    def _wrapper(self) -> AESGCM:
        return AESGCM(self.derive("wrap"))

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """``data_key`` encrypted; it unwraps in the same ``context`` only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapper.encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes | None:
        """What :meth:`wrap` took; ``None`` for another key, another context or changed bytes."""
        try:
            return self._wrapper.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            return None


class Keyring:
    """The current master key, which wraps, and older ones, which only unwrap.

    Blind indexes hang on the oldest key, so that they stay equal over a rotation: it leaves the ring last.
    """

    def __init__(self, current: MasterKey, *older: MasterKey) -> None:
        self.current = current
        self.oldest = older[-1] if older else current
        self._by_id = {key.id: key for key in (*older, current)}

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its keys."""
        return frozenset(self._by_id)

    def get(self, key_id: str) -> MasterKey | None:
        """The key of this id, if the ring has it."""
        return self._by_id.get(key_id)
