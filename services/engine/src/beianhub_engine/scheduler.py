"""The scheduler: fires due timers, has records looked at for their risks and patrols, and clears away what has had its
time, in the one process that leads.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from beianhub_core.application import Application
from beianhub_engine.fetch import Sites
from beianhub_engine.leadership import Leadership
from beianhub_engine.settings import EngineSettings
from beianhub_engine.waiting import first

_SHORTEST_PAUSE = 0.05  # a timer that its command leaves due must not keep the loop spinning
_log = structlog.get_logger()


class Scheduler:
    """Turns due timers into commands. ``wake`` is set by commits in this process: they may set an earlier timer."""

    def __init__(
        self, app: Application, leadership: Leadership, settings: EngineSettings, wake: asyncio.Event | None = None
    ) -> None:
        self._app = app
        self._leadership = leadership
        self._settings = settings
        self._wake = wake or asyncio.Event()
        self._sites = Sites(settings.fetch_loopback)
        self._purged: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Works while it leads, until ``stop``."""
        while not stop.is_set():
            await first(stop.wait(), self._leadership.held())
            if self._leadership.lease is not None:
                await first(stop.wait(), self._leadership.lost(), self._lead())

    async def _lead(self) -> None:
        while True:
            self._wake.clear()
            pause = self._settings.poll
            try:
                pause = await self._round()
            except Exception as error:  # noqa: BLE001 - whatever fails, the other timers must go on
                _log.warning("scheduler_failed", error=str(error), retry_in=pause)
            await asyncio.sleep(_SHORTEST_PAUSE)
            await first(self._wake.wait(), asyncio.sleep(pause))

    async def _round(self) -> float:
        """Fires what is due, and looks at the records whose time has come; returns for how many seconds nothing is."""
        fired = await self._app.timers.fire_due()
        if fired:
            _log.info("timers_fired", count=fired)
            return 0.0
        now = self._app.core.clock.now()
        if self._purged is None or now - self._purged >= timedelta(seconds=self._settings.purge):
            await self._app.store.purge(now)
            self._purged = now
            await self._recount()
            await self._read_accounts()
        if await self._app.risks.look(self._sites.reaches):
            return 0.0
        due = await self._app.store.next_due()
        if due is None or due <= now:  # what is due and no timer is a task, for a host
            return self._settings.poll
        return min((due - now) / timedelta(seconds=1), self._settings.poll)

    async def _read_accounts(self) -> None:
        """What is filed at each provider that can be asked is compared with our records, as often as sites are seen."""
        interval = self._settings.plugins.patrol
        begun = await self._app.drifts.patrol(timedelta(seconds=interval)) if interval else 0
        if begun:
            _log.info("accounts_read", count=begun)

    async def _recount(self) -> None:
        """The calendar comes with the program: its data are new when another version of it begins to lead."""
        counted = await self._app.deadlines.recount()
        if counted:
            _log.info("deadlines_counted_again", subjects=counted, calendar=self._app.core.calendar.version)
