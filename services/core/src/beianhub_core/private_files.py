"""Files of a database that only their owner may read: titles, domains and accounts stand in the store in clear."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event

_PRIVATE: Final = 0o600
_OTHERS: Final = 0o077
_BESIDE: Final = ("", "-wal", "-shm")


def keep_private(engine: Engine) -> None:
    """Makes an SQLite engine's file for its owner alone; SQLite gives the files beside it the same mode.

    A file that is there stays as its owner has it (see :func:`tighten`), and is not opened: to close it again would
    take every lock from the connections that this process has to it (POSIX), and what they write could be lost.
    """
    file = engine.url.database
    if file in (None, "", ":memory:"):
        return

    @event.listens_for(engine, "do_connect")
    def make(*_arguments: object) -> None:
        with suppress(OSError):  # it is there, or what stands against it SQLite says itself
            os.close(os.open(file, os.O_RDONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))


def tighten(file: Path) -> None:
    """Takes a database's files, made by an earlier release for everybody to read, away from all but their owner."""
    for each in (file.with_name(file.name + suffix) for suffix in _BESIDE):
        if each.exists() and each.stat().st_mode & _OTHERS:
            each.chmod(_PRIVATE)
