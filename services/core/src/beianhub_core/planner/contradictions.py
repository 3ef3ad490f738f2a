"""What in a situation cannot be true at once. Nothing is planned from it, since one of the two would be a guess."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from beianhub_core.planner.answer import Finding, Severity
from beianhub_core.planner.situation import Situation
from beianhub_core.planner.vocabulary import Kind, ServiceStatus, SubjectStatus

_REMEDY: Final = "Say which of the two is right, or leave both out if unknown."


def contradictions(given: Situation) -> list[Finding]:
    """Every pair of facts that excludes itself, each with both paths."""
    return [*_of_subject(given), *_of_service(given), *_of_domain(given), *_of_order(given)]


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
    if subject.services == 0 and subject.status is SubjectStatus.NORMAL and subject.filed:
        yield _clash(
            "subject.services",
            "subject.status",
            "没有服务的主体是空壳主体",
            "a subject without services is a shell",
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
    if lives and (gone or subject.services == 0):
        yield _clash(
            "service.filed",
            "subject",
            "主体未备案或没有服务，服务却已备案",
            "no service without its filed subject",
            "S0.10",
        )


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
    if given.domains_on_service == 0 and service.filed and domain.filed:
        yield _clash("domains_on_service", "domain.filed", "服务没有域名，域名却已备案", "no domain is on it", "S4.3")


def _of_order(given: Situation) -> Iterator[Finding]:
    order, flying = given.subject.order, given.service.order_in_flight
    if order is None or order.state is None or flying is None:
        return
    ended = order.state.value in ("FILED", "WITHDRAWN", "ABANDONED", "EXPIRED")
    if flying is False and not ended and order.state.value != "DRAFT":
        yield _clash(
            "service.order_in_flight",
            "subject.order.state",
            "订单在途却称没有",
            "the order is in flight",
            "MIIT-V3 1003",
        )


def _clash(path: str, other: str, zh: str, en: str, source: str) -> Finding:
    return Finding(
        code="CONTRADICTION",
        severity=Severity.BLOCKER,
        path=path,
        message_zh=f"{path} 与 {other} 矛盾：{zh}",
        message_en=f"{path} contradicts {other}: {en}",
        suggestion=_REMEDY,
        rule="planner.contradiction",
        source=(source,),
    )
