"""SubjectService's part after a filing: risks, notices, and the patrols that the scheduler has made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import Notice
from beianhub_core import names
from beianhub_core.application import filters, paging
from beianhub_core.application.core import Core, customer_guard, parse_response
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import risks
from beianhub_core.domain.draft import rejected
from beianhub_core.domain.periods import day_of
from beianhub_core.domain.scrub import looks_personal, short
from beianhub_core.domain.watching import same_notice
from beianhub_core.errors import ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.rules.certificates import last_day

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Account, Finding, Service
    from beianhub_core.application.caller import Caller
    from beianhub_core.domain.draft import Draft
    from beianhub_core.store.port import Changes, Loaded

_SUBJECT: Final = "tenants/{}/subjects/{}"
_NOTICE: Final = f"{_SUBJECT}/notices/{{}}"
_DAY: Final = timedelta(days=1)
_MOST_ACCOUNTS: Final = 1000


class Risks:
    """Answers ListRisks, ReportNotice and ResolveNotice, and looks at the records whose time has come."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list_risks(self, caller: Caller, request: pb.ListRisksRequest) -> pb.ListRisksResponse:
        """A page of risks, in the order in which they appeared, from rows that follow the records."""
        tenant = caller.parent(request.parent)
        subject = await filters.subject_id(self._core, caller, request.subject)
        customer = caller.limited_to(request.customer, "customer")
        filters.check_values(request.kinds, res.RiskKind.DESCRIPTOR, "kinds")
        filters.check_values([request.severity] if request.severity else [], res.Severity.DESCRIPTOR, "severity")
        found = await self._core.store.list_risks(
            tenant,
            customer=customer,
            subject=subject,
            kinds=list(request.kinds),
            severity=request.severity,
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(found), _row_id(found[-1]) if found else "")
        return pb.ListRisksResponse(risks=found, next_page_token=token)

    async def report_notice(self, caller: Caller, request: pb.ReportNoticeRequest) -> Notice:
        """Puts a notice on the record; the same once more changes nothing but its date."""
        tenant, subject_id = caller.parse(request.parent, _SUBJECT, "parent")
        findings = _check(request)
        if findings:
            raise rejected(findings, ErrorKind.INVALID)
        notice = Notice()
        notice.CopyFrom(request.notice)
        notice.name = names.child(request.parent, "notices", self._core.ids.new())
        notice.ClearField("report_time")

        def finish(done: Draft, _loaded: Loaded, changes: Changes) -> Changes:
            kept = same_notice(done.record.subject, notice)
            return replace(changes, response=kept.SerializeToString() if kept is not None else b"")

        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.ReportNotice(notice),
            actor=caller.actor,
            request=self._core.request_key(caller, tenant, "ReportNotice", request),
            finish=finish,
            guard=customer_guard(caller),
        )
        return parse_response(Notice, committed)

    async def resolve_notice(self, caller: Caller, request: pb.ResolveNoticeRequest) -> Notice:
        """Takes a notice off the record."""
        tenant, subject_id, _ = caller.parse(request.name, _NOTICE)

        def finish(_done: Draft, loaded: Loaded, changes: Changes) -> Changes:
            before = loaded.record.subject.notices if loaded.record is not None else ()
            resolved = next((notice for notice in before if notice.name == request.name), Notice())
            return replace(changes, response=resolved.SerializeToString())

        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.ResolveNotice(request.name),
            actor=caller.actor,
            request=self._core.request_key(caller, tenant, "ResolveNotice", request),
            finish=finish,
            guard=customer_guard(caller),
        )
        return parse_response(Notice, committed)

    async def look(self, visits: Callable[[Account], bool], limit: int = 50) -> int:
        """Looks at the records whose time has come; returns at how many. ``visits`` says whether sites may be visited
        for an account. One that fails stays due and holds up no other.

        Raises:
            Exception: the first failure, after all others were looked at.
        """
        due = await self._core.store.due_patrols(now=self._core.clock.now(), limit=limit)
        if due:
            self._core.forget_catalog()  # a plugin that begins to patrol may be why
        accounts = {tenant: await self._accounts(tenant, visits) for tenant in {tenant for tenant, _ in due}}
        looked = await asyncio.gather(
            *(self._look(tenant, subject, accounts[tenant]) for tenant, subject in due), return_exceptions=True
        )
        failed = next((error for error in looked if isinstance(error, BaseException)), None)
        if failed is not None:
            raise failed
        return len(due)

    async def _look(self, tenant: str, subject_id: str, accounts: dict[str, list[tuple[str, bool]]]) -> None:
        """What to visit is decided from the record as it is read; a change in between makes it due again."""
        record = await self._core.store.record(tenant, subject_id)
        visited = {} if record is None else _visited(record, accounts)
        intervals = [plugin.patrol_interval_seconds for plugin in (await self._core.catalog()).patrols()]
        now = self._core.clock.now()
        again = now + min([timedelta(seconds=seconds) for seconds in intervals], default=_DAY)

        def finish(done: Draft, _loaded: Loaded, changes: Changes) -> Changes:
            turn = risks.next_change(done.record, day_of(now))
            following = min(again, turn) if turn is not None else again
            return replace(changes, patrolled=True, next_patrol=following if risks.is_filed(done.record) else None)

        await self._core.run(
            tenant, subject_id, cmd.Patrol(visited), actor="scheduler", causation="patrol", finish=finish
        )

    async def _accounts(self, tenant: str, visits: Callable[[Account], bool]) -> dict[str, list[tuple[str, bool]]]:
        """The tenant's accounts by provider: the name of each, and whether sites may be visited for it."""
        found: dict[str, list[tuple[str, bool]]] = {}
        for account in await self._core.store.list_accounts(tenant, after="", limit=_MOST_ACCOUNTS):
            found.setdefault(account.provider, []).append((account.name, visits(account)))
        return found


