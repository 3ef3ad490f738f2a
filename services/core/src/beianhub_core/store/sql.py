"""The store in SQL, put together."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from beianhub_core.ports import Clock
from beianhub_core.store import faults
from beianhub_core.store.deadlines import SqlDeadlines
from beianhub_core.store.directory import SqlDirectory
from beianhub_core.store.drifts import SqlDrifts
from beianhub_core.store.engine import READERS, Database, connect
from beianhub_core.store.log import SqlLog
from beianhub_core.store.migrating import migrate
from beianhub_core.store.port import Store
from beianhub_core.store.records import SqlRecords
from beianhub_core.store.tasks import SqlTasks
from beianhub_core.store.writer import GroupWriter


class SqlStore(SqlRecords, SqlTasks, SqlDeadlines, SqlDrifts, SqlLog, SqlDirectory):
    """A :class:`~beianhub_core.store.port.Store` on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, GroupWriter(database), ThreadPoolExecutor(READERS, "store-reader"))

    async def start(self) -> None:
        """Opens it and brings its schema up to date.

        Raises:
            BeianhubError: UNAVAILABLE, the database does not answer.
        """
        await asyncio.get_running_loop().run_in_executor(self._readers, self._open)

    def _open(self) -> None:
        with faults.translated():
            migrate(self._database)
        self._writer.start()

    async def close(self) -> None:
        """Ends after the last waiting unit."""
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._writer.close()
        self._readers.shutdown()
        self._database.dispose()


def open_store(url: str, clock: Clock) -> Store:
    """The store at ``url``: ``sqlite:///path/to/file.db`` or ``postgresql://user@host/database``. Start it before use.

    Raises:
        ValueError: another kind of URL.
    """
    return SqlStore(connect(url, clock))
