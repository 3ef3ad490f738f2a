"""The national record over the ledger: what the regulator's rules read and write."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from beianhub_sandbox.clock import BEIJING
from beianhub_sandbox.model import Order, Service, Subject

if TYPE_CHECKING:
    from beianhub_sandbox.clock import SandboxClock
    from beianhub_sandbox.ledger import Ledger


class NationalRecord:
    """Implements `regulator.Record`; also answers MIIT's public query."""

    def __init__(self, ledger: Ledger, clock: SandboxClock) -> None:
        self._ledger = ledger
        self._clock = clock

    def subject(self, certificate_number: str) -> Subject | None:
        """The subject with this certificate number."""
        return self._ledger.get(Subject, certificate_number)

    def domain_owner(self, domain: str) -> Subject | None:
        """The subject under which a domain is filed."""
        found = self.service_of(domain)
        return found[0] if found else None

    def service_of(self, domain: str) -> tuple[Subject, Service] | None:
        """The subject and service of a domain."""
        certificate = self._ledger.certificate_of(domain.lower())
        subject = self._ledger.get(Subject, certificate)
        for service in subject.services if subject else []:
            if subject and service.domain == domain.lower():
                return subject, service
        return None

    def in_flight(self, key: str) -> Order | None:
        """The order at the regulator for a certificate number or a domain."""
        return self._ledger.in_flight(key)

    def next_serial(self) -> str:
        """Year and six digits: `2026000123` (domain.md 1.2)."""
        year = datetime.fromtimestamp(self._clock.now(), BEIJING).year
        return f"{year}{self._ledger.next_number(f'subjects-{year}'):06d}"

    def save(self, subject: Subject) -> None:
        """Keep a new or changed subject."""
        self._ledger.put(subject)

    def drop(self, subject: Subject) -> None:
        """Void a subject with all its services."""
        self._ledger.remove(Subject, subject.certificate_number)
