"""How orders move by themselves: review, hand-over to the regulator, text messages, decision.

Transitions happen when somebody looks or when the ticker runs, but each is dated by the moment it was due,
so a sandbox that was down catches up as if it had been there.
"""

from __future__ import annotations

import heapq
import secrets
from typing import TYPE_CHECKING

from beianhub_sandbox import regulator
from beianhub_sandbox.ledger import new_identifier
from beianhub_sandbox.model import (
    Behaviour,
    Challenge,
    Identity,
    IdentityStatus,
    Order,
    OrderType,
    PhoneMessage,
    Refusal,
    Refuser,
    Stage,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from beianhub_sandbox.clock import SandboxClock
    from beianhub_sandbox.ledger import Ledger
    from beianhub_sandbox.record import NationalRecord
    from beianhub_sandbox.scenarios import Scenarios
    from beianhub_sandbox.settings import Settings

MAX_WRONG_TRIES = 5
"""The sixth wrong answer returns the order (HW-KB doc_0013)."""
_WITHOUT_REGULATOR = frozenset({OrderType.TRANSFER_ACCOUNT, OrderType.CLAIM})
"""What the vendor does by itself: the regulator's record stays (HW-KB doc_0198, doc_0199)."""
_CANCELLATIONS = frozenset({OrderType.CANCEL_ACCESS, OrderType.CANCEL_SERVICE, OrderType.CANCEL_SUBJECT})


class Lifecycle:
    """Moves orders; the only code that changes an order's stage."""

    def __init__(
        self,
        settings: Settings,
        clock: SandboxClock,
        ledger: Ledger,
        record: NationalRecord,
        scenarios: Scenarios,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger = ledger
        self._record = record
        self._scenarios = scenarios
        self._due: list[tuple[float, str]] = []
        self._observers: list[Callable[[Order, float], None]] = []
        self._ends = {
            Stage.FIRST_REVIEW: self._end_first_review,
            Stage.TO_SUBMIT: self._reach_regulator,
            Stage.SMS: self._end_sms,
            Stage.REGULATOR_REVIEW: self._decide,
        }
        for order in ledger.all(Order):
            self._schedule(order)

    def observe(self, observer: Callable[[Order, float], None]) -> None:
        """Be told of every change of stage, with its moment."""
        self._observers.append(observer)

    def advance(self) -> None:
        """Make every transition that is due."""
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            due, number = heapq.heappop(self._due)
            order = self._ledger.get(Order, number)
            if order is not None and order.due == due:
                self._ends[order.stage](order, due)

    def next_due(self) -> float | None:
        """When the next transition is due, Unix seconds."""
        return self._due[0][0] if self._due else None

    def forget(self) -> None:
        """Drop the schedule, after the ledger was reset."""
        self._due.clear()

    def enter(self, order: Order, stage: Stage) -> None:
        """Put an order into a stage now: accepted, handed in again, drafted or withdrawn."""
        now = self._clock.now()
        if stage is Stage.FIRST_REVIEW:
            self._ask_identity(order)
        lasting = self._settings.provider_review if stage is Stage.FIRST_REVIEW else None
        self._move(order, stage, now, lasting)

    def answer_sms(self, order: Order, challenge: Challenge, code: str, id_last6: str) -> bool:
        """An answer on beian.miit.gov.cn; the sixth wrong one returns the order."""
        now = self._clock.now()
        if (code, id_last6.upper()) != (challenge.code, challenge.id_last6):
            challenge.wrong_tries += 1
            self._ledger.put(order)
            if challenge.wrong_tries > MAX_WRONG_TRIES:
                self._return(order, now, "SMS_TRIES", "短信核验码输入错误次数过多，备案订单已退回")
            return False
        challenge.answered = True
        self._ledger.put(order)
        if all(item.answered for item in order.challenges):
            self._to_review(order, now)
        return True

    def renew_face_link(self, order: Order) -> Identity:
        """A fresh face-check link; the older one is void."""
        identity = order.identity
        if identity.status is not IdentityStatus.PASSED:
            identity.status = IdentityStatus.WAITING
            identity.token = new_identifier()
            identity.expires_at = self._clock.now() + self._settings.face_window
            self._ledger.put(order)
        return identity

    def finish_face_check(self, order: Order, *, passed: bool) -> None:
        """The person stood before the camera; a review that waited for it ends now."""
        order.identity.status = IdentityStatus.PASSED if passed else IdentityStatus.FAILED
        self._ledger.put(order)
        if passed and order.stage is Stage.FIRST_REVIEW and order.due is None:
            self._end_first_review(order, self._clock.now())

    def _ask_identity(self, order: Order) -> None:
        if order.identity.status is IdentityStatus.NOT_REQUIRED and self._scripted(order, Behaviour.IDENTITY_CHECK):
            order.identity.status = IdentityStatus.WAITING

    def _end_first_review(self, order: Order, at: float) -> None:
        own = self._refuse_migration(order)
        if own is not None:
            order.refusal = own
            self._move(order, Stage.FIRST_REJECTED, at, None)
            return
        script = self._scenarios.take(order.vendor, order.application.domain, Behaviour.REJECT)
        if script is not None:
            reason = script.reason or "网站名称不符合命名规范，请修改"
            order.refusal = Refusal(Refuser.PROVIDER, script.code or "NAME_NOT_ALLOWED", reason)
            self._move(order, Stage.FIRST_REJECTED, at, None)
        elif order.identity.status in {IdentityStatus.WAITING, IdentityStatus.FAILED}:
            order.due = None
            self._ledger.put(order)
        elif order.order_type in _WITHOUT_REGULATOR:
            self._settle(order, at)
        else:
            self._move(order, Stage.TO_SUBMIT, at, self._settings.submit_delay)

    def _refuse_migration(self, order: Order) -> Refusal | None:
        """What the provider itself asks of a migration (HW-KB doc_0200, AppMigration)."""
        if order.order_type is not OrderType.MIGRATE_SERVICE:
            return None
        target = self._record.subject(order.application.target_certificate)
        if target is not None and target.nature == "INDIVIDUAL":
            return Refusal(Refuser.PROVIDER, "TARGET_INDIVIDUAL", "不支持迁移到个人性质的备案主体")
        found = self._record.service_of(order.application.domain)
        if found is not None and found[1].kind == "APP":
            return Refusal(Refuser.PROVIDER, "APP_MIGRATION", "APP不支持迁移")
        return None

    def _settle(self, order: Order, at: float) -> None:
        code = regulator.examine(self._record, order)
        if code is not None:
            order.refusal = Refusal(Refuser.PROVIDER, str(code), regulator.RESULT_CODES[code])
            self._move(order, Stage.FIRST_REJECTED, at, None)
            return
        order.licence_number = regulator.enact(self._record, order)
        self._move(order, Stage.FILED, at, None)

    def _reach_regulator(self, order: Order, at: float) -> None:
        code = regulator.examine(self._record, order) or self._refuse_sole_access(order)
        if code is not None:
            self._reject(order, at, str(code), regulator.RESULT_CODES[code])
            return
        people = regulator.recipients(self._record, order)
        if people:
            self._send_sms(order, at, [Challenge(p.mobile, _new_code(), p.id_number[-6:]) for p in people])
        else:
            self._to_review(order, at)

    def _refuse_sole_access(self, order: Order) -> int | None:
        if order.order_type is not OrderType.CANCEL_ACCESS or not self._settings.refuse_sole_access_cancel:
            return None
        found = self._record.service_of(order.application.domain)
        return 1025 if found and len(found[1].accesses) == 1 else None

    def _send_sms(self, order: Order, at: float, challenges: list[Challenge]) -> None:
        lost = self._scenarios.take(order.vendor, order.application.domain, Behaviour.SMS_UNANSWERED)
        manual = self._scripted(order, Behaviour.SMS_MANUAL) or self._settings.sms_mode == "manual"
        window = lost.seconds if lost and lost.seconds else self._settings.sms_window
        order.challenges = challenges
        order.sms_deadline = at + window
        order.sms_auto = lost is None and not manual
        for challenge in challenges if lost is None else ():
            self._deliver(challenge, at, order.sms_deadline)
        self._move(order, Stage.SMS, at, self._settings.sms_auto_delay if order.sms_auto else window)

    def _deliver(self, challenge: Challenge, at: float, deadline: float) -> None:
        text = (
            f"【工信部】您的ICP备案短信核验码为{challenge.code}，"
            "请于24小时内登录beian.miit.gov.cn完成短信核验，逾期备案申请将被退回。"
        )
        number = f"{self._ledger.next_number('messages'):09d}"
        self._ledger.put(PhoneMessage(number, challenge.mobile, challenge.code, text, at, deadline))

    def _end_sms(self, order: Order, at: float) -> None:
        if order.sms_auto:
            for challenge in order.challenges:
                challenge.answered = True
            self._to_review(order, at)
        else:
            self._return(order, at, "SMS_TIMEOUT", "未在24小时内完成短信核验，备案订单已退回")

    def _to_review(self, order: Order, at: float) -> None:
        settings = self._settings
        cancels = order.order_type in _CANCELLATIONS
        lasting = settings.cancel_review if cancels else settings.regulator_review
        self._move(order, Stage.REGULATOR_REVIEW, at, lasting)

    def _decide(self, order: Order, at: float) -> None:
        script = self._scenarios.take(order.vendor, order.application.domain, Behaviour.REJECT_REGULATOR)
        if script is not None:
            code = script.code or "1016"
            self._reject(order, at, code, script.reason or regulator.words_of(code))
            return
        order.licence_number = regulator.enact(self._record, order)
        self._move(order, Stage.FILED, at, None)

    def _reject(self, order: Order, at: float, code: str, reason: str) -> None:
        order.refusal = Refusal(Refuser.REGULATOR, code, reason)
        self._move(order, Stage.REGULATOR_REJECTED, at, None)

    def _return(self, order: Order, at: float, code: str, reason: str) -> None:
        order.refusal = Refusal(Refuser.MIIT, code, reason)
        self._move(order, Stage.RETURNED, at, None)

    def _move(self, order: Order, stage: Stage, at: float, lasting: float | None) -> None:
        order.stage = stage
        order.due = None if lasting is None else at + lasting
        order.history.append(Step(stage, at))
        self._ledger.put(order)
        self._schedule(order)
        for observer in self._observers:
            observer(order, at)

    def _schedule(self, order: Order) -> None:
        if order.due is not None:
            heapq.heappush(self._due, (order.due, order.number))

    def _scripted(self, order: Order, behaviour: Behaviour) -> bool:
        return self._scenarios.take(order.vendor, order.application.domain, behaviour) is not None


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"
