"""What in a situation cannot be true at once.

Nothing is planned from it, since one of the two would be a guess; where one of them says more than the other, the plan
takes that one and warns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from beianhub_core.planner.answer import Finding, Severity
from beianhub_core.planner.dating import as_of
from beianhub_core.planner.situation import Situation
from beianhub_core.planner.vocabulary import (
    ENDED,
    RETURNED,
    SUBMISSIONS,
    Field,
    Kind,
    Order,
    ServiceStatus,
    State,
    SubjectStatus,
)
from beianhub_core.planner.wording import path_name

_REMEDY: Final = "说明哪一项正确；不清楚则两项都不写。 / Say which of the two is right, or leave both out if unknown."


def contradictions(given: Situation) -> list[Finding]:
    """Every pair of facts that excludes itself, each with both paths."""
    return [*_of_subject(given), *_of_service(given), *_of_domain(given)]


def doubts(given: Situation) -> list[Finding]:
    """Pairs of facts of which one is the more exact: the plan takes it, and says so."""
    found = [*_of_count(given), *_of_order(given), *_of_cancelled(given)]
    found += [*_of_ended(given), *_of_holder(given), *_of_contact(given)]
    return [*found, *_of_normal(given), *_of_unfiled_domain(given), *_of_other_sites(given), *_of_identity(given)]


def _of_count(given: Situation) -> Iterator[Finding]:
    subject = given.subject
    if subject.services == 0 and subject.status is SubjectStatus.NORMAL and subject.filed is not False:
        yield _doubt(
            "subject.status",
            "subject.services",
            "没有服务的主体是空壳主体，按空壳主体规划",
            "a subject without services is a shell (空壳主体), and is planned as one",
            "S3.19",
        )


def _of_order(given: Situation) -> Iterator[Finding]:
    """An order that was returned waits for its filer, so that nobody need call it in flight."""
    order = given.subject.order
    waits = order is None or order.state is None or order.state in ENDED | RETURNED | {State.DRAFT}
    if given.service.order_in_flight is False and not waits:
        yield _doubt(
            "service.order_in_flight",
            "subject.order.state",
            "主体有在途订单，按在途规划（全国一个主体同时只有一个）",
            "the subject has an order in flight, which counts: the regulator takes one per subject",
            "MIIT-V3 1003",
        )


def _of_ended(given: Situation) -> Iterator[Finding]:
    """What the latest order ended in is on the record."""
    subject, order = given.subject, given.subject.order
    if order is None or order.state not in ENDED:
        return
    if given.service.order_in_flight:
        zh, en = (
            "最近的订单已结束，却有在途订单；按在途规划",
            "the latest order has ended, yet one is in flight, which counts",
        )
        yield _doubt("subject.order.state", "service.order_in_flight", zh, en, "MIIT-V3 1003")
    if order.state is not State.FILED:
        return
    if order.type in SUBMISSIONS and subject.filed is False:
        zh, en = (
            "订单已通过，主体却未备案；按未备案规划",
            "the order was approved, yet the subject is not filed, which counts",
        )
        yield _doubt("subject.filed", "subject.order", zh, en, "S2.9")
    if order.type is Order.CANCEL_SUBJECT and subject.filed:
        zh, en = "主体已注销，却仍已备案；按已备案规划", "the subject was cancelled, yet is filed, which counts"
        yield _doubt("subject.filed", "subject.order", zh, en, "S0.10")


def _of_holder(given: Situation) -> Iterator[Finding]:
    """A provider that has an access knows the subject; at the server's own, the record may lack in the account."""
    subject, service = given.subject, given.service
    elsewhere = bool(service.filed_at) and given.server.provider not in (service.filed_at or ())
    if subject.filed is not False and subject.filed_at == [] and elsewhere:
        zh, en = (
            "服务有接入商，主体却没有；按服务的接入商规划",
            "the service has a provider, the subject none; the service's counts",
        )
        yield _doubt("subject.filed_at", "service.filed_at", zh, en, "S1.11")


