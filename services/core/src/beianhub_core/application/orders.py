"""OrderService but its watch: orders from draft to end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TaskOutcome
from beianhub_core import names
from beianhub_core.application import changes, filters, paging
from beianhub_core.application.core import Core, Target, customer_guard, is_visible, not_found, parse_response
from beianhub_core.application.ruling import ruling
from beianhub_core.domain import ahead
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.changing import CHANGES
from beianhub_core.domain.draft import Context, Draft, refused, rejected
from beianhub_core.domain.lookup import find_order, find_service
from beianhub_core.domain.orders import findings, order_exists
from beianhub_core.domain.preconditions import WHOLE_SUBJECT
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import SEVERITY_BLOCKER, blocks
from beianhub_core.rules.addresses import canonical_ip, check_ip
from beianhub_core.rules.licence import check_service_licence, check_subject_licence, parse_licence
from beianhub_core.store.port import Changes, Loaded, VaultEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Account, Order
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Finish

_ORDER: Final = "tenants/{}/orders/{}"
_SERVICE: Final = "tenants/{}/subjects/{}/services/{}"
_LARGEST_BATCH: Final = 1000
_MOST_IPS: Final = 64
_NAMES_ACCOUNT: Final = frozenset({res.ORDER_TYPE_TRANSFER_ACCOUNT, res.ORDER_TYPE_MIGRATE_SERVICE})
_BRINGS: Final = (cmd.SubmitOrder, cmd.ReportProgress)  # what a migration's target is held or changed by


class Orders:
    """Answers OrderService."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def create_order(self, caller: Caller, request: pb.CreateOrderRequest) -> Order:
        """Drafts an order after checking what can be checked without sending it."""
        tenant = caller.parent(request.parent)
        key = self._core.request_key(caller, tenant, "CreateOrder", request)
        given = request.order
        order_id = request.order_id or self._core.ids.new()
        order, account = await self.prepared(caller, tenant, given, order_id)
        subject_id = names.last(order.subject)
        if await self._core.store.subject_of_order(tenant, order_id) not in (None, subject_id):
            raise order_exists()
        replayed = await self._core.replayed(tenant, subject_id, key) if given.HasField("change") else None
        if replayed is not None:  # the change may have been filed meanwhile, and would differ from nothing
            return parse_response(res.Order, replayed)
        vault = await self._seal_change(caller, tenant, subject_id, given, order)
        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.CreateOrder(order),
            actor=caller.actor,
            accounts=[account],
            request=key,
            finish=_answer_order(order.name, vault),
            guard=customer_guard(caller),
        )
        return parse_response(res.Order, committed)

    async def prepared(self, caller: Caller, tenant: str, given: Order, order_id: str) -> tuple[Order, Account]:
        """The draft that is to be made of ``given``, without its change, and its account.

        Raises:
            BeianhubError: INVALID or NOT_FOUND, for what can be known to be wrong without sending it.
        """
        _, subject_id = caller.parse(given.subject, "tenants/{}/subjects/{}", "order.subject")
        if given.service or given.type not in WHOLE_SUBJECT:
            caller.parse(given.service, _SERVICE, "order.service")
        caller.parse(given.account, "tenants/{}/accounts/{}", "order.account")
        _check_order(given)
        await self._check_documents(caller, tenant, subject_id, given)
        account = await self._core.account(given.account, "order.account")
        await self._check_target(caller, given, account)
        await self._check_target_subject(caller, given)
        order = res.Order(
            name=names.order_name(tenant, order_id),
            subject=given.subject,
            type=given.type,
            account=given.account,
            provider=account.provider,
            service=given.service,
            ips=dict.fromkeys(canonical_ip(ip) for ip in given.ips),
            documents=given.documents,
            target_account=given.target_account,
            target_subject=given.target_subject,
            planned_date=given.planned_date,
        )
        caller.parse(order.name, _ORDER, "order_id")
        return order, account

    async def _seal_change(
        self, caller: Caller, tenant: str, subject_id: str, given: Order, order: Order
    ) -> list[VaultEntry]:
        """Puts the masked change into ``order``, in place; the ciphertexts to keep with it."""
        changes.refuse_stray(given)
        if given.type not in CHANGES:
            return []
        record = await self._core.store.record(tenant, subject_id)
        customer_guard(caller)(record)
        if record is None or (given.service and find_service(record, given.service) is None):
            raise not_found("order.service", "服务", "service")
        change, entry = await changes.seal(self._core, tenant, record, given)
        order.change.CopyFrom(change)
        return [entry]

    async def _check_target(self, caller: Caller, given: Order, account: Account) -> None:
        """A transfer, and a migration, names another account of the same provider, and nothing else names one."""
        transfers = given.type in _NAMES_ACCOUNT
        if not transfers and not given.target_account:
            return
        if transfers:
            caller.parse(given.target_account, "tenants/{}/accounts/{}", "order.target_account")
            target = await self._core.account(given.target_account, "order.target_account")
            if target.provider == account.provider and target.name != account.name:
                return
        raise refused(
            ErrorKind.INVALID,
            "TARGET_ACCOUNT_WRONG",
            "order.target_account",
            "目标账号须为同一接入商的另一账号，且仅用于备案迁移和网站迁移",
            "a transfer of accounts or a migration, and nothing else, names another account of the same provider",
            "请指明该接入商的其他账号，或留空。 / Name another account of the provider, or leave it empty.",
            ("HW-KB doc_0199", "HW-KB doc_0200"),
        )

    async def _check_target_subject(self, caller: Caller, given: Order) -> None:
        """A migration names another subject that the caller may see, and nothing else names one."""
        migrates = given.type == res.ORDER_TYPE_MIGRATE_SERVICE
        if migrates and given.target_subject:
            tenant, target = caller.parse(given.target_subject, "tenants/{}/subjects/{}", "order.target_subject")
            record = await self._core.store.record(tenant, target)
            if not is_visible(caller, record):
                raise not_found("order.target_subject", "目标主体", "target subject")
        if migrates is bool(given.target_subject) and given.target_subject != given.subject:
            return
        raise refused(
            ErrorKind.INVALID,
            "TARGET_SUBJECT_WRONG",
            "order.target_subject",
            "网站迁移须指定另一主体为目标，其他类型的订单不能指定",
            "a migration, and nothing else, names another subject that takes the service",
            "请指明接收该服务的主体，或留空。 / Name the subject that is to take the service, or leave it empty.",
            ("HW-KB doc_0200",),
        )

    async def _check_documents(self, caller: Caller, tenant: str, subject_id: str, order: Order) -> None:
        for index, name in enumerate(order.documents):
            path = f"order.documents[{index}]"
            _, owner, document_id = caller.parse(name, "tenants/{}/subjects/{}/documents/{}", path)
            found = owner == subject_id and await self._core.store.document(tenant, subject_id, document_id)
            if not found:
                raise not_found(path, "附件", "document")

    async def get_order(self, caller: Caller, request: pb.GetOrderRequest) -> Order:
        """The order as it now is."""
        return (await self._find(caller, request.name))[1]

    async def list_orders(self, caller: Caller, request: pb.ListOrdersRequest) -> pb.ListOrdersResponse:
        """A page of orders, in order of creation. A filter that nothing can match is refused, not answered empty."""
        tenant = caller.parent(request.parent)
        _check_states(request.states)
        if request.provider:
            await self._core.require_provider(request.provider, "provider")
        subject = await filters.subject_id(self._core, caller, request.subject)
        orders = await self._core.store.list_orders(
            tenant,
            customer=caller.customer,
            subject=subject,
            states=list(request.states),
            provider=request.provider,
            after=paging.after(request),
            limit=paging.size(request.page_size),
        )
        token = paging.next_token(request, len(orders), names.last(orders[-1].name) if orders else "")
        return pb.ListOrdersResponse(orders=orders, next_page_token=token)

    async def check_order(self, caller: Caller, request: pb.CheckOrderRequest) -> pb.CheckOrderResponse:
        """Every finding of every rule that applies; nothing is sent and nothing changes."""
        subject_id, order = await self._find(caller, request.name)
        tenant, _ = caller.parse(request.name, _ORDER)
        record = await self._core.store.record(tenant, subject_id)
        context = Context(
            tenant=tenant,
            subject=subject_id,
            now=self._core.clock.now(),
            actor=caller.actor,
            causation="",
            new_id=self._core.ids.new,
            catalog=await self._core.catalog(),
            accounts={order.account: await self._core.account(order.account)},
            calendar=self._core.calendar,
            rules=await self._core.rulebook(tenant),
            ruling=ruling,
        )
        target = await self._target_of(caller, order)
        return pb.CheckOrderResponse(
            findings=findings(Draft(record, context, target and Draft(target, context)), order)
        )

    async def _target_of(self, caller: Caller, order: Order) -> Record | None:
        """The record of a migration's target, if there is one that the caller may see."""
        if not order.target_subject:
            return None
        tenant, target = names.parse(order.target_subject, "tenants/{}/subjects/{}", "order.target_subject")
        record = await self._core.store.record(tenant, target)
        return record if is_visible(caller, record) else None

    async def submit_order(self, caller: Caller, request: pb.SubmitOrderRequest) -> Order:
        """Accepts the order for sending. Raises PRECONDITION with every blocker that the caller does not override."""
        if request.override_reason or request.override_codes:
            caller.check_override()
        command = cmd.SubmitOrder(
            request.name, request.confirmation, request.override_reason, tuple(request.override_codes)
        )
        return await self._command(caller, request.name, command, "SubmitOrder", request)

    async def batch_submit_orders(
        self, caller: Caller, request: pb.BatchSubmitOrdersRequest
    ) -> pb.BatchSubmitOrdersResponse:
        """Submits each on its own; they share the store's transactions."""
        caller.parent(request.parent)
        if len(request.requests) > _LARGEST_BATCH:
            raise refused(
                ErrorKind.INVALID,
                "BATCH_TOO_LARGE",
                "requests",
                f"一次最多 {_LARGEST_BATCH} 个订单",
                f"a batch has at most {_LARGEST_BATCH} orders",
                "请分批发送。 / Send several batches.",
            )
        results = await asyncio.gather(*(self._submit_one(caller, one) for one in request.requests))
        return pb.BatchSubmitOrdersResponse(results=results)

    async def _submit_one(self, caller: Caller, request: pb.SubmitOrderRequest) -> pb.SubmitResult:
        try:
            return pb.SubmitResult(order=await self.submit_order(caller, request))
        except BeianhubError as error:
            return pb.SubmitResult(code=STATUS_CODES[error.kind], findings=error.findings)

    async def withdraw_order(self, caller: Caller, request: pb.WithdrawOrderRequest) -> Order:
        """Asks for the order back."""
        command = cmd.WithdrawOrder(request.name)
        return await self._command(caller, request.name, command, "WithdrawOrder", request)

    async def abandon_order(self, caller: Caller, request: pb.AbandonOrderRequest) -> Order:
        """Gives up a draft or a returned order."""
        command = cmd.AbandonOrder(request.name)
        return await self._command(caller, request.name, command, "AbandonOrder", request)

    async def report_progress(self, caller: Caller, request: pb.ReportProgressRequest) -> Order:
        """Takes over what a person saw in the vendor's console. Raises INVALID for a mistyped licence number."""
        _check_licences(request.subject_licence_number, request.service_licence_number)
        _check_progress(request)
        status = TaskOutcome.Status(
            state=request.state,
            provider_status=request.provider_status,
            returned_by=request.returned_by,
            findings=request.findings,
            verifications=request.verifications,
            subject_licence_number=request.subject_licence_number,
            service_licence_number=request.service_licence_number,
        )
        command = cmd.ReportProgress(request.name, status)
        return await self._command(caller, request.name, command, "ReportProgress", request)

    async def _command(self, caller: Caller, name: str, command: cmd.Command, method: str, request: Message) -> Order:
        tenant, _ = caller.parse(name, _ORDER)
        key = self._core.request_key(caller, tenant, method, request)
        subject_id, order = await self._find(caller, name)
        committed = await self._core.run(
            tenant,
            subject_id,
            command,
            actor=caller.actor,
            accounts=[await self._core.account(order.account)],
            request=key,
            finish=_answer_order(name),
            guard=customer_guard(caller),
            target=Target.of(order.target_subject, customer_guard(caller) if isinstance(command, _BRINGS) else None),
        )
        return parse_response(res.Order, committed)

    async def _find(self, caller: Caller, name: str) -> tuple[str, Order]:
        tenant, order_id = caller.parse(name, _ORDER)
        subject_id = await self._core.store.subject_of_order(tenant, order_id)
        record = await self._core.store.record(tenant, subject_id) if subject_id else None
        order = find_order(record, name) if record is not None else None
        hidden = record is not None and caller.customer and record.subject.customer != caller.customer
        if subject_id is None or order is None or hidden:
            raise not_found("name", "订单", "order")
        return subject_id, order


