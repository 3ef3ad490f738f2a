"""短信核验, MIIT's SMS: wrong tries and resends as people tell of them, and how the order comes back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_QUERY
from beianhub_core.domain import facets, periods
from beianhub_core.domain.lookup import find_verification, tasks_of
from beianhub_core.domain.orders import close_tasks
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Finding, Verification
    from beianhub_core.domain.draft import Draft
    from beianhub_core.rulebook import Rule

_KIND: Final = res.VERIFICATION_KIND_MIIT_SMS
_LAST_TRY: Final = "MIIT_SMS_LAST_TRY"
_LAST_RESEND: Final = "MIIT_SMS_LAST_RESEND"


def count(draft: Draft, order: str, shown: Iterable[Verification]) -> bool:
    """Takes over the numbers of wrong tries and resends, which only grow; returns whether the order came back."""
    told = next((facet for facet in shown if facet.kind == _KIND), None)
    known = find_verification(draft.order(order), _KIND)
    if told is None or known is None or known.state not in facets.UNDER_WAY:
        return False
    facet = res.Verification()
    facet.CopyFrom(known)
    facet.wrong_tries = max(known.wrong_tries, told.wrong_tries)
    facet.resends = max(known.resends, told.resends)
    if facet == known:
        return False
    tries = _rule(draft, order, "sms.wrong_tries")
    if tries is not None and facet.wrong_tries > tries.value:
        return _use_up(draft, order, facet, tries)
    _warn(facet, tries, _rule(draft, order, "sms.resends"))
    draft.append(ev.VerificationChanged(order=order, verification=facet))
    return False


def come_back(draft: Draft, order: str, reason: Finding) -> bool:
    """MIIT returns the order to its provider. Where the status is polled, the vendor says so; then nothing happens."""
    if tasks_of(draft.record, order, TASK_KIND_QUERY):
        return False
    close_tasks(draft, order, "ORDER_RETURNED")
    draft.append(
        ev.OrderReturned(
            order=order,
            state=res.ORDER_STATE_PROVIDER_REJECTED,
            returned_by=res.RETURNED_BY_MIIT,
            findings=[reason],
        )
    )
    return True


def _rule(draft: Draft, order: str, rule: str) -> Rule | None:
    facts = periods.facts(draft.record.subject.profile, draft.order(order).provider)
    return periods.find(draft.context.rules, rule, facts, periods.day_of(draft.context.now))


def _use_up(draft: Draft, order: str, facet: Verification, tries: Rule) -> bool:
    """The sixth wrong try returns the order."""
    reason = blocker(
        "MIIT_SMS_TRIES",
        "order.verifications",
        f"短信核验码输错超过 {tries.value} 次，订单退回接入商",
        f"the SMS code was wrong more than {tries.value} times, and the order came back",
        (
            "请与收件人核对所填手机号与证件号，然后原样重新提交订单。 / "
            "Check with the recipient which mobile and ID number he types, and submit the order again unchanged."
        ),
        rule=tries.id,
        source=tries.source,
    )
    facet.state = res.VERIFICATION_STATE_FAILED
    facet.findings.append(reason)
    facets.close_task(draft, order, _KIND)
    draft.append(ev.VerificationChanged(order=order, verification=facet))
    return come_back(draft, order, reason)


def _warn(facet: Verification, tries: Rule | None, resends: Rule | None) -> None:
    """Says what the next try, or resend, comes to; once."""
    if tries is not None and facet.wrong_tries == tries.value:
        zh = f"已输错 {tries.value} 次，再错一次订单即被退回"
        en = f"{tries.value} tries were wrong; one more returns the order"
        _add(
            facet,
            _LAST_TRY,
            zh,
            en,
            (
                "请先核对手机号、验证码和证件号码后六位。 / "
                "Check mobile, code and the last six characters of the ID number first."
            ),
            tries,
        )
    if resends is not None and facet.resends >= resends.value:
        zh, en = (
            f"短信已重发 {resends.value} 次，不能再发",
            f"it was sent again {resends.value} times, and is not any more",
        )
        _add(
            facet,
            _LAST_RESEND,
            zh,
            en,
            (
                "请核验最后一条短信，或待其失效后原样重新提交。 / "
                "Answer the last one, or let it lapse and submit again unchanged."
            ),
            resends,
        )


def _add(facet: Verification, code: str, zh: str, en: str, remedy: str, rule: Rule) -> None:
    if code not in [known.code for known in facet.findings]:
        facet.findings.append(
            finding(SEVERITY_WARNING, code, "order.verifications", zh, en, remedy, rule=rule.id, source=rule.source)
        )
