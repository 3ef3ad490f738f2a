"""The master key at the start: made once, never in the place of a lost one."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import pytest

from beianhub_cli.config import Config
from beianhub_cli.serve.composing import MASTER_KEY_VARIABLE, application
from beianhub_cli.serve.initialising import ensure_initialised
from beianhub_core.errors import BeianhubError


async def _with_a_secret(data: Path) -> Config:
    """A data directory whose vault holds something."""
    config = Config(data_dir=data)
    assert await ensure_initialised(config)
    async with application(config) as app:
        await app.core.vault.seal("main", "s1", "profile", b"value")
    return config


async def test_a_lost_master_key_is_never_replaced(tmp_path: Path) -> None:
    """Where data is sealed under a key that is gone, the start is refused, and no new key hides the loss."""
    config = await _with_a_secret(tmp_path)
    config.master_key_file.rename(tmp_path / "lost")
    with pytest.raises(BeianhubError) as caught:
        await ensure_initialised(config)
    assert caught.value.reason == "MASTER_KEY_UNKNOWN"
    assert not config.master_key_file.exists()
    (tmp_path / "lost").rename(config.master_key_file)
    assert not await ensure_initialised(config)


async def test_another_master_key_is_refused(tmp_path: Path) -> None:
    """A key that did not seal what is there is refused at the start, and stays where its owner put it."""
    config = await _with_a_secret(tmp_path)
    other = base64.b64encode(secrets.token_bytes(32))
    config.master_key_file.write_bytes(other)
    with pytest.raises(BeianhubError) as caught:
        await ensure_initialised(config)
    assert caught.value.reason == "MASTER_KEY_UNKNOWN"
    assert config.master_key_file.read_bytes() == other


async def test_a_key_from_the_environment_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key in the environment no other one is left on the disk."""
    monkeypatch.setenv(MASTER_KEY_VARIABLE, base64.b64encode(secrets.token_bytes(32)).decode())
    config = Config(data_dir=tmp_path)
    assert await ensure_initialised(config)
    assert not config.master_key_file.exists()


async def test_the_data_directory_is_its_owner_s_alone(tmp_path: Path) -> None:
    """Titles, domains and accounts stand in the store in clear: nobody else on the machine may read them."""
    config = Config(data_dir=tmp_path / "data")
    assert await ensure_initialised(config)
    assert config.data_dir.stat().st_mode & 0o077 == 0
