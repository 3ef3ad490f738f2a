"""What is looked at before any order: the one in flight, the server, the contact, the sites, the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_core.planner.answer import Severity
from beianhub_core.planner.approving import check_pre_approval
from beianhub_core.planner.profiles import is_known
from beianhub_core.planner.verifying import SUBJECT, by_email, sms_recipients
from beianhub_core.planner.vocabulary import CANCELLATIONS, RETURNED, SUBMISSIONS, Field, Nature, Order, State
from beianhub_core.planner.wording import Term
from beianhub_core.rules.addresses import canonical_ip
from beianhub_sdk.addresses import Standing, judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beianhub_core.planner.drafting import Draft
    from beianhub_core.rulebook.model import Rule


def check_in_flight(draft: Draft, wanted: Order | None = None) -> None:
    """The regulator takes one order per subject (1003), and none while a cancellation runs (1042, 1043)."""
    order = draft.facts.order
    if draft.facts.order_in_flight is None:
        draft.ask("subject.order.state" if order is not None else "service.order_in_flight")
    if not draft.facts.order_in_flight:
        return
    path = "subject.order" if order is not None else "service.order_in_flight"
    if wanted is Order.CANCEL_SUBJECT and draft.facts.provider == "huawei":
        draft.find("CANCEL_BUTTON_HIDDEN", path=path)
    _say_in_flight(draft, wanted, path)
    returned = order is not None and order.state in RETURNED
    draft.action("ABANDON_ORDER" if returned else "WAIT_FOR_ORDER", provider=(order.provider or "") if order else "")


def _say_in_flight(draft: Draft, wanted: Order | None, path: str) -> None:
    order = draft.facts.order
    running = order.type if order is not None else None
    if order is not None and running in _BY_SMS and order.state is State.SMS_PENDING and not order.by_email:
        draft.find("LET_SMS_LAPSE", severity=Severity.INFO)  # it may still be taken back, rather than filed anew
    if running not in CANCELLATIONS:
        draft.find("ORDER_IN_FLIGHT", path=path)
    elif running is Order.CANCEL_SUBJECT and wanted is Order.CANCEL_SERVICE:
        draft.find("CANCELLATION_RUNNING", {"running": running}, path=path, source=("MIIT-V3 1042",))
    elif running is Order.CANCEL_SERVICE and wanted is Order.CANCEL_SUBJECT:
        draft.find("CANCELLATION_RUNNING", {"running": running}, path=path, source=("MIIT-V3 1043",))
    else:
        draft.find("CANCELLATION_RUNNING", {"running": running}, path=path, source=("MIIT-V3 1003",))


def is_under_way(draft: Draft, wanted: Order, *, of_service: bool = False) -> bool:
    """Whether the order in flight is the cancellation that is wished; ``of_service``: of this service only."""
    facts, order = draft.facts, draft.facts.order
    same = order is not None and order.type is wanted and order.state not in RETURNED
    another = order is not None and order.provider not in (None, facts.provider or order.provider)
    own = facts.given.service.order_in_flight
    if not facts.order_in_flight or not same or (another and wanted is Order.CANCEL_ACCESS):
        return False
    if of_service and not own:
        return False
    draft.find("ORDER_UNDER_WAY", {"type": wanted})
    return True


def check_providers(draft: Draft) -> None:
    """A provider of whom no source says anything is told so, since it may be misspelt."""
    given = draft.facts.given
    order = given.subject.order.provider if given.subject.order is not None else None
    named = {
        "server.provider": given.server.provider,
        "target.provider": given.target.provider,
        "subject.order.provider": order,
    }
    for path, provider in named.items():
        if provider and not is_known(provider) and not draft.rules.know(provider):
            draft.find("PROVIDER_UNKNOWN", {"provider": provider}, path=path)


def check_server(draft: Draft) -> None:
    """The address is public, and the server stands in the mainland."""
    server = draft.facts.given.server
    if not server.provider:
        draft.ask("server.provider")
    if server.region is None:
        draft.ask("server.region")
    if server.ip is None:
        draft.ask("server.ip")
    else:
        check_address(draft, server.ip)


def check_address(draft: Draft, text: str) -> None:
    """Only public addresses are filed (S2.17)."""
    standing = judge(canonical_ip(text)).standing
    if standing is Standing.INVALID:
        draft.find("IP_INVALID", {"ip": text})
    elif standing is Standing.DOCUMENTATION:
        draft.find("IP_FOR_DOCUMENTATION", {"ip": text})
    elif standing is not Standing.PUBLIC:
        draft.find("IP_NOT_PUBLIC", {"ip": text}, rule=draft.rules.get("ip.public_only"))
        draft.action("USE_MAINLAND_ADDRESS")


def check_commercial(draft: Draft) -> None:
    """A commercial service needs a licence beside the filing (S2.1)."""
    service = draft.facts.given.service
    if service.commercial is None:
        draft.ask("service.commercial")
    elif not service.commercial:
        draft.find("NON_COMMERCIAL_FILING_IS_FREE")
    elif service.licence_held is None or not service.licence_held:
        draft.find("COMMERCIAL_NEEDS_LICENCE")
        draft.action("OBTAIN_LICENCE")
        if service.licence_held is None:
            draft.ask("service.licence_held")


def check_other_sites(draft: Draft) -> None:
    """Every site that has a number opens and shows it (S4.12, S4.13, S4.19)."""
    sites = draft.facts.given.subject.other_sites
    if draft.facts.has_other_sites is False and sites.all_open is not False and sites.footers_ok is not False:
        return
    rule = draft.rules.get("sites.must_be_open")
    must = rule if rule is not None and rule.value is True else None
    severity = Severity.BLOCKER if must else Severity.WARNING
    if sites.all_open is False:
        draft.find("OTHER_SITES_CLOSED", severity=severity, rule=must)
        draft.action("OPEN_OTHER_SITES")
    if sites.footers_ok is False:
        draft.find("OTHER_FOOTERS_WRONG", severity=severity, rule=must)
        draft.action("MEND_OTHER_FOOTERS")
    if draft.facts.has_other_sites is None and None in (sites.all_open, sites.footers_ok):
        draft.ask("subject.services")
    if draft.facts.has_other_sites:
        _ask_where_unknown(draft, "subject.other_sites", all_open=sites.all_open, footers_ok=sites.footers_ok)


def check_filed_site(draft: Draft) -> None:
    """The site of a filed service stays open, unaltered and with the right footer (S1.7, S1.8)."""
    if not draft.facts.is_website or draft.facts.service_filed is False:
        return
    site = draft.facts.given.site
    if site.opens is False:
        draft.find("SITE_CLOSED", rule=_true(draft, "sites.must_be_open"))
        draft.action("OPEN_SITE")
    if site.footer_ok is False:
        draft.find("FOOTER_WRONG", {"number": footer_number(draft)})
        draft.action("MEND_FOOTER")
    _ask_where_unknown(draft, "site", opens=site.opens, footer_ok=site.footer_ok)


def footer_number(draft: Draft) -> Term:
    """What the footer shows: in Guangdong the subject's number, elsewhere the service's."""
    rule = draft.rules.get("footer.number")
    subject = rule is not None and rule.value == "SUBJECT"
    return Term("主体备案号", "subject's number") if subject else Term("服务备案号", "service's number")


def check_unfiled_site(draft: Draft) -> None:
    """A domain that is not filed yet may not open (HW-KB doc_0150)."""
    opens = draft.facts.given.site.opens
    if opens:
        draft.find("UNFILED_SITE_OPEN", rule=_true(draft, "sites.closed_before_filing"))
        draft.action("CLOSE_SITE_UNTIL_FILED")
    elif opens is None:
        draft.ask("site.opens")


def check_individual(draft: Draft) -> None:
    """Some provinces file individuals with a local ID only, some with a residence permit (S4.20, S4.22)."""
    facts = draft.facts
    if facts.is_individual is None:
        draft.ask("subject.nature")
    if not facts.is_individual:
        return
    refused = draft.rules.get("service_content.refused")
    if refused is not None and "other" in refused.value:
        draft.find("CONTENT_OTHER_REFUSED", {"province": facts.province}, rule=refused)
    else:
        draft.find("INDIVIDUAL_CONTENT")
    rule = draft.rules.get("individual.residence")
    origin = facts.given.subject.id_province
    if not facts.province:
        draft.ask("subject.province")
    elif origin is None:
        if rule is None or rule.value != "any":
            draft.ask("subject.id_province")
    elif origin != facts.province:
        _say_residence(draft, origin)


def _say_residence(draft: Draft, origin: str) -> None:
    rule = draft.rules.get("individual.residence")
    words = {"province": draft.facts.province, "origin": origin}
    if rule is None:
        draft.find("RESIDENCE_UNKNOWN", words)
    elif rule.value == "local_only":
        local = ("S4.20",) if draft.facts.province == "河南" else ()
        draft.find("LOCAL_ID_ONLY", words, rule=rule, source=local, conflicts=("S4.22",))
    elif rule.value == "any":
        draft.find("ANY_PROVINCE_ID", words, rule=rule)
    else:
        draft.find("RESIDENCE_PROOF_NEEDED", words, rule=rule)


def check_contact(draft: Draft, order_type: Order, provider: str, change: Iterable[Field] = ()) -> None:
    """MIIT's SMS needs a phone that somebody answers (S1.2, S3.22)."""
    if order_type not in _ASKED_OF_FILED_CONTACT or not sms_recipients(order_type):
        return
    contact = draft.facts.given.contact
    if contact.phone_reachable is None:
        draft.ask("contact.phone_reachable")
    if contact.phone_reachable is not False:
        return
    if by_email(draft.facts, order_type, provider):
        draft.find("CANCEL_BY_EMAIL")
    elif Field.PHONE in change:
        draft.find("NEW_PHONE_IN_CHANGE")
    else:
        draft.find("PHONE_DEAD")
        if order_type in CANCELLATIONS and provider == "tencent" and contact.email is None:
            draft.ask("contact.email")


