"""What is looked at in a domain before it is filed or gets an access (domain facts 4.3)."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import idna

from beianhub_core.planner.answer import Severity
from beianhub_core.planner.vocabulary import SUBMISSIONS, Kind, Order
from beianhub_core.rules.domains import canonical_domain, check_service_domain, registrable

if TYPE_CHECKING:
    from beianhub_core.planner.drafting import Draft

_MONTH: Final = 30  # "> 3 months (90 days)", domain facts 3.2
_HANDLED: Final = frozenset({"DOMAIN_NOT_REGISTRABLE"})  # said by ``_check_sub_domain`` with what to do


def check_domain(draft: Draft, order_type: Order) -> None:
    """Everything about the domain that MIIT's system or the bureau would refuse (S4.32 to S4.34)."""
    if not draft.facts.has_domain:
        return
    check_name(draft)
    _check_sub_domain(draft)
    _check_suffix(draft, order_type)
    _check_registrar(draft)
    check_expiry(draft)
    _check_holder(draft)
    _check_real_name(draft)


def mend_domain(draft: Draft, order_type: Order | None) -> None:
    """What is known to be wrong with the domain, and how it is mended; nothing is asked."""
    domain = draft.facts.given.domain
    if domain.name is not None and order_type in SUBMISSIONS:
        check_name(draft)
        _check_suffix(draft, order_type)
    if domain.expired or (domain.expires_on is not None and draft.facts.given.today is not None):
        check_expiry(draft)
    if domain.holder_matches is False:
        _check_holder(draft)
    if domain.real_name_verified is False:
        _check_real_name(draft)


def check_domain_again(draft: Draft) -> None:
    """A change is checked, too, at least of domains that were filed since 2018 (ALI-2019, S4.32); nothing is asked."""
    domain = draft.facts.given.domain
    if domain.expired:
        check_expiry(draft)
    if domain.holder_matches is False:
        _check_holder(draft, Severity.WARNING)
    if domain.real_name_verified is False:
        _check_real_name(draft, Severity.WARNING)


def check_name(draft: Draft) -> None:
    """The name is one, and imitates no other."""
    name = draft.facts.given.domain.name
    if name is None:
        draft.ask("domain.name")
        return
    for found in check_service_domain(name, "domain.name"):
        if found.code not in _HANDLED:
            code = "DOMAIN_MIXED_SCRIPTS" if found.code == "DOMAIN_MIXED_SCRIPTS" else "DOMAIN_UNUSABLE"
            draft.find(code, {"zh": found.message_zh, "en": found.message_en}, source=tuple(found.source))
    _say_how_read(draft, name)


def _say_how_read(draft: Draft, name: str) -> None:
    """A name that was not written as it is filed is told as it was read: imitations live on that."""
    ascii_name = canonical_domain(name)
    if not ascii_name:
        return
    shown = idna.decode(ascii_name)
    if shown != ascii_name:
        draft.find("DOMAIN_IDN", {"shown": shown, "ascii": ascii_name})
    written = unicodedata.normalize("NFC", name).lower()
    if not any(form in written for form in (shown, ascii_name)) or "@" in written:
        draft.find("DOMAIN_CHARACTERS_READ", {"shown": shown})
    elif written.rstrip(".") not in (shown, ascii_name) or (ascii_name.startswith("www.") and draft.facts.is_website):
        draft.find("DOMAIN_READ_AS", {"shown": shown.removeprefix("www.")})


def _check_sub_domain(draft: Draft) -> None:
    facts = draft.facts
    if facts.given.service.kind is Kind.APP or not facts.is_subdomain:
        return
    draft.find("SUBDOMAIN", {"parent": facts.domain}, rule=draft.rules.get("domain.registrable_only"))
    if facts.given.domain.filed is False:
        draft.find("PARENT_UNFILED", {"parent": facts.domain})


def _check_suffix(draft: Draft, order_type: Order) -> None:
    suffix = suffixes(draft.facts.given.domain.name or "")
    if not suffix:
        return
    rules = draft.rules
    allowed, refused = rules.get("suffix.allowed"), rules.get("suffix.refused")
    withdrawn = rules.get("suffix.withdrawn")
    shown = f".{suffix[0]}"
    if refused is not None and _listed(suffix, refused.value):
        _say_refused(draft, order_type, suffix, refused)
    elif allowed is not None and not _listed(suffix, allowed.value):
        draft.find("SUFFIX_NOT_LISTED", {"suffix": shown, "province": draft.facts.province}, rule=allowed)
    if withdrawn is not None and order_type is not Order.ADD_ACCESS and _listed(suffix, withdrawn.value):
        draft.find("SUFFIX_WITHDRAWN", {"suffix": shown}, rule=withdrawn)