def _of_contact(given: Situation) -> Iterator[Finding]:
    """A contact 1 that is among what differs is not the old provider's."""
    if given.contact.matches_old_provider and Field.PHONE in (given.access_differences or ()):
        zh, en = "联系方式1列为不一致；按不一致规划", "contact 1 is among what differs, and is planned so"
        yield _doubt("contact.matches_old_provider", "access_differences", zh, en, "S1.2")


def _of_cancelled(given: Situation) -> Iterator[Finding]:
    """A cancelled service takes its domain with it."""
    service, filed = given.service, given.subject.filed
    website = service.kind in (None, Kind.WEBSITE)
    if website and filed and service.status is ServiceStatus.CANCELLED and given.domain.filed:
        yield _doubt(
            "domain.filed",
            "service.status",
            "服务已注销，其域名按未备案规划",
            "the service was cancelled, so its domain is planned as unfiled; name the service that has it, if another",
            "S0.12",
        )


def _of_normal(given: Situation) -> Iterator[Finding]:
    """NORMAL is the state of something filed; whether it is filed says more."""
    subject, service = given.subject, given.service
    if subject.filed is False and subject.status is SubjectStatus.NORMAL and not _of_another_certificate(given):
        yield _doubt(
            "subject.status", "subject.filed", "未备案的主体没有备案状态", "an unfiled subject has no state", "S2.9"
        )
    if service.status is not ServiceStatus.NORMAL:
        return
    if service.filed is False:
        yield _doubt(
            "service.status", "service.filed", "未备案的服务没有备案状态", "an unfiled service has no state", "S2.9"
        )
    elif service.filed_at == []:
        en = "a service without an access is no normal one, and is planned as one without (空壳网站)"
        yield _doubt("service.status", "service.filed_at", "没有接入的服务是空壳网站，按此规划", en, "S0.16")


def _of_unfiled_domain(given: Situation) -> Iterator[Finding]:
    """A website is filed with its domain, so that an unfiled domain belongs to none that is filed."""
    service, subject = given.service, given.subject
    website = service.kind in (None, Kind.WEBSITE)
    if website and service.filed and given.domain.filed is False and subject.filed is not False:
        zh = "网站与域名一同备案；此域名按未备案规划"
        en = "a website is filed with its domain; this domain is planned as one that is not filed"
        yield _doubt("domain.filed", "service.filed", zh, en, "S1.16")


def _of_other_sites(given: Situation) -> Iterator[Finding]:
    """What is wrong with other sites is heeded, whatever the count says."""
    subject, others = given.subject, given.subject.other_sites
    wrong = others.all_open is False or others.footers_ok is False
    if wrong and subject.services == 1 and given.service.filed and given.domain.filed is not False:
        zh, en = (
            "唯一的服务之外没有其他网站；按有其他网站规划",
            "one service leaves no other sites; the plan heeds them",
        )
        yield _doubt("subject.other_sites", "subject.services", zh, en, "S4.13")


def _of_identity(given: Situation) -> Iterator[Finding]:
    """The bureau gets a submission only after the identity check."""
    order = given.subject.order
    sent = order is not None and order.state in (State.SMS_PENDING, State.REGULATOR_REVIEW)
    if order is not None and sent and order.type in SUBMISSIONS and order.identity_passed is False:
        zh, en = (
            "核验通过后才会提交管局；按订单状态规划",
            "it is sent on only once the check has passed; the state counts",
        )
        yield _doubt("subject.order.identity_passed", "subject.order.state", zh, en, "S1.14")


def _of_subject(given: Situation) -> Iterator[Finding]:
    subject = given.subject
    cancelled, shell = subject.status is SubjectStatus.CANCELLED, subject.status is SubjectStatus.SHELL
    if subject.filed and cancelled:
        yield _clash(
            "subject.status", "subject.filed", "主体已注销却仍已备案", "a cancelled subject is not filed", "S0.10"
        )
    if subject.filed is False and shell:
        yield _clash(
            "subject.status", "subject.filed", "未备案的主体不是空壳主体", "an unfiled subject is no shell", "S3.19"
        )
    if subject.filed is False and subject.filed_at:
        yield _clash(
            "subject.filed_at", "subject.filed", "未备案却有接入商", "an unfiled subject is filed nowhere", "S2.9"
        )
    if subject.services and (shell or cancelled or subject.filed is False):
        yield _clash(
            "subject.services",
            "subject",
            "空壳、已注销或未备案的主体没有服务",
            "such a subject has no services",
            "S3.19",
        )
    if cancelled and subject.filed_at:
        yield _clash(
            "subject.filed_at",
            "subject.status",
            "已注销的主体没有接入商",
            "a cancelled subject is filed nowhere",
            "S0.10",
        )


