"""`/sandbox/…`: what a test or a trainer does: scripts, phones, face checks, seeded records, counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from beianhub_sandbox.codes import CERTIFICATE_TYPES, NATURES, PROVINCES, SERVICE_KINDS
from beianhub_sandbox.miit import public_record
from beianhub_sandbox.model import (
    Access,
    IdentityStatus,
    Order,
    Person,
    PhoneMessage,
    Service,
    Stage,
    Subject,
)
from beianhub_sandbox.regulator import KIND_SUFFIXES, sequence_of
from beianhub_sandbox.sandbox import VOCABULARIES
from beianhub_sandbox.web import json_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from beianhub_sandbox.sandbox import Sandbox


def routes(sandbox: Sandbox) -> list[Route]:
    """Every `/sandbox/…` route."""
    desk = _Admin(sandbox)
    face = "/sandbox/face/{token}"
    return [
        Route("/sandbox/health", desk.health, methods=["GET"]),
        Route("/sandbox/submissions", desk.submissions, methods=["GET"]),
        Route("/sandbox/phones/{mobile}/messages", desk.messages, methods=["GET"]),
        Route("/sandbox/scenarios", desk.list_scenarios, methods=["GET"]),
        Route("/sandbox/scenarios", desk.add_scenario, methods=["POST"]),
        Route("/sandbox/scenarios", desk.clear_scenarios, methods=["DELETE"]),
        Route("/sandbox/records", desk.seed_record, methods=["POST"]),
        Route("/sandbox/records/{domain}", desk.change_record, methods=["PATCH"]),
        Route("/sandbox/reset", desk.reset, methods=["POST"]),
        Route(face, desk.show_face_check, methods=["GET"]),
        Route(face, desk.pass_face_check, methods=["POST"]),
    ]


class _Admin:
    """The trainer's desk."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def health(self, _request: Request) -> Response:
        """Alive, with the number of orders."""
        return JSONResponse({"status": "ok", "orders": len(self._sandbox.ledger.all(Order))})

    async def submissions(self, _request: Request) -> Response:
        """Every order that a vendor accepted, without personal data, oldest first; drafts do not count."""
        self._sandbox.advance()
        orders = sorted(self._sandbox.ledger.all(Order), key=lambda order: order.accepted_at)
        listed = [_submission(order) for order in orders if order.stage is not Stage.DRAFT]
        return JSONResponse({"count": len(listed), "submissions": listed})

    async def messages(self, request: Request) -> Response:
        """The text messages on a phone, oldest first."""
        self._sandbox.advance()
        mobile = request.path_params["mobile"]
        found = [item for item in self._sandbox.ledger.all(PhoneMessage) if item.mobile == mobile]
        found.sort(key=lambda item: item.identifier)
        return JSONResponse({"messages": [asdict(item) for item in found]})

    async def list_scenarios(self, _request: Request) -> Response:
        """The scripts that still apply."""
        return JSONResponse({"scenarios": [asdict(item) for item in self._sandbox.scenarios.all()]})

    async def add_scenario(self, request: Request) -> Response:
        """A new script."""
        document = await json_object(request)
        try:
            scenario = self._sandbox.scenarios.add(document)
        except (ValueError, TypeError) as error:
            raise HTTPException(400, str(error)) from error
        self._sandbox.ledger.commit()
        return JSONResponse(asdict(scenario), 201)

    async def clear_scenarios(self, _request: Request) -> Response:
        """Forget every script."""
        self._sandbox.scenarios.clear()
        self._sandbox.ledger.commit()
        return Response(status_code=204)

    async def seed_record(self, request: Request) -> Response:
        """Put an existing filing into the national record."""
        document = await json_object(request)
        self._sandbox.advance()
        try:
            subject = self._subject(document)
        except (KeyError, ValueError, TypeError) as error:
            raise HTTPException(400, f"not a record: {error}") from error
        taken = [item.domain for item in subject.services if self._sandbox.record.service_of(item.domain)]
        if taken or self._sandbox.record.subject(subject.certificate_number):
            raise HTTPException(409, "the certificate number or a domain is filed already")
        self._sandbox.record.save(subject)
        self._sandbox.ledger.commit()
        return JSONResponse(public_record(subject), 201)

    async def change_record(self, request: Request) -> Response:
        """Change what is filed behind everybody's back, as by an order at another provider or in a console.

        `name` and `number` of the service, `providers` that have an access of it, `sponsor` (the subject's name).
        """
        document = await json_object(request)
        self._sandbox.advance()
        found = self._sandbox.record.service_of(request.path_params["domain"])
        if found is None or not document.keys() <= {"name", "number", "providers", "sponsor"}:
            raise HTTPException(404 if found is None else 400, "name, number, providers, sponsor of a filed domain")
        subject, service = found
        service.name = str(document.get("name", service.name))
        service.number = str(document.get("number", service.number))
        subject.name = str(document.get("sponsor", subject.name))
        if "providers" in document:
            kept = {access.provider: access for access in service.accesses}
            service.accesses = [kept.get(name, Access(name, [])) for name in map(str, document["providers"])]
        self._sandbox.record.save(subject)
        self._sandbox.ledger.commit()
        return JSONResponse(public_record(subject))

    async def reset(self, _request: Request) -> Response:
        """Forget everything."""
        self._sandbox.reset()
        return Response(status_code=204)

    async def show_face_check(self, request: Request) -> Response:
        """The page behind a face-check link, for a person with a browser."""
        self._waiting(request.path_params["token"])
        return HTMLResponse(_FACE_PAGE)

    async def pass_face_check(self, request: Request) -> Response:
        """Pass the face check; `{"passed": false}` fails it."""
        document = await json_object(request) if _is_json(request) else {}
        self._sandbox.advance()
        order = self._waiting(request.path_params["token"])
        self._sandbox.lifecycle.finish_face_check(order, passed=document.get("passed", True) is True)
        self._sandbox.ledger.commit()
        return JSONResponse({"status": order.identity.status})

    def _waiting(self, token: str) -> Order:
        now = self._sandbox.clock.now()
        for order in self._sandbox.ledger.all(Order):
            identity = order.identity
            fits = identity.token == token and identity.status is IdentityStatus.WAITING
            if fits and now <= identity.expires_at:
                return order
        raise HTTPException(404, "the link is unknown, used or expired")

    def _subject(self, document: dict[str, Any]) -> Subject:
        province = _one_of(document["province"], {row[0] for row in PROVINCES})
        number = document.get("number") or f"{province}ICP备{self._sandbox.record.next_serial()}号"
        subject = Subject(
            certificate_number=str(document["certificate_number"]),
            certificate_type=_one_of(document["certificate_type"], CERTIFICATE_TYPES.keys()),
            name=str(document["name"]),
            nature=_one_of(document["nature"], NATURES.keys()),
            province=province,
            number=number,
            principal=Person(**document["principal"]),
        )
        for item in document.get("services", ()):
            _add_service(subject, item)
        return subject


