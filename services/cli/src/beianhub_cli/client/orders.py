"""``beianhub order``: drafting, checking, submitting and following orders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, choice, command
from beianhub_cli.client.drafting import apply_orders, draft, refusals
from beianhub_cli.client.errors import Exit, local_failure
from beianhub_cli.client.following import wait_for, was_returned
from beianhub_cli.client.messages import load_yaml, read_bytes
from beianhub_cli.client.orders_file import read_orders
from beianhub_core.findings import SEVERITY_BLOCKER, blocker

app = typer.Typer(help="Filing orders (备案订单).", no_args_is_help=True)
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id or full name.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it needs somebody or has ended; progress on stderr.")]
ToEnd = Annotated[bool, typer.Option("--to-end", help="With --wait: wait for others' steps, too, until the end.")]
WaitTimeout = Annotated[float, typer.Option(min=0, help="With --wait: at most so many seconds; 0 means no limit.")]
Override = Annotated[
    list[str] | None, typer.Option(help="The code of a blocker to override (强制提交); may be repeated. Owners only.")
]
OverrideReason = Annotated[str, typer.Option(help="Why the blockers are overridden; it stays in the history.")]
Confirm = Annotated[
    str, typer.Option(metavar="NUMBER", help="Of an order that cancels: the licence number that is given up, repeated.")
]
_BAD_ENDS: Final = frozenset({res.ORDER_STATE_WITHDRAWN, res.ORDER_STATE_ABANDONED, res.ORDER_STATE_EXPIRED})


@command(
    app,
    "create",
    mutates=True,
    examples=[
        "beianhub order create --subject shili-keji --type FIRST_FILING --account tencent-main --domain a.com --ip IP",
        "beianhub order create -f order.yaml --submit --wait",
        (
            "beianhub order create --subject a --type MIGRATE_SERVICE --account huawei-a --domain a.com "
            "--target-subject b --target-account huawei-b"
        ),
    ],
)
async def create(  # noqa: PLR0913 - each parameter is an option of the command
    session: Session,
    *,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="One order as YAML or JSON; - is stdin.")] = None,
    subject: Annotated[str, typer.Option(help="The subject's id.")] = "",
    kind: Annotated[str, typer.Option("--type", help="FIRST_FILING 首次备案, CHANGE_SUBJECT 变更主体, …")] = "",
    account: Annotated[str, typer.Option(help="The account where it is filed.")] = "",
    service: Annotated[str, typer.Option(help="The service's id.")] = "",
    domain: Annotated[str, typer.Option(help="One of the service's domains, in place of its id.")] = "",
    ip: Annotated[list[str] | None, typer.Option(help="A server's public address; may be repeated.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="A document's id; may be repeated.")] = None,
    id_: Annotated[str, typer.Option("--id", help="The order's id; the server chooses one if not given.")] = "",
    target_account: Annotated[
        str, typer.Option(help="Of TRANSFER_ACCOUNT and MIGRATE_SERVICE: the account to go to.")
    ] = "",
    target_subject: Annotated[
        str, typer.Option(help="Of MIGRATE_SERVICE 网站迁移: the subject that takes the service.")
    ] = "",
    planned_date: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Of a change: the day on which it takes effect (变动日期).")
    ] = "",
    submit_it: Annotated[bool, typer.Option("--submit", help="Submit it at once.")] = False,
    confirm: Confirm = "",
    wait: Wait = False,
    to_end: ToEnd = False,
    wait_timeout: WaitTimeout = 0,
) -> None:
    """Draft an order (新建订单), from options or from a file."""
    options: dict[str, Any] = {
        "id": id_,
        "subject": subject,
        "type": kind,
        "account": account,
        "service": service,
        "domain": domain,
        "target_account": target_account,
        "target_subject": target_subject,
        "planned_date": planned_date,
        "confirm": confirm,
    }
    options |= {"ips": ip or [], "documents": document or []}
    if file is not None:
        _check_alone(options)
        entries = read_orders(load_yaml(read_bytes(file), str(file)), str(file))
        if len(entries) > 1:
            raise local_failure(
                "SEVERAL_ORDERS",
                str(file),
                "文件中有多个订单",
                "holds several orders",
                "请使用 `beianhub order apply`。 / Use `beianhub order apply`.",
            )
        entry = entries[0]
    else:
        (entry,) = read_orders(options, "options")
    order = await draft(session, entry)
    if submit_it:
        order = await session.connection.call(
            session.connection.orders.SubmitOrder,
            pb.SubmitOrderRequest(name=order.name, confirmation=entry.confirm),
        )
    await _finish(session, order, wait=submit_it and wait, to_end=to_end, seconds=wait_timeout)


def _check_alone(options: Mapping[str, Any]) -> None:
    """Refuses options beside a file, which says what they would say."""
    given = [name for name, value in options.items() if value]
    if given:
        option = given[0].removesuffix("s") if given[0] in ("ips", "documents") else given[0].replace("_", "-")
        raise typer.BadParameter("does not go with --file: write it there", param_hint=f"--{option}")


@command(app, "get", examples=["beianhub order get shili-first -o json"])
async def get(session: Session, order: OrderId) -> None:
    """Show an order as it now is."""
    request = pb.GetOrderRequest(name=session.name("orders", order))
    session.show(await session.connection.call(session.connection.orders.GetOrder, request))


@command(app, "list", examples=["beianhub order list --state PROVIDER_REJECTED --state REGULATOR_REJECTED --all"])
async def list_(
    session: Session,
    *,
    subject: Annotated[str, typer.Option(help="Only this subject's.")] = "",
    state: Annotated[list[str] | None, typer.Option(help="Only in this state; may be repeated.")] = None,
    provider: Annotated[str, typer.Option(help="Only at this provider.")] = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List orders in order of creation."""
    request = pb.ListOrdersRequest(
        parent=session.parent,
        page_size=page_size,
        page_token=page_token,
        subject=session.name("subjects", subject) if subject else "",
        states=[res.OrderState.ValueType(choice(res.OrderState.DESCRIPTOR, word, "state")) for word in state or ()],
        provider=provider,
    )
    session.show(await session.page(session.connection.orders.ListOrders, request, pb.ListOrdersResponse, every=every))


