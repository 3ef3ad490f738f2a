"""OrderService's plans: from a situation and a wish to orders in sequence, and to their drafts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1.resources_pb2 import Order
from beianhub_core import names
from beianhub_core.application import changes, sealing
from beianhub_core.application.core import Core, customer_guard, is_visible, not_found, parse_response
from beianhub_core.application.planned import Planned, check_planned, check_target, planned
from beianhub_core.domain import commands as cmd
from beianhub_core.domain.draft import refused, rejected
from beianhub_core.domain.periods import BEIJING
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import SEVERITY_BLOCKER, blocker
from beianhub_core.planner import Answer, Request, Wish, messages, plan, read
from beianhub_core.planner.filling import filled
from beianhub_core.planner.mattering import open_questions
from beianhub_core.planner.recorded import recorded, recorded_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Account
    from beianhub_core.application.caller import Caller
    from beianhub_core.application.core import Finish
    from beianhub_core.application.orders import Orders
    from beianhub_core.domain.draft import Draft
    from beianhub_core.rulebook import Rulebook
    from beianhub_core.rulebook.workdays import Calendar
    from beianhub_core.store.port import Changes, Loaded, VaultEntry

_SUBJECT: Final = "tenants/{}/subjects/{}"
_OF_AN_ORDER: Final = frozenset({Wish.END_ORDER, Wish.RESUBMIT})
_WISH: Final = planning.Wish.DESCRIPTOR
_FIELD: Final = planning.ChangeField.DESCRIPTOR


class Plans:
    """Answers OrderService's Plan and ApplyPlan."""

    def __init__(self, core: Core, orders: Orders) -> None:
        self._core = core
        self._orders = orders

    async def plan(self, caller: Caller, request: pb.PlanRequest) -> pb.PlanResponse:
        """The plan; what our record of the subject knows fills what the situation leaves out."""
        record = await self._record(caller, request)
        target = await self._target(caller, request)
        asked = self._request(request, record, target)
        book = await self._core.rulebook(caller.parent(request.parent))
        return pb.PlanResponse(plan=messages.plan_message(_answer(asked, book, self._core.calendar)))

    async def apply_plan(self, caller: Caller, request: pb.ApplyPlanRequest) -> pb.ApplyPlanResponse:
        """Drafts the plan's orders, all or none, each waiting for those before it."""
        tenant = caller.parent(request.plan.parent)
        key = self._core.request_key(caller, tenant, "ApplyPlan", request)
        _, subject_id = caller.parse(request.plan.subject, _SUBJECT, "plan.subject")
        replayed = await self._core.replayed(tenant, subject_id, key)
        if replayed is not None:  # its orders are in the record now, and would be planned with
            return parse_response(pb.ApplyPlanResponse, replayed)
        record = await self._record(caller, request.plan)
        if record is None:
            raise AssertionError("a subject was named")
        target = await self._target(caller, request.plan)
        accounts = await self._accounts(caller, request)
        provider = accounts[0].provider if len(accounts) == 1 else ""
        asked = self._request(request.plan, record, target, provider, request.target_account)
        book = await self._core.rulebook(tenant)
        answer = _answer(asked, book, self._core.calendar)
        check_target(answer.steps, target)
        _refuse(asked, answer, book)
        server = asked.situation.server
        steps = planned(answer.steps, request, accounts, (server.provider or "", server.ip or ""), target)
        orders, vault = await self._drafts(caller, tenant, record, steps)
        committed = await self._core.run(
            tenant,
            subject_id,
            cmd.CreateOrders(tuple(orders.values()), record.version),
            actor=caller.actor,
            accounts=accounts,
            request=key,
            finish=_applied(answer, orders, vault),
            guard=customer_guard(caller),
        )
        return parse_response(pb.ApplyPlanResponse, committed)

    async def _record(self, caller: Caller, request: pb.PlanRequest) -> Record | None:
        """The record of the subject that the request names; ``None`` where it names none. Raises NOT_FOUND."""
        tenant = caller.parent(request.parent)
        if request.service:
            caller.parse(request.service, f"{_SUBJECT}/services/{{}}", "plan.service")
        if not request.subject and not request.service:
            return None
        _, subject_id = caller.parse(request.subject, _SUBJECT, "plan.subject")
        record = await self._core.store.record(tenant, subject_id)
        customer_guard(caller)(record)
        known = [service.name for service in record.subject.services] if record is not None else []
        if request.service and request.service not in known:
            raise refused(
                ErrorKind.NOT_FOUND,
                "SERVICE_NOT_FOUND",
                "plan.service",
                "主体下没有该服务",
                "the subject has no such service",
                "请查询该主体，并使用其某一服务的名称。 / Get the subject, and use the name of one of its services.",
            )
        return record

    async def _target(self, caller: Caller, request: pb.PlanRequest) -> Record | None:
        """The record of the subject that is to take the service; ``None`` where the request names none.

        Raises:
            BeianhubError: INVALID for a target that nothing can go to, NOT_FOUND for one that is not there.
        """
        if not request.target_subject:
            return None
        tenant, subject_id = caller.parse(request.target_subject, _SUBJECT, "plan.target_subject")
        if request.wish != planning.WISH_MOVE_SERVICE_TO_SUBJECT or request.target_subject == request.subject:
            raise refused(
                ErrorKind.INVALID,
                "TARGET_SUBJECT_WRONG",
                "plan.target_subject",
                "目标主体仅用于网站迁移，且须为另一主体",
                "a service moves to another subject, and nothing else goes to one",
                "目标为网站迁移时填写接收网站的主体，否则留空。 / "
                "With the wish MOVE_SERVICE_TO_SUBJECT, name the subject that takes the service; else leave it out.",
                ("HW-KB doc_0200",),
            )
        record = await self._core.store.record(tenant, subject_id)
        if not is_visible(caller, record):
            raise not_found("plan.target_subject", "目标主体", "target subject")
        return record

    def _request(
        self,
        request: pb.PlanRequest,
        record: Record | None,
        target: Record | None,
        provider: str = "",
        target_account: str = "",
    ) -> Request:
        """What is to be planned; ``provider`` is that of the server, and ``target_account`` the target's, where the
        situation does not say it.

        Raises:
            BeianhubError: INVALID, with everything that cannot be read or contradicts itself.
        """
        today = self._core.clock.now().astimezone(BEIJING).date()
        said = messages.document(request.situation)
        provider = said.get("server", {}).get("provider") or provider
        known: dict[str, Any] = {"today": today}
        if record is not None:
            known = recorded(record, request.service, provider, today).model_dump(exclude_none=True)
        if target is not None:
            known["target"] = recorded_target(target, provider).model_dump(exclude_none=True)
        if target_account:
            known.setdefault("target", {})["account"] = names.last(target_account)
        asked = read(
            {
                "situation": filled(said, known),
                "wish": messages.word(_WISH, request.wish) if request.wish else None,
                "change": [messages.word(_FIELD, field) for field in request.change],
            }
        )
        if isinstance(asked, Answer):
            raise rejected([messages.finding_message(found) for found in asked.findings], ErrorKind.INVALID)
        return asked

    async def _accounts(self, caller: Caller, request: pb.ApplyPlanRequest) -> list[Account]:
        """The accounts that the request names, one for each provider."""
        accounts: list[Account] = []
        for index, name in enumerate(dict.fromkeys(request.accounts)):
            path = f"accounts[{index}]"
            caller.parse(name, "tenants/{}/accounts/{}", path)
            account = await self._core.account(name, path)
            if any(each.provider == account.provider for each in accounts):
                raise refused(
                    ErrorKind.INVALID,
                    "ACCOUNT_AMBIGUOUS",
                    path,
                    f"{account.provider} 有多个账号",
                    f"names another account of {account.provider}",
                    "请为方案中的每个接入商指明一个账号。 / Name one account for each provider of the plan.",
                )
            accounts.append(account)
        return accounts

    async def _drafts(
        self, caller: Caller, tenant: str, record: Record, steps: Sequence[Planned]
    ) -> tuple[dict[str, Order], list[VaultEntry]]:
        """The orders by their steps' ids, and the ciphertexts of their changes; each is made from what those before it
        leave.
        """
        orders: dict[str, Order] = {}
        vault: list[VaultEntry] = []
        base, plain = record.subject.vault_ref, None
        for step in steps:
            order, _ = await self._orders.prepared(caller, tenant, step.given, self._core.ids.new())
            order.waits_for.extend(orders[before].name for before in step.waits_for)
            order.submit_when_released = step.submits and bool(order.waits_for)
            if step.given.HasField("change"):
                plain = plain or await sealing.unseal(self._core, tenant, record.subject)
                sealed = await changes.seal_onto(self._core, tenant, plain, base, step.given)
                check_planned(step.step, sealed.change)
                order.change.CopyFrom(sealed.change)
                vault.append(sealed.entry)
                base, plain = sealed.entry.ref, sealed.plain
            orders[step.step.id] = order
        return orders, vault


