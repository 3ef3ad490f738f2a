"""A provider's filing office: takes orders in, takes corrections and withdrawals, finds orders again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beianhub_sandbox.model import (
    Application,
    Channel,
    IdentityStatus,
    Order,
    OrderType,
    Stage,
    TokenUse,
)
from beianhub_sandbox.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from beianhub_sandbox.clock import SandboxClock
    from beianhub_sandbox.ledger import Ledger
    from beianhub_sandbox.lifecycle import Lifecycle
    from beianhub_sandbox.settings import Settings

CORRECTABLE = frozenset(
    {Stage.DRAFT, Stage.FIRST_REJECTED, Stage.RETURNED, Stage.REGULATOR_REJECTED},
)
"""Where data may be corrected and handed in again (domain.md 3.1)."""
WITHDRAWABLE = CORRECTABLE | {Stage.FIRST_REVIEW, Stage.TO_SUBMIT}
"""Nothing can be withdrawn once it is at MIIT or the regulator (domain.md 3.3)."""


@dataclass(frozen=True)
class Submission:
    """One request for an order, read from a vendor's form."""

    vendor: str
    account: str
    channel: Channel
    order_type: OrderType
    application: Application
    form: dict[str, Any]
    reference: str = ""
    client_token: str = ""
    callback_url: str = ""


class Office:
    """What the vendors' routes call; one office serves all three, each sees its own orders."""

    def __init__(self, settings: Settings, clock: SandboxClock, ledger: Ledger, lifecycle: Lifecycle) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger = ledger
        self._lifecycle = lifecycle

    def submit(self, number: Callable[[], str], wish: Submission, *, draft: bool = False) -> Order:
        """Accept a new order, or answer a repeated client token with the order it made.

        Raises:
            Refused: TOKEN_MISMATCH if the token was used with another body.
        """
        known = self._repeated(wish)
        if known is not None:
            return known
        order = Order(
            number=number(),
            vendor=wish.vendor,
            account=wish.account,
            channel=wish.channel,
            order_type=wish.order_type,
            application=wish.application,
            form=wish.form,
            accepted_at=self._clock.now(),
            stage=Stage.DRAFT,
            reference=wish.reference,
            client_token=wish.client_token,
            callback_url=wish.callback_url,
        )
        self._lifecycle.enter(order, Stage.DRAFT if draft else Stage.FIRST_REVIEW)
        self._remember(wish, order.number)
        self._ledger.commit()
        return order

    def resubmit(self, order: Order, wish: Submission) -> Order:
        """Take corrected (or unchanged) data and review it anew; the order type stays.

        Raises:
            Refused: NOT_ALLOWED in a stage that takes no corrections, TOKEN_MISMATCH.
        """
        known = self._repeated(wish)
        if known is not None:
            return known
        if order.stage not in CORRECTABLE:
            raise Refused(Problem.NOT_ALLOWED)
        order.application = wish.application
        order.form = wish.form
        order.revision += order.stage is not Stage.DRAFT
        order.refusal = None
        order.challenges = []
        order.sms_deadline = None
        self._lifecycle.enter(order, Stage.FIRST_REVIEW)
        self._remember(wish, order.number)
        self._ledger.commit()
        return order

    def withdraw(self, order: Order) -> Order:
        """Withdraw an order; one already withdrawn stays so. Refused NOT_ALLOWED once it is at MIIT.

        Aliyun refuses too once the face check is passed (S1).
        """
        if order.stage is Stage.WITHDRAWN:
            return order
        checked = order.vendor == "aliyun" and order.identity.status is IdentityStatus.PASSED
        if order.stage not in WITHDRAWABLE or checked:
            raise Refused(Problem.NOT_ALLOWED)
        self._lifecycle.enter(order, Stage.WITHDRAWN)
        self._ledger.commit()
        return order

    def start_face_check(self, order: Order) -> Order:
        """Make a new face-check link. Refused NO_IDENTITY_CHECK for an order that needs none."""
        if order.identity.status is IdentityStatus.NOT_REQUIRED:
            raise Refused(Problem.NO_IDENTITY_CHECK)
        self._lifecycle.renew_face_link(order)
        self._ledger.commit()
        return order

    def order(self, vendor: str, number: str, account: str | None = None) -> Order:
        """An order of a vendor, within an account if one is given; Refused ORDER_NOT_FOUND."""
        found = self._ledger.get(Order, number)
        if found is None or found.vendor != vendor or account not in (None, found.account):
            raise Refused(Problem.ORDER_NOT_FOUND, number)
        return found

    def by_reference(self, vendor: str, account: str, reference: str, delay: float = 0.0) -> list[Order]:
        """Orders that carry our reference and were accepted at least `delay` seconds ago, oldest first."""
        latest = self._clock.now() - delay
        return [
            order
            for order in self._ledger.orders_by_reference(vendor, reference)
            if order.account == account and order.accepted_at <= latest
        ]

    def of_vendor(self, vendor: str) -> list[Order]:
        """Every order of a vendor, oldest first."""
        found = [order for order in self._ledger.all(Order) if order.vendor == vendor]
        return sorted(found, key=lambda order: order.accepted_at)

    def _repeated(self, wish: Submission) -> Order | None:
        use = self._ledger.get(TokenUse, _token_key(wish)) if wish.client_token else None
        if use is None or self._clock.now() - use.used_at > self._settings.token_validity(wish.vendor):
            return None
        if use.body_hash != _body_hash(wish.form):
            raise Refused(Problem.TOKEN_MISMATCH, wish.client_token)
        return self._ledger.get(Order, use.order_number)

    def _remember(self, wish: Submission, number: str) -> None:
        if wish.client_token:
            body_hash = _body_hash(wish.form)
            self._ledger.put(TokenUse(_token_key(wish), body_hash, number, self._clock.now()))


def _token_key(wish: Submission) -> str:
    return f"{wish.vendor}/{wish.account}/{wish.client_token}"


def _body_hash(form: dict[str, Any]) -> str:
    canonical = json.dumps(form, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
