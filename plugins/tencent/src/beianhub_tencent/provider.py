"""腾讯云 as a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from beianhub.resources.v1.resources_pb2 import Challenge
from beianhub_sdk import Accepted, AccessStatus, Provider, RejectedError
from beianhub_sdk.provider import CallbackHint
from beianhub_sdk.vendor import asking, masked_recipient, reading, took, verify_callback
from beianhub_tencent import client, filings, status
from beianhub_tencent.form import FORM, render
from beianhub_tencent.manifest import MANIFEST
from beianhub_tencent.vocabulary import VENDOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call, CallbackRequest, Credential, FiledSubject, Form, OrderStatus, ProviderManifest


class TencentProvider(Provider):
    """Tencent Cloud: actions at one address, errors inside HTTP 200, client tokens honoured for a day."""

    manifest: ClassVar[ProviderManifest] = MANIFEST

    def check(self, assignment: TaskAssignment) -> list[Finding]:
        """The form's required fields."""
        return FORM.check(assignment)

    def prepare(self, assignment: TaskAssignment) -> Form:
        """The console's form."""
        return FORM.prepare(assignment)

    def render(self, assignment: TaskAssignment, form: Form) -> bytes:
        """The JSON body, with the client token inside."""
        return render(assignment, form)

    def submit(self, call: Call) -> Accepted:
        """CreateIcpOrder, or ModifyIcpOrder of a returned order; both honour the client token."""
        action = "ModifyIcpOrder" if call.assignment.order.provider_order_id else "CreateIcpOrder"
        return _accepted(client.send(call, action, call.assignment.request))

    def find_order(self, call: Call) -> Accepted | None:
        """The order by our reference, or by its number once it has one; ``None`` if it shows no trace of the call."""
        number = call.assignment.order.provider_order_id
        with asking():
            views = [_order(call, number)] if number else _orders(call)
        with reading():
            for view in views:
                if took(call.assignment, status.order_state(view), status.moment(view["UpdateTime"])):
                    return _accepted(view)
        return None

    def query(self, call: Call) -> OrderStatus:
        """DescribeIcpOrder."""
        with asking():
            view = _order(call, call.assignment.order.provider_order_id)
        with reading():
            return status.read(view, call.assignment)

    def withdraw(self, call: Call) -> Accepted:
        """WithdrawIcpOrder; an order that is withdrawn stays so."""
        number = call.assignment.order.provider_order_id
        return _accepted(client.ask(call, "WithdrawIcpOrder", IcpOrderId=number))

    def start_verification(self, call: Call) -> Challenge:
        """A new link of the face check; the former is void."""
        answer = client.ask(call, "CreateLiveCheck", IcpOrderId=call.assignment.order.provider_order_id)
        with reading():
            return Challenge(
                link=str(answer["Url"]),
                instructions_zh=f"请网站负责人本人用手机打开链接完成人脸核验，{answer['ExpireTime']}（北京时间）前有效。",
                instructions_en=f"The site's principal opens the link on a phone; valid until {answer['ExpireTime']} "
                "(Beijing time).",
                recipient=masked_recipient(call.assignment),
            )

    def parse_callback(self, request: CallbackRequest, credential: Credential) -> list[CallbackHint]:
        """IcpOrderStatusChanged, signed with the account's secret."""
        document = verify_callback(request, credential, VENDOR)
        message_id = request.headers.get("x-tencent-message-id", "")
        with reading(RejectedError("CALLBACK_BODY")):
            number, time = str(document["IcpOrder"]["IcpOrderId"]), status.moment(document["EventTime"])
        return [CallbackHint(number, message_id, time)]

    def query_access(self, call: Call, domain: str) -> AccessStatus:
        """DescribeIcpAccess."""
        with asking():
            answer = client.ask(call, "DescribeIcpAccess", Domain=domain)
        with reading():
            return AccessStatus(bool(answer["Accessed"]), str(answer["IcpNumber"]))

    def list_filings(self, call: Call) -> list[FiledSubject]:
        """DescribeIcpFilings, of a partner's account."""
        return filings.read(call)


def _order(call: Call, number: str) -> Mapping[str, Any]:
    return client.ask(call, "DescribeIcpOrder", IcpOrderId=number)


def _orders(call: Call) -> list[Mapping[str, Any]]:
    with reading():
        return list(client.ask(call, "DescribeIcpOrders", ClientReference=call.assignment.reference)["IcpOrders"])


def _accepted(view: Mapping[str, Any]) -> Accepted:
    with reading():
        return Accepted(str(view["IcpOrderId"]), str(view["StatusName"]))
