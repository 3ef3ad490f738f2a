"""`POST /aliyun/`: ACS3-signed actions, parameters in query, form or JSON; errors as HTTP 4xx."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beianhub_sandbox.clock import iso_utc
from beianhub_sandbox.codes import NATURES
from beianhub_sandbox.problems import Problem, Refused
from beianhub_sandbox.signatures import verify_acs3
from beianhub_sandbox.vendors.aliyun_words import WORDS
from beianhub_sandbox.vendors.desk import Desk, Errand, face_url, required_text
from beianhub_sandbox.wire import signed_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from beianhub_sandbox.model import Order, Service, Subject
    from beianhub_sandbox.sandbox import Sandbox
    from beianhub_sandbox.signatures import SignedRequest

PATH = "/aliyun/"
VERSION = "2026-01-01"
COMPANYREG = "2026-04-23"
"""The version of the public product with `QuerySuccessIcpData` (domain.md 6.2)."""
_SUBMISSIONS = frozenset({"SubmitIcpOrder", "UpdateIcpOrder"})
Parameters = dict[str, Any]


def routes(sandbox: Sandbox) -> list[Route]:
    """The one route of the Aliyun-style system."""
    return [Route(PATH, AliyunDesk(sandbox, WORDS).endpoint, methods=["POST"])]


class AliyunDesk(Desk):
    """Reads x-acs-action and answers flat JSON with a RequestId."""

    async def endpoint(self, request: Request) -> Response:
        """One request."""
        try:
            return await self.serve(request, await self._errand(request))
        except Refused as refused:
            return self._refusal(refused)

    async def _errand(self, request: Request) -> Errand:
        signed = await signed_request(request)
        validity = self.sandbox.settings.aliyun_signature_validity
        account = verify_acs3(signed, self.keys(validity))
        self.sandbox.nonces.use(signed.headers["x-acs-signature-nonce"], validity)
        action = signed.headers.get("x-acs-action", "")
        form = _parameters(signed)
        work = self._actions(request, form, account).get(action)
        if work is None:
            raise Refused(Problem.UNKNOWN_ACTION, action)
        if signed.headers.get("x-acs-version") != (COMPANYREG if action == "QuerySuccessIcpData" else VERSION):
            raise Refused(Problem.BAD_VERSION, signed.headers.get("x-acs-version", ""))
        place = "submit" if action in _SUBMISSIONS else "query"
        return Errand(place, self._domain(form, account), lambda: _answer(200, work()))

    def _actions(self, request: Request, form: Parameters, account: str) -> dict[str, Callable[[], Parameters]]:
        return {
            "SubmitIcpOrder": lambda: self._submit(form, account),
            "UpdateIcpOrder": lambda: self._update(form, self._named(form, account)),
            "GetIcpOrder": lambda: {"Order": self.show(self._named(form, account))},
            "ListIcpOrders": lambda: self._list(form, account),
            "RevokeIcpOrder": lambda: _receipt(self.sandbox.office.withdraw(self._named(form, account))),
            "CreateVerifyUrl": lambda: self._verify_url(request, self._named(form, account)),
            "QuerySuccessIcpData": lambda: self._filings(required_text(form, "Caller") and account),
            "QueryAccess": lambda: self._access(required_text(form, "DomainName")),
        }

    def _submit(self, form: Parameters, account: str) -> Parameters:
        return _receipt(self.sandbox.office.submit(WORDS.new_number, WORDS.read(form, account)))

    def _update(self, form: Parameters, order: Order) -> Parameters:
        return _receipt(self.sandbox.office.resubmit(order, WORDS.read_correction(form, order)))

    def _list(self, form: Parameters, account: str) -> Parameters:
        found = self.sandbox.office.by_reference("aliyun", account, required_text(form, "OutOrderId"))
        return {"TotalCount": len(found), "Orders": [self.show(order) for order in found]}

    def _verify_url(self, request: Request, order: Order) -> Parameters:
        self.sandbox.office.start_face_check(order)
        return {"VerifyUrl": face_url(request, order), "ExpireTime": iso_utc(order.identity.expires_at)}

    def _access(self, domain: str) -> Parameters:
        subject, service, ips = self.access(domain) or ("", "", [])
        return {
            "DomainName": domain,
            "AccessStatus": "ACCESSED" if service else "NOT_ACCESSED",
            "SponsorRecordNumber": subject,
            "RecordNumber": service,
            "ServerIps": ips,
        }

    def _filings(self, account: str) -> Parameters:
        """The answer's shape is the public product's; it has neither certificates nor other kinds than these two."""
        listed = [_filed(subject, services) for subject, services in self.filings(account)]
        return {"Success": True, "BaSuccessDataWithRiskList": listed}

    def _named(self, form: Parameters, account: str) -> Order:
        return self.order(required_text(form, "OrderNo"), account)

    def _domain(self, form: Parameters, account: str) -> str:
        if "OrderNo" in form:
            return self._named(form, account).application.domain
        return WORDS.read_domain(form) or self.domain_of(str(form.get("OutOrderId", "")), account)

    def _refusal(self, refused: Refused) -> Response:
        first = Refused(refused.problem, refused.detail, fields=refused.fields[:1])
        word, message = self.error(first)
        code = word.code.format(field="".join(first.fields))
        response = _answer(word.http, {"Code": code, "Message": message})
        if refused.retry_after:
            response.headers["Retry-After"] = f"{refused.retry_after:g}"
        return response


def _filed(subject: Subject, services: list[Service]) -> Parameters:
    sites = [
        {
            "SiteName": one.name,
            "SiteRecordNum": one.number,
            "DomainList": [one.domain],
            "ResponsiblePersonName": one.manager.name,
        }
        for one in services
        if one.kind != "APP"
    ]
    apps = [
        {
            "AppName": one.name,
            "AppRecordNum": one.number,
            "DomainList": [one.domain],
            "ResponsiblePersonName": one.manager.name,
        }
        for one in services
        if one.kind == "APP"
    ]
    return {
        "IcpNumber": subject.number,
        "OrganizersName": subject.name,
        "OrganizersNature": NATURES[subject.nature][2],
        "ResponsiblePersonName": subject.principal.name,
        "RiskList": [],
        "WebsiteList": sites,
        "AppList": apps,
    }


def _receipt(order: Order) -> Parameters:
    view = WORDS.describe(order)
    return {name: view[name] for name in ("OrderNo", "OrderStatus")}


def _parameters(signed: SignedRequest) -> Parameters:
    """Query parameters, and those of the body, which win."""
    values: Parameters = dict(parse_qsl(signed.query, keep_blank_values=True))
    if "json" not in signed.headers.get("content-type", ""):
        return values | dict(parse_qsl(signed.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        body = json.loads(signed.body or b"{}")
    except ValueError:
        raise Refused(Problem.MALFORMED) from None
    if not isinstance(body, dict):
        raise Refused(Problem.MALFORMED)
    return values | body


def _answer(status: int, content: Parameters) -> Response:
    return JSONResponse(content | {"RequestId": str(uuid.uuid4()).upper()}, status)
