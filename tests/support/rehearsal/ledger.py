"""What is in a deployment's SQLite file, read from outside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

# What a call of a reseller can change. Leases, cursors and claims move by themselves.
STATE: Final = {
    "events": "tenant, subject, version, event_id, body",
    "records": "tenant, subject, version, certificate, body",
    "orders": "tenant, order_id, state, body",
    "domains": "tenant, domain, subject",
    "tasks": "tenant, task_id, kind",
    "vault": "tenant, ref, ciphertext",
    "documents": "tenant, document_id, body",
    "request_keys": "tenant, method, request_id, digest, response",
    "tenants": "tenant, body",
    "accounts": "tenant, account_id, body",
    "api_keys": "tenant, key_id, body",
}


def state(directory: Path) -> dict[str, list[Any]]:
    """Every row of what a call can change, by table."""
    with closing(_open(directory)) as database:
        return {table: sorted(database.execute(f"SELECT {columns} FROM {table}")) for table, columns in STATE.items()}  # noqa: S608 - the names above


def columns(directory: Path, without: set[str]) -> dict[str, bytes]:
    """All values of each column together, by ``table.column``, but of the tables ``without``."""
    with closing(_open(directory)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, bytes] = {}
        for table in set(tables) - without:
            cursor = database.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name that the database gave
            names = [column[0] for column in cursor.description]
            values = list(zip(*cursor, strict=True)) or [()] * len(names)
            found |= {
                f"{table}.{name}": b"\n".join(map(_bytes, all_)) for name, all_ in zip(names, values, strict=True)
            }
    return found


def _open(directory: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{directory / 'beianhub.db'}?mode=ro", uri=True, timeout=60)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
