"""SERVE_DOMAIN and CHANGE_SERVER_IP: which order lets a domain be served from a server (domain facts 2.3)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from beianhub_core.planner import checks
from beianhub_core.planner.accessing import add_access, after_approval, changes_before_adding
from beianhub_core.planner.aftermath import after_cancellation, after_first_filing
from beianhub_core.planner.answer import Severity
from beianhub_core.planner.domains import check_domain, check_domain_again, check_name
from beianhub_core.planner.profiles import channel
from beianhub_core.planner.provincial import check_provincial
from beianhub_core.planner.vocabulary import RETURNED, Field, Order

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft
    from beianhub_core.planner.facts import Facts


class Way(StrEnum):
    """What the record asks for."""

    FIRST = "FIRST"
    ADD_SERVICE = "ADD_SERVICE"
    SHELL = "SHELL"
    ACCESS = "ACCESS"
    CLAIM = "CLAIM"
    SERVED = "SERVED"
    CERTIFICATE_UNFILED = "CERTIFICATE_UNFILED"
    UNKNOWN = "UNKNOWN"


_OF_WAY: Final = {
    Way.FIRST: Order.FIRST_FILING,
    Way.ADD_SERVICE: Order.ADD_SERVICE,
    Way.SHELL: Order.ADD_SERVICE,
    Way.ACCESS: Order.ADD_ACCESS,
}


def serve_domain(draft: Draft) -> None:
    """Plans how the domain comes to be served from the server."""
    if not draft.facts.abroad:
        checks.check_in_flight(draft)
        if _is_under_way(draft):
            _wait_for_it(draft)
            return
        draft.facts = after_first_filing(after_cancellation(draft.facts))
    submit(draft)


def _is_under_way(draft: Draft) -> bool:
    """Whether the order in flight is the one that is wished; a first filing is asked about where that is unsaid."""
    facts, order = draft.facts, draft.facts.order
    if order is None or not facts.order_in_flight or order.state in RETURNED or order.type is None:
        return False
    if order.type is not _OF_WAY.get(decide(facts)) or order.provider not in (None, facts.provider):
        return False
    own = facts.given.service.order_in_flight
    if own is None:
        draft.ask("service.order_in_flight")
    return own is True or (own is None and order.type is Order.FIRST_FILING)


def _wait_for_it(draft: Draft) -> None:
    draft.find("ORDER_UNDER_WAY", {"type": draft.facts.order.type if draft.facts.order is not None else None})
    draft.find("SERVE_AFTER_APPROVAL", rule=draft.rules.get("serve_from", provider=draft.facts.provider))
    if draft.facts.has_domain:
        draft.follow("POINT_DOMAIN", provider=draft.facts.provider)


def submit(draft: Draft) -> None:
    """The order that the record asks for, whatever may be in flight."""
    if draft.facts.abroad:
        region = {"region": draft.facts.given.server.region}
        draft.find("NO_FILING_ABROAD", region)
        if draft.facts.service_filed:
            draft.find("FILING_LEFT_BEHIND", region, rule=draft.rules.get("no_access.number_cancelled"))
        if draft.facts.given.domain.name is not None:
            check_name(draft)
        return
    checks.check_server(draft)
    _WAYS[decide(draft.facts)](draft)


def decide(facts: Facts) -> Way:
    """The type decision (domain facts 2.3)."""
    if facts.subject_filed is None or (facts.domain_filed is None and not _needs_no_domain(facts)):
        return Way.UNKNOWN
    if facts.domain_filed:
        return _decide_filed(facts)
    if not facts.subject_filed:
        return Way.FIRST
    return Way.SHELL if facts.is_shell else Way.ADD_SERVICE


def _needs_no_domain(facts: Facts) -> bool:
    return facts.service_cancelled or facts.subject_cancelled


def _decide_filed(facts: Facts) -> Way:
    if not facts.subject_filed:
        return Way.CERTIFICATE_UNFILED
    if not facts.has_access_at(facts.provider) or not facts.provider:
        return Way.ACCESS
    known_at = facts.given.subject.filed_at
    return Way.CLAIM if known_at is not None and facts.provider not in known_at else Way.SERVED


def _unknown(draft: Draft) -> None:
    if draft.facts.subject_filed is None:
        draft.ask("subject.filed")
    if draft.facts.domain_filed is None:
        draft.ask("domain.filed")
    elif draft.facts.domain_filed:
        draft.find("ACCESS_NOT_NEW_FILING")  # whoever's it is, it is not filed again
    check_domain(draft, Order.FIRST_FILING)
    checks.check_new_papers(draft, Order.FIRST_FILING)


def file_first(draft: Draft) -> None:
    """A first filing of subject and service."""
    if draft.facts.subject_cancelled:
        draft.find("SUBJECT_WAS_CANCELLED")
    _add(draft, Order.FIRST_FILING)


def add_service(draft: Draft) -> None:
    """One more service of a filed subject; a shell subject follows its province's rule."""
    if draft.facts.is_shell:
        _shell(draft)
    else:
        _add_service(draft)


def _add_service(draft: Draft) -> None:
    facts = draft.facts
    if facts.service_cancelled:
        draft.find("SERVICE_WAS_CANCELLED")
    if facts.is_shell is None:
        draft.ask("subject.services")
    if facts.service_cancelled and facts.is_shell is None:
        checks.check_province(draft)
        return  # another service left: add one; none left: an empty shell (S1.4, S1.5)
    changes_before_adding(draft)
    _add(draft, Order.ADD_SERVICE)


