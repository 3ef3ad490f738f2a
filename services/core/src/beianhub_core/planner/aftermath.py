"""What the record is once the order in flight has ended: only then is anything else taken (S3.23, MIIT-V3 1003)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from beianhub_core.planner.vocabulary import RETURNED, Order, ServiceStatus, SubjectStatus

if TYPE_CHECKING:
    from beianhub_core.planner.facts import Facts

_SERVICE_GONE: Final[dict[str, Any]] = {"filed": False, "filed_at": None, "status": ServiceStatus.CANCELLED}
_SUBJECT_GONE: Final[dict[str, Any]] = {
    "filed": False,
    "filed_at": None,
    "services": None,
    "status": SubjectStatus.CANCELLED,
}


def after_cancellation(facts: Facts) -> Facts:
    """The facts as they are after the cancellation that is in flight; the same facts where none is, or of another."""
    given, order = facts.given, facts.order
    if order is None or not facts.order_in_flight or order.state in RETURNED:
        return facts  # what was returned is abandoned, and changes nothing
    running = order.type
    if running is not Order.CANCEL_SUBJECT and given.service.order_in_flight is False:
        return facts  # it is another service that goes
    if running is Order.CANCEL_ACCESS:
        return _without_access(facts, order.provider or "")
    if running not in (Order.CANCEL_SUBJECT, Order.CANCEL_SERVICE):
        return facts
    subject: dict[str, Any] = _SUBJECT_GONE
    if running is Order.CANCEL_SERVICE:
        left = given.subject.services
        subject = {"services": left - 1 if left else left, "status": None}
    return replace(
        facts,
        given=given.model_copy(
            update={
                "subject": given.subject.model_copy(update=subject),
                "service": given.service.model_copy(update=_SERVICE_GONE),
                "domain": given.domain.model_copy(update={"filed": False}),
            }
        ),
    )


def _without_access(facts: Facts, provider: str) -> Facts:
    """The service has lost its access at the provider; the subject stays, as it may have others there (S0.15)."""
    held = facts.accesses
    left = (
        None if held is None else [each for each in held if each != (provider or (held[0] if len(held) == 1 else ""))]
    )
    if left is None:
        return facts
    status = facts.given.service.status if left else ServiceStatus.NO_ACCESS
    service = facts.given.service.model_copy(update={"filed": True, "filed_at": left, "status": status})
    return replace(facts, given=facts.given.model_copy(update={"service": service}))


def after_first_filing(facts: Facts) -> Facts:
    """The facts as they are after another service's first filing, which is in flight: the subject is filed then."""
    given, order = facts.given, facts.order
    running = order is not None and order.type is Order.FIRST_FILING and order.state not in RETURNED
    if order is None or not running or not facts.order_in_flight or facts.subject_filed is not False:
        return facts
    at = [order.provider] if order.provider else None
    subject = given.subject.model_copy(update={"filed": True, "filed_at": at, "services": 1, "status": None})
    return replace(facts, given=given.model_copy(update={"subject": subject}))
