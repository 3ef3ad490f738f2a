"""The little in which the two databases' SQL differs.

Statements are built once and kept: building one costs more than running it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Column, Select, Table, Text, and_, bindparam, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert


@dataclass(frozen=True, slots=True)
class Sql:
    """PostgreSQL's SQL, or SQLite's."""

    postgresql: bool

    def among(self, statement: Select[Any], *columns: Column[Any]) -> Select[Any]:
        """Only the rows in which the text ``columns`` equal one of the keys given by :meth:`keys`.

        Any number of keys goes as one parameter (on PostgreSQL an array for each column), so that the statement stays
        the same and is prepared once.
        """
        if self.postgresql:
            arrays = [bindparam(f"keys_{n}", type_=postgresql.ARRAY(Text)) for n in range(len(columns))]
            names = [f"k{n}" for n in range(len(columns))]
            wanted = func.unnest(*arrays).table_valued(*names, name="wanted").render_derived("wanted")
            matches = [column == wanted.c[name] for column, name in zip(columns, names, strict=True)]
        else:
            wanted = func.json_each(bindparam("keys", type_=Text)).table_valued("value", name="wanted")
            matches = [column == func.json_extract(wanted.c.value, f"$[{n}]") for n, column in enumerate(columns)]
        return statement.join(wanted, and_(*matches))

    def keys(self, keys: Iterable[tuple[str, ...]]) -> dict[str, Any]:
        """The parameters of a statement made by :meth:`among`; at least one key."""
        wanted = list(dict.fromkeys(keys))
        if self.postgresql:
            return {f"keys_{n}": list(part) for n, part in enumerate(zip(*wanted, strict=True))}
        return {"keys": json.dumps(wanted)}

    def insert(self, table: Table) -> Insert:
        """An insert that knows ON CONFLICT."""
        # Both dialects have the methods, spelled alike; one type serves for them.
        return postgresql.insert(table) if self.postgresql else cast("Insert", sqlite.insert(table))

    def upsert(self, table: Table, columns: Iterable[str], *keys: str, keep: tuple[str, ...] = ()) -> Insert:
        """Inserts rows of ``columns``, or replaces those with the same ``keys`` in all but the columns to ``keep``."""
        return _upsert(self, table, tuple(columns), keys, keep)


@cache
def _upsert(sql: Sql, table: Table, columns: tuple[str, ...], keys: tuple[str, ...], keep: tuple[str, ...]) -> Insert:
    insert = sql.insert(table)
    changed = {name: insert.excluded[name] for name in columns if name not in (*keys, *keep)}
    return insert.on_conflict_do_update(index_elements=list(keys), set_=changed)
