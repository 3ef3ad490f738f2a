"""阿里云 as a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from beianhub.resources.v1.resources_pb2 import Challenge
from beianhub_aliyun import client, filings, status
from beianhub_aliyun.form import FORM, one_change, render
from beianhub_aliyun.manifest import MANIFEST
from beianhub_aliyun.vocabulary import VENDOR
from beianhub_sdk import Accepted, AccessStatus, Provider, RejectedError
from beianhub_sdk.provider import CallbackHint
from beianhub_sdk.vendor import asking, masked_recipient, reading, took, verify_callback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call, CallbackRequest, Credential, FiledSubject, Form, OrderStatus, ProviderManifest


class AliyunProvider(Provider):
    """Alibaba Cloud: actions at one address, errors as HTTP 4xx, client tokens honoured for a day."""

    manifest: ClassVar[ProviderManifest] = MANIFEST

    def check(self, assignment: TaskAssignment) -> list[Finding]:
        """The form's required fields; subject and site are changed by an order each (domain.md 2.2)."""
        return [*FORM.check(assignment), *one_change(assignment)]

    def prepare(self, assignment: TaskAssignment) -> Form:
        """The console's form."""
        return FORM.prepare(assignment)

    def render(self, assignment: TaskAssignment, form: Form) -> bytes:
        """The form-encoded body, with the client token inside."""
        return render(assignment, form)

    def submit(self, call: Call) -> Accepted:
        """SubmitIcpOrder, or UpdateIcpOrder of a returned order; both honour the client token."""
        action = "UpdateIcpOrder" if call.assignment.order.provider_order_id else "SubmitIcpOrder"
        return _accepted(client.send(call, action, call.assignment.request))

    def find_order(self, call: Call) -> Accepted | None:
        """The order by our reference, or by its number once it has one; ``None`` if it shows no trace of the call."""
        number = call.assignment.order.provider_order_id
        with asking():
            views = [_order(call, number)] if number else _orders(call)
        with reading():
            for view in views:
                if took(call.assignment, status.order_state(view), status.moment(view["GmtModified"])):
                    return _accepted(view)
        return None

    def query(self, call: Call) -> OrderStatus:
        """GetIcpOrder."""
        with asking():
            view = _order(call, call.assignment.order.provider_order_id)
        with reading():
            return status.read(view, call.assignment)

    def withdraw(self, call: Call) -> Accepted:
        """RevokeIcpOrder; an order that is revoked stays so. Refused once the face check is passed (S1)."""
        return _accepted(client.ask(call, "RevokeIcpOrder", OrderNo=call.assignment.order.provider_order_id))

    def start_verification(self, call: Call) -> Challenge:
        """A new link of the face check; the former is void."""
        answer = client.ask(call, "CreateVerifyUrl", OrderNo=call.assignment.order.provider_order_id)
        with reading():
            return Challenge(
                link=str(answer["VerifyUrl"]),
                instructions_zh=f"请网站负责人本人用手机打开链接完成人脸核验，{answer['ExpireTime']}前有效。",
                instructions_en=f"The site's principal opens the link on a phone; valid until {answer['ExpireTime']}.",
                recipient=masked_recipient(call.assignment),
            )

    def parse_callback(self, request: CallbackRequest, credential: Credential) -> list[CallbackHint]:
        """BEIAN_ORDER_STATUS, signed with the account's secret."""
        document = verify_callback(request, credential, VENDOR)
        message_id = request.headers.get("x-aliyun-message-id", "")
        with reading(RejectedError("CALLBACK_BODY")):
            number, time = str(document["Data"]["OrderNo"]), status.moment(document["EventTime"])
        return [CallbackHint(number, message_id, time)]

    def query_access(self, call: Call, domain: str) -> AccessStatus:
        """QueryAccess."""
        with asking():
            answer = client.ask(call, "QueryAccess", DomainName=domain)
        with reading():
            word = str(answer["AccessStatus"])
            return AccessStatus(word == "ACCESSED", str(answer["RecordNumber"]), word)

    def list_filings(self, call: Call) -> list[FiledSubject]:
        """QuerySuccessIcpData."""
        return filings.read(call)


def _order(call: Call, number: str) -> Mapping[str, Any]:
    with reading():
        view: Mapping[str, Any] = client.ask(call, "GetIcpOrder", OrderNo=number)["Order"]
    return view


def _orders(call: Call) -> list[Mapping[str, Any]]:
    with reading():
        return list(client.ask(call, "ListIcpOrders", OutOrderId=call.assignment.reference)["Orders"])


def _accepted(view: Mapping[str, Any]) -> Accepted:
    with reading():
        return Accepted(str(view["OrderNo"]), str(view["OrderStatus"]))
