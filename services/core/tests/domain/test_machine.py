"""The domain as a machine: whatever is commanded, reported, repeated, late or timed, its rules hold at every step."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import Task, TaskOutcome
from beianhub_core.domain import cancelling, projection
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.evolve import fold
from beianhub_core.domain.lookup import EFFECTFUL, TERMINAL, find_order, is_in_flight, is_sending, tasks_of
from beianhub_core.errors import BeianhubError
from beianhub_core.vault.personal import contains_personal_data

from .support import SERVICE, Bench, provider

TYPES = (res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_ACCESS, res.ORDER_TYPE_CANCEL_ACCESS)
PROVIDERS = ("tencent", "aliyun")

CI_EXAMPLES, STEPS = 400, 50
ID_NUMBER, MOBILE = "11010519491231002X", "13800000001"
TALK = f"负责人身份证 {ID_NUMBER} 与手机{MOBILE}不符"
LEASE = timedelta(seconds=60)
MOST_ORDERS = 6
NUMBERS = {"subject_licence_number": "京ICP备2026000001号", "service_licence_number": "京ICP备2026000001号-1"}

FINDINGS = [res.Finding(code="X", severity=res.SEVERITY_BLOCKER, message_zh=TALK)]
SHOWN = [
    res.ORDER_STATE_UNSPECIFIED,
    res.ORDER_STATE_PROVIDER_REVIEW,
    res.ORDER_STATE_READY_TO_SUBMIT,
    res.ORDER_STATE_REGULATOR_REVIEW,
    res.ORDER_STATE_PROVIDER_REJECTED,
    res.ORDER_STATE_REGULATOR_REJECTED,
    res.ORDER_STATE_FILED,
    res.ORDER_STATE_WITHDRAWN,
]


@st.composite
def statuses(draw: st.DrawFn) -> TaskOutcome.Status:
    """What a vendor shows, or an operator says that it shows."""
    facets = draw(
        st.lists(
            st.builds(
                res.Verification,
                kind=st.sampled_from(res.VerificationKind.values()[:5]),
                state=st.sampled_from(res.VerificationState.values()),
            ),
            max_size=2,
        )
    )
    licence = draw(st.sampled_from([NUMBERS, {"service_licence_number": "沪ICP备9号-9"}, {}]))
    state = draw(st.sampled_from(SHOWN))
    return TaskOutcome.Status(state=state, provider_status=TALK, findings=FINDINGS, verifications=facets, **licence)


@st.composite
def outcomes(draw: st.DrawFn) -> TaskOutcome:
    """Anything that a host could report, fitting its task or not."""
    challenge = res.Challenge(link="https://example.com", recipient=TALK)
    verified = TaskOutcome.Verified(
        state=draw(st.sampled_from(res.VerificationState.values())), challenge=challenge, findings=FINDINGS
    )
    if draw(st.booleans()):
        verified.deadline.FromJsonString("2026-03-09T09:00:00Z")
    return draw(
        st.sampled_from(
            [
                TaskOutcome(accepted=TaskOutcome.Accepted(provider_order_id="T-1", provider_status=TALK)),
                TaskOutcome(accepted=TaskOutcome.Accepted()),
                TaskOutcome(rejected=TaskOutcome.Rejected(findings=FINDINGS, provider_status=TALK)),
                TaskOutcome(retry=TaskOutcome.Retry(reason=TALK, delay_seconds=draw(st.sampled_from([0.0, 5.0, 1e9])))),
                TaskOutcome(unknown=TaskOutcome.Unknown(reason=TALK)),
                TaskOutcome(not_found=TaskOutcome.NotFound()),
                TaskOutcome(prepared=TaskOutcome.Prepared()),
                TaskOutcome(verified=verified),
                TaskOutcome(status=draw(statuses())),
                TaskOutcome(),
            ]
        )
    )


FITTING = {
    task_pb2.TASK_KIND_SUBMIT: ("accepted", "accepted", "accepted", "rejected", "unknown", "retry"),
    task_pb2.TASK_KIND_QUERY: ("status",),
    task_pb2.TASK_KIND_WITHDRAW: ("accepted", "rejected", "unknown"),
    task_pb2.TASK_KIND_VERIFY: ("passed",) * 8 + ("failed", "waiting"),
    task_pb2.TASK_KIND_START_VERIFICATION: ("waiting", "failed"),
    task_pb2.TASK_KIND_HANDOFF: ("prepared", "prepared", "rejected"),
}
SMS = res.Verification(kind=res.VERIFICATION_KIND_MIIT_SMS, state=res.VERIFICATION_STATE_WAITING)
PROGRESS = (
    *[TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status=TALK, **NUMBERS)] * 3,
    TaskOutcome.Status(state=res.ORDER_STATE_READY_TO_SUBMIT, provider_status="短信核验", verifications=[SMS]),
    TaskOutcome.Status(state=res.ORDER_STATE_REGULATOR_REVIEW, provider_status="管局审核"),
    TaskOutcome.Status(state=res.ORDER_STATE_PROVIDER_REJECTED, provider_status="驳回", findings=FINDINGS),
    TaskOutcome.Status(state=res.ORDER_STATE_UNSPECIFIED, provider_status="新状态"),
)
STATES = {
    "passed": res.VERIFICATION_STATE_PASSED,
    "failed": res.VERIFICATION_STATE_FAILED,
    "waiting": res.VERIFICATION_STATE_WAITING,
}


def fitting(kind: str, status: TaskOutcome.Status) -> TaskOutcome:
    """An outcome as a host makes it."""
    if kind in STATES:
        verified = TaskOutcome.Verified(state=STATES[kind], findings=FINDINGS)
        verified.deadline.FromJsonString("2026-03-09T09:00:00Z")
        return TaskOutcome(verified=verified)
    made = {
        "accepted": TaskOutcome(accepted=TaskOutcome.Accepted(provider_order_id="T-1", provider_status=TALK)),
        "rejected": TaskOutcome(rejected=TaskOutcome.Rejected(findings=FINDINGS)),
        "unknown": TaskOutcome(unknown=TaskOutcome.Unknown(reason="TIMEOUT")),
        "retry": TaskOutcome(retry=TaskOutcome.Retry(reason="CONNECT")),
        "prepared": TaskOutcome(prepared=TaskOutcome.Prepared()),
        "status": TaskOutcome(status=status),
    }
    return made[kind]


class Filing(RuleBasedStateMachine):
    """One subject, two providers (one by API, one by console), two hosts and an operator."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.bench.accounts["tenants/acme/accounts/aliyun"].submission_channel = res.CHANNEL_CONSOLE
        self.plugin = provider("tencent")
        self.claims: list[tuple[str, int]] = []
        self.keys: set[str] = set()
        self.before = Record()
        self.new: list[Event] = []
        self.ended: dict[str, int] = {}

    @initialize(filed=st.booleans(), under_way=st.sampled_from(["", "", *PROVIDERS]))
    def begin(self, filed: bool, under_way: str) -> None:  # noqa: FBT001 - hypothesis passes it by name
        """The subject is new, or imported with an access at the first provider; an order may be at one already."""
        licence = {"subject_licence": "京ICP备2026000001号", "licence_number": "京ICP备2026000001号-1"} if filed else {}
        access = [res.Access(provider="tencent", ips=["203.0.113.7"])] if filed else []
        self.bench.create_subject(accesses=access, **licence)
        self._note(0)
        if under_way:
            self.file(under_way)
            self.bench.pass_prechecks()
            sends = next(t for t in self.record.tasks if t.kind in FITTING and t.kind != task_pb2.TASK_KIND_VERIFY)
            self._note(0)
            self.do(cmd.CompleteHandoff(sends.name, "T-1", "初审中"))

    @property
    def record(self) -> Record:
        assert self.bench.record is not None
        return self.bench.record

    def _note(self, known: int) -> None:
        self.new = self.bench.events[known:]
        opened = {task.name for task in self.record.tasks}
        self.bench.rows = {name: row for name, row in self.bench.rows.items() if name in opened}

    def do(self, command: cmd.Command) -> bool:
        """Runs the command; one that is refused has changed nothing."""
        self.before, known = self.record, len(self.bench.events)
        try:
            self.bench.run(command)
        except BeianhubError as refused:
            said = str(refused)
        else:
            self._note(known)
            return True
        assert len(self.bench.events) == known
        assert ID_NUMBER not in said
        return False

    def pick(self, data: st.DataObject, choices: list[str]) -> str:
        return data.draw(st.sampled_from(sorted(choices)))

    def order_names(self) -> list[str]:
        return [order.name for order in self.record.orders]

    @precondition(lambda self: len(self.record.orders) < MOST_ORDERS)
    @rule(kind=st.sampled_from(TYPES), at=st.sampled_from(PROVIDERS))
    def create(self, kind: int, at: str) -> None:
        self._create(kind, at)

    def _create(self, kind: int, at: str) -> str:
        known = len(self.bench.events)
        self.before = self.record
        name = self.bench.create_order(f"o{len(self.record.orders) + 1}", kind, at)
        self._note(known)
        return name

    @precondition(lambda self: not any(is_in_flight(order) for order in self.record.orders))
    @rule(at=st.sampled_from(PROVIDERS))
    def file(self, at: str) -> None:
        """Drafts and submits what the record lacks at the provider, or gives up what it has there."""
        active = self._is_active(SERVICE, at)
        filed = res.ORDER_TYPE_CANCEL_ACCESS if active else res.ORDER_TYPE_ADD_ACCESS
        name = self._create(filed if self.record.subject.licence_number else res.ORDER_TYPE_FIRST_FILING, at)
        self._submit(name)

    @precondition(lambda self: self.bench.rows)
    @rule(data=st.data(), pieces=st.integers(1, 5))
    def serve(self, data: st.DataObject, pieces: int) -> None:
        """Hosts and operators do the next pieces of work as they should be done, each once it is due."""
        for _ in range(pieces):
            if self.bench.rows:
                self._serve(data)

    def _serve(self, data: st.DataObject) -> None:
        row = self.bench.rows[self.pick(data, list(self.bench.rows))]
        if row.phase == task_pb2.TASK_PHASE_PERSON:
            self.do(cmd.CompleteHandoff(row.name, "H-1", TALK))
            return
        waited = max(row.due_time.ToDatetime(UTC), row.lease_expire_time.ToDatetime(UTC)) - self.bench.now
        self.bench.now += max(waited, timedelta())
        self._claim(row.name)
        held = self.bench.rows[row.name]
        if held.state != Task.STATE_CLAIMED:
            return
        if held.kind in (task_pb2.TASK_KIND_SUBMIT, task_pb2.TASK_KIND_HANDOFF) and not held.request_ref:
            self.bench.rows[row.name] = rows.pin(held, "request", self.bench.now, LEASE)
        finds = held.phase == task_pb2.TASK_PHASE_FIND
        kind = data.draw(st.sampled_from(("accepted",) if finds else FITTING[held.kind]))
        self._report(row.name, held.epoch, fitting(kind, data.draw(st.sampled_from(PROGRESS))))

    @precondition(lambda self: any(self._waits_for_a_report(order) for order in self.record.orders))
    @rule(data=st.data(), status=st.sampled_from(PROGRESS))
    def tell(self, data: st.DataObject, status: TaskOutcome.Status) -> None:
        """The operator reports on an order that went through the console."""
        names = [order.name for order in self.record.orders if self._waits_for_a_report(order)]
        self.do(cmd.ReportProgress(self.pick(data, names), status))

    @staticmethod
    def _waits_for_a_report(order: res.Order) -> bool:
        by_hand = order.submission.channel == res.CHANNEL_CONSOLE
        return by_hand and order.submission.state == res.Submission.STATE_ACCEPTED and order.state not in TERMINAL

    @precondition(lambda self: self.record.orders)
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        self._submit(self.pick(data, self.order_names()))

    def _submit(self, name: str) -> None:
        order = find_order(self.record, name)
        assert order is not None
        self.do(cmd.SubmitOrder(name, cancelling.confirmation(self.record, order)))

    @precondition(lambda self: self.record.orders)
    @rule(data=st.data(), give_up=st.booleans())
    def take_back(self, data: st.DataObject, give_up: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        name = self.pick(data, self.order_names())
        self.do(cmd.AbandonOrder(name) if give_up else cmd.WithdrawOrder(name))

    @precondition(lambda self: self.record.orders)
    @rule(data=st.data(), status=statuses())
    def progress(self, data: st.DataObject, status: TaskOutcome.Status) -> None:
        self.do(cmd.ReportProgress(self.pick(data, self.order_names()), status))

    @rule(title=st.sampled_from(["示例科技有限公司", "新示例科技有限公司"]))
    def update(self, title: str) -> None:
        subject = res.Subject()
        subject.CopyFrom(self.record.subject)
        subject.profile.title = title
        subject.licence_number = "粤ICP备1号"
        self.do(cmd.UpdateSubject(subject, ("profile.title",)))

    @precondition(lambda self: self.bench.rows)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        """As TaskService does it: settle what lapsed, keep effects one at a time, then take the row."""
        self._claim(self.pick(data, list(self.bench.rows)))

    def _claim(self, name: str) -> None:
        row, now = self.bench.rows[name], self.bench.now
        if rows.has_lapsed(row, now):
            row = self.bench.rows[name] = rows.lapse(row, self.plugin, now)
        if not rows.is_claimable(row, now) or row.phase == task_pb2.TASK_PHASE_PERSON or self._busy(row):
            return
        outlived = rows.outlived(row, self.plugin, now, LEASE)
        self.bench.rows[name] = outlived or rows.claim(row, now, LEASE, f"host {MOBILE}")
        if outlived is None:
            self.claims.append((name, self.bench.rows[name].epoch))

    def _busy(self, row: Task) -> bool:
        others = (other for other in self.bench.rows.values() if other.name != row.name and other.kind in EFFECTFUL)
        return row.kind in EFFECTFUL and any(
            other.state == Task.STATE_CLAIMED and not rows.has_lapsed(other, self.bench.now) for other in others
        )

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def pin(self, data: st.DataObject) -> None:
        name, epoch = data.draw(st.sampled_from(self.claims[-8:]))
        row = self.bench.rows.get(name)
        if row is not None and rows.holds(row, epoch) and not row.request_ref:
            self.bench.rows[name] = rows.pin(row, "request", self.bench.now, LEASE)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcome=outcomes())
    def report(self, data: st.DataObject, outcome: TaskOutcome) -> None:
        """Of any claim there ever was: current, stale or reported before."""
        name, epoch = data.draw(st.sampled_from(self.claims[-8:]))
        self._report(name, epoch, outcome)

    def _report(self, name: str, epoch: int, outcome: TaskOutcome) -> None:
        row = self.bench.rows.get(name)
        held = row is not None and rows.holds(row, epoch)
        if self.do(cmd.ReportTask(name, outcome, epoch=epoch)) and held and row is not None and name in self.bench.rows:
            self.bench.rows[name] = rows.report(row, outcome, self.plugin, self.bench.now)

    @precondition(lambda self: self.bench.rows)
    @rule(data=st.data(), what=st.sampled_from(["claim", "complete", "give up", "retry"]))
    def operate(self, data: st.DataObject, what: str) -> None:
        name = self.pick(data, list(self.bench.rows))
        row = self.bench.rows[name]
        if what == "complete":
            self.do(cmd.CompleteHandoff(name, "H-1", TALK))
        elif what == "give up":
            self.do(cmd.GiveUpTask(name, TALK))
        elif what == "retry":
            self.bench.rows[name] = rows.expedite(row, self.bench.now)
        elif row.phase == task_pb2.TASK_PHASE_PERSON and row.kind == task_pb2.TASK_KIND_HANDOFF:
            self.bench.rows[name] = rows.claim(row, self.bench.now, LEASE, "operator")

    @rule(seconds=st.sampled_from([1, 30, 61, 600, 86_400, 8 * 86_400, 46 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.bench.advance(seconds=seconds)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def fire(self, data: st.DataObject) -> None:
        """Any timer that ever was: due, early, late, or of a record that has moved on. One that was due is gone."""
        key = self.pick(data, list(self.keys))
        due = [k for k, time in projection.timers(self.record).items() if time <= self.bench.now]
        old = projection.timers(self.record).get(key)
        self.do(cmd.FireTimer(key))
        if key in due:
            assert projection.timers(self.record).get(key) != old or "IDLE_REMINDER" in key

    @invariant()
    def versions_are_gapless(self) -> None:
        assert self.record.version == len(self.bench.events)
        assert [event.version for event in self.new] == list(
            range(len(self.bench.events) - len(self.new) + 1, len(self.bench.events) + 1)
        )
        self.keys |= set(projection.timers(self.record))

    @invariant()
    def one_order_is_in_flight(self) -> None:
        assert sum(is_in_flight(order) for order in self.record.orders) <= 1

    @invariant()
    def an_end_is_the_end(self) -> None:
        for name, state in self.ended.items():
            order = find_order(self.record, name)
            assert order is not None
            assert order.state == state
            assert not order.deadlines
            assert not tasks_of(self.record, name)
        self.ended |= {order.name: order.state for order in self.record.orders if order.state in TERMINAL}

    @invariant()
    def numbers_stay(self) -> None:
        before, after = self.before.subject, self.record.subject
        assert before.licence_number in ("", after.licence_number)
        for old, new in zip(before.services, after.services, strict=False):
            assert old.licence_number in ("", new.licence_number)

    @invariant()
    def an_access_ends_by_its_own_provider_alone(self) -> None:
        ended = {
            (access.provider)
            for service in self.before.subject.services
            for access in service.accesses
            if access.state == res.ACCESS_STATE_ACTIVE and not self._is_active(service.name, access.provider)
        }
        filed = [find_order(self.record, e.order_filed.order) for e in self.new if e.HasField("order_filed")]
        cancelled = {o.provider for o in filed if o is not None and o.type == res.ORDER_TYPE_CANCEL_ACCESS}
        assert ended <= cancelled
        self.before = self.record

    def _is_active(self, service: str, at: str) -> bool:
        return any(
            access.provider == at and access.state == res.ACCESS_STATE_ACTIVE
            for known in self.record.subject.services
            for access in known.accesses
            if known.name == service
        )

    @invariant()
    def nothing_is_forgotten(self) -> None:
        """What has not ended has a task, a deadline, or an operator who reports what the console shows."""
        for order in self.record.orders:
            waits = self._waits_for_a_report(order) or order.deadlines
            assert order.state in TERMINAL or tasks_of(self.record, order.name) or waits, order
            assert not is_sending(order) or tasks_of(self.record, order.name), order

    @invariant()
    def rows_are_offered_again(self) -> None:
        for row in self.bench.rows.values():
            claimed = row.state == Task.STATE_CLAIMED
            assert row.HasField("lease_expire_time") if claimed else row.HasField("due_time")
            assert MOBILE not in str(row)

    @invariant()
    def effects_are_claimed_one_at_a_time(self) -> None:
        held = [row for row in self.bench.rows.values() if row.kind in EFFECTFUL and row.state == Task.STATE_CLAIMED]
        assert sum(not rows.has_lapsed(row, self.bench.now) for row in held) <= 1

    @invariant()
    def nothing_personal_is_told(self) -> None:
        for event in self.new:
            assert contains_personal_data(event) == []
            text = event.SerializeToString()
            assert ID_NUMBER.encode() not in text
            assert MOBILE.encode() not in text
        self.new = []

    def teardown(self) -> None:
        assert fold(self.bench.events) == self.record


nightly = settings().max_examples > CI_EXAMPLES
TestFiling = Filing.TestCase
TestFiling.settings = settings(
    max_examples=settings().max_examples if nightly else CI_EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=not nightly,
    suppress_health_check=list(HealthCheck),
)
TestFiling = pytest.mark.timeout(0 if nightly else 180)(TestFiling)