def _add_service(subject: Subject, document: dict[str, Any]) -> None:
    kind = _one_of(document.get("kind", "WEBSITE"), SERVICE_KINDS.keys())
    default = f"{subject.number}-{subject.last_sequence + 1}{KIND_SUFFIXES[kind]}"
    number = str(document.get("number") or default)
    manager = Person(**document["manager"]) if "manager" in document else subject.principal
    given = document.get("accesses", [document] if document.get("provider") else [])
    accesses = [Access(str(item["provider"]), list(item.get("ips", ()))) for item in given]
    subject.last_sequence = max(subject.last_sequence + 1, sequence_of(number))
    subject.services.append(
        Service(number, str(document["name"]), kind, str(document["domain"]).lower(), manager, accesses)
    )


def _one_of(value: Any, known: Any) -> str:
    if value not in known:
        raise ValueError(f"{value} is not one of {', '.join(sorted(known))}")
    return str(value)


def _submission(order: Order) -> dict[str, Any]:
    return {
        "vendor": order.vendor,
        "order_id": order.number,
        "reference": order.reference,
        "client_token": order.client_token,
        "order_type": order.order_type,
        "domain": order.application.domain,
        "accepted_at": order.accepted_at,
        "channel": order.channel,
        "state": VOCABULARIES[order.vendor].states[order.stage],
        "stage": order.stage,
        "resubmissions": order.revision,
    }


def _is_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "")


_FACE_PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>人脸核验（沙箱）</title>
<h1>人脸核验（沙箱）</h1><p>请网站负责人本人完成核验。</p>
<form method="post"><button>完成核验</button></form></html>
"""
