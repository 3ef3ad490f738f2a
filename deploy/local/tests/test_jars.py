"""The cache of Kafka's jars."""

from pathlib import Path

import pytest

from beianhub_local import LocalServerError
from beianhub_local.jars import KAFKA_VERSION, cache_directory, expected_hashes, kafka_jars, verified


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A cache of links to the real one's jars."""
    target = tmp_path / f"kafka-{KAFKA_VERSION}"
    target.mkdir()
    for jar in kafka_jars():
        (target / jar.name).symlink_to(jar)
    return target


def test_the_class_path_holds_exactly_the_listed_jars() -> None:
    """Whatever filled the cache, the class path is what the list of hashes says."""
    assert {jar.name for jar in kafka_jars()} == set(expected_hashes())


def test_the_cache_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own variable comes first, then the user's cache directory."""
    monkeypatch.delenv("BEIANHUB_LOCAL_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / "beianhub-local"
    monkeypatch.setenv("BEIANHUB_LOCAL_CACHE", str(tmp_path / "own"))
    assert cache_directory() == tmp_path / "own"


def test_without_network_the_error_names_the_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that cannot reach the mirror says what to set, and leaves no half-filled cache."""
    monkeypatch.setenv("BEIANHUB_LOCAL_MAVEN", "http://127.0.0.1:1/maven2")
    with pytest.raises(LocalServerError, match=r"BEIANHUB_LOCAL_MAVEN.*BEIANHUB_TEST_KAFKA"):
        kafka_jars(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_changed_jar_is_refused(linked: Path) -> None:
    """A jar whose SHA-256 differs from the list never reaches a class path."""
    changed = linked / f"kafka-clients-{KAFKA_VERSION}.jar"
    changed.unlink()
    changed.write_bytes(b"not the jar")
    with pytest.raises(LocalServerError, match=r"refused: kafka-clients-4\.3\.1\.jar"):
        kafka_jars(linked.parent)


def test_a_missing_or_an_extra_jar_is_refused(linked: Path) -> None:
    """The class path holds the listed jars, no fewer and no more."""
    (linked / "scala-library-2.13.18.jar").rename(linked / "stranger.jar")
    with pytest.raises(LocalServerError, match=r"scala-library-2\.13\.18\.jar, stranger\.jar"):
        verified(linked)
