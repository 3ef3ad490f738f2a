"""beian.miit.gov.cn as people see it: the SMS page (短信核验) and the public query of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from beianhub_sandbox.lifecycle import MAX_WRONG_TRIES
from beianhub_sandbox.model import Challenge, Order, Stage, Subject
from beianhub_sandbox.web import json_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from beianhub_sandbox.sandbox import Sandbox


def routes(sandbox: Sandbox) -> list[Route]:
    """`/miit/sms` and `/miit/records`."""
    pages = _Pages(sandbox)
    return [
        Route("/miit/sms", pages.answer_sms, methods=["POST"]),
        Route("/miit/records", pages.records, methods=["GET"]),
    ]


def public_record(subject: Subject) -> dict[str, Any]:
    """A subject as everybody may see it: no phones, no ID numbers."""
    return {
        "name": subject.name,
        "nature": subject.nature,
        "province": subject.province,
        "number": subject.number,
        "services": [
            {
                "number": service.number,
                "name": service.name,
                "kind": service.kind,
                "domain": service.domain,
                "accesses": [{"provider": access.provider, "ips": access.ips} for access in service.accesses],
            }
            for service in subject.services
        ],
    }


class _Pages:
    """MIIT's pages over the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer_sms(self, request: Request) -> Response:
        """Code, mobile and the last six of the ID, as the person types them in."""
        form = {name: str(value) for name, value in (await json_object(request)).items()}
        self._sandbox.advance()
        found = self._pending(form.get("mobile", ""), form.get("code", ""))
        if found is None:
            return _result(404, "NOT_FOUND", "没有待核验的短信或已超过核验时限")
        order, challenge = found
        passed = self._sandbox.lifecycle.answer_sms(order, challenge, form.get("code", ""), form.get("id_last6", ""))
        self._sandbox.ledger.commit()
        if passed:
            return _result(200, "PASSED", "核验成功")
        if order.stage is Stage.RETURNED:
            return _result(410, "RETURNED", "错误次数过多，备案订单已退回接入商")
        left = MAX_WRONG_TRIES - challenge.wrong_tries
        return _result(400, "WRONG", "验证码或证件号码后六位错误", tries_left=left)

    async def records(self, request: Request) -> Response:
        """The public query, by `certificate_number` or by `domain`."""
        self._sandbox.advance()
        record, query = self._sandbox.record, request.query_params
        if "certificate_number" in query:
            subject = record.subject(query["certificate_number"])
        else:
            subject = record.domain_owner(query.get("domain", ""))
        return JSONResponse({"records": [public_record(subject)] if subject else []})

    def _pending(self, mobile: str, code: str) -> tuple[Order, Challenge] | None:
        """The open challenge of a phone; with several, the one whose code was typed."""
        pending = [
            (order, challenge)
            for order in self._sandbox.ledger.at_regulator()
            for challenge in order.challenges
            if order.stage is Stage.SMS and challenge.mobile == mobile and not challenge.answered
        ]
        pending.sort(key=lambda item: item[1].code != code)
        return pending[0] if pending else None


def _result(status: int, result: str, message: str, **more: int) -> Response:
    return JSONResponse({"result": result, "message": message} | more, status)
