"""After a demonstration the personal data of its people is in the vault, encrypted, and nowhere else of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rehearsal import ledger, personal

# The sandbox plays the vendors, which do have the forms; what it keeps is theirs.
THEIRS = ("sandbox.db", "sandbox.db-wal", "sandbox.db-shm")


def files(directory: Path) -> dict[str, bytes]:
    """The bytes of each file of ours below the directory."""
    found = (path for path in directory.rglob("*") if path.is_file() and path.name not in THEIRS)
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}


def test_the_search_finds_what_it_looks_for(undisturbed: Any) -> None:
    """The sandbox's own file does hold the forms: the same search finds them there."""
    theirs = undisturbed.demo.directory / "sandbox.db"
    found = {value for _, value in personal.leaks({"sandbox": theirs.read_bytes()})}
    assert {"张示例", "110108198503070114", "13800000001"} <= found
    assert len(personal.values()) > 30


def test_no_file_holds_personal_data(undisturbed: Any) -> None:
    """Neither the database, whatever its pages keep, nor a log, a ready file or the configuration."""
    ours = files(undisturbed.demo.directory)
    assert {"beianhub.db", "up.log", "keys/keys.db"} <= set(ours)
    assert not personal.leaks(ours)


def test_no_column_holds_personal_data(undisturbed: Any) -> None:
    """Events, records, tasks, callbacks: each value by itself, for a file's pages may cut one in two."""
    columns = ledger.columns(undisturbed.demo.directory, without={"alembic_version"})
    assert len(columns["events.body"]) > 10_000
    assert columns["vault.ciphertext"]
    assert not personal.leaks(columns)


def test_what_the_story_prints_is_masked(undisturbed: Any) -> None:
    """The records and the live story show masks to whoever watches."""
    running = undisturbed.demo.running
    told = {"standard output": running.out.read_bytes(), "standard error": running.err.read_bytes()}
    assert "138****" in told["standard error"].decode()
    assert not personal.leaks(told)
