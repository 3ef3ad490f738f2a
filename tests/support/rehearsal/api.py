"""A client of the gRPC API that waits, and that tells how a call was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.filing.v1 import task_service_pb2 as tasks
from beianhub.filing.v1.access_service_pb2_grpc import AccessServiceStub
from beianhub.filing.v1.admin_service_pb2_grpc import AdminServiceStub
from beianhub.filing.v1.order_service_pb2_grpc import OrderServiceStub
from beianhub.filing.v1.subject_service_pb2_grpc import SubjectServiceStub
from beianhub.filing.v1.task_service_pb2_grpc import TaskServiceStub
from beianhub.resources.v1 import resources_pb2 as res
from rehearsal.processes import until

_GONE = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED)


@dataclass(frozen=True)
class Refusal:
    """How a call was refused."""

    code: grpc.StatusCode
    reason: str
    findings: list[res.Finding]
    fields: list[str]


class Api:
    """The API as the holder of one key sees it."""

    def __init__(self, address: str, key: str, tenant: str = "demo") -> None:
        self.parent = f"tenants/{tenant}"
        self.channel = grpc.insecure_channel(address, options=[("grpc.max_reconnect_backoff_ms", 200)])
        self._metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self.subjects = SubjectServiceStub(self.channel)
        self.orders = OrderServiceStub(self.channel)
        self.access = AccessServiceStub(self.channel)
        self.tasks = TaskServiceStub(self.channel)
        self.admin = AdminServiceStub(self.channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.channel.close()

    @classmethod
    def of(cls, directory: Path, address: str) -> Api:
        """The owner of the tenant whose data is in the directory."""
        return cls(address, (directory / "owner.key").read_text(encoding="utf-8").strip())

    def call(self, method: Any, request: Any, seconds: float = 60) -> Any:
        """The answer."""
        return method(request, metadata=self._metadata, timeout=seconds)

    def refused(self, method: Any, request: Any, seconds: float = 60) -> Refusal:
        """How the call fails; the test fails if it does not."""
        with pytest.raises(grpc.RpcError) as caught:
            self.call(method, request, seconds)
        status = rpc_status.from_call(caught.value)
        details: dict[type[Any], list[Any]] = {kind: [] for kind in (ErrorInfo, BadRequest, res.Finding)}
        for packed in status.details if status else ():
            for kind, found in details.items():
                message = kind()
                if packed.Unpack(message):
                    found.append(message)
        return Refusal(
            code=caught.value.code(),
            reason=next((info.reason for info in details[ErrorInfo]), ""),
            findings=details[res.Finding],
            fields=[violation.field for bad in details[BadRequest] for violation in bad.field_violations],
        )

    def order(self, order_id: str) -> res.Order:
        """The order as it now is; an empty one while there is none, or nobody answers."""
        try:
            name = f"{self.parent}/orders/{order_id}"
            answer: res.Order = self.call(self.orders.GetOrder, orders.GetOrderRequest(name=name))
        except grpc.RpcError as error:
            if error.code() in _GONE:
                return res.Order()
            raise
        return answer

    def listed(self) -> list[res.Order]:
        """Every order of the tenant."""
        request = orders.ListOrdersRequest(parent=self.parent, page_size=1000)
        return list(self.call(self.orders.ListOrders, request).orders)

    def has_subject(self, subject_id: str) -> bool:
        """Whether the subject is there; not, while nobody answers."""
        try:
            self.call(self.subjects.GetSubject, subjects.GetSubjectRequest(name=f"{self.parent}/subjects/{subject_id}"))
        except grpc.RpcError as error:
            if error.code() in _GONE:
                return False
            raise
        return True

    def handoffs(self) -> list[Any]:
        """The hand-offs that wait, or are in an operator's hands."""
        request = tasks.ListHandoffsRequest(parent=self.parent)
        return list(self.call(self.tasks.ListHandoffs, request).handoffs)

    def events(self, subject: str) -> list[Any]:
        """The subject's history."""
        return list(
            self.call(self.subjects.ListEvents, subjects.ListEventsRequest(parent=subject, page_size=1000)).events
        )

    def audit(self) -> admin.AuditRecordsResponse:
        """Whether the records are the folds of their events: the sum of them all."""
        *_, total = self.call(self.admin.AuditRecords, admin.AuditRecordsRequest(parent=self.parent))
        return total

    def until(self, order_id: str, condition: Callable[[res.Order], Any], seconds: float = 120) -> res.Order:
        """The order, once it is so."""
        last = res.Order()

        def met() -> bool:
            last.CopyFrom(self.order(order_id))
            return bool(condition(last))

        try:
            until(met, seconds, f"{order_id} as awaited")
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {last}") from None
        return last

    def until_state(self, order_id: str, state: res.OrderState.ValueType, seconds: float = 120) -> res.Order:
        """The order, once it is in this state."""
        return self.until(order_id, lambda order: order.state == state, seconds)