@command(app, "check", examples=["beianhub order check shili-first && beianhub order submit shili-first"])
async def check(session: Session, order: OrderId) -> None:
    """Show everything that stands against submitting an order; nothing is sent. Exit code 4 with a blocker."""
    request = pb.CheckOrderRequest(name=session.name("orders", order))
    answer = await session.connection.call(session.connection.orders.CheckOrder, request)
    session.show(answer)
    if any(finding.severity == SEVERITY_BLOCKER for finding in answer.findings):
        raise typer.Exit(Exit.INVALID)


@command(
    app,
    "submit",
    mutates=True,
    examples=[
        "beianhub order submit shili-first --wait",
        "beianhub order submit a b c",
        'beianhub order submit shili-add --override SHELL_CANCEL_FIRST --override-reason "the bureau agreed by phone"',
    ],
)
async def submit(
    session: Session,
    orders: Annotated[list[str], typer.Argument(metavar="ORDER...", help="Ids or full names.")],
    *,
    confirm: Confirm = "",
    override: Override = None,
    override_reason: OverrideReason = "",
    wait: Wait = False,
    to_end: ToEnd = False,
    wait_timeout: WaitTimeout = 0,
) -> None:
    """Submit drafts, or returned orders again. With --wait, one at a time.

    With --override and --override-reason an owner submits it in spite of a blocker (强制提交); who and why stays in the
    history. Exit code 4 if it is refused, returned, or ends without being filed.
    """
    if len(orders) > 1 and wait:
        raise local_failure(
            "ONE_AT_A_TIME",
            "wait",
            "--wait 一次只能等待一个订单",
            "--wait follows one order",
            "请只提交一个。 / Submit one.",
            Exit.USAGE,
        )
    _refuse_several(orders, confirm=confirm, override=override, override_reason=override_reason)
    if len(orders) > 1:
        await _submit_several(session, [session.name("orders", order) for order in orders])
        return
    request = pb.SubmitOrderRequest(
        name=session.name("orders", orders[0]),
        confirmation=confirm,
        override_reason=override_reason,
        override_codes=override or [],
    )
    order = await session.connection.call(session.connection.orders.SubmitOrder, request)
    await _finish(session, order, wait=wait, to_end=to_end, seconds=wait_timeout)


def _refuse_several(orders: list[str], **options: object) -> None:
    """What is said of one order is not said of several."""
    given = next((name.replace("_", "-") for name, value in options.items() if value), "")
    if len(orders) > 1 and given:
        raise local_failure(
            "ONE_AT_A_TIME",
            given,
            f"--{given} 只针对一个订单",
            f"--{given} is for one order",
            "请只提交一个。 / Submit one.",
            Exit.USAGE,
        )


async def _submit_several(session: Session, orders: list[str]) -> None:
    ids = [session.connection.next_request_id() for _ in orders]
    request = pb.BatchSubmitOrdersRequest(
        parent=session.parent,
        requests=[pb.SubmitOrderRequest(name=o, request_id=i) for o, i in zip(orders, ids, strict=True)],
    )
    answer = await session.connection.call(session.connection.orders.BatchSubmitOrders, request)
    session.show_all([result.order for result in answer.results if not result.code])
    refused = refusals(orders, answer.results)
    if refused is not None:
        raise refused


@command(app, "withdraw", mutates=True, examples=["beianhub order withdraw shili-first"])
async def withdraw(session: Session, order: OrderId) -> None:
    """Ask the provider for an order back (撤销); not possible once the regulator has it."""
    request = pb.WithdrawOrderRequest(name=session.name("orders", order))
    session.show(await session.connection.call(session.connection.orders.WithdrawOrder, request))


