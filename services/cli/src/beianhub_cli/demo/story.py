"""The story: five chapters, driven through the public API alone."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.field_mask_pb2 import FieldMask
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_fixed

from beianhub.events.v1.record_pb2 import Record
from beianhub.filing.v1 import access_service_pb2, admin_service_pb2, order_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.errors import CommandError, Exit, local_failure
from beianhub_cli.client.orders_file import OrderEntry, find_service
from beianhub_cli.demo.sandbox import Sandbox, national_record
from beianhub_cli.demo.telling import Teller
from beianhub_cli.demo.watching import Watcher
from beianhub_core.domain.cancelling import confirmation

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from beianhub_cli.client.connection import Connection

PROVIDERS: Final = ("tencent", "aliyun", "huawei")
_PATIENCE: Final = 90.0
_LOOK: Final = 0.1
LOGS: Final = "请查看演示目录中的日志。 / See the logs in the demonstration's directory."
_ENDS: Final = (res.ORDER_STATE_WITHDRAWN, res.ORDER_STATE_ABANDONED, res.ORDER_STATE_EXPIRED)
_RUN: Final = uuid.UUID("9d2f4a1e-6d53-4a39-9a8e-2f8f3f6c2b10")


@dataclass(slots=True)
class Story:
    """What the chapters share. ``rows`` are the portfolio's, by subject id; ``plans`` the orders', by order id."""

    connection: Connection
    sandbox: Sandbox
    watcher: Watcher
    teller: Teller
    tenant: str
    rows: dict[str, subject_service_pb2.ImportRow]
    plans: dict[str, OrderEntry]
    answers: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def parent(self) -> str:
        """The tenant's name."""
        return f"tenants/{self.tenant}"

    async def call(self, method: Any, request: Message, step: str = "") -> Any:
        """Calls patiently: a gateway that was killed is waited for, and ``step`` makes a mutation repeatable."""
        if step:
            request.request_id = str(uuid.uuid5(_RUN, step))  # type: ignore[attr-defined]  # mutations have one
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_is_unavailable),
            stop=stop_after_delay(_PATIENCE),
            wait=wait_fixed(0.5),
            reraise=True,
        ):
            with attempt:
                return await self.connection.call(method, request)
        raise AssertionError("reraise ends the loop above")

    async def prepare(self) -> None:
        """Accounts, the customers, and the sandbox's scripts."""
        await self._script()
        self.teller.chapter("客户资料导入 Import of the reseller's customers")
        for provider in PROVIDERS:
            channel = res.CHANNEL_CONSOLE if provider == "huawei" else res.CHANNEL_API
            endpoint = f"{self.sandbox.url}/{provider}/"
            account = res.Account(provider=provider, endpoint=endpoint, credential=provider, submission_channel=channel)
            request = admin_service_pb2.CreateAccountRequest(
                parent=self.parent, account=account, account_id=f"{provider}-main"
            )
            await self.call(self.connection.admin.CreateAccount, request, f"account {provider}")
            self.teller.line(f"账号 account {provider}-main over {res.Channel.Name(channel).removeprefix('CHANNEL_')}")
        imported = subject_service_pb2.ImportSubjectsRequest(parent=self.parent, rows=self.rows.values())
        for result in (await self.call(self.connection.subjects.ImportSubjects, imported, "import")).results:
            shown = result.subject.profile.title or "; ".join(f.message_en for f in result.findings)
            self.teller.line(f"主体 subject {result.key}: {shown}")
            if not result.subject.name:
                raise ended_badly(f"{result.key} was not imported: {shown}")

    async def _script(self) -> None:
        """What happens in the sandbox's world, and what happened there before the story."""
        domain = self.rows["shili-keji"].subject.services[0].domains[0]
        await self.sandbox.script(domain=domain, vendor="aliyun", behaviour="sms_manual")
        rejected = self.rows["fanli-dianzi"].subject.services[0].domains[0]
        reason = "网站名称不规范，请使用单位全称相关的名称"
        await self.sandbox.script(
            domain=rejected, vendor="tencent", behaviour="reject", code="SITE_NAME", reason=reason
        )
        for row in self.rows.values():
            if row.subject.licence_number:
                await self.sandbox.seed(national_record(row.subject))

    async def file(self, order_id: str) -> res.Order:
        """Drafts and submits an order of the plan."""
        entry = self.plans[order_id]
        name = f"{self.parent}/subjects/{entry.subject}"
        get = subject_service_pb2.GetSubjectRequest(name=name)
        subject = await self.call(self.connection.subjects.GetSubject, get)
        order = res.Order(
            subject=name,
            type=entry.type,
            account=f"{self.parent}/accounts/{entry.account}",
            service=find_service(subject, entry),
            ips=entry.ips,
        )
        request = order_service_pb2.CreateOrderRequest(parent=self.parent, order=order, order_id=order_id)
        drafted = await self.call(self.connection.orders.CreateOrder, request, f"create {order_id}")
        return await self.submit(drafted.name, repeats=confirmation(Record(subject=subject), drafted))

    async def submit(self, name: str, step: str = "submit", repeats: str = "") -> res.Order:
        """Submits an order, or its corrected data; one that destroys something repeats what."""
        request = order_service_pb2.SubmitOrderRequest(name=name, confirmation=repeats)
        order: res.Order = await self.call(self.connection.orders.SubmitOrder, request, f"{step} {name}")
        return order

    async def until(self, submitted: res.Order, state: res.OrderState.ValueType) -> res.Order:
        """The submitted order in this state. Raises CommandError when it came back instead, or takes too long."""
        generation = submitted.submission.generation

        def ended(order: res.Order) -> bool:
            returned = order.submission.state == res.Submission.STATE_RETURNED or order.state in _ENDS
            return order.submission.generation >= generation and (returned or order.state == res.ORDER_STATE_FILED)

        try:
            order = await self.watcher.until(submitted.name, ended, 2 * _PATIENCE)
        except TimeoutError:
            raise ended_badly(f"{submitted.name} did not reach {res.OrderState.Name(state)} in time") from None
        if order.state != state:
            reasons = "; ".join(finding.message_en for finding in order.findings)
            raise ended_badly(f"{order.name} ended in {res.OrderState.Name(order.state)}: {reasons}")
        return order

    async def ask_access(self, when: str) -> None:
        """Asks for each domain and provider whether it may be served."""
        pairs = [
            (domain, provider)
            for row in self.rows.values()
            for service in row.subject.services
            for domain in service.domains
            for provider in PROVIDERS
        ]
        request = access_service_pb2.BatchCheckAccessRequest(
            parent=self.parent,
            requests=[
                access_service_pb2.CheckAccessRequest(parent=self.parent, domain=d, provider=p) for d, p in pairs
            ],
        )
        for answer in await self._fresh(request):
            verdict = access_service_pb2.AccessVerdict.Name(answer.verdict).removeprefix("ACCESS_VERDICT_")
            reason = access_service_pb2.AccessReason.Name(answer.reason).removeprefix("ACCESS_REASON_")
            place = self.answers.setdefault(answer.domain, {}).setdefault(answer.provider, {})
            place[when] = f"{verdict} {reason}"

    async def _fresh(self, request: access_service_pb2.BatchCheckAccessRequest) -> Sequence[Any]:
        """The answers of an index that knows everything committed before now; an answer says of when it is."""
        now = datetime.now(UTC)
        while True:
            answers = (await self.call(self.connection.access.BatchCheckAccess, request)).responses
            if all(answer.as_of.ToDatetime(UTC) >= now for answer in answers):
                return list(answers)
            await asyncio.sleep(_LOOK)

    async def correct(self, subject_id: str, title: str) -> None:
        """Corrects the first service's title, as the provider asked."""
        name = f"{self.parent}/subjects/{subject_id}"
        known = await self.call(self.connection.subjects.GetSubject, subject_service_pb2.GetSubjectRequest(name=name))
        services = list(res.Subject(services=self.rows[subject_id].subject.services).services)
        for service, filed in zip(services, known.services, strict=True):
            service.name = filed.name
        services[0].title = title
        request = subject_service_pb2.UpdateSubjectRequest(
            subject=res.Subject(name=name, services=services), update_mask=FieldMask(paths=["services"])
        )
        await self.call(self.connection.subjects.UpdateSubject, request, f"correct {subject_id}")


