"""Plays a scenario of the planner through the whole real path: its past, its plan's orders, its people, its record.

A play is a generator that yields whenever it waits, so that many of them run in one deployment, in one thread.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import httpx

from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.lookup import RETURNED, TERMINAL, is_sending
from beianhub_core.planner import Answer, plan_document
from beianhub_core.planner.answer import Step, StepKind
from beianhub_core.planner.situation import Document
from beianhub_core.rulebook import load_rulebook
from rehearsal.situations import Company
from rehearsal.world import World

LOOK: Final = 0.25  # seconds between two rounds of looks
_WHOLE: Final = {"CHANGE_SUBJECT", "CANCEL_SUBJECT", "TRANSFER_ACCOUNT"}
# What brought the past order where the situation has it.
_ACCIDENTS: Final[dict[str, dict[str, Any]]] = {
    "PROVIDER_REJECTED": {"behaviour": "reject"},
    "REGULATOR_REJECTED": {"behaviour": "reject_regulator", "code": "1020"},
    "SMS_TIMEOUT": {"behaviour": "sms_unanswered", "seconds": 1},
    "IDENTITY_CHECK": {"behaviour": "identity_check"},
}


class Play:
    """One scenario, by a company of its own; ``http`` reaches the sandbox.

    ``log`` holds what became of each order, in sequence.
    """

    def __init__(self, world: World, http: httpx.Client, stem: str, number: int, scenario: dict[str, Any]) -> None:
        self.world, self.api = world, world.api
        self.scenario = scenario
        self.wants: dict[str, Any] = scenario["end_to_end"]
        document = Document.model_validate({key: scenario.get(key) for key in ("situation", "wish", "change")})
        self.company = Company(self.api.parent, stem, number, document)
        self.ids: list[str] = []
        self.log: list[str] = []
        self.refusals: list[str] = []
        self._http = http
        self._answered: set[str] = set()

    def run(self) -> Iterator[None]:
        """The past; then the plan, or what the planner advised against; then the record is there to be compared."""
        answer = plan_document(self.scenario, load_rulebook())
        self._import()
        yield from self._past()
        if "instead" in self.wants:
            yield from self._against_advice(answer)
        else:
            for step in answer.steps:
                yield from self._step(step)

    # --- the past ---

    def _import(self) -> None:
        for record in self.company.past():
            self._http.post("/sandbox/records", json=record).raise_for_status()
        row = subjects.ImportRow(key="1", subject=self.company.subject, subject_id=self.company.name.rpartition("/")[2])
        request = subjects.ImportSubjectsRequest(parent=self.api.parent, rows=[row])
        (result,) = self.api.call(self.api.subjects.ImportSubjects, request).results
        assert not result.findings, result.findings

    def _past(self) -> Iterator[None]:
        """Plays the subject's latest order up to where the situation has it."""
        past = self.company.situation.subject.order
        if past is None:
            return
        provider = past.provider or self.company.situation.server.provider or ""
        order_id = self._draft(str(past.type or "FIRST_FILING"), provider, ["ADDRESS"])
        self._script(provider, **_ACCIDENTS.get(str(past.state), {}))
        self._submit(order_id)
        if str(past.state) == "IDENTITY_CHECK":
            yield from self._until(order_id, lambda order: _waiting(order, res.VERIFICATION_KIND_FACE))
        elif str(past.state) in _ACCIDENTS:
            yield from self._until(order_id, _is_back)

    # --- the plan ---

    def _step(self, step: Step) -> Iterator[None]:
        if step.kind is StepKind.ACTION:
            yield from self._act(step.action)
            return
        again = self._returned() if step.order_type == self._type_of_last() else ""
        order_id = again or self._draft(step.order_type, step.provider, list(step.changes))
        for accident in self.wants.get("accidents", {}).get(step.order_type, []):
            self._script(step.provider, **accident)
        yield from self._file(order_id)

    def _file(self, order_id: str) -> Iterator[None]:
        """Submits it; what comes back is corrected once, and submitted again."""
        self._submit(order_id)
        yield from self._until(order_id, lambda order: order.state in TERMINAL or _is_back(order))
        if _is_back(self.api.order(order_id)):
            self._note(order_id)
            self._correct()
            self._submit(order_id)
            yield from self._until(order_id, lambda order: order.state in TERMINAL)
        self._note(order_id)

    def _act(self, action: str) -> Iterator[None]:
        """What people do that concerns an order of ours; all else they do at home, at a registrar, in their site."""
        if action == "CORRECT_DATA":
            self._correct()
        elif action == "WAIT_FOR_ORDER":
            yield from self._until(self.ids[-1], lambda order: order.state in TERMINAL)
            self._note(self.ids[-1])
        elif action == "ABANDON_ORDER":
            name = f"{self.api.parent}/orders/{self.ids[-1]}"
            if self._returned():
                self.api.call(self.api.orders.AbandonOrder, orders.AbandonOrderRequest(name=name))
            else:
                self.api.call(self.api.orders.WithdrawOrder, orders.WithdrawOrderRequest(name=name))
            yield from self._until(self.ids[-1], lambda order: order.state in TERMINAL)
            self._note(self.ids[-1])

    def _against_advice(self, answer: Answer) -> Iterator[None]:
        """Submits what the planner blocks, or plans no order for: our check, the vendor or the regulator refuses it."""
        wanted = self.wants["instead"]
        assert answer.blocked or not any(step.order_type == wanted["type"] for step in answer.steps)
        request = self._order(wanted["type"], wanted["provider"], wanted.get("changes", []))
        if wanted["by"] == "draft":
            refusal = self.api.refused(self.api.orders.CreateOrder, request)
            self.refusals = [finding.code for finding in refusal.findings]
            return
        self.api.call(self.api.orders.CreateOrder, request)
        self.ids.append(order_id := request.order_id)
        name = f"{self.api.parent}/orders/{order_id}"
        if wanted["by"] == "check":
            refusal = self.api.refused(self.api.orders.SubmitOrder, self._submission(order_id))
            self.refusals = [finding.code for finding in refusal.findings]
        else:
            self._submit(order_id)
            yield from self._until(order_id, _is_back)
            order = self.api.order(order_id)
            self.refusals = [found for finding in order.findings for found in (finding.code, finding.rule)]
        self._note(order_id)
        self.api.call(self.api.orders.AbandonOrder, orders.AbandonOrderRequest(name=name))

    # --- what a reseller does ---

    def _draft(self, order_type: str, provider: str, changes: list[str]) -> str:
        request = self._order(order_type, provider, changes)
        self.api.call(self.api.orders.CreateOrder, request)
        self.ids.append(request.order_id)
        return request.order_id

    def _order(self, order_type: str, provider: str, changes: list[str]) -> orders.CreateOrderRequest:
        order = res.Order(
            subject=self.company.name,
            type=res.OrderType.Value(f"ORDER_TYPE_{order_type}"),
            account=f"{self.api.parent}/accounts/{provider}",
            ips=[self.company.situation.server.ip or "203.0.113.10"],
        )
        if order_type not in _WHOLE:
            order.service = self.company.main
        if order_type.startswith("CHANGE_S"):
            order.change.CopyFrom(self.company.change(changes, order_type))
        if order_type == "TRANSFER_ACCOUNT":
            order.target_account = f"{self.api.parent}/accounts/{provider}-second"
        order_id = f"{self.company.name.rpartition('/')[2]}-{len(self.ids) + 1}"
        return orders.CreateOrderRequest(parent=self.api.parent, order=order, order_id=order_id)

    def _submission(self, order_id: str) -> orders.SubmitOrderRequest:
        """With what the check asks to be repeated."""
        name = f"{self.api.parent}/orders/{order_id}"
        found = self.api.call(self.api.orders.CheckOrder, orders.CheckOrderRequest(name=name)).findings
        asked = [f.suggestion.split('"')[1] for f in found if f.code == "CONFIRMATION_REQUIRED"]
        return orders.SubmitOrderRequest(name=name, confirmation="".join(asked))

    def _submit(self, order_id: str) -> None:
        self.api.call(self.api.orders.SubmitOrder, self._submission(order_id))

    def _correct(self) -> None:
        """New data, in the field that reviewers object to most."""
        subject, path = self.company.corrected()
        request = subjects.UpdateSubjectRequest(subject=subject)
        request.update_mask.paths.append(path)
        self.api.call(self.api.subjects.UpdateSubject, request)

    # --- people, and what is seen ---

    def _until(self, order_id: str, condition: Any) -> Iterator[None]:
        """Waits for the order, while people answer what is asked of them."""
        while not condition(order := self.api.order(order_id)):
            yield
            self._people(order)

    def _people(self, order: res.Order) -> None:
        """Principals pass the face check, and type MIIT's code in; an order that is to hang is left alone."""
        past = self.company.situation.subject.order
        if past is not None and str(past.state) == "IDENTITY_CHECK" and len(self.ids) == 1:
            return
        for facet in order.verifications:
            if facet.kind == res.VERIFICATION_KIND_FACE and facet.state == res.VERIFICATION_STATE_WAITING:
                self._face(facet.challenge.link)
            if facet.kind == res.VERIFICATION_KIND_MIIT_SMS and facet.state == res.VERIFICATION_STATE_WAITING:
                self._phones()

    def _face(self, link: str) -> None:
        if link and link not in self._answered:
            self._answered.add(link)
            self._http.post(link).raise_for_status()

    def _phones(self) -> None:
        for person in self.company.people():
            messages = self._http.get(f"/sandbox/phones/{person.mobile}/messages").raise_for_status().json()["messages"]
            for message in messages:
                self._type_in(person, message)

    def _type_in(self, person: res.Person, message: dict[str, Any]) -> None:
        """Code, mobile and the last six of the ID, on MIIT's page; whoever else has the phone is not who is meant."""
        if message["identifier"] not in self._answered:
            last6 = person.certificate.number[-6:]
            form = {"mobile": person.mobile, "code": message["code"], "id_last6": last6}
            if self._http.post("/miit/sms", json=form).is_success:
                self._answered.add(message["identifier"])

    def _script(self, provider: str, **accident: Any) -> None:
        if accident:
            domain = self.company.subject.services[0].domains[0]
            self.world.sandbox.script(domain=domain, vendor=provider, **accident)

    def _note(self, order_id: str) -> None:
        order = self.api.order(order_id)
        kind = res.OrderType.Name(order.type).removeprefix("ORDER_TYPE_")
        self.log.append(f"{kind} {order.provider} {res.OrderState.Name(order.state).removeprefix('ORDER_STATE_')}")

    def _returned(self) -> str:
        """The id of the last order, if it came back."""
        return self.ids[-1] if self.ids and _is_back(self.api.order(self.ids[-1])) else ""

    def _type_of_last(self) -> str:
        if not self.ids:
            return ""
        return res.OrderType.Name(self.api.order(self.ids[-1]).type).removeprefix("ORDER_TYPE_")

    def record(self) -> res.Subject:
        """The unified record as it now is."""
        made: res.Subject = self.api.call(
            self.api.subjects.GetSubject, subjects.GetSubjectRequest(name=self.company.name)
        )
        return made

    def regulator(self) -> dict[str, Any]:
        """The company in the public record, {} where there is none."""
        number = self.company.subject.profile.certificate.number
        found = self._http.get(f"/miit/records?certificate_number={number}").raise_for_status().json()["records"]
        return dict(found[0]) if found else {}