def change_phone_first(draft: Draft, order_type: Order, provider: str) -> None:
    """Lists the change of a dead number before an order whose code would go to it (S1.2, S3.22)."""
    dead = draft.facts.given.contact.phone_reachable is False
    if dead and not by_email(draft.facts, order_type, provider):
        of_subject = sms_recipients(order_type) == (SUBJECT,)
        change = Order.CHANGE_SUBJECT if of_subject else Order.CHANGE_SERVICE
        draft.order(change, provider, changes=[Field.PHONE], source=("S1.2", "S3.22"))


_BY_SMS = CANCELLATIONS - {Order.CANCEL_ACCESS}
_ASKED_OF_FILED_CONTACT = frozenset(
    {
        Order.CHANGE_SUBJECT,
        Order.CHANGE_SERVICE,
        Order.CHANGE_ACCESS,
        Order.CANCEL_SERVICE,
        Order.CANCEL_SUBJECT,
        Order.MIGRATE_SERVICE,
    }
)


def check_password(draft: Draft, order_type: Order, provider: str) -> None:
    """The filing password: a dated rule where the sources give one, otherwise a question (domain facts 11)."""
    rule = draft.rules.get("password.required", provider=provider, order_type=str(order_type))
    if rule is not None and rule.value is False:
        draft.find("PASSWORD_NOT_NEEDED", rule=rule)
        return
    known = draft.facts.given.filing_password_known
    if known is None:
        draft.ask("filing_password_known")
    elif not known:
        draft.find("PASSWORD_UNKNOWN", rule=rule)
        draft.action("RECOVER_FILING_PASSWORD")


