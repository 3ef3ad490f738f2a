"""Cases of an order's way at the vendor, from its submission to its end."""

# ruff: noqa: S101  a conformance kit asserts

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk.call import Credential
from beianhub_sdk.errors import RefusedError, RejectedError
from beianhub_sdk.testing.bench import Bench, eventually
from beianhub_sdk.testing.samples import sample
from beianhub_sdk.testing.steps import facet_of, filed, lists_nothing, numbers, submit, until

if TYPE_CHECKING:
    from beianhub_sdk.provider import Provider


class Filings:
    """Part of :class:`~beianhub_sdk.testing.ProviderContract`."""

    def test_an_order_is_filed(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Submitted, reviewed, verified by SMS, approved: with both licence numbers, and the access is there."""
        domain = filing.service.domains[0]
        assert not provider.query_access(bench.call(filing), domain).active
        submit(provider, bench, filing)
        status = until(provider, bench, filing, pb.ORDER_STATE_FILED)
        assert status.service_licence_number == f"{status.subject_licence_number}-1"
        assert facet_of(status, pb.VERIFICATION_KIND_MIIT_SMS).state == pb.VERIFICATION_STATE_PASSED
        access = provider.query_access(bench.call(filing), domain)
        assert (access.active, access.licence_number) == (True, status.service_licence_number)

    def test_an_access_is_added_and_cancelled(self, provider: Provider, bench: Bench) -> None:
        """A service filed elsewhere keeps its number (HW-KB doc_0165), also when the access ends (S0)."""
        number = next(numbers)
        added, ended = sample(number, pb.ORDER_TYPE_ADD_ACCESS), sample(number, pb.ORDER_TYPE_CANCEL_ACCESS)
        ended.reference, ended.task.client_token = "another-reference", f"other-{number}"
        bench.file(added, "elsewhere")
        for assignment, active in ((added, True), (ended, False)):
            submit(provider, bench, assignment)
            status = until(provider, bench, assignment, pb.ORDER_STATE_FILED)
            assert status.service_licence_number == assignment.service.licence_number
            access = provider.query_access(bench.call(assignment), assignment.service.domains[0])
            assert access.active is active

    def test_a_withdrawn_order_stays_withdrawn(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A withdrawal may be asked for again, and is seen in the status."""
        bench.script(filing.service.domains[0], "identity_check")
        submit(provider, bench, filing)
        first = provider.withdraw(bench.call(filing))
        assert provider.withdraw(bench.call(filing)).provider_order_id == first.provider_order_id
        assert provider.query(bench.call(filing)).state == pb.ORDER_STATE_WITHDRAWN

    def test_a_withdrawal_too_late_is_rejected(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Nothing can be withdrawn once it is at MIIT (domain 3.3): a definite no, with a finding."""
        bench.script(filing.service.domains[0], "sms_manual")
        submit(provider, bench, filing)
        eventually(lambda status: status.verifications, lambda: provider.query(bench.call(filing)))
        with pytest.raises(RejectedError) as caught:
            provider.withdraw(bench.call(filing))
        assert caught.value.findings

    def test_a_rejected_order_is_corrected(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """The reason comes as a finding without personal data; corrected data goes to the same order."""
        secrets = f"{filing.subject.profile.principal.full_name}的手机{filing.subject.profile.principal.mobile}"
        bench.script(filing.service.domains[0], "reject", code="PHONE_UNREACHABLE", reason=f"{secrets}无人接听")
        submit(provider, bench, filing)
        status = until(provider, bench, filing, pb.ORDER_STATE_PROVIDER_REJECTED)
        assert status.returned_by == pb.RETURNED_BY_PROVIDER
        (finding,) = status.findings
        assert finding.rule.endswith("PHONE_UNREACHABLE")
        assert "无人接听" in finding.message_zh
        assert filing.subject.profile.principal.mobile not in str(status.findings)
        assert filing.subject.profile.principal.full_name not in finding.message_zh
        former = filing.order.provider_order_id
        filing.task.client_token += "-2"
        filing.service.title = "示例商城"
        assert submit(provider, bench, filing).provider_order_id == former
        until(provider, bench, filing, pb.ORDER_STATE_FILED)
        assert bench.submissions(filing.service.domains[0]) == 1

    def test_the_regulator_s_code_becomes_a_finding(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """A result code of MIIT-V3 names the field that it is about."""
        bench.script(filing.service.domains[0], "reject_regulator", code="1006")
        submit(provider, bench, filing)
        status = until(provider, bench, filing, pb.ORDER_STATE_REGULATOR_REJECTED)
        assert status.returned_by == pb.RETURNED_BY_BUREAU
        assert [(finding.rule, finding.path) for finding in status.findings] == [("MIIT-V3 1006", "ips")]

    def test_the_sms_waits_with_its_deadline(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Until the SMS is answered the order is not at the bureau, whatever the vendor's word is (S3.11)."""
        bench.script(filing.service.domains[0], "sms_manual")
        submit(provider, bench, filing)
        status = eventually(lambda status: status.verifications, lambda: provider.query(bench.call(filing)))
        facet = facet_of(status, pb.VERIFICATION_KIND_MIIT_SMS)
        assert (status.state, facet.state) == (pb.ORDER_STATE_READY_TO_SUBMIT, pb.VERIFICATION_STATE_WAITING)
        assert facet.deadline.ToDatetime(UTC) > datetime.now(UTC)
        assert facet.source

    def test_a_lapsed_sms_returns_the_order(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """MIIT returns an order whose SMS nobody answered (HW-KB doc_0013); it may be handed in again."""
        bench.script(filing.service.domains[0], "sms_unanswered", seconds=0.05)
        submit(provider, bench, filing)
        status = until(provider, bench, filing, pb.ORDER_STATE_PROVIDER_REJECTED)
        assert status.returned_by == pb.RETURNED_BY_MIIT
        assert facet_of(status, pb.VERIFICATION_KIND_MIIT_SMS).state == pb.VERIFICATION_STATE_EXPIRED

    def test_a_face_check_is_started_and_passed(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """The vendor's link goes to the person, whose number is masked in the challenge."""
        bench.script(filing.service.domains[0], "identity_check")
        submit(provider, bench, filing)
        status = provider.query(bench.call(filing))
        assert facet_of(status, pb.VERIFICATION_KIND_FACE).state == pb.VERIFICATION_STATE_WAITING
        challenge = provider.start_verification(bench.call(filing))
        assert challenge.link
        assert filing.service.principal.mobile not in str(challenge)
        bench.show_face(challenge.link)
        status = until(provider, bench, filing, pb.ORDER_STATE_FILED)
        assert facet_of(status, pb.VERIFICATION_KIND_FACE).state == pb.VERIFICATION_STATE_PASSED

    def test_an_unknown_word_changes_nothing(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A status word that nobody knows is kept, and never taken for an end."""
        submit(provider, bench, filing)
        bench.script(filing.service.domains[0], "unknown_status", times=1)
        status = provider.query(bench.call(filing))
        assert status.state == pb.ORDER_STATE_UNSPECIFIED
        assert status.provider_status
        until(provider, bench, filing, pb.ORDER_STATE_FILED)

    def test_what_is_filed_is_listed(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A filed order shows in the vendor's copy with its numbers, and nothing else is said of an account's task."""
        if lists_nothing(provider):
            pytest.skip("the vendor has no list")
        domain = filing.service.domains[0]
        assert not filed(provider, bench, domain)
        submit(provider, bench, filing)
        status = until(provider, bench, filing, pb.ORDER_STATE_FILED)
        ((subject, service),) = filed(provider, bench, domain)
        assert subject.licence_number == status.subject_licence_number
        assert (subject.title, subject.nature) == (filing.subject.profile.title, filing.subject.profile.nature)
        assert (service.title, service.licence_number) == (filing.service.title, status.service_licence_number)
        assert service.principal_name == filing.service.principal.full_name
        assert filing.service.principal.full_name not in repr((subject, service))

    def test_a_list_that_cannot_be_had_is_no_empty_one(self, provider: Provider, bench: Bench) -> None:
        """What is missing from a list counts as not there, so that a refused call must not look like nothing."""
        if lists_nothing(provider):
            pytest.skip("the vendor has no list")
        call = bench.call(TaskAssignment())
        with pytest.raises(RefusedError):
            list(provider.list_filings(replace(call, credential=Credential(call.credential.access_key_id, "wrong"))))