def play_all(plays: list[Play], seconds: float) -> dict[str, BaseException]:
    """Runs them side by side to their ends; why one failed, by the id of its subject."""
    running = {play.company.name.rpartition("/")[2]: play.run() for play in plays}
    failures: dict[str, BaseException] = {}
    end = time.monotonic() + seconds
    while running and time.monotonic() < end:
        begin = time.monotonic()
        for stem, play in list(running.items()):
            try:
                next(play)
            except StopIteration:
                del running[stem]
            except Exception as error:  # noqa: BLE001 - each scenario's test says what became of it
                failures[stem] = error
                del running[stem]
        time.sleep(max(0.0, LOOK - (time.monotonic() - begin)))
    return failures | {stem: TimeoutError(f"not within {seconds} s") for stem in running}


def times(world: World) -> Counter[str]:
    """How often any vendor has each of our orders, by its id."""
    return Counter(one["reference"].rpartition(".")[2] for one in world.sandbox.submissions())


def _is_back(order: res.Order) -> bool:
    """Whether it came back, and waits for us."""
    return order.state in RETURNED and not is_sending(order)


def _waiting(order: res.Order, kind: res.VerificationKind.ValueType) -> bool:
    return any(v.kind == kind and v.state == res.VERIFICATION_STATE_WAITING for v in order.verifications)
