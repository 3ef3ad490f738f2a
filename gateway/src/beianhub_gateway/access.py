"""AccessService: may this domain be served from this provider now? The hot path."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final

from google.protobuf.timestamp_pb2 import Timestamp

from beianhub.filing.v1 import access_service_pb2 as pb
from beianhub_core.domain.access import check
from beianhub_core.domain.draft import refused, rejected
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.rules.domains import canonical_domain, check_service_domain, registrable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from beianhub.resources.v1.resources_pb2 import Service
    from beianhub_core.application.caller import Caller
    from beianhub_core.ports import Clock
    from beianhub_core.store.port import DomainRow, Store
    from beianhub_gateway.access_index import AccessIndex
    from beianhub_gateway.tail import LogTail

_LARGEST_BATCH: Final = 1000
_RETRY_AFTER: Final = 1.0
_APP_LABELS: Final = 3  # below the registrable domain; an APP files down to the fourth level (HW-KB doc_0121)


class AccessChecks:
    """Answers from the index while it is fresh, else from the store, else not at all: never a stale yes."""

    def __init__(
        self,
        index: AccessIndex,
        tail: LogTail,
        store: Store,
        clock: Clock,
        require_provider: Callable[[str, str], Awaitable[object]],
        fresh: timedelta,
    ) -> None:
        self._index = index
        self._tail = tail
        self._store = store
        self._clock = clock
        self._require_provider = require_provider
        self._fresh = fresh
        self._providers: set[str] = set()
        self._as_of: datetime | None = None
        self._since, self._until = Timestamp(), Timestamp()

    async def check_access(self, caller: Caller, request: pb.CheckAccessRequest) -> pb.CheckAccessResponse:
        """The verdict for one domain and provider.

        Raises:
            BeianhubError: INVALID for a name that is no domain, NOT_FOUND for an unknown provider, UNAVAILABLE when
                neither the index nor the store can answer.
        """
        own = request.parent == f"tenants/{caller.tenant}"  # as it nearly always is
        return await self._check(caller, caller.tenant if own else caller.parent(request.parent), request)

    async def batch_check_access(
        self, caller: Caller, request: pb.BatchCheckAccessRequest
    ) -> pb.BatchCheckAccessResponse:
        """The verdicts for up to 1000 pairs, in their order; one mistake refuses them all, by its place."""
        tenant = caller.parent(request.parent)
        if len(request.requests) > _LARGEST_BATCH:
            raise refused(
                ErrorKind.INVALID,
                "BATCH_TOO_LARGE",
                "requests",
                f"一次最多查询 {_LARGEST_BATCH} 项",
                f"a batch has at most {_LARGEST_BATCH} requests",
                "请分批发送。 / Send several batches.",
            )
        responses = []
        for i, one in enumerate(request.requests):
            if one.parent and one.parent != request.parent:
                raise _other_parent(i)
            try:
                responses.append(await self._check(caller, tenant, one))
            except BeianhubError as error:
                raise _placed(error, i) from None
        return pb.BatchCheckAccessResponse(responses=responses)

    async def _check(self, caller: Caller, tenant: str, request: pb.CheckAccessRequest) -> pb.CheckAccessResponse:
        candidates = _candidates(request.domain)
        if not candidates:
            raise rejected(check_service_domain(request.domain, "domain"), ErrorKind.INVALID)
        await self._known(request.provider)
        row, as_of = await self._row(tenant, candidates)
        service = _visible(row, caller)
        verdict, reason, source = check(service, request.provider)
        since, until = self._period(as_of)
        response = pb.CheckAccessResponse(
            verdict=verdict,
            reason=reason,
            domain=candidates[0],
            provider=request.provider,
            source=source,
            as_of=since,
            valid_until=until,
        )
        if row is not None and service is not None:
            response.domain = row.domain
            response.service, response.licence_number = service.name, service.licence_number
        return response

    def _period(self, as_of: datetime) -> tuple[Timestamp, Timestamp]:
        """From when until when an answer holds; made once a tail, for it costs as much as all the rest."""
        if self._as_of != as_of:
            self._as_of = as_of
            self._since.FromDatetime(as_of)
            self._until.FromDatetime(as_of + self._fresh)
        return self._since, self._until

    async def _row(self, tenant: str, candidates: tuple[str, ...]) -> tuple[DomainRow | None, datetime]:
        if self._tail.age() <= self._fresh:
            found = (self._index.get(tenant, domain) for domain in candidates)
            return next((row for row in found if row is not None), None), self._tail.as_of
        now = self._clock.now()
        try:
            return await self._stored(tenant, candidates), now
        except BeianhubError:
            raise _unavailable() from None

    async def _stored(self, tenant: str, candidates: tuple[str, ...]) -> DomainRow | None:
        for domain in candidates:
            row = await self._store.domain(tenant, domain)
            if row is not None:
                return row
        return None

    async def _known(self, provider: str) -> None:
        """Raises NOT_FOUND for a provider that no engine ever had; one seen once needs no second look."""
        if provider not in self._providers:
            await self._require_provider(provider, "provider")
            self._providers.add(provider)


@lru_cache(maxsize=16384)
def _candidates(name: str) -> tuple[str, ...]:
    """The registrable domain, which decides (S2.1), then the longer names that an APP may have filed instead (HW-KB
    doc_0121); none for what is no domain.
    """
    shortest = registrable(name)
    if not shortest:
        return ()
    labels = canonical_domain(name).removesuffix(shortest).rstrip(".").split(".")
    longer = accumulate(
        (label for label in reversed(labels) if label), lambda below, label: f"{label}.{below}", initial=shortest
    )
    return tuple(islice(longer, 1 + _APP_LABELS))


def _visible(row: DomainRow | None, caller: Caller) -> Service | None:
    """The row's service; a key limited to one customer sees no other's."""
    if row is None or (caller.customer and row.customer != caller.customer):
        return None
    return row.service


def _unavailable() -> BeianhubError:
    finding = blocker(
        "NO_FRESH_ANSWER",
        "",
        "暂时无法给出可靠的结果",
        "no fresh answer can be given now",
        (
            "请稍后再问；在此之前，先前的答复超过 valid_until 后不得再视为允许。 / "
            "Ask again in a moment; until then do not take an earlier answer for a yes beyond its valid_until."
        ),
    )
    return BeianhubError(ErrorKind.UNAVAILABLE, "NO_FRESH_ANSWER", [finding], retry_after=_RETRY_AFTER)


def _other_parent(i: int) -> BeianhubError:
    return refused(
        ErrorKind.INVALID,
        "PARENT_MISMATCH",
        f"requests[{i}].parent",
        "与批量请求的 parent 不一致",
        "differs from the batch's parent",
        "请留空，或填写与批次相同的 parent。 / Leave it empty, or repeat the batch's parent.",
    )


def _placed(error: BeianhubError, i: int) -> BeianhubError:
    """The error with its findings' paths below the request's place in the batch."""
    for finding in error.findings:
        finding.path = f"requests[{i}].{finding.path}"
    return error