# google.rpc.Code of each kind, for answers that carry a status of their own.
STATUS_CODES: Final[dict[ErrorKind, int]] = {
    ErrorKind.INVALID: 3,
    ErrorKind.DEADLINE: 4,
    ErrorKind.NOT_FOUND: 5,
    ErrorKind.ALREADY_EXISTS: 6,
    ErrorKind.PERMISSION: 7,
    ErrorKind.PRECONDITION: 9,
    ErrorKind.ABORTED: 10,
    ErrorKind.OUT_OF_RANGE: 11,
    ErrorKind.UNAVAILABLE: 14,
    ErrorKind.UNAUTHENTICATED: 16,
}


def _check_licences(of_subject: str, of_service: str) -> None:
    """What a person types must be licence numbers; which they are is theirs to say, as the service's letter is."""
    licence = parse_licence(of_service)
    kind = licence.kind if licence else res.SERVICE_KIND_WEBSITE
    found = check_subject_licence(of_subject, "subject_licence_number")
    found += check_service_licence(of_service, "service_licence_number", kind, of_subject)
    if found:
        raise rejected(found, ErrorKind.INVALID)


def _check_progress(request: pb.ReportProgressRequest) -> None:
    """A report names a state that an order can have at a provider, or says something of its verifications."""
    known = set(res.OrderState.values()) - {res.ORDER_STATE_UNSPECIFIED, res.ORDER_STATE_DRAFT}
    silent = request.state == res.ORDER_STATE_UNSPECIFIED and not request.verifications
    if silent or (request.state and request.state not in known):
        raise refused(
            ErrorKind.INVALID,
            "PROGRESS_STATE_INVALID",
            "state",
            "进度应为接入商处可能出现的状态",
            "the report names no state that an order can have at a provider",
            (
                "请上报控制台显示的状态，例如 REGULATOR_REVIEW；仅在上报核验时才可省略。 / "
                "Report what the console shows, such as REGULATOR_REVIEW; leave it out only with verifications."
            ),
        )


