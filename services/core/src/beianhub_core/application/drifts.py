"""SubjectService's drifts: reading providers' copies, what differs from our record, and taking it over on demand."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.drift_pb2 import Drift
from beianhub.resources.v1.task_pb2 import TASK_KIND_LIST_FILINGS, TASK_PHASE_SEND, Task
from beianhub_core import names
from beianhub_core.application import comparing, filters, paging, sealing
from beianhub_core.application.core import Core, customer_guard, hiding_owners, not_found, parse_response
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import drifting
from beianhub_core.domain import tasks as rows
from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.store.port import Changes, Loaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import timedelta

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Account, Subject
    from beianhub.resources.v1.task_pb2 import TaskOutcome
    from beianhub_core.application.caller import Caller
    from beianhub_core.store.port import Committed, RequestKey

_DRIFT: Final = "tenants/{}/drifts/{}"
_READINGS: Final = uuid.UUID("0d0f2f63-8f2b-4c55-9a40-5d7a6f1c2b11")
_PAGE: Final = 500


class Drifts:
    """Answers SubjectService's part about drifts, and takes the reports of what was read."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def detect_drift(self, caller: Caller, request: pb.DetectDriftRequest) -> pb.DetectDriftResponse:
        """Opens one task an account, or finds the one that is open."""
        tenant = caller.parent(request.parent)
        if caller.customer:
            raise _of_the_tenant()
        response = pb.DetectDriftResponse()
        if request.accounts:
            for index, name in enumerate(request.accounts):
                caller.parse(name, "tenants/{}/accounts/{}", f"accounts[{index}]")
                account = await self._core.account(name, f"accounts[{index}]")
                findings = await self._unreadable(account, f"accounts[{index}]")
                if findings:
                    raise BeianhubError(ErrorKind.PRECONDITION, findings[0].code, findings)
                response.tasks.append(await self._open(tenant, account))
            return response
        for account in await self._accounts(tenant):
            findings = await self._unreadable(account, account.name)
            response.findings.extend(findings)
            if not findings:
                response.tasks.append(await self._open(tenant, account))
        return response

    async def patrol(self, interval: timedelta) -> int:
        """Has each account read again that can be, and was last for so long ago or is so old; returns how many. What
        differs is only listed: nothing is taken over by itself.
        """
        begun = 0
        for tenant in await self._core.store.tenant_ids():
            for account in await self._accounts(tenant):
                if await self._is_due(tenant, account, interval) and not await self._unreadable(account, account.name):
                    await self._open(tenant, account)
                    begun += 1
        return begun

    async def _is_due(self, tenant: str, account: Account, interval: timedelta) -> bool:
        """An account that is just made is not read at once: what it is to hold is not filed yet."""
        former = await self._core.store.task(tenant, names.last(_reading(tenant, account)))
        if former is not None and former.state in (Task.STATE_OPEN, Task.STATE_CLAIMED):
            return False
        since = former.create_time if former is not None else account.create_time
        return since.ToDatetime(UTC) + interval <= self._core.clock.now()

    async def _unreadable(self, account: Account, path: str) -> list[res.Finding]:
        """Why the account cannot be read, with the source."""
        catalog = await self._core.catalog()
        if catalog.provider(account.provider) is None:
            return [_no_plugin(path, account)]
        if catalog.list_channel(account) != res.CHANNEL_API:
            return [
                _unsupported(
                    path,
                    account,
                    catalog.source(res.OPERATION_LIST_FILINGS, res.ORDER_TYPE_UNSPECIFIED, account.provider),
                )
            ]
        return [] if account.credential else [_no_credential(path)]

    async def _open(self, tenant: str, account: Account) -> Task:
        """The account's one task: as it is while it is open, and anew once it has ended."""
        name = _reading(tenant, account)
        former = await self._core.store.task(tenant, names.last(name))
        now = self._core.clock.now()

        def plan(loaded: Loaded) -> Changes:
            row = loaded.tasks.get(name)
            if row is not None:
                return Changes(response=row.SerializeToString())
            fresh = Task(
                name=name,
                kind=TASK_KIND_LIST_FILINGS,
                plugin=account.provider,
                account=account.name,
                state=Task.STATE_OPEN,
                phase=TASK_PHASE_SEND,
                epoch=former.epoch if former is not None else 0,
            )
            fresh.due_time.FromDatetime(now)
            fresh.create_time.FromDatetime(now)
            return Changes(tasks=[fresh], response=fresh.SerializeToString())

        committed = await self._core.store.execute_account(tenant, name, plan)
        self._core.wake()
        return parse_response(Task, committed)

    async def _accounts(self, tenant: str) -> list[Account]:
        found: list[Account] = []
        while page := await self._core.store.list_accounts(
            tenant, after=names.last(found[-1].name) if found else "", limit=_PAGE
        ):
            found += page
        return found

    async def read(self, task: Task, outcome: TaskOutcome) -> Callable[[Task], tuple[Task, Sequence[Drift] | None]]:
        """What a report of a reading makes of its task's row, and of the account's drifts. The copy is compared here,
        and dropped: nothing of it is kept but what differs.
        """
        now = self._core.clock.now()
        kind = outcome.WhichOneof("outcome")
        if kind == "filings":
            drifts = [drift async for drift in self._compared(task, outcome.filings)]
            return lambda row: (rows.ended(row, now), drifts)
        if kind == "rejected":
            code = outcome.rejected.findings[0].code if outcome.rejected.findings else "REJECTED"
            return lambda row: (rows.ended(row, now, code), None)
        if kind == "unknown":
            return lambda row: (rows.retry(row, outcome.unknown.reason, 0.0, now), None)
        return lambda row: (rows.retry(row, outcome.retry.reason, outcome.retry.delay_seconds, now), None)

    async def _compared(self, task: Task, filings: TaskOutcome.Filings) -> AsyncIterator[Drift]:
        account = await self._core.account(task.account)
        tenant, _ = names.parse(task.account, "tenants/{}/accounts/{}", "task.account")
        others = [a for a in await self._accounts(tenant) if a.provider == account.provider and a.name != account.name]
        copy = comparing.Copy(account, not others, list(filings.subjects))
        async for subject in self._subjects(tenant):
            copy.know(subject)
        async for subject in self._subjects(tenant):
            filing = copy.of(subject)
            if filing is not None or any(copy.expects(service) for service in subject.services):
                drift = comparing.compare(copy, await self._values(tenant, subject), filing)
                if drift is not None:
                    yield self._named(tenant, drift)
        for filing in copy.unknown:
            yield self._named(tenant, comparing.missing(copy, filing))

    async def _subjects(self, tenant: str) -> AsyncIterator[Subject]:
        after = ""
        while page := await self._core.store.list_subjects(tenant, customer="", domain="", after=after, limit=_PAGE):
            for subject in page:
                yield subject
            after = names.last(page[-1].name)

    async def _values(self, tenant: str, subject: Subject) -> Subject:
        """With values where the vault still has them; an erased subject's masks tell no difference."""
        try:
            return await sealing.recorded(self._core, tenant, subject)
        except BeianhubError as error:
            if error.kind is ErrorKind.UNAVAILABLE:
                raise
            known = res.Subject()
            known.CopyFrom(subject)
            return sealing.without_people(known)

    def _named(self, tenant: str, drift: Drift) -> Drift:
        drift.name = names.child(names.tenant_name(tenant), "drifts", self._core.ids.new())
        drift.read_time.FromDatetime(self._core.clock.now())
        return drift

    async def get_drift(self, caller: Caller, request: pb.GetDriftRequest) -> Drift:
        """The drift, applied or not."""
        return (await self._seen(caller, request.name))[0]

    async def _seen(self, caller: Caller, name: str) -> tuple[Drift, Record | None]:
        """A drift that the caller may see, with its subject's record. Raises NOT_FOUND."""
        tenant, drift_id = caller.parse(name, _DRIFT)
        drift = await self._core.store.drift(tenant, drift_id)
        subject = names.last(drift.subject) if drift is not None else ""
        record = await self._core.store.record(tenant, subject) if subject else None
        mine = not caller.customer or (record is not None and record.subject.customer == caller.customer)
        if drift is None or not mine:
            raise not_found("name", "差异", "drift")
        return drift, record

    async def list_drifts(self, caller: Caller, request: pb.ListDriftsRequest) -> pb.ListDriftsResponse:
        """A page of what nobody has applied."""
        tenant = caller.parent(request.parent)
        subject = await filters.subject_id(self._core, caller, request.subject)
        if request.provider:
            await self._core.require_provider(request.provider, "provider")
        drifts = await self._core.store.list_drifts(
            tenant,
            customer=caller.customer,
            subject=subject,
            provider=request.provider,
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(drifts), names.last(drifts[-1].name) if drifts else "")
        return pb.ListDriftsResponse(drifts=drifts, next_page_token=token)

    async def apply_drift(self, caller: Caller, request: pb.ApplyDriftRequest) -> Subject:
        """Seals the subject with the provider's values and takes them over; then what remains of the drift is kept."""
        drift, record = await self._seen(caller, request.name)
        if record is None:
            raise _nothing_to_take(drift)
        tenant, subject_id = names.parse(drift.subject, "tenants/{}/subjects/{}", "subject")
        key = self._core.request_key(caller, tenant, "ApplyDrift", request)
        replayed = await self._core.replayed(tenant, subject_id, key)
        if replayed is None and drift.HasField("apply_time"):
            return record.subject
        subject = parse_response(res.Subject, replayed or await self._take_over(caller, drift, record.subject, key))
        await self._settle(drift)
        return subject

    async def _take_over(self, caller: Caller, drift: Drift, known: Subject, key: RequestKey | None) -> Committed:
        if not drifting.authoritative(drift):
            raise _nothing_to_take(drift)
        if drifting.outdated(known, drift):
            raise drifting.refuse_outdated()
        tenant, subject_id = names.parse(drift.subject, "tenants/{}/subjects/{}", "subject")
        plain = await sealing.recorded(self._core, tenant, known)
        drifting.take_over(plain, drift, self._core.clock.now())
        sealed = await sealing.seal(self._core, tenant, plain)
        async with hiding_owners(self._core, caller, tenant):
            return await self._core.run(
                tenant,
                subject_id,
                cmd.ApplyDrift(sealed.masked, drift, known.etag),
                actor=caller.actor,
                causation=drift.name,
                request=key,
                finish=sealing.with_vault(sealed, known.vault_ref),
                guard=customer_guard(caller),
            )

    async def _settle(self, drift: Drift) -> None:
        """Keeps what remains. A process that ends before this leaves it outdated, for the next reading to replace."""
        remaining = [each for each in drift.differences if not each.authoritative]
        left = Drift()
        left.CopyFrom(drift)
        left.ClearField("differences")
        left.differences.extend(remaining)
        if not remaining and not drift.HasField("apply_time"):
            left.apply_time.FromDatetime(self._core.clock.now())
        await self._core.store.put_drift(left)


