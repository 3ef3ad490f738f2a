"""`POST /tencent/`: TC3-signed actions; errors come inside an HTTP 200 answer."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from beianhub_sandbox.clock import beijing_text
from beianhub_sandbox.codes import NATURES, SERVICE_KINDS
from beianhub_sandbox.problems import Problem, Refused
from beianhub_sandbox.signatures import verify_tc3
from beianhub_sandbox.vendors.desk import Desk, Errand, face_url, required_text
from beianhub_sandbox.vendors.tencent_words import WORDS
from beianhub_sandbox.wire import signed_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from beianhub_sandbox.model import Order, Service, Subject
    from beianhub_sandbox.sandbox import Sandbox

PATH = "/tencent/"
VERSION = "2026-01-01"
_FORM = frozenset(item.name for item in WORDS.fields)
_ACTIONS: dict[str, frozenset[str]] = {
    "CreateIcpOrder": _FORM,
    "ModifyIcpOrder": _FORM | {"IcpOrderId"},
    "DescribeIcpOrder": frozenset({"IcpOrderId"}),
    "DescribeIcpOrders": frozenset({"ClientReference"}),
    "WithdrawIcpOrder": frozenset({"IcpOrderId"}),
    "CreateLiveCheck": frozenset({"IcpOrderId"}),
    "DescribeIcpAccess": frozenset({"Domain"}),
    "DescribeIcpFilings": frozenset(),
}
_SUBMISSIONS = frozenset({"CreateIcpOrder", "ModifyIcpOrder"})
Parameters = dict[str, Any]


def routes(sandbox: Sandbox) -> list[Route]:
    """The one route of the Tencent-style system."""
    return [Route(PATH, TencentDesk(sandbox, WORDS).endpoint, methods=["POST"])]


class TencentDesk(Desk):
    """Reads X-TC-Action and answers `{"Response": …}`."""

    async def endpoint(self, request: Request) -> Response:
        """One request."""
        try:
            return await self.serve(request, await self._errand(request))
        except Refused as refused:
            return self._refusal(refused)

    async def _errand(self, request: Request) -> Errand:
        signed = await signed_request(request)
        account = verify_tc3(signed, self.keys(self.sandbox.settings.tencent_signature_validity))
        action = signed.headers.get("x-tc-action", "")
        if action not in _ACTIONS:
            raise Refused(Problem.UNKNOWN_ACTION, action)
        if signed.headers.get("x-tc-version") != VERSION:
            raise Refused(Problem.BAD_VERSION, signed.headers.get("x-tc-version", ""))
        form = _parameters(signed.body, _ACTIONS[action])
        work = self._work(action, request, form, account)
        place = "submit" if action in _SUBMISSIONS else "query"
        return Errand(place, self._domain(form, account), lambda: _answer(work()))

    def _work(self, action: str, request: Request, form: Parameters, account: str) -> Callable[[], Parameters]:
        work: dict[str, Callable[[], Parameters]] = {
            "CreateIcpOrder": lambda: self._create(form, account),
            "ModifyIcpOrder": lambda: self._modify(form, self._named(form, account)),
            "DescribeIcpOrder": lambda: self.show(self._named(form, account)),
            "DescribeIcpOrders": lambda: self._list(form, account),
            "WithdrawIcpOrder": lambda: self._withdraw(self._named(form, account)),
            "CreateLiveCheck": lambda: self._live_check(request, self._named(form, account)),
            "DescribeIcpFilings": lambda: self._filings(account),
            "DescribeIcpAccess": lambda: self._access(required_text(form, "Domain")),
        }
        return work[action]

    def _create(self, form: Parameters, account: str) -> Parameters:
        return _receipt(self.sandbox.office.submit(WORDS.new_number, WORDS.read(form, account)))

    def _modify(self, form: Parameters, order: Order) -> Parameters:
        return _receipt(self.sandbox.office.resubmit(order, WORDS.read_correction(form, order)))

    def _withdraw(self, order: Order) -> Parameters:
        return _receipt(self.sandbox.office.withdraw(order))

    def _list(self, form: Parameters, account: str) -> Parameters:
        found = self.sandbox.office.by_reference("tencent", account, required_text(form, "ClientReference"))
        return {"TotalCount": len(found), "IcpOrders": [self.show(order) for order in found]}

    def _live_check(self, request: Request, order: Order) -> Parameters:
        self.sandbox.office.start_face_check(order)
        return {"Url": face_url(request, order), "ExpireTime": beijing_text(order.identity.expires_at)}

    def _access(self, domain: str) -> Parameters:
        subject, service, ips = self.access(domain) or ("", "", [])
        return {
            "Domain": domain,
            "Accessed": bool(service),
            "OrganizerIcpNumber": subject,
            "IcpNumber": service,
            "ServerIps": ips,
        }

    def _filings(self, account: str) -> Parameters:
        filings = [_filed(subject, services) for subject, services in self.filings(account)]
        return {"TotalCount": len(filings), "IcpFilings": filings}

    def _named(self, form: Parameters, account: str) -> Order:
        return self.order(required_text(form, "IcpOrderId"), account)

    def _domain(self, form: Parameters, account: str) -> str:
        if "IcpOrderId" in form:
            return self._named(form, account).application.domain
        return WORDS.read_domain(form) or self.domain_of(str(form.get("ClientReference", "")), account)

    def _refusal(self, refused: Refused) -> Response:
        word, message = self.error(refused)
        if refused.problem is Problem.INTERNAL:
            return PlainTextResponse(message, word.http)
        return _answer({"Error": {"Code": word.code, "Message": message}})


def _filed(subject: Subject, services: list[Service]) -> Parameters:
    return {
        "OrganizerIcpNumber": subject.number,
        "OrganizerName": subject.name,
        "OrganizerNature": NATURES[subject.nature][0],
        "OrganizerPersonName": subject.principal.name,
        "Services": [
            {
                "IcpNumber": one.number,
                "SiteName": one.name,
                "ServiceType": SERVICE_KINDS[one.kind][0],
                "Domains": [one.domain],
                "SitePersonName": one.manager.name,
            }
            for one in services
        ],
    }


def _receipt(order: Order) -> Parameters:
    view = WORDS.describe(order)
    return {name: view[name] for name in ("IcpOrderId", "Status", "StatusName")}


def _parameters(body: bytes, allowed: frozenset[str]) -> Parameters:
    try:
        form = json.loads(body)
    except ValueError:
        raise Refused(Problem.MALFORMED) from None
    if not isinstance(form, dict):
        raise Refused(Problem.MALFORMED)
    for name in form:
        if name not in allowed:
            raise Refused(Problem.UNKNOWN_FIELD, fields=(name,))
    return form


def _answer(content: Parameters) -> Response:
    return JSONResponse({"Response": content | {"RequestId": str(uuid.uuid4())}})
