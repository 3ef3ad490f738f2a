"""Cases of what goes wrong on the way: nothing is made twice, and every error says what is known."""

# ruff: noqa: S101  a conformance kit asserts

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from beianhub.resources.v1 import plugin_pb2
from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TASK_KIND_WITHDRAW, TaskAssignment
from beianhub_sdk.call import Credential
from beianhub_sdk.errors import NotSentError, RefusedError, RejectedError, UnknownOutcomeError
from beianhub_sdk.testing.bench import Bench, BlockingHttp, eventually
from beianhub_sdk.testing.steps import posted, submit, until

if TYPE_CHECKING:
    from beianhub_sdk.provider import Accepted, Provider


_SHORT = BlockingHttp(timeout=0.5)


class Faults:
    """Part of :class:`~beianhub_sdk.testing.ProviderContract`."""

    def test_an_unanswered_submission_is_not_made_twice(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """By its guarantee: the same token and body give the same order, or it is found by our reference."""
        domain = filing.service.domains[0]
        bench.script(domain, "timeout_after_accept")
        with pytest.raises(UnknownOutcomeError):
            submit(provider, bench, filing, http=_SHORT)
        if provider.manifest.guarantee.kind == plugin_pb2.SubmissionGuarantee.KIND_CLIENT_TOKEN:
            accepted: Accepted | None = submit(provider, bench, filing)
        else:
            accepted = eventually(bool, lambda: provider.find_order(bench.call(filing)))
        assert accepted
        assert accepted.provider_order_id
        assert bench.submissions(domain) == 1

    def test_a_submission_that_never_arrived_is_not_found(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """``None`` lets the engine send again: the vendor surely has none."""
        bench.script(filing.service.domains[0], "reset_before_accept")
        with pytest.raises((UnknownOutcomeError, NotSentError)):
            submit(provider, bench, filing)
        time.sleep(0.3)
        assert provider.find_order(bench.call(filing)) is None
        assert bench.submissions(filing.service.domains[0]) == 0

    def test_a_submission_is_found_by_our_reference(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """Also where tokens are honoured: a token's validity ends, a reference stays."""
        accepted = submit(provider, bench, filing)
        filing.order.provider_order_id = ""
        found = eventually(bool, lambda: provider.find_order(bench.call(filing)))
        assert found.provider_order_id == accepted.provider_order_id

    def test_an_unanswered_correction_is_found_on_its_order(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """An order that still waits for its correction shows that none arrived; one that moved, that it did.

        The face check holds the second review, so that it cannot run ahead of the case.
        """
        domain = filing.service.domains[0]
        bench.script(domain, "reject")
        bench.script(domain, "identity_check")
        submit(provider, bench, filing)
        until(provider, bench, filing, pb.ORDER_STATE_PROVIDER_REJECTED)
        filing.task.client_token += "-2"
        filing.task.first_send_time.FromDatetime(datetime.now(UTC))
        assert provider.find_order(bench.call(filing)) is None
        bench.script(domain, "timeout_after_accept")
        with pytest.raises(UnknownOutcomeError):
            submit(provider, bench, filing, http=_SHORT)
        assert provider.find_order(bench.call(filing)) is not None

    def test_a_withdrawal_in_doubt_is_found_on_its_order(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """A withdrawal was carried out when the order is withdrawn, and only then."""
        bench.script(filing.service.domains[0], "identity_check")
        submit(provider, bench, filing)
        filing.task.kind = TASK_KIND_WITHDRAW
        assert provider.find_order(bench.call(filing)) is None
        provider.withdraw(bench.call(filing))
        assert provider.find_order(bench.call(filing)) is not None

    def test_a_throttled_call_was_not_made(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A declared throttle is a definite "not now", with the delay that the vendor names."""
        bench.script(filing.service.domains[0], "throttle_429", seconds=7)
        with pytest.raises(RefusedError) as caught:
            submit(provider, bench, filing)
        assert (caught.value.code, caught.value.retry_after) == ("THROTTLED", 7)
        assert bench.submissions(filing.service.domains[0]) == 0

    @pytest.mark.parametrize("when", ["before_accept", "after_accept"])
    def test_a_server_error_leaves_the_outcome_unknown(
        self, provider: Provider, bench: Bench, filing: TaskAssignment, when: str
    ) -> None:
        """Nobody can tell a 5xx before the work from one after it."""
        bench.script(filing.service.domains[0], "http_500", after_accept=when == "after_accept")
        with pytest.raises(UnknownOutcomeError):
            submit(provider, bench, filing)

    def test_a_wrong_key_is_no_rejection(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A refused signature is the account's fault: the order waits until it is mended."""
        wrong = Credential(bench.call(filing).credential.access_key_id, "wrong")
        with pytest.raises(RefusedError) as caught:
            submit(provider, bench, filing, credential=wrong)
        assert (caught.value.code, caught.value.retry_after) == ("CREDENTIAL", 60)

    def test_a_stale_signature_is_refused(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A request is signed with the call's time."""
        with pytest.raises(RefusedError):
            submit(provider, bench, filing, now=datetime.now(UTC) - timedelta(hours=1))

    def test_a_refused_field_is_named(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A definite no names our field, not the vendor's."""
        del filing.order.ips[:]
        filing.order.ips.append("not-an-address")
        with pytest.raises(RejectedError) as caught:
            submit(provider, bench, filing)
        assert [finding.path for finding in caught.value.findings] == ["ips"]

    def test_a_query_never_rejects(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """An order that the vendor does not know, or not yet, is asked for again."""
        filing.order.provider_order_id = "0"
        with pytest.raises(UnknownOutcomeError):
            provider.query(bench.call(filing))

    def test_a_callback_hints_at_its_order(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """What the vendor posts is verified, and names the order that may have moved."""
        for received in posted(provider, bench, filing):
            (hint,) = provider.parse_callback(received, bench.call(filing).credential)
            assert hint.provider_order_id == filing.order.provider_order_id
            assert hint.message_id
            assert hint.time is not None

    def test_a_forged_callback_is_rejected(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Another body, another secret or another time than the signed ones."""
        credential = bench.call(filing).credential
        received = next(posted(provider, bench, filing))
        forged = (
            (replace(received, body=received.body + b" "), credential),
            (received, Credential(credential.access_key_id, "wrong")),
            (replace(received, headers={}), credential),
            (replace(received, received=received.received + timedelta(minutes=6)), credential),
        )
        for request, key in forged:
            with pytest.raises(RejectedError):
                provider.parse_callback(request, key)
