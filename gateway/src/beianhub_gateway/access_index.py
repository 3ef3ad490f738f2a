"""The index behind CheckAccess: every service by its domains, no older than the log's tail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beianhub_core.store.port import DomainRow, Positioned, Store


class AccessIndex:
    """A follower of the log. Rows are kept by (tenant, domain) and dropped by (tenant, subject)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: dict[tuple[str, str], DomainRow] = {}
        self._domains: dict[tuple[str, str], list[str]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, tenant: str, domain: str) -> DomainRow | None:
        """The service of the tenant that has the registrable domain."""
        return self._rows.get((tenant, domain))

    async def load(self) -> None:
        """Reads every row."""
        rows = await self._store.domains()
        self._rows.clear()
        self._domains.clear()
        self._add(rows)

    async def take(self, events: Sequence[Positioned]) -> None:
        """Reads the rows of the subjects that the events touched, in one query."""
        touched = sorted({(p.event.tenant, p.event.subject) for p in events})
        rows = await self._store.domains(touched)
        for tenant, subject in touched:
            self._drop(tenant, subject)
        self._add(rows)

    def _drop(self, tenant: str, subject: str) -> None:
        for domain in self._domains.pop((tenant, subject), ()):
            # Another subject may have taken the domain over in an earlier batch.
            if (row := self._rows.get((tenant, domain))) and row.subject == subject:
                del self._rows[tenant, domain]

    def _add(self, rows: Iterable[DomainRow]) -> None:
        for row in rows:
            self._rows[row.tenant, row.domain] = row
            self._domains.setdefault((row.tenant, row.subject), []).append(row.domain)
