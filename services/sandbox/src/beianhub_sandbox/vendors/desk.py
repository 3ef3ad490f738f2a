"""What the three vendors' routes share: the scripted faults, and refusals in the vendor's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beianhub_sandbox.model import Behaviour, Order, Service, Stage, Subject
from beianhub_sandbox.problems import Problem, Refused
from beianhub_sandbox.signatures import Keys
from beianhub_sandbox.wire import with_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from beianhub_sandbox.problems import ErrorWord
    from beianhub_sandbox.sandbox import Sandbox
    from beianhub_sandbox.vocabulary import Vocabulary


@dataclass(frozen=True)
class Errand:
    """A verified request: whether it submits or asks, the domain it is about, and the work itself."""

    place: str
    domain: str
    work: Callable[[], Response]


@dataclass(frozen=True)
class Desk:
    """One vendor's counter."""

    sandbox: Sandbox
    words: Vocabulary

    def keys(self, validity: float) -> Keys:
        """What to verify signatures with."""
        sandbox = self.sandbox
        return Keys(sandbox.settings.credentials[self.words.vendor], sandbox.clock.now(), validity)

    async def serve(self, request: Request, errand: Errand) -> Response:
        """Do the work as the domain's script wants it."""
        sandbox = self.sandbox
        sandbox.advance()
        fault = sandbox.scenarios.take_wire_fault(self.words.vendor, errand.domain, errand.place)
        try:
            return await with_fault(fault, request, sandbox.settings.hang_seconds, errand.work)
        finally:
            sandbox.ledger.commit()

    def order(self, number: str, account: str) -> Order:
        """An order of the account, or Refused ORDER_NOT_FOUND."""
        return self.sandbox.office.order(self.words.vendor, number, account)

    def domain_of(self, reference: str, account: str) -> str:
        """The domain of the first order that carries our reference, or an empty string."""
        found = self.sandbox.office.by_reference(self.words.vendor, account, reference)
        return found[0].application.domain if found else ""

    def show(self, order: Order) -> dict[str, Any]:
        """The vendor's view of an order; script `unknown_status` hides its state."""
        view = self.words.describe(order)
        script = self.sandbox.scenarios.take(order.vendor, order.application.domain, Behaviour.UNKNOWN_STATUS)
        return view | self.words.unknown_state if script else view

    def access(self, domain: str) -> tuple[str, str, list[str]] | None:
        """Subject number, service number and IPs of this vendor's access to a domain, or None."""
        found = self.sandbox.record.service_of(domain)
        for access in found[1].accesses if found else []:
            if found and access.provider == self.words.vendor:
                return found[0].number, found[1].number, access.ips
        return None

    def filings(self, account: str) -> list[tuple[Subject, list[Service]]]:
        """What is filed through an account: subjects with the services that have this vendor's access, by number.

        A subject that no order of the vendor made belongs to every account: it was seeded.
        """
        sandbox, vendor = self.sandbox, self.words.vendor
        owners = {
            order.application.certificate_number: order.application.target_account or order.account
            for order in sorted(sandbox.ledger.all(Order), key=lambda order: order.accepted_at)
            if order.vendor == vendor and order.stage is Stage.FILED
        }
        subjects = sorted(sandbox.ledger.all(Subject), key=lambda subject: subject.number)
        mine = [s for s in subjects if owners.get(s.certificate_number, account) == account]
        served = ((s, [one for one in s.services if any(a.provider == vendor for a in one.accesses)]) for s in mine)
        return [(subject, services) for subject, services in served if services]

    def error(self, refused: Refused) -> tuple[ErrorWord, str]:
        """The vendor's word for a refusal, and its message filled in."""
        word = self.words.errors[refused.problem]
        return word, word.message.format(field="、".join(refused.fields), detail=refused.detail).strip()


def required_text(form: dict[str, Any], name: str) -> str:
    """A parameter that must be there; Refused MISSING."""
    value = str(form.get(name) or "")
    if not value:
        raise Refused(Problem.MISSING, fields=(name,))
    return value


def face_url(request: Request, order: Order) -> str:
    """The link that the service's principal opens."""
    return f"http://{request.headers['host']}/sandbox/face/{order.identity.token}"
