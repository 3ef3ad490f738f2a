"""The people of the demonstration: subjects' people who answer the MIIT SMS, and an operator who works hand-offs.

They act on what a person would see: a phone, a hand-off's form, the vendor's console. They keep nothing, so that they
can be stopped at any moment and go on later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import structlog

from beianhub.filing.v1 import order_service_pb2, task_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.errors import CommandError, several
from beianhub_cli.client.portfolio import parse
from beianhub_core.rules.completing import complete

if TYPE_CHECKING:
    from beianhub.filing.v1.subject_service_pb2 import ImportRow
    from beianhub.resources.v1.task_pb2 import Handoff
    from beianhub_cli.client.connection import Connection
    from beianhub_cli.demo.sandbox import Sandbox

_OPERATOR: Final = "demo-operator"
_LOOK: Final = 0.3  # seconds between two looks at phones and hand-offs
_READ: Final = 1.2  # seconds that a person takes to read a message
_log = structlog.get_logger()

# What an operator understands by the words of Huawei's console (HW-KB doc_0188).
HUAWEI_WORDS: Final = {
    "等待初审": res.ORDER_STATE_PROVIDER_REVIEW,
    "已修改待审核": res.ORDER_STATE_PROVIDER_REVIEW,
    "初审驳回": res.ORDER_STATE_PROVIDER_REJECTED,
    "接入商审核为待修改": res.ORDER_STATE_PROVIDER_REJECTED,
    "待提交管局": res.ORDER_STATE_READY_TO_SUBMIT,
    "待管局审核": res.ORDER_STATE_REGULATOR_REVIEW,
    "管局驳回": res.ORDER_STATE_REGULATOR_REJECTED,
    "已备案": res.ORDER_STATE_FILED,
    "已撤销": res.ORDER_STATE_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone."""

    mobile: str
    id_last6: str


def read_rows(portfolio: Path) -> list[ImportRow]:
    """The subjects of a portfolio's file. Raises CommandError when a row is malformed."""
    read = parse(portfolio.read_bytes())
    if read.faults:
        raise several([fault.finding for fault in read.faults])
    rows = [entry.as_import() for entry in read.entries]
    for row in rows:
        complete(row.subject)  # the sandbox's national record has no silence
        for number, service in enumerate(row.subject.services, 1):
            service.name = f"site-{number}"  # ids of our choice: two demonstrations give the same records
    return rows


def persons_of(rows: Iterable[ImportRow]) -> list[Person]:
    """Everybody in a portfolio who may get an MIIT SMS, each phone once."""
    persons = {}
    for row in rows:
        principals = [row.subject.profile.principal, *(service.principal for service in row.subject.services)]
        for principal in principals:
            if principal.mobile:
                persons[principal.mobile] = Person(principal.mobile, principal.certificate.number[-6:])
    return list(persons.values())


class People:
    """Runs the people until it is cancelled."""

    def __init__(self, persons: Sequence[Person], sandbox: Sandbox, connection: Connection, tenant: str) -> None:
        self._persons = persons
        self._sandbox = sandbox
        self._connection = connection
        self._parent = f"tenants/{tenant}"
        self._answered: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Looks at the phones and the hand-offs again and again; what cannot be reached is tried at the next look."""
        while True:
            for look in (self._look_at_phones, self._look_at_handoffs, self._look_at_consoles):
                try:
                    await look()
                except (CommandError, httpx.HTTPError) as error:
                    _log.debug("people_wait", error=type(error).__name__)
            await asyncio.sleep(_LOOK)

    async def _look_at_phones(self) -> None:
        for person in self._persons:
            for code in await self._sandbox.codes(person.mobile):
                if (person.mobile, code) not in self._answered:
                    await asyncio.sleep(_READ)
                    await self._sandbox.answer_sms(person.mobile, code, person.id_last6)
                    self._answered.add((person.mobile, code))

    async def _look_at_handoffs(self) -> None:
        request = task_service_pb2.ListHandoffsRequest(parent=self._parent)
        answer = await self._connection.call(self._connection.tasks.ListHandoffs, request)
        for waiting in answer.handoffs:
            await self._work(waiting)

    async def _work(self, waiting: Handoff) -> None:
        """Claims the form, copies it into the console, and reports the vendor's number."""
        claim = task_service_pb2.ClaimHandoffRequest(
            name=waiting.name, assignee=_OPERATOR, purpose="填写接入商控制台表单"
        )
        handoff = await self._connection.call(self._connection.tasks.ClaimHandoff, claim)
        await asyncio.sleep(_READ)
        get = order_service_pb2.GetOrderRequest(name=handoff.task.order)
        order = await self._connection.call(self._connection.orders.GetOrder, get)
        reference = ".".join(order.name.split("/")[1::2])
        number = await self._sandbox.file_at_huawei(order.type, list(handoff.fields), reference)
        done = task_service_pb2.CompleteHandoffRequest(
            name=waiting.name, provider_order_id=number, provider_status="等待初审"
        )
        await self._connection.call(self._connection.tasks.CompleteHandoff, done)

    async def _look_at_consoles(self) -> None:
        """Reports what the console shows of each order that no API shows."""
        states = [
            res.ORDER_STATE_PROVIDER_REVIEW,
            res.ORDER_STATE_READY_TO_SUBMIT,
            res.ORDER_STATE_REGULATOR_REVIEW,
        ]
        request = order_service_pb2.ListOrdersRequest(parent=self._parent, states=states, provider="huawei")
        for order in (await self._connection.call(self._connection.orders.ListOrders, request)).orders:
            if order.submission.channel == res.CHANNEL_CONSOLE:
                await self._report(order)

    async def _report(self, order: res.Order) -> None:
        shown = await self._sandbox.order_at_huawei(order.provider_order_id)
        state = HUAWEI_WORDS.get(shown["status"], res.ORDER_STATE_UNSPECIFIED)
        if not state or (state, shown["status"]) == (order.state, order.provider_status):
            return
        request = order_service_pb2.ReportProgressRequest(
            name=order.name,
            state=state,
            provider_status=shown["status"],
            subject_licence_number=shown["subject_record_number"],
            service_licence_number=shown["record_number"],
        )
        if shown["reject"]:
            request.findings.add(
                code=shown["reject"]["code"],
                severity=res.SEVERITY_BLOCKER,
                message_zh=shown["reject"]["message"],
                message_en="rejected in the vendor's console",
            )
        await self._connection.call(self._connection.orders.ReportProgress, request)
