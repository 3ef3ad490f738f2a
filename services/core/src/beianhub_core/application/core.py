"""What every part of the application shares: the ports, the catalogue, and the one way to run a command."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from beianhub_core import names
from beianhub_core.application.resealing import Resealed, reseal
from beianhub_core.application.rulebooks import Rulebooks
from beianhub_core.application.ruling import ruling
from beianhub_core.domain.catalog import Catalog
from beianhub_core.domain.decide import draft
from beianhub_core.domain.draft import Context, Draft, refused
from beianhub_core.domain.lookup import find_order
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.rulebook.workdays import CHINA
from beianhub_core.store.port import Changes, Committed, Loaded, RequestKey, Store, Unit
from beianhub_core.vault import personal

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.plugin_pb2 import Plugin
    from beianhub.resources.v1.resources_pb2 import Account
    from beianhub.resources.v1.task_pb2 import Task
    from beianhub_core.application.caller import Caller
    from beianhub_core.domain.commands import Command
    from beianhub_core.ports import Clock, Ids
    from beianhub_core.rulebook import Rulebook
    from beianhub_core.rulebook.workdays import Calendar
    from beianhub_core.vault import Vault

_CATALOG_AGE: Final = timedelta(seconds=1)
M = TypeVar("M", bound="Message")

Finish = Callable[[Draft, Loaded, Changes], Changes]
Guard = Callable[["Record | None"], None]
_TRIES: Final = 4  # of a migration whose subjects others change, before the last one


@dataclass(frozen=True, slots=True)
class Target:
    """The subject, by its id, that a migration brings a service to; ``guard`` sees its record and may refuse."""

    id: str
    guard: Guard | None = None

    @classmethod
    def of(cls, name: str, guard: Guard | None = None) -> Target | None:
        """The target of this name; ``None`` for "", the target of every other order."""
        return cls(names.last(name), guard) if name else None

    def admitted(self, loaded: Loaded) -> tuple[str, Record | None]:
        """Its id and record, unless the guard refuses."""
        if self.guard is not None:
            self.guard(loaded.record)
        return self.id, loaded.record


@dataclass(slots=True)
class Core:
    """The ports. ``wake`` is called after each commit, so that a relay in this process need not wait to look;
    ``calendar`` counts working days; ``rulebooks`` says what holds for whom.
    """

    store: Store
    vault: Vault
    clock: Clock
    ids: Ids
    wake: Callable[[], None] = lambda: None
    calendar: Calendar = CHINA
    rulebooks: Rulebooks = field(default_factory=Rulebooks)
    _catalog: Catalog = field(default_factory=lambda: Catalog([]))
    _catalog_time: datetime | None = None

    async def catalog(self) -> Catalog:
        """The plugins that engines have seen, at most a second old."""
        now = self.clock.now()
        if self._catalog_time is None or now - self._catalog_time > _CATALOG_AGE:
            self._catalog = Catalog(await self.store.plugins())
            self._catalog_time = now
        return self._catalog

    async def rulebook(self, tenant: str) -> Rulebook:
        """What holds for this tenant, with the rules that enabled plugins bring."""
        return self.rulebooks.of(tenant, (await self.catalog()).rule_packs)

    def forget_catalog(self) -> None:
        """The next look reads the catalogue anew: this process has changed it."""
        self._catalog_time = None

    async def account(self, name: str, path: str = "account") -> Account:
        """The account of this name. Raises NOT_FOUND."""
        tenant, account_id = names.parse(name, "tenants/{}/accounts/{}", path)
        account = await self.store.account(tenant, account_id)
        if account is None:
            raise refused(
                ErrorKind.NOT_FOUND,
                "ACCOUNT_NOT_FOUND",
                path,
                "账号不存在",
                "there is no such account",
                "请列出账号，或创建该账号。 / List the accounts, or create it.",
            )
        return account

    async def require_provider(self, provider: str, path: str) -> Plugin:
        """The plugin of a provider. Raises NOT_FOUND with the known ones."""
        catalog = await self.catalog()
        plugin = catalog.provider(provider)
        if plugin is not None:
            return plugin
        known = ", ".join(catalog.provider_ids) or "none"
        finding = blocker(
            "UNKNOWN_PROVIDER",
            path,
            f"未知接入商；可用：{known}",
            f"no plugin serves this provider; known: {known}",
            "请使用其中之一，或安装其插件并启动引擎。 / Use one of them, or install its plugin and start an engine.",
        )
        raise BeianhubError(ErrorKind.NOT_FOUND, "UNKNOWN_PROVIDER", [finding], metadata={"known": known})

    def request_key(self, caller: Caller, tenant: str, method: str, request: Message) -> RequestKey | None:
        """The key of a repeatable request; ``None`` when it has no ``request_id``.

        The digest is keyed, since a request may hold personal data that a plain digest would give away to guessing.

        Raises:
            BeianhubError: INVALID, the id is not a UUID.
        """
        request_id: str = request.request_id  # type: ignore[attr-defined]  # every mutation has one
        if not request_id:
            return None
        try:
            canonical = str(uuid.UUID(request_id))
        except ValueError:
            raise refused(
                ErrorKind.INVALID,
                "REQUEST_ID_NOT_UUID",
                "request_id",
                "request_id 必须是 UUID",
                "must be a UUID (AIP-155)",
                (
                    "请用任一 UUID 库生成；仅在重复同一请求时再次使用。 / "
                    "Make one with any UUID library; use it again only to repeat the same request."
                ),
            ) from None
        body = request.SerializeToString(deterministic=True) + caller.customer.encode()
        digest = self.vault.blind_index(tenant, "request", hashlib.sha256(body).hexdigest())
        return RequestKey(tenant, method, canonical, digest)

    async def replayed(self, tenant: str, subject: str, request: RequestKey | None) -> Committed | None:
        """What was committed when the request was carried out before; ``None`` if it was not. Writes nothing.

        For checks before a unit, which may see what the first time left behind, and refuse the second.
        """
        if request is None:
            return None
        try:
            return await self.store.execute(Unit(tenant, subject, _refuse, request))
        except _NotCarriedOutError:
            return None

    async def run(  # noqa: PLR0913 - what a command needs differs, and each is told apart by its name
        self,
        tenant: str,
        subject: str,
        command: Command,
        *,
        actor: str,
        causation: str = "",
        accounts: Iterable[Account] = (),
        request: RequestKey | None = None,
        finish: Finish | None = None,
        guard: Guard | None = None,
        validate_only: bool = False,
        target: Target | None = None,
    ) -> Committed:
        """Decides the command inside the store's transaction and commits what follows from it.

        ``guard`` sees the record first and may refuse; ``finish`` may add to the changes: rows, ciphertexts, the
        response. With ``validate_only`` everything is checked and nothing is written. A command about a migration is
        decided with the record of its ``target`` too.
        """
        context = Context(
            tenant=tenant,
            subject=subject,
            now=self.clock.now(),
            actor=actor,
            causation=causation or (request.request_id if request else ""),
            new_id=self.ids.new,
            catalog=await self.catalog(),
            accounts={account.name: account for account in accounts},
            calendar=self.calendar,
            rules=await self.rulebook(tenant),
            ruling=ruling,
        )

        def plan(loaded: Loaded, resealed: Resealed | None = None) -> Changes:
            if guard is not None:
                guard(loaded.record)
            pair = target.admitted(loaded.second) if target and loaded.second else None
            prepared = resealed.handover if resealed else None
            done = draft(loaded.record, command, replace(context, tasks=loaded.tasks), pair, prepared)
            changes = changes_of(done, loaded.tasks)
            changes = finish(done, loaded, changes) if finish is not None else changes
            return resealed.keep(changes) if resealed else changes

        unit = Unit(tenant, subject, plan, request, target.id if target else "", validate_only=validate_only)
        committed = await self._execute(unit, command, plan)
        self.wake()
        return committed

    async def _execute(
        self, unit: Unit, command: Command, plan: Callable[[Loaded, Resealed | None], Changes]
    ) -> Committed:
        """Executes the unit; one that may file a migration with both subjects' values sealed anew, again if somebody
        changed one of them meanwhile.
        """
        if not unit.second:
            return await self.store.execute(unit)
        for _ in range(_TRIES):
            try:
                return await self._execute_pair(unit, command, plan)
            except BeianhubError as error:
                if error.reason != "SUBJECT_CHANGED":
                    raise
        return await self._execute_pair(unit, command, plan)

    async def _execute_pair(
        self, unit: Unit, command: Command, plan: Callable[[Loaded, Resealed | None], Changes]
    ) -> Committed:
        resealed = await reseal(self, unit.tenant, unit.subject, unit.second, command)
        return await self.store.execute(replace(unit, plan=lambda loaded: plan(loaded, resealed)))


class _NotCarriedOutError(Exception):
    """The request was not carried out before."""


def _refuse(_loaded: Loaded) -> Changes:
    raise _NotCarriedOutError


def changes_of(done: Draft, rows: Mapping[str, Task]) -> Changes:
    """The changes that follow from a decision alone: its events, the record after them, and rows of new tasks. What was
    pinned for a task (``rows``) goes with it: it holds personal data that nobody needs any more.
    """
    if not done.events:
        return Changes()
    for event in done.events:
        leaked = personal.contains_personal_data(event)
        if leaked:
            raise AssertionError(f"an event would carry personal data at {leaked}")
    opened = [e.task_opened.task for e in done.events if e.HasField("task_opened")]
    closed = [rows[e.task_closed.task] for e in done.events if e.HasField("task_closed") and e.task_closed.task in rows]
    pinned = [row.request_ref for row in closed if row.request_ref]
    return Changes(
        record=done.record,
        events=done.events,
        tasks=opened,
        dropped_refs=[*pinned, *_outlived_changes(done)],
        second=changes_of(done.target, {}) if done.target is not None else None,
    )


def _outlived_changes(done: Draft) -> list[str]:
    """Ciphertexts that a change order leaves behind: the old values once it is filed, the new ones if it never was."""
    refs = []
    for event in done.events:
        name = event.order_filed.order or event.order_ended.order
        order = find_order(done.record, name)
        if order is not None and order.HasField("change"):
            refs.append(order.change.base_ref if event.HasField("order_filed") else order.change.vault_ref)
    return refs


def parse_response(message: type[M], committed: Committed) -> M:
    """The response that was kept with the commit."""
    return message.FromString(committed.response)


def not_found(path: str, zh: str, en: str) -> BeianhubError:
    """The error of something that is not there, or is not the caller's to see."""
    reason = f"{en.upper().replace(' ', '_')}_NOT_FOUND"
    return refused(
        ErrorKind.NOT_FOUND,
        reason,
        path,
        f"{zh}不存在",
        f"there is no such {en}",
        "请核对名称，或列出现有的。 / Check the name; list them.",
    )