def _answer(request: Request, book: Rulebook, calendar: Calendar) -> Answer:
    return plan(request.situation, request.wish, request.change, book, calendar)


def _refuse(request: Request, answer: Answer, book: Rulebook) -> None:
    """Raises PRECONDITION for a plan that is blocked, or that asks what decides about its orders."""
    if request.wish in _OF_AN_ORDER:
        raise refused(
            ErrorKind.PRECONDITION,
            "WISH_NOT_APPLICABLE",
            "plan.wish",
            "该目标针对已有订单，请直接操作该订单",
            "the wish is about an order that is there",
            "请提交、撤回或放弃该订单。 / Submit, withdraw or abandon that order.",
        )
    questions = open_questions(request, answer, book)
    if answer.blocked or questions:
        found = [messages.finding_message(each) for each in answer.findings]
        asked = [
            blocker(
                "FACT_MISSING",
                f"plan.situation.{q.path}",
                q.why_zh,
                q.why,
                "请在情况（situation）中说明。 / Say it in the situation.",
            )
            for q in questions
        ]
        reason = "PLAN_BLOCKED" if answer.blocked else "PLAN_HAS_QUESTIONS"
        blockers = [each for each in found if each.severity == SEVERITY_BLOCKER]
        others = [each for each in found if each.severity != SEVERITY_BLOCKER]
        raise BeianhubError(ErrorKind.PRECONDITION, reason, [*blockers, *asked, *others])


def _applied(answer: Answer, orders: dict[str, Order], vault: Sequence[VaultEntry]) -> Finish:
    def finish(done: Draft, _loaded: Loaded, found: Changes) -> Changes:
        response = pb.ApplyPlanResponse(plan=messages.plan_message(answer))
        response.orders.extend(done.order(order.name) for order in orders.values())
        for step in response.plan.steps:
            step.order = orders[step.id].name if step.id in orders else ""
        return replace(found, vault=vault, response=response.SerializeToString())

    return finish
