"""The cache of Kafka's jars."""

import os
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


def test_an_empty_cache_is_filled_with_exactly_the_listed_jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fills an empty cache, here a mirror on this machine's disk, ends as the list of hashes says."""
    assert {jar.name for jar in kafka_jars()} == set(expected_hashes())
    monkeypatch.setenv("BEIANHUB_LOCAL_CACHE", str(tmp_path / "moved"))
    assert cache_directory() == tmp_path / "moved"


def test_without_network_the_error_names_the_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that cannot reach the mirror says what to set, and leaves no half-filled cache."""
    monkeypatch.setenv("BEIANHUB_LOCAL_MAVEN", "http://127.0.0.1:1/maven2")
    with pytest.raises(LocalServerError, match="BEIANHUB_LOCAL_MAVEN.*BEIANHUB_TEST_KAFKA"):
        kafka_jars(tmp_path)
    assert os.listdir(tmp_path) == ["lock"]


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
    with pytest.raises(LocalServerError, match="scala-library-2.13.18.jar, stranger.jar"):
        verified(linked)
