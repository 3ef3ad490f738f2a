"""Reads of records, orders and events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, literal, select

from beianhub.events.v1.events_pb2 import Event
from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1.resources_pb2 import Order, OrderState, Risk, RiskKind, Service, Severity, Subject
from beianhub_core.store.part import Part, page
from beianhub_core.store.port import Committed, DomainRow, Unit
from beianhub_core.store.tables import domains, events, observations, orders, records, risks, tasks

# In the statement's text, so that both databases see that their partial index fits.
_NONE: Final = literal("", literal_execute=True)


class SqlRecords(Part):
    """:class:`~beianhub_core.store.port.Writer` and :class:`~beianhub_core.store.port.RecordReads` in SQL."""

    async def execute(self, unit: Unit) -> Committed:
        """Queues the unit; it shares a transaction with what else waits."""
        committed: Committed = await self._writer.submit(unit)
        return committed

    async def record(self, tenant: str, subject: str) -> Record | None:
        """The subject's record."""
        query = select(records.c.body).where(records.c.tenant == tenant, records.c.subject == subject)
        body = await self._read(lambda connection: connection.scalar(query))
        return None if body is None else Record.FromString(body)

    async def subject_of_order(self, tenant: str, order: str) -> str | None:
        """The id of the order's subject."""
        query = select(orders.c.subject).where(orders.c.tenant == tenant, orders.c.order_id == order)
        return await self._read(lambda connection: connection.scalar(query))

    async def subject_of_task(self, tenant: str, task: str) -> str | None:
        """The id of the task's subject."""
        query = select(tasks.c.subject).where(tasks.c.tenant == tenant, tasks.c.task_id == task)
        return await self._read(lambda connection: connection.scalar(query))

    async def subject_of_provider_order(
        self, tenant: str, account: str, provider_order_id: str
    ) -> tuple[str, str] | None:
        """The subject's and the order's id of a vendor's order number; of several orders the last made."""
        if not provider_order_id:
            return None
        query = (
            select(orders.c.subject, orders.c.order_id)
            .where(orders.c.tenant == tenant, orders.c.account == account)
            .where(orders.c.provider_order_id == provider_order_id, orders.c.provider_order_id != _NONE)
            .order_by(orders.c.seq.desc())
            .limit(1)
        )
        row = await self._read(lambda connection: connection.execute(query).first())
        return None if row is None else (row.subject, row.order_id)

    async def list_subjects(self, tenant: str, *, customer: str, domain: str, after: str, limit: int) -> list[Subject]:
        """Subjects in order of creation."""
        query = select(records.c.body).where(records.c.tenant == tenant)
        if customer:
            query = query.where(records.c.customer == customer)
        if domain:
            owner = select(domains.c.subject).where(domains.c.tenant == tenant, domains.c.domain == domain)
            query = query.where(records.c.subject == owner.scalar_subquery())
        bodies = await self._read(
            lambda connection: page(
                connection, query, records, records.c.subject, tenant=tenant, after=after, limit=limit
            )
        )
        return [Record.FromString(body).subject for body in bodies]

    async def list_orders(
        self,
        tenant: str,
        *,
        customer: str,
        subject: str,
        states: Sequence[OrderState.ValueType],
        provider: str,
        after: str,
        limit: int,
    ) -> list[Order]:
        """Orders in order of creation."""
        query = select(orders.c.body).where(orders.c.tenant == tenant)
        if customer:
            same = (orders.c.tenant == records.c.tenant) & (orders.c.subject == records.c.subject)
            query = query.join(records, same).where(records.c.customer == customer)
        if subject:
            query = query.where(orders.c.subject == subject)
        if states:
            query = query.where(orders.c.state.in_(states))
        if provider:
            query = query.where(orders.c.provider == provider)
        bodies = await self._read(
            lambda connection: page(
                connection, query, orders, orders.c.order_id, tenant=tenant, after=after, limit=limit
            )
        )
        return [Order.FromString(body) for body in bodies]

    async def list_risks(
        self,
        tenant: str,
        *,
        customer: str,
        subject: str,
        kinds: Sequence[RiskKind.ValueType],
        severity: Severity.ValueType,
        after: str,
        limit: int,
    ) -> list[Risk]:
        """Risks in the order in which they appeared."""
        query = select(risks.c.body).where(risks.c.tenant == tenant)
        if customer:
            same = (risks.c.tenant == records.c.tenant) & (risks.c.subject == records.c.subject)
            query = query.join(records, same).where(records.c.customer == customer)
        if subject:
            query = query.where(risks.c.subject == subject)
        if kinds:
            query = query.where(risks.c.kind.in_(kinds))
        if severity:
            query = query.where(risks.c.severity >= severity)
        bodies = await self._read(
            lambda connection: page(connection, query, risks, risks.c.risk_id, tenant=tenant, after=after, limit=limit)
        )
        return [Risk.FromString(body) for body in bodies]

    async def list_events(self, tenant: str, subject: str, *, after_version: int, limit: int) -> list[Event]:
        """A subject's events with a version above ``after_version``, in order."""
        query = (
            select(events.c.body)
            .where(events.c.tenant == tenant, events.c.subject == subject, events.c.version > after_version)
            .order_by(events.c.version)
            .limit(limit)
        )
        bodies = await self._read(lambda connection: connection.scalars(query).all())
        return [Event.FromString(body) for body in bodies]

    async def list_record_ids(self, tenant: str, *, after: str, limit: int) -> list[str]:
        """Ids of subjects in order of creation."""
        query = select(records.c.subject).where(records.c.tenant == tenant)
        return await self._read(
            lambda connection: page(
                connection, query, records, records.c.subject, tenant=tenant, after=after, limit=limit
            )
        )

    async def domain(self, tenant: str, domain: str) -> DomainRow | None:
        """The service that has the domain."""
        query = _domain_rows().where(domains.c.tenant == tenant, domains.c.domain == domain)
        row = await self._read(lambda connection: connection.execute(query).first())
        return None if row is None else _domain_row(*row)

    async def domains(self, subjects: Sequence[tuple[str, str]] | None = None) -> list[DomainRow]:
        """All services by domain, or those of some subjects."""
        query, parameters = _domain_rows(), None
        if subjects is not None:
            if not subjects:
                return []
            query = self._sql.among(query, domains.c.tenant, domains.c.subject)
            parameters = self._sql.keys(subjects)
        rows = await self._read(lambda connection: connection.execute(query, parameters).all())
        return [_domain_row(*row) for row in rows]

    async def observed(self, tenant: str, order: str) -> tuple[str, datetime] | None:
        """The vendor's word that a poll last confirmed, and when."""
        found = observations.c.tenant == tenant, observations.c.order_id == order
        query = select(observations.c.word, observations.c.time).where(*found)
        row = await self._read(lambda connection: connection.execute(query).first())
        return None if row is None else (row.word, row.time)


def _domain_rows() -> Select[Any]:
    same = (domains.c.tenant == records.c.tenant) & (domains.c.subject == records.c.subject)
    columns = domains.c.tenant, domains.c.domain, records.c.customer, domains.c.subject, domains.c.body
    return select(*columns).select_from(domains).join(records, same)


def _domain_row(tenant: str, domain: str, customer: str, subject: str, body: bytes) -> DomainRow:
    return DomainRow(tenant, domain, customer, subject, Service.FromString(body))
