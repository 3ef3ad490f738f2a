"""Following orders: a watch that survives its server, and waiting until an order needs somebody or has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1 import task_service_pb2
from beianhub.filing.v1.subject_service_pb2 import WatchSubjectsRequest
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import Task
from beianhub_cli.client import views, words
from beianhub_cli.client.errors import CommandError, Exit, local_failure
from beianhub_core.domain.lookup import RETURNED, TERMINAL
from beianhub_core.names import last

if TYPE_CHECKING:
    from beianhub_cli.client.connection import Connection
    from beianhub_cli.client.output import Screen

_ATTEMPTS: Final = 8
_PAUSE: Final = 0.5
_TROUBLES: Final = 3.0  # seconds between two looks at an order's tasks
_WORKED_ON: Final = (Task.STATE_OPEN, Task.STATE_CLAIMED)
Order = res.Order
Request = pb.WatchOrdersRequest | WatchSubjectsRequest


async def watch(connection: Connection, method: Callable[..., Any], request: Request) -> AsyncGenerator[Any, None]:
    """The messages of a watch; when its server goes away or finds it too slow, it goes on after the last token.

    Raises:
        CommandError: whatever else ends it, or nothing answered several times in a row.
    """
    failures = 0
    while True:
        try:
            async with aclosing(connection.stream(method, request, bounded=False)) as messages:
                async for message in messages:
                    failures = 0
                    request.resume_token = message.resume_token or request.resume_token
                    yield message
        except CommandError as error:
            failures += 1
            if error.failure.exit is not Exit.UNAVAILABLE or failures >= _ATTEMPTS:
                raise
            await asyncio.sleep(_PAUSE * failures + (error.failure.retry_after or 0.0))


def has_ended(order: Order) -> bool:
    """Whether nothing more will happen to the order."""
    return order.state in TERMINAL


def was_returned(order: Order) -> bool:
    """Whether the order came back to the reseller, by anyone's judgement."""
    returned = order.submission.state == res.Submission.STATE_RETURNED
    return order.state in RETURNED or (order.state == res.ORDER_STATE_DRAFT and returned)


def challenges(order: Order) -> list[res.Verification]:
    """Verifications that wait for a person."""
    return [v for v in order.verifications if v.state == res.VERIFICATION_STATE_WAITING]


def needs_somebody(order: Order) -> bool:
    """Whether the order goes on only when a person acts: the subject's own people, an operator, or the reseller."""
    at_operator = (
        order.submission.state == res.Submission.STATE_QUEUED and order.submission.channel == res.CHANNEL_CONSOLE
    )
    return was_returned(order) or bool(challenges(order)) or at_operator


async def wait_for(connection: Connection, order: Order, screen: Screen, *, seconds: float, to_end: bool) -> Order:
    """The order when it has ended, or needs somebody (unless ``to_end``); progress goes to standard error.

    Raises:
        CommandError: neither came within ``seconds``.
    """
    told: set[str] = set()
    current = order
    try:
        async with asyncio.timeout(seconds or None), _troubles(connection, order, screen):
            with screen.err.status(_headline(order)) as status:
                async for current in _changes(connection, order):
                    _tell(current, screen, told)
                    status.update(_headline(current))
                    if has_ended(current) or was_returned(current) or (needs_somebody(current) and not to_end):
                        return current
    except TimeoutError:
        raise local_failure(
            "STILL_UNDER_WAY",
            "wait-timeout",
            "等待超时，订单仍在进行",
            f"the order is still under way: {_headline(current)}",
            (
                f"请用 `beianhub watch --subject {last(order.subject)}` 继续查看。 / "
                f"Go on with `beianhub watch --subject {last(order.subject)}`."
            ),
            Exit.UNAVAILABLE,
        ) from None
    return current


@asynccontextmanager
async def _troubles(connection: Connection, order: Order, screen: Screen) -> AsyncIterator[None]:
    """Beside the block, tells why the order's tasks did not get through; such a reason is no event of the order."""

    async def look() -> None:
        told = ""
        while True:
            await asyncio.sleep(_TROUBLES)
            request = task_service_pb2.ListTasksRequest(parent=order.name.split("/orders/")[0], order=order.name)
            for task in (await connection.call(connection.tasks.ListTasks, request)).tasks:
                trouble = f"  task {last(task.name)} of {task.plugin}: {task.last_error}"
                if task.last_error and trouble != told and task.state in _WORKED_ON:
                    told = trouble
                    screen.note(trouble)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _changes(connection: Connection, order: Order) -> AsyncIterator[Order]:
    tenant = order.name.split("/orders/")[0]
    request = pb.WatchOrdersRequest(parent=tenant, subject=order.subject)
    async with aclosing(watch(connection, connection.orders.WatchOrders, request)) as messages:
        async for message in messages:
            if message.order.name == order.name:
                yield message.order


def _headline(order: Order) -> str:
    state = words.say(res.OrderState.DESCRIPTOR, order.state)
    submission = words.short(res.Submission.State.DESCRIPTOR, order.submission.state)
    word = f" 「{order.provider_status}」" if order.provider_status else ""
    return f"{last(order.name)} at {order.provider}: {state} ({submission}){word}"


def _tell(order: Order, screen: Screen, told: set[str]) -> None:
    """Says what is new: the state, and each challenge with its link, what to do in both languages, and the deadline."""
    lines = [_headline(order)]
    for facet in challenges(order):
        kind = words.say(res.VerificationKind.DESCRIPTOR, facet.kind)
        until = f" until {views.moment(facet.deadline)}" if facet.HasField("deadline") else ""
        lines.append(f"  {kind}: {facet.challenge.recipient} must act{until}\n    {facet.challenge.link}")
        lines.append(f"    {facet.challenge.instructions_zh}\n    {facet.challenge.instructions_en}")
    if was_returned(order):
        lines += [f"  {f.path}: {f.message_zh} / {f.message_en} → {f.suggestion}" for f in order.findings]
    if order.submission.channel == res.CHANNEL_CONSOLE and order.submission.state == res.Submission.STATE_QUEUED:
        lines.append("  an operator has to file it: `beianhub handoff list`")
    for line in lines:
        if line not in told:
            told.add(line)
            screen.note(line)
