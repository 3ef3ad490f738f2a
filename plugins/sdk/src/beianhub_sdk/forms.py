"""A vendor's form as a table: one :class:`Entry` per field says the vendor's key, its label, and where our value is.

A plugin writes the table; filling it in, naming what is missing and finding an entry by the vendor's key are the same
for every vendor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import FormField
from beianhub_sdk.provider import Form
from beianhub_sdk.vendor import blocker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from beianhub.resources.v1.resources_pb2 import Finding, Person
    from beianhub.resources.v1.task_pb2 import TaskAssignment


_NEW_SERVICE = frozenset({pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_SERVICE})
_OF_SUBJECT = frozenset(
    {
        pb.ORDER_TYPE_ADD_SERVICE,
        pb.ORDER_TYPE_CHANGE_SUBJECT,
        pb.ORDER_TYPE_CANCEL_SUBJECT,
        pb.ORDER_TYPE_TRANSFER_ACCOUNT,
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a vendor's form.

    ``path`` is that of a TaskAssignment, such as ``subject.profile.title``. ``words`` are the vendor's words for an
    enum's numbers. ``read`` replaces both where a value is made of several.
    """

    key: str
    label: str
    path: str
    words: Mapping[int, str] = field(default_factory=dict)
    read: Callable[[TaskAssignment], str] | None = None

    @property
    def finding_path(self) -> str:
        """The path as findings name it: of the subject or the order, but of the service with its prefix."""
        return self.path.removeprefix("subject.").removeprefix("order.")

    def value(self, assignment: TaskAssignment) -> str:
        """The vendor's value; empty where we have none, or the vendor has no word for ours."""
        if self.read is not None:
            return self.read(assignment)
        raw: Any = assignment
        for name in self.path.split("."):
            raw = getattr(raw, name)
        return self.words.get(raw, "") if isinstance(raw, int) else str(raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a vendor's form is for one order type: its fields by key, and what an operator has to know.

    ``with_subject`` are the fields that a change of a service has where it changes the subject too (变更备案).
    """

    title: str
    keys: frozenset[str]
    required: frozenset[str]
    documents: tuple[str, ...]
    instructions_zh: str
    instructions_en: str
    with_subject: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTable:
    """A vendor's whole form. ``letter`` joins the documents when the service's principal is not the subject's."""

    vendor: str
    console: str
    entries: tuple[Entry, ...]
    sheets: Mapping[int, Sheet]
    letter: str
    source: tuple[str, ...]
    as_of: str

    def prepare(self, assignment: TaskAssignment) -> Form:
        """The fields that have a value, in the table's order and in the words that a person sees in the console."""
        sheet = self.sheets[assignment.order.type]
        keys = sheet.keys | (sheet.with_subject if assignment.order.change.HasField("profile") else frozenset())
        values = ((entry, entry.value(assignment)) for entry in self.entries if entry.key in keys)
        return Form(
            title=f"{self.vendor} {sheet.title}",
            fields=[FormField(key=entry.key, label=entry.label, value=value) for entry, value in values if value],
            deep_link=self.console,
            documents=self._documents(sheet, assignment),
            instructions_zh=sheet.instructions_zh,
            instructions_en=sheet.instructions_en,
        )

    def check(self, assignment: TaskAssignment) -> list[Finding]:
        """A blocker for each required field without a value that the vendor has a word for, and for a second domain."""
        required = self.sheets[assignment.order.type].required
        found = [
            self._required(entry) for entry in self.entries if entry.key in required and not entry.value(assignment)
        ]
        if assignment.order.type in _NEW_SERVICE and len(assignment.service.domains) > 1:
            found.append(_one_domain(self.vendor))
        return found

    def _documents(self, sheet: Sheet, assignment: TaskAssignment) -> tuple[str, ...]:
        subject_principal = assignment.subject.profile.principal.certificate.number
        other = service_principal(lambda person: person.certificate.number)(assignment) != subject_principal
        return (*sheet.documents, self.letter) if sheet.documents and other else sheet.documents

    def _required(self, entry: Entry) -> Finding:
        return blocker(
            "PROVIDER_FIELD_REQUIRED",
            f"{self.vendor}要求填写“{entry.label}”",
            f"{self.vendor} requires the field {entry.key} ({entry.label}).",
            path=entry.finding_path,
            suggestion="请填写，并使用接入商提供的选项。 / Fill it in, with a value that the provider offers.",
            source=self.source,
            as_of=self.as_of,
        )


def mentioned(entries: Iterable[Entry], text: str) -> list[Entry]:
    """The entries whose vendor key stands in a vendor's message, longest key first and none inside another."""
    found = []
    for entry in sorted(entries, key=lambda entry: -len(entry.key)):
        if entry.key in text:
            found.append(entry)
            text = text.replace(entry.key, "")
    return found


def _one_domain(vendor: str) -> Finding:
    return blocker(
        "PROVIDER_ONE_DOMAIN",
        f"{vendor}每个网站只能填写一个域名",
        f"{vendor} takes one domain per website.",
        path="service.domains",
        suggestion="请将每个域名作为单独的网站备案。 / File each domain as a website of its own.",
        source=("ALI-2019", "TC-DOC"),
        as_of="2019-09-01",
    )


def first_domain(assignment: TaskAssignment) -> str:
    """The service's first domain: vendors' forms have room for one (ALI-2019, since 2019-04-22)."""
    return next(iter(assignment.service.domains), "")


def licence_number(assignment: TaskAssignment) -> str:
    """The number that the order is about: the subject's, or the service's."""
    about_subject = assignment.order.type in _OF_SUBJECT
    return assignment.subject.licence_number if about_subject else assignment.service.licence_number


def target_account(assignment: TaskAssignment) -> str:
    """The id of the account that a transfer or a migration goes to."""
    return assignment.order.target_account.rpartition("/")[2]


def addresses(assignment: TaskAssignment) -> str:
    """The order's server addresses, comma-separated."""
    return ",".join(assignment.order.ips)


def service_principal(read: Callable[[Person], str]) -> Callable[[TaskAssignment], str]:
    """A reader of the service's principal; the subject's where the service names none (ALI-2019: individuals)."""

    def of(assignment: TaskAssignment) -> str:
        service, profile = assignment.service, assignment.subject.profile
        return read(service.principal if service.HasField("principal") else profile.principal)

    return of