def _visited(record: Record, accounts: dict[str, list[tuple[str, bool]]]) -> dict[str, str]:
    """The filed websites that may be visited, each with the account for which."""
    sites = (s for s in risks.filed_services(record) if s.kind == res.SERVICE_KIND_WEBSITE and s.domains)
    chosen = {service.name: _account(service, accounts) for service in sites}
    return {service: account for service, account in chosen.items() if account}


def _account(service: Service, accounts: dict[str, list[tuple[str, bool]]]) -> str:
    """The account of one of the service's accesses. An access that names none may be of any account of its provider:
    where one of them only rehearses, so may this service, and nobody is visited for it.
    """
    for access in service.accesses:
        if access.state == res.ACCESS_STATE_ACTIVE:
            named = [one for one in accounts.get(access.provider, []) if access.account in ("", one[0])]
            if named and all(may_visit for _, may_visit in named):
                return named[0][0]
    return ""


def _row_id(risk: res.Risk) -> str:
    return f"{risk.name.split('/')[3]}/{names.last(risk.name)}"


def _check(request: pb.ReportNoticeRequest) -> list[Finding]:
    notice, findings = request.notice, list[res.Finding]()
    if not notice.kind or notice.kind not in res.NoticeKind.values():
        findings.append(
            blocker(
                "NOTICE_KIND_REQUIRED",
                "notice.kind",
                "须填写整改类型",
                "say what the notice is about",
                "请使用 NoticeKind 的值，例如 FOOTER_NUMBER。 / Use a NoticeKind, such as FOOTER_NUMBER.",
                source=("S4.41",),
            )
        )
    due = last_day(notice.due_date)
    if notice.due_date and (due is None or due.isoformat() != notice.due_date):
        findings.append(
            blocker(
                "DATE_INVALID",
                "notice.due_date",
                "日期应写作 YYYY-MM-DD",
                "a day is written YYYY-MM-DD",
                "请按此格式填写；通知未写明的请留空。 / Write it so, or leave it empty where the notice names none.",
            )
        )
    if notice.service and not notice.service.startswith(f"{request.parent}/services/"):
        findings.append(
            blocker(
                "FOREIGN_SERVICE",
                "notice.service",
                "服务不属于该主体",
                "the service is another subject's",
                "请指明该主体的某一服务，或不指明。 / Name a service of the subject, or none.",
            )
        )
    words = {"notice.reference": notice.reference, "notice.provider": notice.provider}
    return [*findings, *(looks_personal(path) for path, text in words.items() if short(text) != text)]