def check_province(draft: Draft) -> None:
    """Rules differ by province and change irregularly (S4.45)."""
    if not draft.facts.province:
        draft.ask("subject.province")
    draft.find("BUREAU_DECIDES", {"province": draft.facts.province})


def check_new_papers(draft: Draft, order_type: Order) -> None:
    """What every submission of data brings along: the category, the person, the other sites."""
    if order_type in SUBMISSIONS:
        if draft.facts.given.service.kind is None:
            draft.ask("service.kind")
        check_commercial(draft)
        check_pre_approval(draft)
        check_individual(draft)
        _check_principal(draft)
    check_other_sites(draft)
    check_province(draft)


def _check_principal(draft: Draft) -> None:
    rule = draft.rules.get("subject.principal")
    if rule is not None and draft.facts.given.subject.nature not in (None, Nature.INDIVIDUAL):
        draft.find("PRINCIPAL_RULE", {"zh": rule.message_zh, "en": rule.message_en}, rule=rule)


def _ask_where_unknown(draft: Draft, part: str, **facts: bool | None) -> None:
    draft.ask(*(f"{part}.{name}" for name, value in facts.items() if value is None))


def _true(draft: Draft, id_: str) -> Rule | None:
    rule = draft.rules.get(id_)
    return rule if rule is not None and rule.value is True else None
