"""Master keys."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import pytest

from beianhub_core.errors import BeianhubError
from beianhub_core.vault import MasterKey


def test_a_generated_key_is_read_back(tmp_path: Path) -> None:
    """A generated file is its owner's alone and holds the same key."""
    path = tmp_path / "master.key"
    key = MasterKey.generate(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKey.from_file(path) == key


def test_generate_never_overwrites(tmp_path: Path) -> None:
    """A key that is there is kept: losing it loses every value."""
    path = tmp_path / "master.key"
    key = MasterKey.generate(path)
    with pytest.raises(BeianhubError, match="MASTER_KEY_REFUSED"):
        MasterKey.generate(path)
    assert MasterKey.from_file(path) == key


def test_a_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """The error says how to close the file."""
    path = tmp_path / "master.key"
    MasterKey.generate(path)
    path.chmod(0o640)
    with pytest.raises(BeianhubError) as caught:
        MasterKey.from_file(path)
    assert caught.value.findings[0].suggestion == f"请运行 chmod 600 {path} / Run chmod 600 {path}"


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "@" * 44])
def test_anything_but_32_bytes_of_base64_is_refused(text: str) -> None:
    """A wrong key is refused, and not shown."""
    with pytest.raises(BeianhubError, match="BEIANHUB_MASTER_KEY") as caught:
        MasterKey.from_environment(environment={"BEIANHUB_MASTER_KEY": text})
    assert not text or text not in str(caught.value)


def test_the_environment_holds_a_key_too() -> None:
    """A key in base64 comes from the environment, and its representation does not show it."""
    text = base64.b64encode(secrets.token_bytes(32)).decode()
    key = MasterKey.from_environment("K", {"K": text})
    assert base64.b64encode(key.secret).decode() == text
    assert repr(key) == "MasterKey()"


def test_a_wrapped_key_unwraps_in_its_context_only() -> None:
    """Key wrapping is bound to its context and to the master key."""
    key, other = MasterKey(b"a" * 32), MasterKey(b"b" * 32)
    wrapped = key.wrap(b"d" * 32, b"here")
    assert key.unwrap(wrapped, b"here") == b"d" * 32
    assert key.unwrap(wrapped, b"there") is None
    assert other.unwrap(wrapped, b"here") is None
    assert key.unwrap(b"", b"here") is None
