"""END_ORDER and RESUBMIT: what may be withdrawn in which phase at which provider (domain facts 3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from beianhub_core.planner.accessing import changes_come_first, submit_access
from beianhub_core.planner.mending import PRINCIPALS, mend, renew_phone
from beianhub_core.planner.profiles import VENDORS
from beianhub_core.planner.serving import Way, decide, submit
from beianhub_core.planner.verifying import by_email
from beianhub_core.planner.vocabulary import CANCELLATIONS, CHANGES, ENDED, RETURNED, SUBMISSIONS, Field, Order, State
from beianhub_core.planner.wording import Term

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.situation import CurrentOrder
    from beianhub_core.rulebook.model import Rule

_PHASES: Final = {
    State.DRAFT: "draft",
    State.PROVIDER_REVIEW: "first_review",
    State.PROVIDER_REJECTED: "first_review_rejected",
    State.SMS_TIMEOUT: "first_review_rejected",
    State.IDENTITY_CHECK: "identity_pending",
    State.READY_TO_SUBMIT: "ready_to_submit",
    State.SMS_PENDING: "sms_pending",
    State.REGULATOR_REVIEW: "regulator_review",
    State.REGULATOR_REJECTED: "regulator_rejected",
}
_ACTIONS: Final = {"WITHDRAW": "WITHDRAW_ORDER", "ABANDON": "ABANDON_ORDER", "LET_SMS_LAPSE": "LET_SMS_LAPSE"}


def end_order(draft: Draft) -> None:
    """Ends the order in flight by the way that its phase and its provider leave open."""
    order = _known_order(draft)
    if order is None:
        return
    if order.state in ENDED:
        draft.find("ORDER_HAS_ENDED", {"state": order.state})
        return
    if order.type is None:
        draft.ask("subject.order.type")
    provider = _provider(draft, order)
    if order.state is None:
        _end_without_state(draft, order, provider)
        return
    _end(draft, order, order.state, provider)


def _end_without_state(draft: Draft, order: CurrentOrder, provider: str) -> None:
    """The phase is unknown; Aliyun's rule needs only the identity check (S1.13, S1.14)."""
    draft.ask("subject.order.state")
    if provider == "aliyun" and order.identity_passed is not None:
        phase = "identity_passed" if order.identity_passed else "identity_pending"
        _say(draft, order, draft.rules.get(f"withdrawable.{phase}", provider=provider), provider)


def _known_order(draft: Draft) -> CurrentOrder | None:
    order = draft.facts.order
    if order is not None:
        return order
    if draft.facts.order_in_flight:
        draft.ask("subject.order.type", "subject.order.state", "subject.order.provider")
    elif draft.facts.order_in_flight is None:
        draft.ask("subject.order")
    else:
        draft.find("NO_ORDER_TO_END")
    return None


def _provider(draft: Draft, order: CurrentOrder) -> str:
    at = draft.facts.subject_at or ()
    provider = order.provider or draft.facts.provider or (at[0] if len(at) == 1 else "")
    if not provider:
        draft.ask("subject.order.provider")
    return provider


def _end(draft: Draft, order: CurrentOrder, state: State, provider: str) -> None:
    if state is State.UNKNOWN:
        draft.find("STATE_UNKNOWN")
        draft.action("ASK_PROVIDER", provider=provider)
        return
    if order.type in CANCELLATIONS and state not in RETURNED | {State.DRAFT}:
        _end_cancellation(draft, order, state, provider)
        return
    _end_by_phase(draft, order, state, provider)


def _end_by_phase(draft: Draft, order: CurrentOrder, state: State, provider: str) -> None:
    """What the provider's own rule says of this phase."""
    id_ = f"withdrawable.{_phase(order, state, provider)}"
    rule = draft.rules.get(id_, provider=provider, order_type=order.type or "")
    if not provider:
        rule = _agreed(draft, id_, order.type or "")
    if (
        provider == "aliyun"
        and order.identity_passed is None
        and state not in RETURNED | {State.DRAFT, State.REGULATOR_REVIEW}
    ):
        draft.ask("subject.order.identity_passed")
    _say(draft, order, rule, provider)


def _agreed(draft: Draft, id_: str, order_type: str) -> Rule | None:
    """The rule that holds wherever the order is, where all vendors say the same; ``None`` where they differ."""
    rules = [draft.rules.get(id_, provider=vendor, order_type=order_type) for vendor in VENDORS]
    told = [rule for rule in rules if rule is not None]
    same = len(told) == len(VENDORS) and all(rule.value == told[0].value for rule in told)
    if not same:
        return None
    return replace(told[0], source=tuple(dict.fromkeys(each for rule in told for each in rule.source)))