@command(app, "abandon", mutates=True, examples=["beianhub order abandon shili-first"])
async def abandon(session: Session, order: OrderId) -> None:
    """Give up a draft or a returned order (放弃)."""
    request = pb.AbandonOrderRequest(name=session.name("orders", order))
    session.show(await session.connection.call(session.connection.orders.AbandonOrder, request))


@command(
    app,
    "report-progress",
    mutates=True,
    examples=[
        "beianhub order report-progress a-1 --state REGULATOR_REVIEW --provider-status 管局审核中",
        "beianhub order report-progress a-1 --state PROVIDER_REJECTED --returned-by PROVIDER --reason 证件照片不清晰",
        "beianhub order report-progress a-1 --state READY_TO_SUBMIT --verification MIIT_SMS=PASSED",
        "beianhub order report-progress a-1 --state READY_TO_SUBMIT --sms-wrong-tries 3 --sms-resends 1",
    ],
)
async def report_progress(  # noqa: PLR0913 - each parameter is an option of the command
    session: Session,
    order: OrderId,
    *,
    state: Annotated[str, typer.Option(help="The order's state, as the vendor's console shows it.")],
    provider_status: Annotated[str, typer.Option(help="The vendor's own word for it.")] = "",
    returned_by: Annotated[str, typer.Option(help="PROVIDER, MIIT or BUREAU, of a returned order.")] = "",
    reason: Annotated[list[str] | None, typer.Option(help="Why it was returned; no personal data.")] = None,
    subject_licence: Annotated[str, typer.Option(help="主体备案号, with state FILED.")] = "",
    service_licence: Annotated[str, typer.Option(help="服务备案号, with state FILED.")] = "",
    verification: Annotated[
        list[str] | None, typer.Option(metavar="KIND=STATE", help="Such as MIIT_SMS=PASSED.")
    ] = None,
    sms_wrong_tries: Annotated[int, typer.Option(min=0, help="How often MIIT's code was typed wrong so far.")] = 0,
    sms_resends: Annotated[int, typer.Option(min=0, help="How often MIIT's SMS was sent again so far.")] = 0,
) -> None:
    """Report what a person saw in the vendor's console (登记进度)."""
    request = pb.ReportProgressRequest(
        name=session.name("orders", order),
        state=res.OrderState.ValueType(choice(res.OrderState.DESCRIPTOR, state, "state")),
        provider_status=provider_status,
        findings=[
            blocker("REPORTED", "order", text, text, "请更正后重新提交。 / Correct it and submit again.")
            for text in reason or ()
        ],
        subject_licence_number=subject_licence,
        service_licence_number=service_licence,
        verifications=[_verification(each) for each in verification or ()],
    )
    if sms_wrong_tries or sms_resends:
        request.verifications.add(
            kind=res.VERIFICATION_KIND_MIIT_SMS,
            state=res.VERIFICATION_STATE_WAITING,
            wrong_tries=sms_wrong_tries,
            resends=sms_resends,
        )
    if returned_by:
        request.returned_by = res.ReturnedBy.ValueType(choice(res.ReturnedBy.DESCRIPTOR, returned_by, "returned-by"))
    session.show(await session.connection.call(session.connection.orders.ReportProgress, request))


@command(
    app,
    "apply",
    mutates=True,
    examples=["beianhub order apply -f samples/orders.yaml", "beianhub order apply -f orders.yaml --submit"],
)
async def apply(
    session: Session,
    *,
    file: Annotated[Path, typer.Option("--file", "-f", help="Orders as YAML or JSON; - is stdin.")],
    submit_them: Annotated[bool, typer.Option("--submit", help="Submit those that are drafts.")] = False,
) -> None:
    """Draft several orders from a file; those that are there already as written stay. Exit code 4 if one fails."""
    entries = read_orders(load_yaml(read_bytes(file), str(file)), str(file))
    if await apply_orders(session, entries, submit=submit_them):
        raise typer.Exit(Exit.INVALID)


async def _finish(session: Session, order: res.Order, *, wait: bool, to_end: bool, seconds: float) -> None:
    if wait:
        order = await wait_for(session.connection, order, session.screen, seconds=seconds, to_end=to_end)
    session.show(order)
    if wait and (was_returned(order) or order.state in _BAD_ENDS):
        raise typer.Exit(Exit.INVALID)


def _verification(text: str) -> res.Verification:
    kind, _, state = text.partition("=")
    return res.Verification(
        kind=res.VerificationKind.ValueType(choice(res.VerificationKind.DESCRIPTOR, kind, "verification")),
        state=res.VerificationState.ValueType(choice(res.VerificationState.DESCRIPTOR, state, "verification")),
    )
