"""Mistakes in the configuration: each named with its key, all at once, and never as a trace of the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from beianhub_cli.config import Config, ConfigError, load


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
    assert any("there is no such setting" in line for line in told)
    assert not any("Value error" in line for line in told)


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


@pytest.mark.parametrize("text", ["tencent,mine", " tencent , mine,", '["tencent", "mine"]'])
def test_a_list_can_be_set_in_the_environment(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable is text: it has the list's words between commas, or as a file would."""
    monkeypatch.setenv("BEIANHUB_ENGINE__TRUSTED", text)
    path = tmp_path / "beianhub.toml"
    path.write_bytes(b"")
    assert load(path).engine.trusted == ("tencent", "mine")


def test_a_broken_list_in_the_environment_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told how a list is written."""
    monkeypatch.setenv("BEIANHUB_ENGINE__DENY", '["tencent"')
    (told,) = problems(tmp_path / "beianhub.toml", b"")
    assert told.startswith('engine.deny: 应为列表 / must be a list, such as ["a", "b"], or a,b in the environment')


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


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@host:port/db", "postgresql://u:hunter2@[::1/db"])
def test_an_address_that_cannot_be_read_is_named_without_its_password(url: str, tmp_path: Path) -> None:
    """The store's and the key store's addresses are read at the start, and never quoted."""
    content = f'[store]\nurl = "{url}"\n[vault]\nkeystore_url = "{url}"\n'.encode()
    told = problems(tmp_path / "beianhub.toml", content)
    assert [line.partition(":")[0] for line in told] == ["store.url", "vault.keystore_url"]
    assert "hunter2" not in "".join(told)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:hunter2@host/db", "postgresql://u:**********@host/db"),
        ("postgresql://u:hun@ter/2@host/db", "postgresql://u:**********@host/db"),
        ("postgresql://u@host/db?sslpassword=hunter2&x=1", "postgresql://u@host/db?sslpassword=**********&x=1"),
        ("kafka://a:9092,b:9092?sasl_plain_password=hunter2", "kafka://a:9092,b:9092?sasl_plain_password=**********"),
        ("sqlite:////srv/a:b@c.db", "sqlite:////srv/a:b@c.db"),
    ],
)
def test_a_password_in_an_address_is_not_shown(url: str, shown: str) -> None:
    """`config show` shows the address with stars in the place of its password, and nothing else is changed."""
    config = Config.model_validate({"bus" if url.startswith("kafka") else "store": {"url": url}})
    dumped = json.loads(config.model_dump_json())
    assert shown in (dumped["store"]["url"], dumped["bus"]["url"])
    assert "hunter2" not in json.dumps(dumped)
    assert url in (config.store.url, config.bus.url)
