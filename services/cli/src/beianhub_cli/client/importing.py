"""Importing a portfolio: good rows go in, every mistake comes back with its row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.drift_pb2 import Difference
from beianhub_cli.client.errors import CommandError, local_failure
from beianhub_cli.client.output import Grid, Report, plain
from beianhub_cli.client.portfolio import Entry, Fault, Portfolio
from beianhub_core.names import last
from beianhub_core.rules.completing import completed

if TYPE_CHECKING:
    from collections.abc import Callable

    from beianhub_cli.client.connection import Connection

_BATCH: Final = 100
# As octoDNS has it: a file that would change much of what is there is more likely wrong than the record is.
_THRESHOLD: Final = 0.3
_SMALLEST_FILE: Final = 10
_ADDITION: Final = re.compile(r"subject\.services\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Mode:
    """How to import: take over what differs, however much that is, or only say what would happen."""

    update: bool = False
    force: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Imported:
    """What became of a portfolio, or would: subjects by what happened to them, how rows differ, and all that was
    wrong.
    """

    created: list[res.Subject] = field(default_factory=list)
    updated: list[res.Subject] = field(default_factory=list)
    extended: list[res.Subject] = field(default_factory=list)
    unchanged: list[res.Subject] = field(default_factory=list)
    differences: list[tuple[str, Difference]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def report(self) -> Report:
        """For machines and for people."""
        groups = {
            "created": self.created,
            "updated": self.updated,
            "extended": self.extended,
            "unchanged": self.unchanged,
        }
        document: dict[str, Any] = {name: [plain(s) for s in subjects] for name, subjects in groups.items()}
        document["differences"] = [{"subject": each, **plain(difference)} for each, difference in self.differences]
        document["failed"] = [_fault(each) for each in self.faults]
        rows = [
            (last(s.name), name, s.profile.title, " ".join(d for service in s.services for d in service.domains))
            for name, subjects in groups.items()
            for s in subjects
        ]
        tables = [Grid(("subject", "result", "title", "domains"), rows, "imported")]
        if self.differences:
            differing = [(each, d.path.removeprefix("subject."), d.ours, d.theirs) for each, d in self.differences]
            tables.append(Grid(("subject", "field", "record", "file"), differing, "differs"))
        if self.faults:
            bad = [_line(each) for each in self.faults]
            tables.append(Grid(("row", "column", "code", "finding", "remedy"), bad, "not imported"))
        return Report(document, tables)

    @property
    def changing(self) -> int:
        """How many subjects that are there differ from the file."""
        return len({subject for subject, _ in self.differences})


async def import_portfolio(
    connection: Connection,
    parent: str,
    portfolio: Portfolio,
    mode: Mode,
    progress: Callable[[int], None] = lambda _done: None,
) -> Imported:
    """Imports every good row. A mistake in one site of a subject does not hold up its other sites.

    ``progress`` hears how many subjects each step dealt with.

    Raises:
        CommandError: no answer, or the caller may not; or, before anything changed, too much of what is there would.
    """
    if mode.update and not mode.dry_run and not mode.force:
        _refuse_much(portfolio, await _run(_Importer(connection, parent, portfolio, replace(mode, dry_run=True))))
    return await _run(_Importer(connection, parent, portfolio, mode), progress)


async def _run(importer: _Importer, progress: Callable[[int], None] = lambda _done: None) -> Imported:
    portfolio = importer.portfolio
    for batch in _batches(portfolio.entries):
        again = await importer.send(batch)
        await importer.send(again)
        progress(len(batch))
    importer.imported.faults = sorted([*portfolio.faults, *importer.imported.faults], key=lambda f: (f.row, f.column))
    return importer.imported


def _refuse_much(portfolio: Portfolio, foreseen: Imported) -> None:
    """Raises CommandError where the file would change more of what is there than is likely to be meant."""
    changing, existing = foreseen.changing, foreseen.changing + len(foreseen.unchanged)
    if len(portfolio.entries) < _SMALLEST_FILE or changing <= existing * _THRESHOLD:
        return
    raise local_failure(
        "TOO_MANY_DIFFERENCES",
        "file",
        f"文件将改写 {existing} 个已有主体中的 {changing} 个，超过 30%，未做任何修改",
        f"would change {changing} of the {existing} subjects that are there, more than 30 %; nothing was changed",
        (
            "请先查看 --dry-run 的结果；确认无误后加 --force 重复执行。 / "
            "Look at --dry-run; if it is what you want, repeat with --force."
        ),
    )


class _Importer:
    def __init__(self, connection: Connection, parent: str, portfolio: Portfolio, mode: Mode) -> None:
        self.imported = Imported()
        self.portfolio = portfolio
        self._connection = connection
        self._parent = parent
        self._mode = mode

    async def send(self, entries: Sequence[Entry]) -> list[Entry]:
        """Sends a batch; returns what is worth a second try: subjects of which single sites were refused."""
        if not entries:
            return []
        request = pb.ImportSubjectsRequest(
            parent=self._parent,
            rows=[entry.as_import() for entry in entries],
            validate_only=self._mode.dry_run,
            update=self._mode.update,
        )
        answer = await self._connection.call(self._connection.subjects.ImportSubjects, request)
        again = []
        for entry, result in zip(entries, answer.results, strict=True):
            self.imported.differences += [(entry.subject_id, difference) for difference in result.differences]
            findings = [_relative(finding, 0) for finding in result.findings]
            if result.HasField("subject"):
                self._group(result).append(result.subject)
            elif any(f.code == "DIFFERS" for f in findings):
                await self._extend(entry, findings, _additions(result))
            else:
                self._blame(entry, findings)
                again += _without_bad_sites(entry, findings)
        return again

    def _group(self, result: pb.ImportResult) -> list[res.Subject]:
        if result.unchanged:
            return self.imported.unchanged
        return self.imported.updated if result.differences else self.imported.created

    async def _extend(self, entry: Entry, findings: Sequence[res.Finding], added: Sequence[int]) -> None:
        """A subject that is there: the file may bring new sites of it, unfiled. Anything else that differs stays a
        finding.
        """
        new = [i for i in added if not entry.subject.services[i].licence_number]
        self._blame(entry, [f for f in findings if f.path not in {f"services[{i}]" for i in new}])
        if new and not self._mode.dry_run:
            await self._add_sites(entry, new)

    async def _add_sites(self, entry: Entry, new: Sequence[int]) -> None:
        name = f"{self._parent}/subjects/{entry.subject_id}"
        there = await self._connection.call(self._connection.subjects.GetSubject, pb.GetSubjectRequest(name=name))
        added = Entry(entry.subject_id, res.Subject(name=name, etag=there.etag), [entry.rows[i] for i in new])
        added.subject.services.extend(completed(entry.subject).services[i] for i in new)
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
        self.imported.faults += [self.portfolio.place(entry, f) for f in findings if not _is_echo(entry, f, findings)]


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
    whole = completed(entry.subject)
    same = whole.services[index].principal == whole.profile.principal
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


def _additions(result: pb.ImportResult) -> list[int]:
    """The services of the row that its subject has not."""
    return [int(found[1]) for difference in result.differences if (found := _ADDITION.fullmatch(difference.path))]


def _line(fault: Fault) -> tuple[str, ...]:
    finding = fault.finding
    words = f"{finding.message_zh}\n{finding.message_en}"
    return str(fault.row), fault.column, finding.code, words, finding.suggestion


def _fault(fault: Fault) -> dict[str, Any]:
    finding = MessageToDict(fault.finding, preserving_proto_field_name=True)
    return {"row": fault.row, "column": fault.column, "finding": finding}


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _BATCH):
        yield entries[start : start + _BATCH]