def _say_refused(draft: Draft, order_type: Order, suffix: list[str], refused: Any) -> None:
    words = {"suffix": f".{suffix[0]}", "province": draft.facts.province}
    earlier = draft.rules.get("suffix.refused.access_if_filed_before")
    if order_type is Order.ADD_ACCESS and earlier is not None and _listed(suffix, earlier.value.get("suffixes", [])):
        draft.find("SUFFIX_ONLY_IF_FILED_BEFORE", {**words, "before": earlier.value.get("before")}, rule=earlier)
    else:
        draft.find("SUFFIX_REFUSED", words, rule=refused)


def _check_registrar(draft: Draft) -> None:
    rule = draft.rules.get("domain.foreign_registrar")
    if rule is None or rule.value is not False:
        return
    abroad = draft.facts.given.domain.registered_abroad
    if abroad is None:
        draft.ask("domain.registered_abroad")
    elif abroad:
        source = ("S2.14",) if draft.facts.province == "北京" else ()
        draft.find("FOREIGN_REGISTRAR", {"province": draft.facts.province}, rule=rule, source=source)


def suffixes(name: str) -> list[str]:
    """The public suffix of a name and its last label: "com.cn", "cn"."""
    domain = registrable(name)
    whole = domain.partition(".")[2]
    return [part for part in dict.fromkeys([whole, whole.rpartition(".")[2]]) if part]


def _listed(suffix: list[str], listed: list[str]) -> bool:
    return not {each.strip().lstrip(".").lower() for each in listed}.isdisjoint(suffix)


def check_expiry(draft: Draft) -> None:
    """The domain has not expired, and lasts longer than the bureau asks for."""
    domain, today = draft.facts.given.domain, draft.facts.given.today
    if domain.expired or (domain.expires_on is not None and today is not None and domain.expires_on < today):
        draft.find("DOMAIN_EXPIRED")
        draft.action("RENEW_DOMAIN")
    elif domain.expires_on is None:
        draft.ask(*(["domain.expired"] if domain.expired is None else []), "domain.expires_on")
    elif today is None:
        draft.ask("today")
    else:
        _check_rest(draft, domain.expires_on - today)


def _check_rest(draft: Draft, rest: dt.timedelta) -> None:
    rule = draft.rules.get("domain.min_months")
    months = rule.value if rule is not None else 3
    if rest.days <= months * _MONTH:
        severity = Severity.BLOCKER if rule is not None else Severity.WARNING
        draft.find("DOMAIN_EXPIRES_SOON", {"months": months, "days": rest.days}, rule=rule, severity=severity)
        draft.action("RENEW_DOMAIN")


def _check_holder(draft: Draft, severity: Severity | None = None) -> None:
    matches = draft.facts.given.domain.holder_matches
    if matches is None:
        draft.ask("domain.holder_matches")
    elif not matches:
        change_holder(draft, severity=severity)


def change_holder(draft: Draft, *, severity: Severity | None = None) -> None:
    """The domain goes to a holder whom the province admits, and MIIT's data follow (S1.27)."""
    rule = draft.rules.get("domain.holder")
    admitted = (rule.message_zh, rule.message_en) if rule is not None else ("与主体一致", "the subject itself")
    words = {"admitted_zh": admitted[0], "admitted_en": admitted[1]}
    draft.find("HOLDER_MISMATCH", words, rule=rule, severity=severity)
    change = draft.action("CHANGE_DOMAIN_HOLDER")
    draft.action("WAIT_FOR_DOMAIN_DATA", after=[change])


def _check_real_name(draft: Draft, severity: Severity | None = None) -> None:
    verified = draft.facts.given.domain.real_name_verified
    if verified is None:
        draft.ask("domain.real_name_verified")
    elif not verified:
        draft.find("REAL_NAME_MISSING", rule=draft.rules.get("domain.real_name"), severity=severity)
        verify = draft.action("VERIFY_DOMAIN_REAL_NAME")
        draft.action("WAIT_FOR_DOMAIN_DATA", after=[verify])


def warn_of_suffix_lost(draft: Draft) -> None:
    """A suffix whose approval was withdrawn can never be filed again after a cancellation (ALI-2019)."""
    withdrawn = draft.rules.get("suffix.withdrawn")
    name = draft.facts.given.domain.name or ""
    found = suffixes(name)
    if withdrawn is not None and found and _listed(found, withdrawn.value):
        draft.find("SUFFIX_NEVER_AGAIN", {"suffix": f".{found[0]}"}, rule=withdrawn)
