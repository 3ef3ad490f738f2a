"""Mistakes in the configuration: each named with its key, all at once, and never as a trace of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from beianhub_cli.config import ConfigError, load


def problems(path: Path, content: bytes) -> list[str]:
    """What is wrong with a file of this content."""
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value.problems


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """A wrong tenant, an impossible port and an unknown key are told together."""
    content = b'tenant = "Bad_T"\nunknown = 1\n[gateway]\nlisten = "127.0.0.1:70000"\nhttp_listen = "nohost"\n'
    told = problems(tmp_path / "beianhub.toml", content)
    assert {line.partition(":")[0] for line in told} == {"tenant", "unknown", "gateway.listen", "gateway.http_listen"}
    assert any("a port is at most 65535" in line for line in told)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are a mistake in the file."""
    path = tmp_path / "beianhub.toml"
    assert problems(path, b"\xff\xfe") == [
        f"{path}: is not TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
    ]


@pytest.mark.parametrize("name", ["BEIANHUB_TEST_X", "BEIANHUB_LOCAL_X", "BEIANHUB_BREAKING_X"])
def test_variables_of_other_tools_are_left_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests, the local servers and the check of the API read is no setting, and no mistake."""
    monkeypatch.setenv(name, "1")
    path = tmp_path / "beianhub.toml"
    path.write_bytes(b"")
    assert load(path).tenant == "main"


def test_an_unknown_variable_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable does not go unnoticed."""
    monkeypatch.setenv("BEIANHUB_STORE__URI", "sqlite:///x")
    assert "store.uri" in problems(tmp_path / "beianhub.toml", b"")[0]


def test_a_calendar_is_read_with_the_configuration(tmp_path: Path) -> None:
    """Its years are known from the start; a mistake in it is one of the configuration's, with its place."""
    calendar, config = tmp_path / "calendar.yaml", tmp_path / "beianhub.toml"
    calendar.write_text("source: 虚构\nyears: [{year: 2027, holidays: [2027-01-01]}]", "utf-8")
    content = f"[calendar]\nfile = '{calendar}'\n".encode()
    config.write_bytes(content)
    assert load(config).calendar.calendar().last_year == 2027
    calendar.write_text("source: 虚构\nyears: [{year: 2027, holidays: [2027-13-01]}]", "utf-8")
    (told,) = problems(config, content)
    assert told.startswith("calendar: ")
    assert "calendar.yaml: years[0].holidays[0]" in told