def ended_badly(what: str) -> CommandError:
    """The error of a story that did not end as it should."""
    return local_failure("DEMO_FAILED", "demo", f"演示未按预期结束：{what}", what, LOGS, Exit.OTHER)


async def tell(story: Story) -> None:
    """Tells the whole story, in the order of its chapters."""
    teller = story.teller
    await story.prepare()
    await story.ask_access("before")
    teller.chapter("一、首次备案 A first filing at Tencent, over its API")
    await story.until(await story.file("shili-first"), res.ORDER_STATE_FILED)
    teller.chapter("二、接入备案 The access added at Aliyun; a person answers MIIT's SMS")
    await story.until(await story.file("shili-aliyun"), res.ORDER_STATE_FILED)
    teller.chapter("三、接入备案 The access added at Huawei, by an operator's hand-off")
    await story.until(await story.file("shili-huawei"), res.ORDER_STATE_FILED)
    teller.chapter("四、驳回与更正 A filing that the provider rejects, corrected and accepted")
    rejected = await story.until(await story.file("fanli-first"), res.ORDER_STATE_PROVIDER_REJECTED)
    await story.correct("fanli-dianzi", "范例电子官方网站")
    await story.until(await story.submit(rejected.name, "resubmit"), res.ORDER_STATE_FILED)
    teller.chapter("五、取消接入 One access cancelled")
    await story.until(await story.file("shili-cancel"), res.ORDER_STATE_FILED)
    await story.ask_access("after")


def _is_unavailable(error: BaseException) -> bool:
    return isinstance(error, CommandError) and error.failure.exit is Exit.UNAVAILABLE
