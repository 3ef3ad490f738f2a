"""The state file: one SQLite table of JSON documents, written before a reply leaves."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SCHEMA = """
create table if not exists documents (
  kind text not null, identifier text not null, body text not null, primary key (kind, identifier)
) without rowid
"""


class StateFile:
    """Keeps documents by (kind, identifier); one `write` is one durable transaction."""

    def __init__(self, path: str | None) -> None:
        if path:
            Path(path).touch(mode=0o600)  # it holds the invented people's numbers
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute(_SCHEMA)

    def read(self) -> Iterator[tuple[str, str, str]]:
        """Every (kind, identifier, body)."""
        yield from self._connection.execute("select kind, identifier, body from documents")

    def write(self, changed: Iterable[tuple[str, str, str]], removed: Iterable[tuple[str, str]] = ()) -> None:
        """Replace and remove documents, all or nothing, on disk before it returns."""
        with self._connection:  # commits, or rolls back what failed
            self._connection.execute("begin immediate")
            self._connection.executemany("insert or replace into documents values (?, ?, ?)", changed)
            self._connection.executemany("delete from documents where kind = ? and identifier = ?", removed)

    def clear(self) -> None:
        """Forget everything."""
        self._connection.execute("delete from documents")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