def _phase(order: CurrentOrder, state: State, provider: str) -> str:
    """At Aliyun the identity check decides as long as the bureau does not have the order (S1.13, S1.14)."""
    decides = provider == "aliyun" or state is State.IDENTITY_CHECK
    if decides and state not in RETURNED | {State.DRAFT, State.REGULATOR_REVIEW}:
        if order.identity_passed:
            return "identity_passed"
        if order.identity_passed is False and state is not State.SMS_PENDING:
            return "identity_pending"
    return _PHASES[state]


def _end_cancellation(draft: Draft, order: CurrentOrder, state: State, provider: str) -> None:
    """A cancellation is taken back before the bureau has it, or by leaving its phone SMS unanswered (S3.13, S3.17)."""
    if order.type is not Order.CANCEL_ACCESS and state not in (State.SMS_PENDING, State.REGULATOR_REVIEW):
        _end_before_sent(draft, order, state, provider)
        return
    email = order.by_email or (
        order.by_email is None and by_email(draft.facts, order.type or Order.CANCEL_SERVICE, provider)
    )
    open_sms = state is State.SMS_PENDING or order.sms_answered is False
    lapses = order.type is not Order.CANCEL_ACCESS and not email and open_sms
    if lapses and provider == "tencent":
        draft.find(
            "LET_SMS_LAPSE",
            rule=draft.rules.get("withdrawable.sms_pending", provider=provider, order_type=order.type or ""),
        )
        draft.action("LET_SMS_LAPSE", provider=provider)
        return
    if lapses:
        draft.find("LET_SMS_LAPSE_ELSEWHERE", {"provider": provider})
        draft.action("LET_SMS_LAPSE", provider=provider)
        return
    draft.find("CANCELLATION_IRREVOCABLE", rule=draft.rules.get("withdrawable.cancellation_sent", provider=provider))
    draft.action("WAIT_FOR_ORDER", provider=provider)
    hidden = provider == "tencent" and state is State.REGULATOR_REVIEW and order.sms_answered is None
    if hidden and order.type is not Order.CANCEL_ACCESS and not email:
        draft.ask("subject.order.sms_answered")


def _end_before_sent(draft: Draft, order: CurrentOrder, state: State, provider: str) -> None:
    """Tencent lets a cancellation be abandoned until the bureau has it; elsewhere the phase's own rule holds."""
    if provider != "tencent":
        draft.find("CANCELLATION_STILL_HERE")
        _end_by_phase(draft, order, state, provider)
        return
    draft.find("CANCELLATION_NOT_SENT_YET")
    draft.action("ABANDON_ORDER", provider=provider)


def _say(draft: Draft, order: CurrentOrder, rule: Rule | None, provider: str) -> None:
    ways = [str(way) for way in rule.value] if rule is not None else ["UNKNOWN"]
    possible = [_ACTIONS[way] for way in ways if way in _ACTIONS]
    words = {"provider": provider or Term("任何接入商", "any provider"), "ways": ways}
    if possible:
        draft.find("WITHDRAWABLE", words, rule=rule)
        way = "ABANDON_ORDER" if "ABANDON_ORDER" in possible else possible[0]
        draft.action(way, provider=provider, source=rule.source if rule is not None else ())
    elif "NO" in ways:
        draft.find("NOT_WITHDRAWABLE", words, rule=rule)
        draft.action("WAIT_FOR_ORDER", provider=provider)
    elif "EDIT" in ways:
        draft.find("ONLY_EDITABLE", words, rule=rule)
        draft.action("CORRECT_DATA", provider=provider)
    else:
        _say_unknown(draft, order, rule, provider)


def _say_unknown(draft: Draft, order: CurrentOrder, rule: Rule | None, provider: str) -> None:
    draft.find("WITHDRAWABLE_UNKNOWN", {"provider": provider}, rule=rule)
    if order.state is State.SMS_PENDING:
        draft.action("LET_SMS_LAPSE", provider=provider)
    draft.action("ASK_PROVIDER", provider=provider)


