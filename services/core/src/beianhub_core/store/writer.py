"""The one writer of a process: a thread with one connection, and one queue whose waiting units share a transaction."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from beianhub_core.store import faults, flushing, loading
from beianhub_core.store.engine import Database
from beianhub_core.store.planning import Planning
from beianhub_core.store.port import Committed, Unit

T = TypeVar("T")
Work = Callable[[Connection], Any]

GROUP_LIMIT: Final = 500
_DELAYS: Final = (0.01, 0.05, 0.2, 0.5)  # seconds between attempts


@dataclass(frozen=True, slots=True)
class _Job:
    work: Unit | Work
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class GroupWriter:
    """Takes everything that waits and carries it out: the units in one transaction, other work in one each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def submit(self, work: Unit | Work) -> asyncio.Future[Any]:
        """Queues a unit (its result is a :class:`Committed`) or a piece of work on the connection (its own result).

        What is queued is carried out, also when whoever waits for it gives up.

        Raises:
            BeianhubError: UNAVAILABLE, the store is closed.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        with self._changed:
            if self._closing or not self._thread.is_alive():
                raise faults.unavailable()
            self._waiting.append(job)
            self._changed.notify()
        return job.future

    def close(self) -> None:
        """Ends after the last waiting job."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while jobs := self._take():
            try:
                results = self._carry_out(jobs)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of a defect, and the writer go on
                results = [error] * len(jobs)
            _settle(jobs, results)

    def _take(self) -> list[_Job]:
        """What waits now, in order; waits for something; nothing once the store is closing and all is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return [self._waiting.popleft() for _ in range(min(GROUP_LIMIT, len(self._waiting)))]

    def _carry_out(self, jobs: Sequence[_Job]) -> list[Any]:
        units = [job.work for job in jobs if isinstance(job.work, Unit)]
        committed = iter(self._group(units) if units else ())
        return [next(committed) if isinstance(job.work, Unit) else self._alone(job.work) for job in jobs]

    def _group(self, units: Sequence[Unit]) -> list[Committed | Exception]:
        """The units' results. What fails their transaction comes down to the unit that it belongs to: each half is
        tried again, until the unit is alone.
        """
        try:
            return self._persist(lambda connection: self._plan_and_flush(connection, units), once=len(units) > 1)
        except _FailedTogether:
            pass
        except Exception as error:  # noqa: BLE001 - delivered to those who wait
            return [error] * len(units)
        half = len(units) // 2
        return [*self._group(units[:half]), *self._group(units[half:])]

    def _alone(self, work: Work) -> Any:
        try:
            return self._persist(work, once=False)
        except Exception as error:  # noqa: BLE001 - delivered to the one who waits
            return error

    def _persist(self, work: Callable[[Connection], T], *, once: bool) -> T:
        """One transaction, tried again while others are in the way.

        Raises:
            _FailedTogether: it failed by its content, and ``once`` says to leave it there.
            BeianhubError: UNAVAILABLE.
        """
        delays = iter(_DELAYS)
        while True:
            try:
                return self._transact(work)
            except faults.DATABASE_ERRORS as error:
                if once and not faults.away(error):
                    raise _FailedTogether from None
                delay = next(delays, None)
                if delay is None or not (faults.away(error) or faults.contended(error)):
                    raise faults.unavailable(error) from None
            time.sleep(delay)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self._database.writer.connect() as connection, connection.begin() as transaction:
            result = work(connection)
            with faults.translated():  # a commit that fails may have taken place: it is never simply repeated
                transaction.commit()
            return result

    def _plan_and_flush(self, connection: Connection, units: Sequence[Unit]) -> list[Committed | Exception]:
        sql = self._database.sql
        snapshot = loading.snapshot(sql, connection, units)
        while True:
            planning = Planning(snapshot)
            results = [planning.run(unit) for unit in units]
            owners = loading.owners(sql, connection, planning.assumed)
            snapshot.owners.update(owners)
            if all(owners[claim] in (None, subject) for claim, subject in planning.assumed.items()):
                flushing.flush(sql, connection, self._database.clock.now(), snapshot, planning)
                return results


class _FailedTogether(Exception):  # noqa: N818 - a signal between two methods
    """A group's transaction failed by the content of one of its units."""


def _settle(jobs: Sequence[_Job], results: Sequence[Any]) -> None:
    """Delivers the results, with one wake-up of each event loop."""
    pairs = [(job.loop, job.future, result) for job, result in zip(jobs, results, strict=True)]
    for _, group in groupby(sorted(pairs, key=lambda pair: id(pair[0])), key=lambda pair: id(pair[0])):
        mine = list(group)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            mine[0][0].call_soon_threadsafe(_deliver, [(future, result) for _, future, result in mine])


def _deliver(pairs: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in pairs:
        if future.done():  # whoever waited has given up
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
