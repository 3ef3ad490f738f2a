"""The audit: every record equals the fold of its events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from beianhub.events.v1.record_pb2 import Record
from beianhub.filing.v1.admin_service_pb2 import AuditRecordsResponse
from beianhub_core import names
from beianhub_core.domain.evolve import apply

if TYPE_CHECKING:
    from beianhub_core.store.port import Store

_PAGE: Final = 500


async def audit(store: Store, tenant: str) -> AsyncIterator[AuditRecordsResponse]:
    """One answer a record, and the sum at the end."""
    records = unequal = 0
    after = ""
    while page := await store.list_record_ids(tenant, after=after, limit=_PAGE):
        for subject_id in page:
            answer = await _compare(store, tenant, subject_id)
            records += 1
            unequal += not answer.equal
            yield answer
        after = page[-1]
    yield AuditRecordsResponse(equal=not unequal, records=records, unequal=unequal)


async def _compare(store: Store, tenant: str, subject_id: str) -> AuditRecordsResponse:
    """The record is read first, and events above its version are left out: writes may go on meanwhile."""
    record = await store.record(tenant, subject_id) or Record()
    folded, problem = await _fold(store, tenant, subject_id, record.version)
    difference = problem or _difference(record, folded) or await _left_behind(store, tenant, subject_id, record.version)
    return AuditRecordsResponse(
        subject=names.subject_name(tenant, subject_id),
        version=record.version,
        equal=not difference,
        difference=difference,
    )


async def _fold(store: Store, tenant: str, subject_id: str, version: int) -> tuple[Record, str]:
    """The fold of the events up to ``version``, or as far as it goes, and what stopped it."""
    folded = Record(tenant=tenant)
    while folded.version < version:
        wanted = min(_PAGE, version - folded.version)
        events = await store.list_events(tenant, subject_id, after_version=folded.version, limit=wanted)
        if not events:
            return folded, f"no event of version {folded.version + 1}"
        for event in events:
            if event.version != folded.version + 1:
                return folded, f"no event of version {folded.version + 1}"
            try:
                apply(folded, event)
            except LookupError:
                return folded, f"the event of version {event.version} does not fit those before it"
    return folded, ""


async def _left_behind(store: Store, tenant: str, subject_id: str, version: int) -> str:
    """An event is committed with its record: one above ``version`` means that the record has moved on since, too."""
    later = await store.list_events(tenant, subject_id, after_version=version, limit=1)
    record = await store.record(tenant, subject_id) if later else None
    behind = record is not None and record.version <= version
    return f"the event of version {later[0].version} is not in the record" if behind else ""


def _difference(record: Record, folded: Record) -> str:
    fields = [f.name for f in Record.DESCRIPTOR.fields if getattr(record, f.name) != getattr(folded, f.name)]
    return f"differs in {', '.join(fields)}" if fields else ""
