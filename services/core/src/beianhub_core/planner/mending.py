"""What is known to be wrong with a returned order, and how it is mended before it goes out again; nothing is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub_core.planner import checks
from beianhub_core.planner.answer import Severity
from beianhub_core.planner.approving import check_pre_approval
from beianhub_core.planner.domains import mend_domain
from beianhub_core.planner.verifying import by_email
from beianhub_core.planner.vocabulary import CANCELLATIONS, CHANGES, SUBMISSIONS, Field, Order, State

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.situation import CurrentOrder

PRINCIPALS: Final = frozenset({Field.PRINCIPAL, Field.SERVICE_PRINCIPAL})
_NEW: Final = frozenset({Order.FIRST_FILING, Order.ADD_SERVICE})


def mend(draft: Draft, order: CurrentOrder, provider: str) -> None:
    """Mends what is known; one that only missed its SMS may then go out unchanged (HW-KB doc_0013)."""
    _mend_site(draft, order.type)
    if order.type in SUBMISSIONS:
        _mend_submission(draft)
    mend_domain(draft, order.type)
    if draft.facts.given.service.pre_approval:
        check_pre_approval(draft)
    sites = draft.facts.given.subject.other_sites
    if order.state is not State.SMS_TIMEOUT or False in (sites.all_open, sites.footers_ok):
        checks.check_other_sites(draft)
    if draft.facts.given.filing_password_known is False:
        checks.check_password(draft, Order.ADD_ACCESS, provider)
    if order.state is not State.SMS_TIMEOUT:
        _correct(draft, provider)


def _mend_site(draft: Draft, order_type: Order | None) -> None:
    """A filed site is open with the right footer, and one that is not filed yet is closed."""
    site = draft.facts.given.site
    if site.opens is False and draft.facts.service_filed:
        draft.find("SITE_CLOSED")
        draft.action("OPEN_SITE")
    if site.opens and order_type in _NEW and draft.facts.is_website:
        checks.check_unfiled_site(draft)
    if site.footer_ok is False and order_type not in _NEW:
        draft.find("FOOTER_WRONG", {"number": checks.footer_number(draft)})
        draft.action("MEND_FOOTER")


def _mend_submission(draft: Draft) -> None:
    given = draft.facts.given
    if given.server.ip is not None:
        checks.check_address(draft, given.server.ip)
    if given.service.commercial and given.service.licence_held is False:
        checks.check_commercial(draft)
    if draft.facts.is_individual and draft.facts.province and given.subject.id_province is not None:
        checks.check_individual(draft)


def _correct(draft: Draft, provider: str) -> None:
    """A principal who does not fit is authorised, or changed at the original provider (S4.25 to S4.27)."""
    if PRINCIPALS & set(draft.facts.differences):
        draft.find("PRINCIPAL_OPTIONS", rule=draft.rules.get("letters.authorisation"))
        draft.action("ABANDON_ORDER", provider=provider)
    else:
        draft.action("CORRECT_DATA", provider=provider)


def renew_phone(draft: Draft, order_type: Order, provider: str) -> None:
    """MIIT's code goes to a phone that somebody answers: a new one is filled in, or changed first (S1.2, S3.22)."""
    if draft.facts.given.contact.phone_reachable is not False or by_email(draft.facts, order_type, provider):
        return
    if order_type in _NEW:
        draft.find("PHONE_DEAD", severity=Severity.WARNING)
        draft.action("CORRECT_DATA", provider=provider)
    elif order_type in CHANGES:
        draft.find("NEW_PHONE_IN_CHANGE")
        draft.action("CORRECT_DATA", provider=provider)
    elif order_type in CANCELLATIONS - {Order.CANCEL_ACCESS}:
        draft.find("PHONE_DEAD")
        draft.action("ABANDON_ORDER", provider=provider)
        checks.change_phone_first(draft, order_type, provider)
