"""`/huawei/v1/icp/…`: REST, SDK-HMAC-SHA256, no client token; errors as HTTP 4xx."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beianhub_sandbox.clock import iso_utc
from beianhub_sandbox.codes import NATURES, SERVICE_KINDS
from beianhub_sandbox.problems import Problem, Refused
from beianhub_sandbox.signatures import verify_sdk
from beianhub_sandbox.vendors.desk import Desk, Errand, face_url, required_text
from beianhub_sandbox.vendors.huawei_words import WORDS
from beianhub_sandbox.wire import signed_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from beianhub_sandbox.model import Order, Service, Subject
    from beianhub_sandbox.sandbox import Sandbox

ORDERS = "/huawei/v1/icp/orders"
ACCESSES = "/huawei/v1/icp/accesses"
FILINGS = "/huawei/v1/icp/filings"
Body = dict[str, Any]


def routes(sandbox: Sandbox) -> list[Route]:
    """The Huawei-style system's routes; a trailing slash is accepted too."""
    desk = HuaweiDesk(sandbox, WORDS)
    one = ORDERS + "/{order_id}"
    table = [
        (ORDERS, "POST", desk.create),
        (ORDERS, "GET", desk.find),
        (one, "GET", desk.get),
        (one, "PUT", desk.update),
        (one, "DELETE", desk.withdraw),
        (one + "/verifications", "POST", desk.verify),
        (ACCESSES, "GET", desk.accesses),
        (FILINGS, "GET", desk.list_filings),
    ]
    known = [
        Route(path + slash, desk.endpoint(handler), methods=[method])
        for path, method, handler in table
        for slash in ("", "/")
    ]
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*known, Route("/huawei/v1/{rest:path}", desk.nothing_here, methods=methods)]


class HuaweiDesk(Desk):
    """Verifies the signature, then the route's own method names the errand."""

    def endpoint(self, handler: Callable[[Request, str, Body], Errand]) -> Callable[[Request], Awaitable[Response]]:
        """A handler behind signature, faults and refusals."""

        async def serve(request: Request) -> Response:
            try:
                signed = await signed_request(request)
                account = verify_sdk(signed, self.keys(self.sandbox.settings.huawei_signature_validity))
                return await self.serve(request, handler(request, account, _body(signed.body)))
            except Refused as refused:
                return self._refusal(refused)

        return serve

    async def nothing_here(self, request: Request) -> Response:
        """Any other path or method."""
        return self._refusal(Refused(Problem.UNKNOWN_ACTION, request.url.path))

    def create(self, _request: Request, account: str, form: Body) -> Errand:
        """A new order; a second POST makes a second order."""
        office = self.sandbox.office

        def work() -> Response:
            return _answer(201, _receipt(office.submit(WORDS.new_number, WORDS.read(form, account))))

        return Errand("submit", WORDS.read_domain(form), work)

    def find(self, request: Request, account: str, _form: Body) -> Errand:
        """Orders by external reference, visible only some time after they were accepted."""
        query = dict(request.query_params)

        def work() -> Response:
            reference = required_text(query, "external_reference")
            delay = self.sandbox.settings.huawei_visibility_delay
            found = self.sandbox.office.by_reference("huawei", account, reference, delay)
            return _answer(200, {"count": len(found), "orders": [self.show(order) for order in found]})

        return Errand("query", self.domain_of(query.get("external_reference", ""), account), work)

    def get(self, request: Request, account: str, _form: Body) -> Errand:
        """One order."""
        order = self._named(request, account)
        return Errand("query", order.application.domain, lambda: _answer(200, {"order": self.show(order)}))

    def update(self, request: Request, account: str, form: Body) -> Errand:
        """Corrected data, reviewed anew."""
        order = self._named(request, account)

        def work() -> Response:
            return _answer(200, _receipt(self.sandbox.office.resubmit(order, WORDS.read_correction(form, order))))

        return Errand("submit", order.application.domain, work)

    def withdraw(self, request: Request, account: str, _form: Body) -> Errand:
        """Withdraw (撤销备案)."""
        order = self._named(request, account)
        office = self.sandbox.office
        return Errand("query", order.application.domain, lambda: _answer(200, _receipt(office.withdraw(order))))

    def verify(self, request: Request, account: str, _form: Body) -> Errand:
        """A new face-check link (核验二维码)."""
        order = self._named(request, account)

        def work() -> Response:
            self.sandbox.office.start_face_check(order)
            expires = iso_utc(order.identity.expires_at)
            return _answer(201, {"url": face_url(request, order), "expires_at": expires})

        return Errand("query", order.application.domain, work)

    def accesses(self, request: Request, _account: str, _form: Body) -> Errand:
        """Whether a domain has its access here."""
        query = dict(request.query_params)

        def work() -> Response:
            domain = required_text(query, "domain")
            subject, service, ips = self.access(domain) or ("", "", [])
            return _answer(
                200,
                {
                    "domain": domain,
                    "accessed": bool(service),
                    "subject_record_number": subject,
                    "record_number": service,
                    "ips": ips,
                },
            )

        return Errand("query", query.get("domain", ""), work)

    def list_filings(self, _request: Request, account: str, _form: Body) -> Errand:
        """Everything that is filed through the account."""

        def work() -> Response:
            filings = [_filed(subject, services) for subject, services in self.filings(account)]
            return _answer(200, {"count": len(filings), "filings": filings})

        return Errand("query", "", work)

    def _named(self, request: Request, account: str) -> Order:
        return self.order(request.path_params["order_id"], account)

    def _refusal(self, refused: Refused) -> Response:
        word, message = self.error(refused)
        content: Body = {"error_code": word.code, "error_msg": message}
        if refused.fields:
            content["details"] = [{"field": name} for name in refused.fields]
        response = _answer(word.http, content)
        if refused.retry_after:
            response.headers["Retry-After"] = f"{refused.retry_after:g}"
        return response


def _filed(subject: Subject, services: list[Service]) -> Body:
    return {
        "subject_record_number": subject.number,
        "sponsor_name": subject.name,
        "sponsor_nature": NATURES[subject.nature][2],
        "principal_name": subject.principal.name,
        "services": [
            {
                "record_number": one.number,
                "name": one.name,
                "type": SERVICE_KINDS[one.kind][2],
                "domains": [one.domain],
                "principal_name": one.manager.name,
            }
            for one in services
        ],
    }


def _receipt(order: Order) -> Body:
    view = WORDS.describe(order)
    return {name: view[name] for name in ("order_id", "status")}


def _body(raw: bytes) -> Body:
    try:
        form = json.loads(raw or b"{}")
    except ValueError:
        raise Refused(Problem.MALFORMED) from None
    if not isinstance(form, dict):
        raise Refused(Problem.MALFORMED)
    return form


def _answer(status: int, content: Body) -> Response:
    return JSONResponse(content, status, headers={"X-Request-Id": uuid.uuid4().hex})