def is_visible(caller: Caller, record: Record | None) -> bool:
    """Whether there is such a subject, and the caller may see it."""
    return record is not None and caller.customer in ("", record.subject.customer)


def customer_guard(caller: Caller) -> Callable[[Record | None], None]:
    """Refuses, as if it were not there, a subject of another customer than the caller is limited to."""

    def guard(record: Record | None) -> None:
        if not is_visible(caller, record):
            raise not_found("name", "主体", "subject")

    return guard


async def sees(core: Core, caller: Caller, task: Task) -> bool:
    """Whether the task is of a subject that the caller may see."""
    if not caller.customer:
        return True
    if not task.subject:  # an account's, which is the tenant's
        return False
    tenant, subject_id = names.parse(task.subject, "tenants/{}/subjects/{}", "task.subject")
    record = await core.store.record(tenant, subject_id)
    return record is not None and record.subject.customer == caller.customer


@asynccontextmanager
async def hiding_owners(core: Core, caller: Caller, tenant: str) -> AsyncIterator[None]:
    """An error that names the subject that has a certificate or a domain does not name another customer's."""
    try:
        yield
    except BeianhubError as error:
        owner = error.metadata.get("subject", "")
        record = await core.store.record(tenant, names.last(owner)) if caller.customer and owner else None
        if record is not None and record.subject.customer != caller.customer:
            del error.metadata["subject"]
        raise