def resubmit(draft: Draft) -> None:
    """Corrects and submits a returned order again, or a new one where the record now asks for another type."""
    order = draft.facts.order
    if order is None:  # one that was returned need not be called in flight, so that it is asked for in any case
        draft.ask("subject.order.type", "subject.order.state", "subject.order.provider")
        return
    provider = _provider(draft, order)
    if order.type is None:
        draft.ask("subject.order.type")
    if order.state is None:
        draft.ask("subject.order.state")
    elif order.state in ENDED:
        _submit_after_end(draft, order, provider)
        return
    elif order.state is State.UNKNOWN:
        draft.find("STATE_UNKNOWN")
        draft.action("ASK_PROVIDER", provider=provider)
        return
    elif order.state not in RETURNED | {State.DRAFT}:
        draft.find("NOT_RETURNED", {"state": order.state})
        draft.action("WAIT_FOR_ORDER", provider=provider)
        return
    _submit_again(draft, order, provider)


def _submit_after_end(draft: Draft, order: CurrentOrder, provider: str) -> None:
    """An order that has ended is not submitted again: nothing is left to do, or a new one is filled in."""
    draft.find("ORDER_HAS_ENDED", {"state": order.state})
    if order.state is State.FILED:
        return
    if order.type in SUBMISSIONS:
        submit(draft)
    elif order.type is not None:
        draft.order(order.type, provider)


_TYPES: Final = {
    Way.FIRST: Order.FIRST_FILING,
    Way.ADD_SERVICE: Order.ADD_SERVICE,
    Way.ACCESS: Order.ADD_ACCESS,
    Way.SHELL: None,
    Way.CLAIM: None,
    Way.SERVED: None,
}


def _submit_again(draft: Draft, order: CurrentOrder, provider: str) -> None:
    way = decide(draft.facts)
    if order.type in SUBMISSIONS and way in _TYPES and _TYPES[way] is not order.type and _is_certain(draft):
        _start_anew(draft, order, provider)
        return
    if order.state is not State.DRAFT:
        _say_returned(draft, order)
    mend(draft, order, provider)
    if order.type is Order.ADD_ACCESS:
        _access_again(draft, provider)
    elif order.type is not None:
        renew_phone(draft, order.type, provider)
        draft.order(order.type, provider, changes=draft.facts.change if order.type in CHANGES else ())


def _say_returned(draft: Draft, order: CurrentOrder) -> None:
    if order.state is State.SMS_TIMEOUT:
        draft.find("RESUBMIT_UNCHANGED", rule=draft.rules.get("sms.resubmit_unchanged"))
    else:
        draft.find("CORRECT_AND_RESUBMIT")
    if order.type is not Order.ADD_ACCESS:
        return
    draft.find("REJECTED_ACCESS", rule=draft.rules.get("serve.existing_during_rejected_access"))
    if draft.facts.accesses is None:
        draft.ask("service.filed_at")
    elif not draft.facts.accesses:
        draft.find("LONG_WITHOUT_ACCESS", rule=draft.rules.get("no_access.number_cancelled"))


def _access_again(draft: Draft, provider: str) -> None:
    """What may be changed at the old provider only is changed there first, once this order has ended (S1.2, S1.19)."""
    if provider != draft.facts.provider:
        draft.facts = draft.facts.served_by(provider)
    contact = draft.facts.given.contact
    dead = contact.phone_reachable is False
    if dead:
        draft.find("OLD_PHONE_DEAD")
    elif contact.matches_old_provider is False:
        draft.find("NEW_CONTACT_AT_ACCESS", rule=draft.rules.get("access.contact_1", provider=provider))
    if Field.SUBJECT in draft.facts.differences:
        draft.find("SUBJECT_DIFFERS")
    if dead or changes_come_first(draft, PRINCIPALS):
        draft.action("ABANDON_ORDER", provider=provider)
    submit_access(draft, phone_first=dead, apart=PRINCIPALS, source=("S1.22", "S1.23"))


def _is_certain(draft: Draft) -> bool:
    """Whether the record's state was said, rather than being all unknown."""
    facts = draft.facts
    return facts.service_cancelled or facts.subject_cancelled or facts.given.domain.filed is not None


def _start_anew(draft: Draft, order: CurrentOrder, provider: str) -> None:
    """The record is another than the order supposed: abandon it and submit what fits now (S4.26, S4.40)."""
    draft.find("ORDER_TYPE_NO_LONGER_FITS", {"type": order.type})
    draft.action("ABANDON_ORDER", provider=provider)
    submit(draft)
