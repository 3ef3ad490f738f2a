"""ANSWER_NOTICE: what a rectification notice (整改通知) asks for, and until when (S4.35 to S4.41)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from beianhub_core.planner import checks
from beianhub_core.planner.accessing import add_access
from beianhub_core.planner.answer import Deadline, Severity
from beianhub_core.planner.changing import change_provider, check_fields, list_changes, remove_domain
from beianhub_core.planner.domains import change_holder
from beianhub_core.planner.serving import change_server_ip, serve_domain
from beianhub_core.planner.vocabulary import Field, Notice, Order, notice_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from beianhub_core.planner.drafting import Draft

_LONGEST_CHANGE: Final = dt.timedelta(days=30)  # 2 + 20 working days of reviews, plus the SMS
_CONTACT: Final = frozenset({Field.PHONE, Field.EMAIL})
_CHANGES: Final = {
    Notice.NAME: [Field.NAME],
    Notice.CERT_NUMBER: [Field.CERT_NUMBER],
    Notice.CERT_ADDRESS: [Field.CERT_ADDRESS],
    Notice.OLD_CERTIFICATE: [Field.CERT_TYPE],
    Notice.PRINCIPAL: [Field.PRINCIPAL],
    Notice.ID_EXPIRED: [Field.PRINCIPAL],
    Notice.CONTACT: [Field.PHONE],
}


def answer_notice(draft: Draft) -> None:
    """Mends what the notice names, before its date; afterwards the access is cancelled, then the number."""
    given = draft.facts.given.notice
    draft.find("NOTICE_CONSEQUENCE", rule=draft.rules.get("rectification.then"))
    if given.kind is None:
        draft.ask("notice.kind")
        _check_due(draft, slow=False)
        return
    kind = notice_kind(given.kind)
    if kind is None:
        draft.find("NOTICE_UNKNOWN", {"kind": given.kind})
        draft.ask("notice.kind")
        _check_due(draft, slow=False)
        return
    _answer(draft, kind)
    _check_due(draft, slow=draft.has_order)
    draft.follow("REPLY_TO_NOTICE", provider=draft.facts.provider)
    _date(draft)


def _answer(draft: Draft, kind: Notice) -> None:
    """What the notice names; what it has already cost comes back by an access or a filing (S4.39, S4.40)."""
    facts = draft.facts
    if (facts.service_cancelled or facts.subject_cancelled) and kind not in _FILES:
        draft.find("NUMBER_ALREADY_CANCELLED")
        serve_domain(draft)
        return
    _ANSWERS.get(kind, _change_data)(draft)
    listed = any(step.order_type == Order.ADD_ACCESS for step in draft.steps)  # a change has asked for it
    if facts.without_access and kind not in _SERVES and not listed:
        checks.check_in_flight(draft)
        add_access(draft)


def _check_due(draft: Draft, *, slow: bool) -> None:
    due, today = draft.facts.given.notice.due, draft.facts.given.today
    if due is None:
        draft.ask("notice.due")
        return
    if today is None:
        draft.ask("today")
        return
    if due < today:
        draft.find("NOTICE_OVERDUE", {"due": due})
        if draft.facts.given.service.status is None:
            draft.ask("service.status")
    elif slow and due - today < _LONGEST_CHANGE:
        draft.find("NOTICE_SHORT", {"due": due})
    else:
        draft.find("NOTICE_DUE", {"due": due})


def _date(draft: Draft) -> None:
    """Every step that answers the notice has the notice's own date."""
    due = draft.facts.given.notice.due
    if due is None:
        return
    limit = Deadline("RECTIFICATION", date=due.isoformat(), source=("S4.39", "HW-KB doc_0202"))
    draft.steps[:] = [replace(step, deadlines=(*step.deadlines, limit)) for step in draft.steps]


def _footer_link(draft: Draft) -> None:
    draft.find("NOTICE_FOOTER_LINK")
    draft.action("MEND_FOOTER", source=("S4.35",))


def _footer_number(draft: Draft) -> None:
    draft.find("NOTICE_FOOTER_NUMBER", {"number": checks.footer_number(draft)}, rule=draft.rules.get("footer.number"))
    draft.action("MEND_FOOTER", source=("S4.36",))


def _site_closed(draft: Draft) -> None:
    draft.find("SITE_CLOSED", severity=Severity.WARNING)
    draft.action("OPEN_SITE")


def _content(draft: Draft) -> None:
    draft.find("NOTICE_CONTENT")
    draft.action("MEND_CONTENT")


def _shell_service(draft: Draft) -> None:
    """The domain points to the provider's mainland server again, or gets an access where it is served now."""
    facts = draft.facts
    draft.find("NOTICE_SHELL_SERVICE", rule=draft.rules.get("no_access.number_cancelled"))
    if facts.given.domain.expired:
        draft.find("DOMAIN_EXPIRED")
        draft.action("RENEW_DOMAIN")
    if not facts.provider:
        draft.ask("server.provider")
    elsewhere = facts.provider and facts.has_access_at(facts.provider) is False
    if elsewhere and not facts.without_access:
        checks.check_in_flight(draft)
        add_access(draft)
    elif not facts.without_access:
        draft.action("POINT_DOMAIN", provider=facts.provider)


