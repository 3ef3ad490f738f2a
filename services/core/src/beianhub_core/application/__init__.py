"""What the gateway and the engine call: one object, made of the ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beianhub_core.application.admin import Admin
from beianhub_core.application.assignments import Assignments
from beianhub_core.application.callbacks import Callbacks
from beianhub_core.application.caller import Caller, engine_caller, operator_caller
from beianhub_core.application.core import Core
from beianhub_core.application.deadlines import Deadlines
from beianhub_core.application.documents import Documents
from beianhub_core.application.drifts import Drifts
from beianhub_core.application.handoffs import Handoffs
from beianhub_core.application.orders import Orders
from beianhub_core.application.plans import Plans
from beianhub_core.application.risks import Risks
from beianhub_core.application.rulebooks import Rulebooks
from beianhub_core.application.subjects import Subjects
from beianhub_core.application.tasks import Tasks
from beianhub_core.application.timers import Timers
from beianhub_core.domain.catalog import Catalog
from beianhub_core.ports import Clock, Ids, SystemClock, Uuid7Ids
from beianhub_core.rulebook.workdays import CHINA, Calendar
from beianhub_core.store.port import Store
from beianhub_core.vault import Vault


@dataclass(frozen=True, slots=True)
class Application:
    """Each attribute answers one service, or one part of the engine; methods are named as the RPCs, in snake_case."""

    core: Core
    subjects: Subjects
    drifts: Drifts
    orders: Orders
    plans: Plans
    documents: Documents
    tasks: Tasks
    handoffs: Handoffs
    admin: Admin
    callbacks: Callbacks
    timers: Timers
    deadlines: Deadlines
    risks: Risks

    @property
    def store(self) -> Store:
        """The store, for reads that need no rule: the log and the index of domains."""
        return self.core.store

    async def catalog(self) -> Catalog:
        """The plugins that engines have seen."""
        return await self.core.catalog()


def make_application(
    store: Store,
    vault: Vault,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    callback_url: str = "",
    wake: Callable[[], None] = lambda: None,
    rulebooks: Rulebooks | None = None,
    calendar: Calendar = CHINA,
) -> Application:
    """The application over its ports. ``callback_url`` is the public address of the gateway's HTTP port; ``wake`` is
    called after each commit; without ``rulebooks`` the built-in packs hold for every tenant; ``calendar`` counts
    working days.
    """
    core = Core(
        store, vault, clock or SystemClock(), ids or Uuid7Ids(), wake, calendar, rulebooks=rulebooks or Rulebooks()
    )
    assignments, drifts = Assignments(core, callback_url), Drifts(core)
    orders = Orders(core)
    return Application(
        core=core,
        subjects=Subjects(core),
        drifts=drifts,
        orders=orders,
        plans=Plans(core, orders),
        documents=Documents(core),
        tasks=Tasks(core, assignments, drifts),
        handoffs=Handoffs(core, assignments),
        admin=Admin(core),
        callbacks=Callbacks(core),
        timers=Timers(core),
        deadlines=Deadlines(core),
        risks=Risks(core),
    )


__all__ = ["Application", "Caller", "Rulebooks", "engine_caller", "make_application", "operator_caller"]
