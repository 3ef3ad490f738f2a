"""The machine's base: every command goes through here, and the laws hold across it, whether it is taken or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TaskOutcome
from beianhub_core.domain import cancelling, projection
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.evolve import apply, fold
from beianhub_core.domain.lookup import find_order, is_in_flight
from beianhub_core.errors import BeianhubError

from . import machine_laws as laws
from .machine_inputs import ID_NUMBER
from .machine_world import OTHER, SUBJECTS, Decided, World


class Office(RuleBasedStateMachine):
    """Two subjects, what was done to them, and what all runs together have ``reached`` so far."""

    taken: ClassVar[int] = 0
    released: ClassVar[int] = 0
    reached: ClassVar[Counter[tuple[str, str]]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.folded = {subject: Record(tenant="acme") for subject in SUBJECTS}
        self.done: list[tuple[str, cmd.Command]] = []
        self.keys: set[tuple[str, str]] = set()
        self.steps = -1  # the first look is before the first step

    def do(self, subject: str, command: cmd.Command) -> bool:
        """Runs the command of one subject; whether it was taken."""
        known = {each: len(self.world.events[each]) for each in SUBJECTS}
        try:
            decided = self.world.run(subject, command)
        except BeianhubError as refused:
            said = str(refused)
        else:
            self.done.append((subject, command))
            self._all_took(subject, decided)
            return True
        assert known == {each: len(self.world.events[each]) for each in SUBJECTS}
        assert self.folded == self.world.records, "a refused command changes nothing"
        assert ID_NUMBER not in said
        return False

    def _all_took(self, subject: str, decided: dict[str, Decided]) -> None:
        for each, one in decided.items():
            self._took(each, one)
        laws.hold_between(*self.world.records.values())
        records = [one.before for one in decided.values()], [one.after for one in decided.values()]
        laws.nothing_is_lost(*records, decided[subject].events)
        moved = decided.get(OTHER[subject])
        if moved is not None and any(event.HasField("service_migrated_in") for event in moved.events):
            here = decided[subject]
            laws.moves_whole((here.before, here.after), (moved.before, moved.after), moved.events)

    def _took(self, subject: str, decided: Decided) -> None:
        for event in decided.events:
            apply(self.folded[subject], Event.FromString(event.SerializeToString()))
        assert self.folded[subject] == decided.after, "the record is the fold of its events"
        laws.hold_across(decided.before, decided.after, decided.events)
        laws.hold(decided.after)
        self.keys |= {(subject, key) for key in projection.timers(decided.after)}
        known = {order.name: order.state for order in decided.before.orders}
        for order in decided.after.orders:
            if order.state != known.get(order.name):
                kind, state = res.OrderType.Name(order.type), res.OrderState.Name(order.state)
                self.reached[kind.removeprefix("ORDER_TYPE_"), state.removeprefix("ORDER_STATE_")] += 1
        Office.released += sum(event.HasField("order_released") for event in decided.events)

    def submit_order(self, subject: str, name: str) -> bool:
        """What is destroyed is destroyed only by those who repeat what they give up."""
        record = self.world.records[subject]
        order = find_order(record, name)
        assert order is not None
        repeated = cancelling.confirmation(record, order)
        assert not repeated or not self.do(subject, cmd.SubmitOrder(name))
        return self.do(subject, cmd.SubmitOrder(name, repeated))

    def report_task(self, name: str, epoch: int, outcome: TaskOutcome) -> None:
        """The report of a claim, which the row takes too if it is the current one."""
        with self.world.reporting(name, epoch, outcome):
            self.do(self.world.subject_of(name), cmd.ReportTask(name, outcome, epoch=epoch))

    def orders(self) -> Iterator[tuple[str, res.Order]]:
        """Every order, with its subject."""
        for subject, record in self.world.records.items():
            for order in record.orders:
                yield subject, order

    def flying(self) -> list[tuple[str, str]]:
        """The orders in flight, with their subjects."""
        return [(subject, order.name) for subject, order in self.orders() if is_in_flight(order)]

    def an_order(self, data: st.DataObject) -> tuple[str, str]:
        """Any of them."""
        return data.draw(st.sampled_from([(subject, order.name) for subject, order in self.orders()]))

    def a_row(self, data: st.DataObject) -> str:
        """Any open task."""
        return data.draw(st.sampled_from(sorted(self.world.rows)))

    @invariant()
    def rows_hold(self) -> None:
        laws.rows_hold(list(self.world.rows.values()), self.world.now)
        self.steps += 1

    def teardown(self) -> None:
        for subject in SUBJECTS:
            assert fold(self.world.events[subject]) == self.world.records[subject]
        Office.taken += self.steps
