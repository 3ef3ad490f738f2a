"""What the parts of the store share: reading on a few threads, writing through the one writer, paging."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Select, Table, select
from sqlalchemy.exc import SQLAlchemyError

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.store import faults
from beianhub_core.store.engine import Database
from beianhub_core.store.writer import GroupWriter

T = TypeVar("T")


class Part:
    """A part of the store over one database."""

    def __init__(self, database: Database, writer: GroupWriter, readers: Executor) -> None:
        self._database = database
        self._sql = database.sql
        self._writer = writer
        self._readers = readers

    async def _read(self, query: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, _read, self._database, query)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in a transaction of its own; it may run more than once, until one commits."""
        result: T = await self._writer.submit(work)
        return result


def _read(database: Database, query: Callable[[Connection], T]) -> T:
    """Reads; once more on a fresh connection when the pooled one turns out to be gone."""
    with faults.translated():
        try:
            with database.reader.connect() as connection:
                return query(connection)
        except SQLAlchemyError as error:
            if not faults.away(error):
                raise
        with database.reader.connect() as connection:
            return query(connection)


def page(
    connection: Connection, query: Select[Any], table: Table, key: Column[str], *, tenant: str, after: str, limit: int
) -> list[Any]:
    """The first column of the query's rows behind the row whose ``key`` is ``after``, in order of creation.

    Raises:
        BeianhubError: INVALID with reason ``PAGE_TOKEN_INVALID``, there is no such row.
    """
    if after:
        seq = connection.scalar(select(table.c.seq).where(table.c.tenant == tenant, key == after))
        if seq is None:
            raise _invalid_page()
        query = query.where(table.c.seq > seq)
    return list(connection.scalars(query.order_by(table.c.seq).limit(limit)))


def _invalid_page() -> BeianhubError:
    finding = blocker(
        "PAGE_TOKEN_INVALID",
        "page_token",
        "分页标记已失效",
        "what the page before ended with is gone",
        "请从第一页重新列出。 / List again from the first page.",
        rule="AIP-158",
    )
    return BeianhubError(ErrorKind.INVALID, "PAGE_TOKEN_INVALID", [finding])