def _shell_subject(draft: Draft) -> None:
    draft.find("NOTICE_SHELL_SUBJECT")
    serve_domain(draft)


def _ip_mismatch(draft: Draft) -> None:
    facts = draft.facts
    draft.find("NOTICE_IP_MISMATCH", rule=draft.rules.get("ip.resolves_to_filed"))
    if facts.abroad or (facts.provider and facts.has_access_at(facts.provider) is False):
        change_server_ip(draft)  # served from where no access is
        return
    checks.check_in_flight(draft)
    checks.check_server(draft)
    provider = change_provider(draft, Order.CHANGE_SERVICE)
    checks.check_contact(draft, Order.CHANGE_ACCESS, provider)
    draft.order(Order.CHANGE_ACCESS, provider, changes=[Field.IP], source=("HW-KB 5.2",))


def _domain_expired(draft: Draft) -> None:
    if draft.facts.given.domain.expired is False:
        draft.find("NOTICE_DOMAIN_EXPIRES")
    else:
        draft.find("DOMAIN_EXPIRED", severity=Severity.WARNING)
    count = draft.facts.given.domains_on_service
    if count is not None and count > 1:
        remove_domain(draft)
        return
    if count is None:
        draft.ask("domains_on_service")
    draft.action("RENEW_DOMAIN")


def _registrar(draft: Draft) -> None:
    draft.find("NOTICE_REGISTRAR")
    draft.action("TRANSFER_DOMAIN")


def _domain_holder(draft: Draft) -> None:
    change_holder(draft, severity=Severity.WARNING)


def _unfiled(draft: Draft) -> None:
    draft.find("NOTICE_UNFILED")
    serve_domain(draft)


def _resource(draft: Draft) -> None:
    draft.find("NOTICE_RESOURCE", rule=draft.rules.get("quota.services_per_server", provider=draft.facts.provider))
    draft.action("ADD_RESOURCE", provider=draft.facts.provider)


def _material(draft: Draft) -> None:
    draft.find("NOTICE_MATERIAL")
    draft.action("SUPPLY_MATERIAL", provider=draft.facts.provider)


def _verify_and_update(draft: Draft) -> None:
    """The bureau asks after an access whether the data are still right (S1.24, S1.25)."""
    draft.find("VERIFY_AFTER_ACCESS", rule=draft.rules.get("change.after_notice"))
    fields = list(draft.facts.differences)
    if not fields and draft.facts.given.access_differences is None:
        draft.ask("change")
    if fields:
        _list(draft, fields)


def _operation(draft: Draft) -> None:
    """The sources name the heading (主体经营异常), and not what mends it; what has changed is changed."""
    draft.find("NOTICE_OPERATION")
    draft.action("ASK_PROVIDER", provider=draft.facts.provider)
    if draft.facts.change:
        _list(draft, list(draft.facts.change))


def _change_data(draft: Draft) -> None:
    kind = notice_kind(draft.facts.given.notice.kind or "")
    fields = [*_CHANGES.get(kind, []), *draft.facts.change] if kind is not None else []
    draft.find("NOTICE_DATA_WRONG", {"fields": fields})
    _list(draft, list(dict.fromkeys(fields)))


def _list(draft: Draft, fields: list[Field]) -> None:
    checks.check_in_flight(draft)
    checks.check_province(draft)
    provider = change_provider(draft, Order.CHANGE_SUBJECT)
    checks.check_contact(draft, Order.CHANGE_SUBJECT, provider, fields)
    check_fields(draft, fields, provider)
    # A contact that is known to be dead is the service principal's; otherwise the subject's is meant.
    kept = _CONTACT if draft.facts.given.contact.phone_reachable is False else ()
    source = ("S1.24", "S1.25", "S4.41")
    list_changes(draft, fields, provider, of_service=kept, source=source)


# Their answer is an order that serves the domain.
_FILES: Final = frozenset({Notice.SHELL_SUBJECT, Notice.UNFILED})
_SERVES: Final = _FILES | {Notice.IP_MISMATCH}
_ANSWERS: Final[dict[Notice, Callable[[Draft], None]]] = {
    Notice.FOOTER_LINK: _footer_link,
    Notice.FOOTER_NUMBER: _footer_number,
    Notice.SITE_CLOSED: _site_closed,
    Notice.CONTENT: _content,
    Notice.SHELL_SERVICE: _shell_service,
    Notice.SHELL_SUBJECT: _shell_subject,
    Notice.IP_MISMATCH: _ip_mismatch,
    Notice.DOMAIN_EXPIRED: _domain_expired,
    Notice.DOMAIN_HOLDER: _domain_holder,
    Notice.DISUSED_DOMAIN: remove_domain,
    Notice.REGISTRAR: _registrar,
    Notice.RESOURCE: _resource,
    Notice.MATERIAL: _material,
    Notice.VERIFY_AND_UPDATE: _verify_and_update,
    Notice.UNFILED: _unfiled,
    Notice.OPERATION: _operation,
}