def _check_states(states: Sequence[res.OrderState.ValueType]) -> None:
    known = set(res.OrderState.values()) - {res.ORDER_STATE_UNSPECIFIED}
    for index, state in enumerate(states):
        if state not in known:
            raise refused(
                ErrorKind.INVALID,
                "ORDER_STATE_UNKNOWN",
                f"states[{index}]",
                "未知的订单状态",
                "orders have no such state",
                "请在 OrderState 的值中选择。 / Choose among the values of OrderState.",
            )


def _check_order(order: Order) -> None:
    if len(order.ips) > _MOST_IPS:
        raise refused(
            ErrorKind.INVALID,
            "TOO_MANY_IPS",
            "order.ips",
            f"一个订单最多 {_MOST_IPS} 个地址",
            f"an order has at most {_MOST_IPS} addresses",
            "请填写域名解析到的地址。 / Name the addresses that the domain resolves to.",
        )
    found = [f for i, ip in enumerate(order.ips) for f in check_ip(ip, f"order.ips[{i}]")] + ahead.check(order)
    if blocks(found):
        raise rejected([f for f in found if f.severity == SEVERITY_BLOCKER], ErrorKind.INVALID)
    if order.type not in set(res.OrderType.values()) - {res.ORDER_TYPE_UNSPECIFIED}:
        raise refused(
            ErrorKind.INVALID,
            "ORDER_TYPE_REQUIRED",
            "order.type",
            "缺少订单类型",
            "the order has no type",
            "请选择 OrderType 中的一个值。 / Choose one of OrderType.",
        )
    if order.service and not order.service.startswith(order.subject + "/"):
        raise refused(
            ErrorKind.INVALID,
            "SERVICE_OF_ANOTHER_SUBJECT",
            "order.service",
            "服务不属于该主体",
            "the service belongs to another subject",
            "请填写 order.subject 的服务。 / Name a service of order.subject.",
        )


def _answer_order(name: str, vault: Sequence[VaultEntry] = ()) -> Finish:
    def finish(done: Draft, _loaded: Loaded, changes: Changes) -> Changes:
        return replace(changes, vault=vault, response=done.order(name).SerializeToString())

    return finish