def _of_service(given: Situation) -> Iterator[Finding]:
    service, subject = given.service, given.subject
    cancelled, bare = service.status is ServiceStatus.CANCELLED, service.status is ServiceStatus.NO_ACCESS
    lives = service.filed or (service.filed is None and bool(service.filed_at)) or bare
    if service.filed and cancelled:
        yield _clash(
            "service.status", "service.filed", "服务已注销却仍已备案", "a cancelled service is not filed", "S0.12"
        )
    if service.filed_at and (cancelled or bare or service.filed is False):
        yield _clash(
            "service.filed_at",
            "service",
            "此服务没有接入，却列出接入商",
            "such a service has no access anywhere",
            "S0.15",
        )
    if service.filed is False and bare:
        yield _clash(
            "service.status", "service.filed", "未备案的服务谈不上接入", "an unfiled service has no number", "S0.15"
        )
    gone = subject.filed is False or subject.status in (SubjectStatus.CANCELLED, SubjectStatus.SHELL)
    if lives and (gone or subject.services == 0) and not _of_another_certificate(given):
        yield _clash(
            "service.filed",
            "subject",
            "主体未备案或没有服务，服务却已备案",
            "no service without its filed subject",
            "S0.10",
        )


def _of_another_certificate(given: Situation) -> bool:
    """Whether the service and its domain are filed, only not under this certificate: a case of its own (S4.7)."""
    subject = given.subject
    return subject.filed is False and subject.status is not SubjectStatus.CANCELLED and given.domain.filed is True


def _of_domain(given: Situation) -> Iterator[Finding]:
    domain, service, subject = given.domain, given.service, given.subject
    website = service.kind in (None, Kind.WEBSITE)  # a filed domain may serve an unfiled APP (HW-KB doc_0124)
    unfiled = website and service.filed is False and subject.filed is not False
    unfiled = unfiled and service.status is not ServiceStatus.CANCELLED
    if domain.filed and unfiled:
        yield _clash(
            "domain.filed",
            "service.filed",
            "域名已备案，服务却从未备案",
            "a domain is filed with its service; this service never was",
            "S4.7",
        )
    if domain.filed and subject.status is SubjectStatus.SHELL:
        yield _clash(
            "domain.filed", "subject.status", "空壳主体没有已备案的域名", "a shell subject has no filed domain", "S3.19"
        )
    if domain.expired and domain.expires_on and given.today and domain.expires_on >= given.today:
        yield _clash("domain.expired", "domain.expires_on", "域名尚未过期", "the domain has not expired yet", "S4.34")
    if domain.expired is False and domain.expires_on and given.today and domain.expires_on < given.today:
        yield _clash("domain.expired", "domain.expires_on", "域名已过期", "the domain expired before today", "S4.34")
    if given.domains_on_service == 0 and service.filed and website:
        zh, en = "已备案的网站至少有一个域名", "a website that is filed has a domain at least"
        yield _clash("domains_on_service", "service.filed", zh, en, "S4.3")


def _doubt(path: str, other: str, zh: str, en: str, source: str) -> Finding:
    return _clash(path, other, zh, en, source, severity=Severity.WARNING)


def _clash(path: str, other: str, zh: str, en: str, source: str, *, severity: Severity = Severity.BLOCKER) -> Finding:
    return Finding(
        code="CONTRADICTION",
        severity=severity,
        path=path,
        message_zh=f"{path_name(path)}与{path_name(other)}矛盾：{zh}",
        message_en=f"{path} contradicts {other}: {en}",
        suggestion=_REMEDY,
        rule="planner.contradiction",
        source=(source,),
        as_of=as_of((source,)),
    )