def _shell(draft: Draft) -> None:
    """An empty shell adds a service directly in 11 provinces, and is cancelled first elsewhere (HW-KB doc_0037)."""
    rule = draft.rules.get("shell.add_directly")
    if draft.facts.service_cancelled:
        draft.find("SERVICE_WAS_CANCELLED")
    if not draft.facts.province or rule is None:
        draft.ask("subject.province")
        draft.find("SHELL_DEPENDS_ON_PROVINCE")
        return
    words = {"province": draft.facts.province}
    if rule.value:
        draft.find("SHELL_ADDS_DIRECTLY", words, rule=rule, conflicts=("S1.5",))
        _add(draft, Order.ADD_SERVICE)
        return
    source = ("S4.18",) if draft.facts.province == "河南" else ()
    draft.find("SHELL_CANCEL_FIRST", words, rule=rule, source=source)
    draft.order(Order.CANCEL_SUBJECT)
    _add(draft, Order.FIRST_FILING)


def _add(draft: Draft, order_type: Order) -> None:
    if draft.facts.given.domain.filed is None and not _needs_no_domain(draft.facts):
        draft.ask("domain.filed")  # it may be filed under another subject (S4.7)
    check_domain(draft, order_type)
    checks.check_new_papers(draft, order_type)
    papers = check_provincial(draft, order_type)
    if draft.facts.is_website:
        checks.check_unfiled_site(draft)
    if order_type is Order.ADD_SERVICE:
        source = _added_from(draft)
    else:
        source = ("S0.11", "S1.3") if draft.facts.subject_cancelled else ()
    draft.order(order_type, draft.facts.provider, source=source, documents=papers)
    after_approval(draft, new=draft.facts.is_website)


def _added_from(draft: Draft) -> tuple[str, ...]:
    """Aliyun and Tencent name the order by where the subject is filed (domain facts 2.2)."""
    at = draft.facts.subject_at
    if at is None:
        draft.ask("subject.filed_at")
    elif draft.facts.provider and draft.facts.provider not in at:
        draft.find("SUBJECT_FILED_ELSEWHERE", {"providers": at})
    return ("S1.4",) if draft.facts.service_cancelled else ()


def claim(draft: Draft) -> None:
    """The access exists, and only the account does not show it."""
    draft.find("RECORD_NOT_IN_ACCOUNT")
    if channel(draft.rules, Order.CLAIM, draft.facts.provider) == "UNSUPPORTED":
        draft.find("CLAIM_NOT_OFFERED", {"provider": draft.facts.provider})
        draft.action("ASK_PROVIDER", provider=draft.facts.provider)
        return
    draft.order(Order.CLAIM, draft.facts.provider)


def _served(draft: Draft) -> None:
    draft.find("ACCESS_EXISTS", {"provider": draft.facts.provider})
    check_domain(draft, Order.CHANGE_ACCESS)
    checks.check_filed_site(draft)
    checks.check_other_sites(draft)


def _certificate_unfiled(draft: Draft) -> None:
    draft.find("DOMAIN_FILED_CERTIFICATE_NOT")
    draft.action("ASK_OLD_PROVIDER")


_WAYS = {
    Way.FIRST: file_first,
    Way.ADD_SERVICE: _add_service,
    Way.SHELL: _shell,
    Way.ACCESS: add_access,
    Way.CLAIM: claim,
    Way.SERVED: _served,
    Way.CERTIFICATE_UNFILED: _certificate_unfiled,
    Way.UNKNOWN: _unknown,
}


def change_server_ip(draft: Draft) -> None:
    """A new address at the same provider changes the access; at another provider it is a new access."""
    facts = after_cancellation(draft.facts)  # which ``draft`` goes on from where it says what is in flight
    if facts.service_filed is False or facts.subject_filed is False:
        draft.find("NOTHING_FILED_TO_CHANGE")
        serve_domain(draft)
    elif facts.abroad:
        _move_abroad(draft)
    elif facts.provider and facts.has_access_at(facts.provider) is False:
        draft.find("NEW_IP_IS_ANOTHER_PROVIDER", {"provider": facts.provider})
        serve_domain(draft)
    else:
        _change_access(draft)


def _move_abroad(draft: Draft) -> None:
    draft.find("ADDRESS_ABROAD", {"region": draft.facts.given.server.region})
    if draft.facts.given.server.ip is not None:
        checks.check_address(draft, draft.facts.given.server.ip)
    draft.action("USE_MAINLAND_ADDRESS")


def _change_access(draft: Draft) -> None:
    facts = draft.facts
    checks.check_in_flight(draft)
    checks.check_server(draft)
    if facts.service_filed is None:
        draft.ask("service.filed")
    if not facts.provider or facts.has_access_at(facts.provider) is None:
        draft.ask("service.filed_at")
    rule = draft.rules.get("change.ip", provider=facts.provider)
    optional = rule is not None and rule.value == "OPTIONAL"
    if optional and facts.given.service.commercial is None:
        draft.ask("service.commercial")
    if optional and facts.given.service.commercial:
        draft.find("NEW_IP_TO_FILE", rule=draft.rules.get("change.ip"))
    elif optional:
        draft.find("NEW_IP_OPTIONAL", rule=rule)
    else:
        draft.find("NEW_IP_TO_FILE", rule=rule, severity=Severity.WARNING)
    checks.check_contact(draft, Order.CHANGE_ACCESS, facts.provider)
    check_domain_again(draft)
    checks.check_filed_site(draft)
    checks.check_other_sites(draft)
    checks.check_province(draft)
    checks.change_phone_first(draft, Order.CHANGE_ACCESS, facts.provider)
    draft.order(Order.CHANGE_ACCESS, facts.provider, changes=[Field.IP])
