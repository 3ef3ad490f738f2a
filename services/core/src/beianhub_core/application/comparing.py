"""Our records against a provider's copy, subject by subject: what differs. Pure.

A filing is a record's by its number, or by one of its domains. Names of people are compared and dropped: a drift shows
masks. The provider knows its own accesses and the regulator's numbers. Names and domains as filed it knows only while
nobody else has an access: a change made elsewhere reaches its copy later (domain.md 2.4, MIIT-V3 SJTB).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.drift_pb2 import Difference, Drift, FiledService, FiledSubject
from beianhub_core.application.differing import paired
from beianhub_core.domain.drifting import ACTIVE
from beianhub_core.domain.lookup import SERVICE_FILED, SUBJECT_FILED, find_access, has_access
from beianhub_core.rules.domains import canonical_domain
from beianhub_core.rules.licence import parse_licence
from beianhub_core.vault import personal

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Account, Service, Subject

_FILED_SUBJECT: Final = res.SubjectState.Name(res.SUBJECT_STATE_FILED)
_FILED_SERVICE: Final = res.ServiceState.Name(res.SERVICE_STATE_FILED)


@dataclass(slots=True)
class Copy:
    """A provider's copy of what is filed through an account. ``only``: the tenant has no other account there, so that
    an access that names none is this one's.
    """

    account: Account
    only: bool
    filings: Sequence[FiledSubject]
    _by_number: dict[str, int] = field(default_factory=dict)
    _by_domain: dict[str, int] = field(default_factory=dict)
    _owners: dict[int, str] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for index, filing in enumerate(self.filings):
            _canonicalise(filing)
            self._by_number.setdefault(filing.licence_number, index)
            for service in filing.services:
                self._by_domain.update(dict.fromkeys(service.domains, index))

    def know(self, subject: Subject) -> None:
        """Notes whose number a filing has, before any is asked for: a domain of another subject does not take it."""
        index = self._by_number.get(subject.licence_number or "-")
        if index is not None:
            self._owners[index] = subject.name

    def of(self, subject: Subject) -> FiledSubject | None:
        """The copy's filing of a subject of ours; what nobody asks for is missing in our record."""
        domains = [domain for service in subject.services for domain in service.domains]
        found = [self._by_number.get(subject.licence_number or "-"), *map(self._by_domain.get, domains)]
        mine = (i for i in found if i is not None and self._owners.get(i, subject.name) == subject.name)
        index = next(mine, None)
        if index is None:
            return None
        self._seen.add(index)
        return self.filings[index]

    def expects(self, service: Service) -> bool:
        """Whether our record says that the service is served through the account."""
        access = find_access(service, self.account.provider)
        mine = access is not None and (access.account == self.account.name or (self.only and not access.account))
        return access is not None and mine and access.state == res.ACCESS_STATE_ACTIVE

    @property
    def unknown(self) -> list[FiledSubject]:
        """The filings that no record of ours asked for."""
        return [filing for index, filing in enumerate(self.filings) if index not in self._seen]


def _canonicalise(filing: FiledSubject) -> None:
    filing.licence_number = _licence(filing.licence_number)
    for service in filing.services:
        service.licence_number = _licence(service.licence_number)
        service.domains[:] = sorted(canonical_domain(domain) or domain.lower() for domain in service.domains)


def _licence(text: str) -> str:
    licence = parse_licence(text)
    return str(licence) if licence else text.strip()


def compare(copy: Copy, plain: Subject, filing: FiledSubject | None) -> Drift | None:
    """How a record of ours, with its values, and the copy differ; ``None``: they do not. Name and time are the caller's
    to give.
    """
    if filing is None:
        gone = [_access(service, "") for service in plain.services if copy.expects(service)]
        return _drift(copy, Drift.KIND_MISSING_AT_PROVIDER, plain, plain.licence_number, gone)
    differences = [*_subject(copy, plain, filing), *_services(copy, plain, filing)]
    return _drift(copy, Drift.KIND_CHANGED, plain, filing.licence_number, differences)


def missing(copy: Copy, filing: FiledSubject) -> Drift:
    """A filing that our record lacks: what the copy has of it."""
    shown = [
        Difference(path="subject.licence_number", theirs=filing.licence_number),
        Difference(path="subject.profile.title", theirs=_title(filing.title, filing.nature)),
        *(Difference(path="subject.services", theirs=_summary(service)) for service in filing.services),
    ]
    return Drift(
        kind=Drift.KIND_MISSING_IN_RECORD,
        provider=copy.account.provider,
        account=copy.account.name,
        licence_number=filing.licence_number,
        differences=shown,
    )


