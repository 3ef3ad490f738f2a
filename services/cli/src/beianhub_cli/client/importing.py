"""Importing a portfolio: good rows go in, every mistake comes back with its row and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.errors import CommandError
from beianhub_cli.client.output import Grid, Report, plain
from beianhub_cli.client.portfolio import Entry, Fault, Portfolio
from beianhub_core.names import last
from beianhub_core.rules.domains import canonical_domain

if TYPE_CHECKING:
    from collections.abc import Callable

    from beianhub_cli.client.connection import Connection

_BATCH: Final = 100


@dataclass(slots=True)
class Imported:
    """What became of a portfolio: subjects by what happened to them, and all that was wrong."""

    created: list[res.Subject] = field(default_factory=list)
    extended: list[res.Subject] = field(default_factory=list)
    unchanged: list[res.Subject] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def report(self) -> Report:
        """For machines and for people."""
        groups = {"created": self.created, "extended": self.extended, "unchanged": self.unchanged}
        document: dict[str, Any] = {name: [plain(s) for s in subjects] for name, subjects in groups.items()}
        document["failed"] = [_fault(each) for each in self.faults]
        rows = [
            (last(s.name), name, s.profile.title, " ".join(d for service in s.services for d in service.domains))
            for name, subjects in groups.items()
            for s in subjects
        ]
        bad = [
            (
                str(each.row),
                each.column,
                each.finding.code,
                f"{each.finding.message_zh}\n{each.finding.message_en}",
                each.finding.suggestion,
            )
            for each in self.faults
        ]
        tables = [Grid(("subject", "result", "title", "domains"), rows, "imported")]
        if bad:
            tables.append(Grid(("row", "column", "code", "finding", "remedy"), bad, "not imported"))
        return Report(document, tables)


async def import_portfolio(
    connection: Connection, parent: str, portfolio: Portfolio, progress: Callable[[int], None] = lambda _done: None
) -> Imported:
    """Imports every good row. A mistake in one site of a subject does not hold up its other sites.

    ``progress`` hears how many subjects each step dealt with.

    Raises:
        CommandError: no answer, or the caller may not.
    """
    importer = _Importer(connection, parent, portfolio)
    for batch in _batches(portfolio.entries):
        again = await importer.send(batch)
        await importer.send(again)
        progress(len(batch))
    importer.imported.faults = sorted([*portfolio.faults, *importer.imported.faults], key=lambda f: (f.row, f.column))
    return importer.imported


class _Importer:
    def __init__(self, connection: Connection, parent: str, portfolio: Portfolio) -> None:
        self.imported = Imported()
        self._connection = connection
        self._parent = parent
        self._portfolio = portfolio

    async def send(self, entries: Sequence[Entry]) -> list[Entry]:
        """Sends a batch; returns what is worth a second try: subjects of which single sites were refused."""
        if not entries:
            return []
        request = pb.ImportSubjectsRequest(parent=self._parent, rows=[entry.as_import() for entry in entries])
        answer = await self._connection.call(self._connection.subjects.ImportSubjects, request)
        again = []
        for entry, result in zip(entries, answer.results, strict=True):
            findings = [_relative(finding, 0) for finding in result.findings]
            if result.HasField("subject"):
                target = self.imported.unchanged if result.unchanged else self.imported.created
                target.append(result.subject)
            elif any(f.code == "SUBJECT_EXISTS" for f in findings):
                await self._extend(entry, findings)
            else:
                self._blame(entry, findings)
                again += _without_bad_sites(entry, findings)
        return again

    async def _extend(self, entry: Entry, findings: Sequence[res.Finding]) -> None:
        """A subject that is there: the file may bring new sites of it. Anything else that differs stays a finding."""
        name = f"{self._parent}/subjects/{entry.subject_id}"
        there = await self._connection.call(self._connection.subjects.GetSubject, pb.GetSubjectRequest(name=name))
        known = {domain for service in there.services for domain in service.domains}
        new = [i for i, service in enumerate(entry.subject.services) if not known & _domains(service)]
        if not new or any(entry.subject.services[i].licence_number for i in new):
            self._blame(entry, findings)
            return
        added = Entry(entry.subject_id, res.Subject(name=name, etag=there.etag), [entry.rows[i] for i in new])
        added.subject.services.extend(entry.subject.services[i] for i in new)
        request = pb.UpdateSubjectRequest(subject=added.subject, update_mask=FieldMask(paths=["services"]))
        try:
            subject = await self._connection.call(self._connection.subjects.UpdateSubject, request)
        except CommandError as error:
            if not error.failure.findings:
                raise
            self._blame(added, [_relative(f, len(there.services)) for f in error.failure.findings])
            return
        self.imported.extended.append(subject)

    def _blame(self, entry: Entry, findings: Sequence[res.Finding]) -> None:
        self.imported.faults += [self._portfolio.place(entry, f) for f in findings if not _is_echo(entry, f, findings)]


def _without_bad_sites(entry: Entry, findings: Sequence[res.Finding]) -> list[Entry]:
    """The entry without the sites that were refused; nothing where the subject itself was, or no site is left."""
    bad = {_service_of(finding) for finding in findings}
    good = [i for i in range(len(entry.rows)) if i not in bad]
    if None in bad or not good:
        return []
    subject = res.Subject()
    subject.CopyFrom(entry.subject)
    subject.ClearField("services")
    subject.services.extend(entry.subject.services[i] for i in good)
    return [Entry(entry.subject_id, subject, [entry.rows[i] for i in good])]


def _service_of(finding: res.Finding) -> int | None:
    head, _, rest = finding.path.partition("[")
    index = rest.partition("]")[0]
    return int(index) if head == "services" and index.isdecimal() else None


def _is_echo(entry: Entry, finding: res.Finding, findings: Sequence[res.Finding]) -> bool:
    """Whether the finding says of a site's principal what another says of the subject's, whom the row meant."""
    index = _service_of(finding)
    if index is None or index >= len(entry.subject.services):
        return False
    path = finding.path.replace(f"services[{index}].", "profile.", 1)
    same = entry.subject.services[index].principal == entry.subject.profile.principal
    return same and any(other.path == path and other.code == finding.code for other in findings)


def _relative(finding: res.Finding, before: int) -> res.Finding:
    """The finding with its path below the subject; services count from the one after the first ``before``."""
    copy = res.Finding()
    copy.CopyFrom(finding)
    copy.path = finding.path.removeprefix("subject.")
    index = _service_of(copy)
    if index is not None and index >= before:
        copy.path = copy.path.replace(f"services[{index}]", f"services[{index - before}]", 1)
    return copy


def _domains(service: res.Service) -> set[str]:
    return {canonical_domain(domain) or domain for domain in service.domains}


def _fault(fault: Fault) -> dict[str, Any]:
    finding = MessageToDict(fault.finding, preserving_proto_field_name=True)
    return {"row": fault.row, "column": fault.column, "finding": finding}


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _BATCH):
        yield entries[start : start + _BATCH]
