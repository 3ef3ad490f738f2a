"""What follows from the situation by logic alone. Every answer is yes, no, or ``None``: unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from beianhub_core.planner.situation import CurrentOrder, Situation
from beianhub_core.planner.vocabulary import ENDED, Field, Kind, Nature, Region, ServiceStatus, State, SubjectStatus
from beianhub_core.rules.domains import canonical_domain, registrable


@dataclass(frozen=True, slots=True)
class Facts:
    """The situation, read."""

    given: Situation
    change: tuple[Field, ...] = ()

    def served_by(self, provider: str) -> Facts:
        """The same facts for a server at another provider, whose address is not known yet."""
        server = self.given.server.model_copy(update={"provider": provider, "ip": None})
        return replace(self, given=self.given.model_copy(update={"server": server}))

    @property
    def provider(self) -> str:
        """The provider of the server; "" where unknown."""
        return self.given.server.provider or ""

    @property
    def nature(self) -> str:
        """The subject's nature, as rules take it; "" where unknown."""
        return str(self.given.subject.nature or "")

    @property
    def is_individual(self) -> bool | None:
        """Whether the subject is a person."""
        nature = self.given.subject.nature
        return None if nature is None else nature is Nature.INDIVIDUAL

    @property
    def province(self) -> str:
        """The subject's province; "" where unknown."""
        return self.given.subject.province or ""

    @property
    def subject_cancelled(self) -> bool:
        """Whether the subject was cancelled."""
        return self.given.subject.status is SubjectStatus.CANCELLED

    @property
    def subject_filed(self) -> bool | None:
        """Whether the subject has a licence number today."""
        subject = self.given.subject
        if self.subject_cancelled:
            return False
        if subject.filed is not None:
            return subject.filed
        signs = (subject.filed_at, subject.services, subject.status, self.given.service.filed)
        return True if any(signs) or self.given.service.filed_at else None

    @property
    def services(self) -> int | None:
        """How many services the subject has today."""
        subject = self.given.subject
        if self.subject_filed is False or subject.status is SubjectStatus.SHELL:
            return 0
        return subject.services

    @property
    def is_shell(self) -> bool | None:
        """Whether the subject is filed without a service (空壳主体)."""
        if self.subject_filed is not True:
            return self.subject_filed
        if self.services is None:
            return False if self.given.subject.status is SubjectStatus.NORMAL else None
        return self.services == 0

    @property
    def service_cancelled(self) -> bool:
        """Whether the service was cancelled."""
        return self.given.service.status is ServiceStatus.CANCELLED

    @property
    def service_filed(self) -> bool | None:
        """Whether the service has a licence number today."""
        service = self.given.service
        if self.service_cancelled or self.subject_cancelled:
            return False
        if service.filed is not None:
            return service.filed
        if service.filed_at or service.status is ServiceStatus.NO_ACCESS:
            return True
        if self.subject_filed is False and not self.given.domain.filed:
            return False  # a service is filed under its subject; a domain that is filed may be another's (S4.7)
        return self.given.domain.filed if self.subject_filed else None

    @property
    def is_website(self) -> bool:
        """Whether the service is a website, as it is unless something else was said."""
        return self.given.service.kind in (None, Kind.WEBSITE)

    @property
    def has_domain(self) -> bool:
        """Whether the service has a domain: a website does, another kind may do without."""
        return self.is_website or self.given.domain.name is not None

    @property
    def domain_filed(self) -> bool | None:
        """Whether the registrable domain is filed for this kind of service.

        APP and website filings are independent, and the same domain may serve both (HW-KB doc_0124).
        """
        if not self.is_website and self.subject_filed and self.given.service.filed is not None:
            return self.service_filed
        if self.is_website and self.subject_filed and self.service_cancelled:
            return False
        if self.given.domain.filed is not None:
            return self.given.domain.filed
        if self.subject_filed is False and self.given.service.filed is None:
            return None
        return self.service_filed

    @property
    def without_access(self) -> bool | None:
        """Whether the filed service has no access anywhere (空壳网站)."""
        if self.given.service.status is ServiceStatus.NO_ACCESS:
            return True
        accesses = self.given.service.filed_at
        return None if accesses is None else not accesses

    @property
    def accesses(self) -> tuple[str, ...] | None:
        """The providers at which the service has an access; ``None`` where unknown.

        A subject that is known at one provider, with one service, has that service there.
        """
        service, subject = self.given.service, self.given.subject
        if service.status is ServiceStatus.NO_ACCESS:
            return ()
        if service.filed_at is not None:
            return tuple(dict.fromkeys(service.filed_at))
        at = tuple(dict.fromkeys(subject.filed_at or ()))
        return at if self.service_filed and len(at) == 1 else None

    def has_access_at(self, provider: str) -> bool | None:
        """Whether the service has an access at the provider."""
        if self.accesses is not None:
            return provider in self.accesses
        known_at = self.given.subject.filed_at
        return False if known_at is not None and provider not in known_at else None

    @property
    def subject_at(self) -> tuple[str, ...] | None:
        """The providers that know the subject; ``None`` where unknown."""
        at = self.given.subject.filed_at
        if at is not None:
            return tuple(dict.fromkeys(at))
        return self.accesses or None

    @property
    def order(self) -> CurrentOrder | None:
        """The subject's latest order."""
        return self.given.subject.order

    @property
    def order_in_flight(self) -> bool | None:
        """Whether an order stands between the first claim and its end; a draft is none."""
        order = self.order
        if self.given.service.order_in_flight:
            return True
        if order is None:
            return self.given.service.order_in_flight
        return None if order.state is None else order.state not in ENDED | {State.DRAFT}

    @property
    def abroad(self) -> bool:
        """Whether the server stands outside the mainland."""
        return self.given.server.region in (Region.HONGKONG, Region.OVERSEAS)

    @property
    def domain(self) -> str:
        """The registrable domain in ASCII; "" where there is none."""
        return registrable(self.given.domain.name or "")

    @property
    def is_subdomain(self) -> bool:
        """Whether the name stands below its registrable domain; ``www`` is not counted."""
        name = canonical_domain(self.given.domain.name or "")
        return bool(self.domain) and name.removeprefix("www.") != self.domain

    @property
    def differences(self) -> tuple[Field, ...]:
        """In what the data differ from those that are filed."""
        return tuple(dict.fromkeys([*(self.given.access_differences or ()), *self.change]))

    @property
    def has_other_sites(self) -> bool | None:
        """Whether the subject has filed services beside this one."""
        if self.services is None:
            return None
        return self.services > int(bool(self.service_filed and self.domain_filed))