def _reading(tenant: str, account: Account) -> str:
    """The name of the account's one task."""
    return names.task_name(tenant, str(uuid.uuid5(_READINGS, account.name)))


def _of_the_tenant() -> BeianhubError:
    return refused(
        ErrorKind.PERMISSION,
        "FOREIGN_CUSTOMER",
        "parent",
        "账号属于整个租户，限于单一客户的 API 密钥不能读取",
        "an account is the whole tenant's, and the API key is limited to one customer",
        "请使用租户的密钥。 / Use a key of the tenant.",
    )


def _unsupported(path: str, account: Account, source: tuple[str, ...]) -> res.Finding:
    return blocker(
        "CHANNEL_UNSUPPORTED",
        path,
        f"{account.provider} 没有可读取备案信息的接口",
        f"{account.provider} has no API that lists this account's filings",
        (
            "请导入其控制台显示的内容：beianhub subject import FILE --dry-run 会列出差异。 / "
            "Import what its console shows: beianhub subject import FILE --dry-run says what differs."
        ),
        source=source,
    )


def _no_plugin(path: str, account: Account) -> res.Finding:
    return blocker(
        "PLUGIN_NOT_READY",
        path,
        f"{account.provider} 的插件不可用",
        f"no plugin that works serves {account.provider}",
        "原因请查看 beianhub plugin list。 / See beianhub plugin list for the reason.",
    )


def _no_credential(path: str) -> res.Finding:
    return blocker(
        "CREDENTIAL_REQUIRED",
        path,
        "账号没有凭证，无法读取",
        "the account names no credential to read with",
        (
            "请用引擎配置中已有的凭证名称创建账号。 / "
            "Create an account with the name of a credential that the engine's configuration has."
        ),
    )


def _nothing_to_take(drift: Drift) -> BeianhubError:
    absent = drift.kind == Drift.KIND_MISSING_IN_RECORD
    return refused(
        ErrorKind.PRECONDITION,
        "NOTHING_TO_APPLY",
        "name",
        "没有以接入商为准的差异",
        "the provider is authoritative for none of the differences",
        "请导入该主体及其证件与人员。 / Import the subject with its certificate and people."
        if absent
        else (
            "请更新主体信息或变更备案，以有误的一方为准。 / "
            "Update the subject, or change the filing, whichever is wrong."
        ),
    )
