"""The work of a task: which method of its plugin is called for its kind and phase, and what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import TaskAssignment, TaskOutcome
from beianhub_core.ports import Clock
from beianhub_engine import outcomes
from beianhub_engine.claims import Claim
from beianhub_engine.credentials import Credentials
from beianhub_engine.fetch import BoundFetch, Sites
from beianhub_engine.http import BoundHttp
from beianhub_engine.plugins.guard import Guard
from beianhub_sdk import Call, Credential, PluginError, Provider, Verifier

_HTTP_SHARE: Final = 0.9
"""Of a call's time: the transport gives up first, since it knows whether a byte has left."""

_OTHERS_WORK: Final = 60.0


class Worker:
    """Works on one plugin's tasks."""

    def __init__(
        self, guard: Guard, credentials: Credentials, client: httpx.Client, sites: Sites, clock: Clock
    ) -> None:
        self.guard = guard
        self._credentials = credentials
        self._client = client
        self._sites = sites
        self._clock = clock

    async def outcome(self, claim: Claim) -> TaskOutcome:
        """What became of the claimed task. No exception of the plugin's leaves here.

        Raises:
            BeianhubError: the request could not be pinned; nothing was sent.
        """
        adapter = self.guard.plugin.adapter
        try:
            if isinstance(adapter, Verifier):
                return await self._verify(adapter, claim)
            work = _PROVIDER_WORK.get(claim.task.kind)
            if work is None:
                return outcomes.retry("NOT_A_PROVIDERS_TASK", _OTHERS_WORK)
            return await work(self, adapter, claim)
        except PluginError as error:
            return outcomes.of_error(error, claim.task)

    async def _verify(self, verifier: Verifier, claim: Claim) -> TaskOutcome:
        credential = self._credentials.or_none(claim.assignment.account)
        if claim.task.kind == task_pb2.TASK_KIND_PATROL:
            return await self._call(claim, credential, lambda call: outcomes.observed(verifier.observe(call)))
        if claim.task.kind != task_pb2.TASK_KIND_VERIFY:
            return outcomes.retry("NOT_A_VERIFIERS_TASK", _OTHERS_WORK)
        return await self._call(claim, credential, lambda call: outcomes.verified(verifier.verify(call)))

    async def _submit(self, provider: Provider, claim: Claim) -> TaskOutcome:
        credential = self._credentials.of(claim.assignment.account)
        if claim.task.phase == task_pb2.TASK_PHASE_FIND:
            return await self._call(claim, credential, lambda call: outcomes.found(provider.find_order(call)))
        if not claim.assignment.request:
            refused = await self._pin(claim, lambda assignment: _body(provider, assignment), provider)
            if refused is not None:
                return refused
        return await self._call(claim, credential, lambda call: outcomes.accepted(provider.submit(call)))

    async def _hand_off(self, provider: Provider, claim: Claim) -> TaskOutcome:
        if not claim.assignment.request:
            refused = await self._pin(
                claim, lambda assignment: outcomes.handoff(provider.prepare(assignment)), provider
            )
            if refused is not None:
                return refused
        return outcomes.prepared()

    async def _pin(
        self, claim: Claim, render: Callable[[TaskAssignment], bytes], provider: Provider
    ) -> TaskOutcome | None:
        """Renders and pins the request; the outcome if there is something against sending it."""
        assignment, seconds = claim.assignment, self.guard.plugin.call_timeout
        try:
            blockers = await self.guard.run(seconds, lambda: _blockers(provider, assignment))
            if blockers:
                return outcomes.rejected(blockers)
            body = await self.guard.run(seconds, lambda: render(assignment))
        except PluginError as error:
            return outcomes.of_local_error(error)
        await claim.pin(body)
        return None

    async def _query(self, provider: Provider, claim: Claim) -> TaskOutcome:
        credential = self._credentials.of(claim.assignment.account)
        return await self._call(claim, credential, lambda call: outcomes.status(provider.query(call)))

    async def _withdraw(self, provider: Provider, claim: Claim) -> TaskOutcome:
        credential = self._credentials.of(claim.assignment.account)
        return await self._call(claim, credential, lambda call: outcomes.accepted(provider.withdraw(call)))

    async def _start_verification(self, provider: Provider, claim: Claim) -> TaskOutcome:
        credential = self._credentials.of(claim.assignment.account)
        return await self._call(claim, credential, lambda call: outcomes.challenge(provider.start_verification(call)))

    async def _list_filings(self, provider: Provider, claim: Claim) -> TaskOutcome:
        credential = self._credentials.of(claim.assignment.account)
        return await self._call(claim, credential, lambda call: outcomes.filings(provider.list_filings(call)))

    async def _call(self, claim: Claim, credential: Credential, work: Callable[[Call], TaskOutcome]) -> TaskOutcome:
        seconds, account = self.guard.plugin.call_timeout, claim.assignment.account
        call = self._prepared(claim, credential, seconds * _HTTP_SHARE)
        return await self.guard.call(account.name, seconds, lambda: work(call), account.max_concurrency)

    def _prepared(self, claim: Claim, credential: Credential, seconds: float) -> Call:
        """Only a verifier visits sites."""
        assignment, now = claim.assignment, self._clock.now()
        http = BoundHttp(self._client, seconds, claim.may_send)
        if not isinstance(self.guard.plugin.adapter, Verifier):
            return Call(assignment, credential, http, now)
        return Call(assignment, credential, http, now, BoundFetch(self._sites.of(assignment.account), seconds))


def _blockers(provider: Provider, assignment: TaskAssignment) -> list[res.Finding]:
    return [finding for finding in provider.check(assignment) if finding.severity == res.SEVERITY_BLOCKER]


def _body(provider: Provider, assignment: TaskAssignment) -> bytes:
    body = provider.render(assignment, provider.prepare(assignment))
    return outcomes.expect(body, bytes)


_PROVIDER_WORK: Final[dict[int, Callable[[Worker, Provider, Claim], Awaitable[TaskOutcome]]]] = {
    task_pb2.TASK_KIND_SUBMIT: Worker._submit,  # noqa: SLF001 - the table is part of the class's own module
    task_pb2.TASK_KIND_HANDOFF: Worker._hand_off,  # noqa: SLF001
    task_pb2.TASK_KIND_QUERY: Worker._query,  # noqa: SLF001
    task_pb2.TASK_KIND_WITHDRAW: Worker._withdraw,  # noqa: SLF001
    task_pb2.TASK_KIND_START_VERIFICATION: Worker._start_verification,  # noqa: SLF001
    task_pb2.TASK_KIND_LIST_FILINGS: Worker._list_filings,  # noqa: SLF001
}