def _drift(
    copy: Copy, kind: Drift.Kind.ValueType, plain: Subject, number: str, differences: Sequence[Difference]
) -> Drift | None:
    if not differences:
        return None
    return Drift(
        kind=kind,
        subject=plain.name,
        provider=copy.account.provider,
        account=copy.account.name,
        licence_number=number,
        differences=differences,
    )


def _subject(copy: Copy, plain: Subject, filing: FiledSubject) -> Iterator[Difference]:
    profile = plain.profile
    alone = all(_alone(service, copy.account.provider) for service in plain.services)
    if filing.licence_number and filing.licence_number != plain.licence_number:
        yield _public("subject.licence_number", plain.licence_number, filing.licence_number)
    if plain.state not in SUBJECT_FILED or (plain.state == res.SUBJECT_STATE_SHELL and filing.services):
        yield _public("subject.state", res.SubjectState.Name(plain.state), _FILED_SUBJECT)
    if filing.title and profile.title and filing.title != profile.title:
        person = profile.nature == res.NATURE_INDIVIDUAL
        yield Difference(
            path="subject.profile.title",
            ours=_title(profile.title, profile.nature),
            theirs=_title(filing.title, profile.nature),
            authoritative=alone and not person,
        )
    if filing.nature and filing.nature != profile.nature:
        ours, theirs = res.Nature.Name(profile.nature), res.Nature.Name(filing.nature)
        yield Difference(path="subject.profile.nature", ours=ours, theirs=theirs)
    yield from _person("subject.profile.principal.full_name", profile.principal.full_name, filing.principal_name, "")


def _services(copy: Copy, plain: Subject, filing: FiledSubject) -> Iterator[Difference]:
    found: set[str] = set()
    for filed in filing.services:
        wanted = res.Service(
            kind=filed.kind, title=filed.title, domains=filed.domains, licence_number=filed.licence_number
        )
        ours = paired(plain.services, wanted)
        if ours is None:
            yield Difference(path="subject.services", theirs=_summary(filed))
        else:
            found.add(ours.name)
            yield from _service(copy, ours, filed)
    for service in plain.services:
        if service.name not in found and copy.expects(service):
            yield _access(service, "")


def _service(copy: Copy, ours: Service, filed: FiledService) -> Iterator[Difference]:
    provider, name = copy.account.provider, ours.name
    alone = _alone(ours, provider)
    if filed.licence_number and filed.licence_number != ours.licence_number:
        yield _public("service.licence_number", ours.licence_number, filed.licence_number, name)
    if ours.state not in SERVICE_FILED:
        yield _public("service.state", res.ServiceState.Name(ours.state), _FILED_SERVICE, name)
    if filed.title and filed.title != ours.title:
        yield _public("service.title", ours.title, filed.title, name, authoritative=alone)
    if filed.domains and sorted(ours.domains) != list(filed.domains):
        domains = " ".join(sorted(ours.domains)), " ".join(filed.domains)
        yield _public("service.domains", *domains, name, authoritative=alone)
    yield from _person("service.principal.full_name", ours.principal.full_name, filed.principal_name, name)
    if not has_access(ours, provider):
        access = find_access(ours, provider)
        yield _access(ours, ACTIVE, res.AccessState.Name(access.state) if access is not None else "")


def _alone(service: Service, provider: str) -> bool:
    return all(a.provider == provider for a in service.accesses if a.state == res.ACCESS_STATE_ACTIVE)


def _access(service: Service, theirs: str, ours: str = ACTIVE) -> Difference:
    return _public("service.access", ours, theirs, service.name)


def _public(path: str, ours: str, theirs: str, service: str = "", *, authoritative: bool = True) -> Difference:
    return Difference(path=path, ours=ours, theirs=theirs, service=service, authoritative=authoritative)


def _person(path: str, ours: str, theirs: str, service: str) -> Iterator[Difference]:
    """Shown as masks, which may look alike; never taken over: the name goes with a certificate that nobody gave."""
    if theirs and ours and theirs != ours:
        masks = personal.mask_name(ours), personal.mask_name(theirs)
        yield Difference(path=path, ours=masks[0], theirs=masks[1], service=service)


def _title(title: str, nature: res.Nature.ValueType) -> str:
    """A unit's name is public; a person's, and one of whom nobody says what it is, is not."""
    public = nature not in (res.NATURE_INDIVIDUAL, res.NATURE_UNSPECIFIED)
    return title if public or not title else personal.mask_name(title)


def _summary(filed: FiledService) -> str:
    return " ".join(part for part in (filed.title, *filed.domains, filed.licence_number) if part)
