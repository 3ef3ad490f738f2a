"""华为云 as a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from beianhub.resources.v1.resources_pb2 import Challenge
from beianhub_huawei import client, filings, status
from beianhub_huawei.form import FORM, render
from beianhub_huawei.manifest import MANIFEST
from beianhub_huawei.vocabulary import VENDOR
from beianhub_sdk import Accepted, AccessStatus, Provider, RejectedError
from beianhub_sdk.provider import CallbackHint
from beianhub_sdk.vendor import asking, masked_recipient, reading, took, verify_callback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call, CallbackRequest, Credential, FiledSubject, Form, OrderStatus, ProviderManifest


class HuaweiProvider(Provider):
    """Huawei Cloud: REST, and no client token: a second POST makes a second order.

    So the engine lets an unknown outcome settle and asks by our reference before it sends again.
    """

    manifest: ClassVar[ProviderManifest] = MANIFEST

    def check(self, assignment: TaskAssignment) -> list[Finding]:
        """The form's required fields."""
        return FORM.check(assignment)

    def prepare(self, assignment: TaskAssignment) -> Form:
        """The console's form."""
        return FORM.prepare(assignment)

    def render(self, assignment: TaskAssignment, form: Form) -> bytes:
        """The nested JSON body."""
        return render(assignment, form)

    def submit(self, call: Call) -> Accepted:
        """POST of a new order, or PUT of a returned order's corrected data."""
        number, body = call.assignment.order.provider_order_id, call.assignment.request
        if number:
            return _accepted(client.send(call, "PUT", "orders", number, body=body))
        return _accepted(client.send(call, "POST", "orders", body=body))

    def find_order(self, call: Call) -> Accepted | None:
        """The order by our reference, or by its number once it has one; ``None`` if it shows no trace of the call.

        An order becomes visible by its reference only some time after it was taken: the manifest's visibility delay.
        """
        number = call.assignment.order.provider_order_id
        with asking():
            views = [_order(call, number)] if number else _orders(call)
        with reading():
            for view in views:
                if took(call.assignment, status.order_state(view), status.moment(view["updated_at"])):
                    return _accepted(view)
        return None

    def query(self, call: Call) -> OrderStatus:
        """GET of the order."""
        with asking():
            view = _order(call, call.assignment.order.provider_order_id)
        with reading():
            return status.read(view, call.assignment)

    def withdraw(self, call: Call) -> Accepted:
        """DELETE (撤销备案); an order that is withdrawn stays so."""
        return _accepted(client.send(call, "DELETE", "orders", call.assignment.order.provider_order_id))

    def start_verification(self, call: Call) -> Challenge:
        """A new 核验二维码, which may be refreshed (S4); the former is void."""
        answer = client.send(call, "POST", "orders", call.assignment.order.provider_order_id, "verifications")
        with reading():
            return Challenge(
                link=str(answer["url"]),
                instructions_zh=f"请互联网信息服务负责人本人用手机打开链接完成真实性核验，{answer['expires_at']}前有效。",
                instructions_en="The service's principal opens the link on a phone; "
                f"valid until {answer['expires_at']}.",
                recipient=masked_recipient(call.assignment),
            )

    def parse_callback(self, request: CallbackRequest, credential: Credential) -> list[CallbackHint]:
        """icp.order.changed, signed with the account's secret."""
        document = verify_callback(request, credential, VENDOR)
        message_id = request.headers.get("x-huawei-message-id", "")
        with reading(RejectedError("CALLBACK_BODY")):
            number, time = str(document["order"]["order_id"]), status.moment(document["time"])
        return [CallbackHint(number, message_id, time)]

    def query_access(self, call: Call, domain: str) -> AccessStatus:
        """GET of the accesses of a domain."""
        with asking():
            answer = client.send(call, "GET", "accesses", domain=domain)
        with reading():
            return AccessStatus(bool(answer["accessed"]), str(answer["record_number"]))

    def list_filings(self, call: Call) -> list[FiledSubject]:
        """GET of the filings, of a partner's account."""
        return filings.read(call)


def _order(call: Call, number: str) -> Mapping[str, Any]:
    with reading():
        view: Mapping[str, Any] = client.send(call, "GET", "orders", number)["order"]
    return view


def _orders(call: Call) -> list[Mapping[str, Any]]:
    with reading():
        return list(client.send(call, "GET", "orders", external_reference=call.assignment.reference)["orders"])


def _accepted(view: Mapping[str, Any]) -> Accepted:
    with reading():
        return Accepted(str(view["order_id"]), str(view["status"]))
