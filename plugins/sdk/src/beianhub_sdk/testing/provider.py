"""The contract of a provider, as pytest cases: what the engine relies on, tried against a vendor over real HTTP."""

# ruff: noqa: S101  a conformance kit asserts

from __future__ import annotations

import itertools
import os
import queue
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar

import pluggy
import pytest

from beianhub.resources.v1 import plugin_pb2
from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TASK_KIND_WITHDRAW, TaskAssignment
from beianhub_sdk import specs
from beianhub_sdk.call import Call, CallbackRequest, Credential
from beianhub_sdk.errors import NotSentError, RefusedError, RejectedError, UnknownOutcomeError
from beianhub_sdk.specs import ENTRY_POINT_GROUP, PROJECT
from beianhub_sdk.testing.bench import Bench, BlockingHttp, eventually
from beianhub_sdk.testing.personal import is_personal, personal_paths, put
from beianhub_sdk.testing.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub_sdk.provider import Accepted, FiledService, FiledSubject, OrderStatus, Provider

_ORDER_TYPES = tuple(number for number in pb.OrderType.values() if number)
_OF_ACCOUNTS = frozenset({pb.OPERATION_LIST_FILINGS})
_OPERATIONS = tuple(number for number in pb.Operation.values() if number and number not in _OF_ACCOUNTS)
_numbers = itertools.count(os.getpid() * 1000)
_SHORT = BlockingHttp(timeout=0.5)


class ProviderContract:
    """Subclass it, name the provider's class, and give a fixture ``bench``."""

    provider_class: ClassVar[type[Provider]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Cases with an ``order_type`` run for each that the vendor has a name for."""
        if "order_type" in metafunc.fixturenames:
            names = self.provider_class.manifest.order_type_names
            metafunc.parametrize("order_type", list(names), ids=[pb.OrderType.Name(kind) for kind in names])

    @pytest.fixture
    def provider(self) -> Provider:
        """The provider under test."""
        return self.provider_class()

    @pytest.fixture
    def filing(self) -> TaskAssignment:
        """A first filing of a company that nobody else uses."""
        return sample(next(_numbers))

    # --- what a provider says of itself ---------------------------------------------------------------------------

    def test_an_entry_point_registers_it(self, provider: Provider) -> None:
        """The host finds it by the group, and by no list of its own."""
        host = pluggy.PluginManager(PROJECT)
        host.add_hookspecs(specs)
        for entry in entry_points(group=ENTRY_POINT_GROUP, name=provider.manifest.id):
            host.register(entry.load())
        assert host.hook.beianhub_register_providers() == [[self.provider_class]]

    def test_every_operation_of_every_order_type_has_a_sourced_channel(self, provider: Provider) -> None:
        """The planner finds a channel and its source for whatever is asked."""
        lines = provider.manifest.capabilities
        declared = {(line.operation, line.order_type) for line in lines}
        assert declared >= set(itertools.product(_OPERATIONS, _ORDER_TYPES))
        assert declared >= {(operation, pb.ORDER_TYPE_UNSPECIFIED) for operation in _OF_ACCOUNTS}
        assert all(line.source and line.channel for line in lines)

    def test_a_guarantee_is_declared_with_its_times(self, provider: Provider) -> None:
        """A provider that says nothing of repeated calls is refused by the host."""
        guarantee = provider.manifest.guarantee
        kinds = plugin_pb2.SubmissionGuarantee
        assert guarantee.kind != kinds.KIND_UNSPECIFIED
        assert guarantee.token_validity or guarantee.kind != kinds.KIND_CLIENT_TOKEN
        assert guarantee.signature_validity or guarantee.kind != kinds.KIND_SEARCH

    def test_what_can_be_withdrawn_has_its_source(self, provider: Provider) -> None:
        """Each line says yes, no, or to let the SMS lapse, and who says so; the sources' silence needs no line."""
        for line in provider.manifest.withdrawals:
            assert line.answer
            assert line.source
            assert provider.manifest.order_type_names.keys() >= set(line.order_types)

    def test_personal_data_is_asked_for_field_by_field(self, provider: Provider) -> None:
        """Each path of the manifest leads to a field that is declared personal data."""
        for path in provider.manifest.personal_data:
            assert is_personal(path), path

    def test_a_form_needs_no_personal_data_beyond_the_manifest(
        self, provider: Provider, order_type: pb.OrderType.ValueType
    ) -> None:
        """Fields that the manifest does not name stay masked, so that a form must not read them."""
        assignment = sample(1, order_type)
        masked = sample(1, order_type)
        for path in personal_paths(TaskAssignment(subject=assignment.subject, service=assignment.service)):
            if path not in provider.manifest.personal_data:
                put(masked, path, "***")
        assert provider.prepare(masked) == provider.prepare(assignment)

    def test_the_same_assignment_renders_the_same_bytes(
        self, provider: Provider, order_type: pb.OrderType.ValueType
    ) -> None:
        """A body is pinned and repeated, so that nothing in it may come from a clock or a random source."""
        first, second = sample(2, order_type), TaskAssignment.FromString(sample(2, order_type).SerializeToString())
        assert provider.render(first, provider.prepare(first)) == provider.render(second, provider.prepare(second))

    def test_a_complete_order_has_no_blocker(self, provider: Provider, order_type: pb.OrderType.ValueType) -> None:
        """The sample has everything that an order may need."""
        assert not provider.check(sample(3, order_type))

    def test_an_empty_order_is_blocked_field_by_field(
        self, provider: Provider, order_type: pb.OrderType.ValueType
    ) -> None:
        """What the vendor would refuse is found before it is asked, each with its path, both languages and a source."""
        findings = provider.check(TaskAssignment(order=pb.Order(type=order_type)))
        assert {finding.severity for finding in findings} == {pb.SEVERITY_BLOCKER}
        assert all(f.path and f.message_zh and f.message_en and f.source for f in findings)

    def test_a_form_serves_an_operator(self, provider: Provider, order_type: pb.OrderType.ValueType) -> None:
        """A hand-off has labels, a link to the vendor's console, and instructions in both languages."""
        form = provider.prepare(sample(4, order_type))
        assert all(field.key and field.label and field.value for field in form.fields)
        assert form.deep_link.startswith("https://")
        assert form.instructions_zh
        assert form.instructions_en

    # --- an order's way -------------------------------------------------------------------------------------------

    def test_an_order_is_filed(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Submitted, reviewed, verified by SMS, approved: with both licence numbers, and the access is there."""
        domain = filing.service.domains[0]
        assert not provider.query_access(bench.call(filing), domain).active
        _submit(provider, bench, filing)
        status = _until(provider, bench, filing, pb.ORDER_STATE_FILED)
        assert status.service_licence_number == f"{status.subject_licence_number}-1"
        assert _facet(status, pb.VERIFICATION_KIND_MIIT_SMS).state == pb.VERIFICATION_STATE_PASSED
        access = provider.query_access(bench.call(filing), domain)
        assert (access.active, access.licence_number) == (True, status.service_licence_number)

    def test_an_access_is_added_and_cancelled(self, provider: Provider, bench: Bench) -> None:
        """A service filed elsewhere keeps its number (HW-KB doc_0165), also when the access ends (S0)."""
        number = next(_numbers)
        added, ended = sample(number, pb.ORDER_TYPE_ADD_ACCESS), sample(number, pb.ORDER_TYPE_CANCEL_ACCESS)
        ended.reference, ended.task.client_token = "another-reference", f"other-{number}"
        bench.file(added, "elsewhere")
        for assignment, active in ((added, True), (ended, False)):
            _submit(provider, bench, assignment)
            status = _until(provider, bench, assignment, pb.ORDER_STATE_FILED)
            assert status.service_licence_number == assignment.service.licence_number
            access = provider.query_access(bench.call(assignment), assignment.service.domains[0])
            assert access.active is active

    def test_a_withdrawn_order_stays_withdrawn(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A withdrawal may be asked for again, and is seen in the status."""
        bench.script(filing.service.domains[0], "identity_check")
        _submit(provider, bench, filing)
        first = provider.withdraw(bench.call(filing))
        assert provider.withdraw(bench.call(filing)).provider_order_id == first.provider_order_id
        assert provider.query(bench.call(filing)).state == pb.ORDER_STATE_WITHDRAWN

    def test_a_withdrawal_too_late_is_rejected(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Nothing can be withdrawn once it is at MIIT (domain 3.3): a definite no, with a finding."""
        bench.script(filing.service.domains[0], "sms_manual")
        _submit(provider, bench, filing)
        eventually(lambda status: status.verifications, lambda: provider.query(bench.call(filing)))
        with pytest.raises(RejectedError) as caught:
            provider.withdraw(bench.call(filing))
        assert caught.value.findings

    def test_a_rejected_order_is_corrected(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """The reason comes as a finding without personal data; corrected data goes to the same order."""
        secrets = f"{filing.subject.profile.principal.full_name}的手机{filing.subject.profile.principal.mobile}"
        bench.script(filing.service.domains[0], "reject", code="PHONE_UNREACHABLE", reason=f"{secrets}无人接听")
        _submit(provider, bench, filing)
        status = _until(provider, bench, filing, pb.ORDER_STATE_PROVIDER_REJECTED)
        assert status.returned_by == pb.RETURNED_BY_PROVIDER
        (finding,) = status.findings
        assert finding.rule.endswith("PHONE_UNREACHABLE")
        assert "无人接听" in finding.message_zh
        assert filing.subject.profile.principal.mobile not in str(status.findings)
        assert filing.subject.profile.principal.full_name not in finding.message_zh
        former = filing.order.provider_order_id
        filing.task.client_token += "-2"
        filing.service.title = "示例商城"
        assert _submit(provider, bench, filing).provider_order_id == former
        _until(provider, bench, filing, pb.ORDER_STATE_FILED)
        assert bench.submissions(filing.service.domains[0]) == 1

    def test_the_regulator_s_code_becomes_a_finding(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """A result code of MIIT-V3 names the field that it is about."""
        bench.script(filing.service.domains[0], "reject_regulator", code="1006")
        _submit(provider, bench, filing)
        status = _until(provider, bench, filing, pb.ORDER_STATE_REGULATOR_REJECTED)
        assert status.returned_by == pb.RETURNED_BY_BUREAU
        assert [(finding.rule, finding.path) for finding in status.findings] == [("MIIT-V3 1006", "ips")]

    def test_the_sms_waits_with_its_deadline(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Until the SMS is answered the order is not at the bureau, whatever the vendor's word is (S3.11)."""
        bench.script(filing.service.domains[0], "sms_manual")
        _submit(provider, bench, filing)
        status = eventually(lambda status: status.verifications, lambda: provider.query(bench.call(filing)))
        facet = _facet(status, pb.VERIFICATION_KIND_MIIT_SMS)
        assert (status.state, facet.state) == (pb.ORDER_STATE_READY_TO_SUBMIT, pb.VERIFICATION_STATE_WAITING)
        assert facet.deadline.ToDatetime(UTC) > datetime.now(UTC)
        assert facet.source

    def test_a_lapsed_sms_returns_the_order(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """MIIT returns an order whose SMS nobody answered (HW-KB doc_0013); it may be handed in again."""
        bench.script(filing.service.domains[0], "sms_unanswered", seconds=0.05)
        _submit(provider, bench, filing)
        status = _until(provider, bench, filing, pb.ORDER_STATE_PROVIDER_REJECTED)
        assert status.returned_by == pb.RETURNED_BY_MIIT
        assert _facet(status, pb.VERIFICATION_KIND_MIIT_SMS).state == pb.VERIFICATION_STATE_EXPIRED

    def test_a_face_check_is_started_and_passed(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """The vendor's link goes to the person, whose number is masked in the challenge."""
        bench.script(filing.service.domains[0], "identity_check")
        _submit(provider, bench, filing)
        status = provider.query(bench.call(filing))
        assert _facet(status, pb.VERIFICATION_KIND_FACE).state == pb.VERIFICATION_STATE_WAITING
        challenge = provider.start_verification(bench.call(filing))
        assert challenge.link
        assert filing.service.principal.mobile not in str(challenge)
        bench.show_face(challenge.link)
        status = _until(provider, bench, filing, pb.ORDER_STATE_FILED)
        assert _facet(status, pb.VERIFICATION_KIND_FACE).state == pb.VERIFICATION_STATE_PASSED

    def test_an_unknown_word_changes_nothing(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A status word that nobody knows is kept, and never taken for an end."""
        _submit(provider, bench, filing)
        bench.script(filing.service.domains[0], "unknown_status", times=1)
        status = provider.query(bench.call(filing))
        assert status.state == pb.ORDER_STATE_UNSPECIFIED
        assert status.provider_status
        _until(provider, bench, filing, pb.ORDER_STATE_FILED)

    def test_what_is_filed_is_listed(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A filed order shows in the vendor's copy with its numbers, and nothing else is said of an account's task."""
        if _lists_nothing(provider):
            pytest.skip("the vendor has no list")
        domain = filing.service.domains[0]
        assert not _filed(provider, bench, domain)
        _submit(provider, bench, filing)
        status = _until(provider, bench, filing, pb.ORDER_STATE_FILED)
        ((subject, service),) = _filed(provider, bench, domain)
        assert subject.licence_number == status.subject_licence_number
        assert (subject.title, subject.nature) == (filing.subject.profile.title, filing.subject.profile.nature)
        assert (service.title, service.licence_number) == (filing.service.title, status.service_licence_number)
        assert service.principal_name == filing.service.principal.full_name
        assert filing.service.principal.full_name not in repr((subject, service))

    def test_a_list_that_cannot_be_had_is_no_empty_one(self, provider: Provider, bench: Bench) -> None:
        """What is missing from a list counts as not there, so that a refused call must not look like nothing."""
        if _lists_nothing(provider):
            pytest.skip("the vendor has no list")
        call = bench.call(TaskAssignment())
        with pytest.raises(RefusedError):
            list(provider.list_filings(replace(call, credential=Credential(call.credential.access_key_id, "wrong"))))

    # --- calls that go wrong --------------------------------------------------------------------------------------

    def test_an_unanswered_submission_is_not_made_twice(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """By its guarantee: the same token and body give the same order, or it is found by our reference."""
        domain = filing.service.domains[0]
        bench.script(domain, "timeout_after_accept")
        with pytest.raises(UnknownOutcomeError):
            _submit(provider, bench, filing, http=_SHORT)
        if provider.manifest.guarantee.kind == plugin_pb2.SubmissionGuarantee.KIND_CLIENT_TOKEN:
            accepted: Accepted | None = _submit(provider, bench, filing)
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
            _submit(provider, bench, filing)
        time.sleep(0.3)
        assert provider.find_order(bench.call(filing)) is None
        assert bench.submissions(filing.service.domains[0]) == 0

    def test_a_submission_is_found_by_our_reference(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """Also where tokens are honoured: a token's validity ends, a reference stays."""
        accepted = _submit(provider, bench, filing)
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
        _submit(provider, bench, filing)
        _until(provider, bench, filing, pb.ORDER_STATE_PROVIDER_REJECTED)
        filing.task.client_token += "-2"
        filing.task.first_send_time.FromDatetime(datetime.now(UTC))
        assert provider.find_order(bench.call(filing)) is None
        bench.script(domain, "timeout_after_accept")
        with pytest.raises(UnknownOutcomeError):
            _submit(provider, bench, filing, http=_SHORT)
        assert provider.find_order(bench.call(filing)) is not None

    def test_a_withdrawal_in_doubt_is_found_on_its_order(
        self, provider: Provider, bench: Bench, filing: TaskAssignment
    ) -> None:
        """A withdrawal was carried out when the order is withdrawn, and only then."""
        bench.script(filing.service.domains[0], "identity_check")
        _submit(provider, bench, filing)
        filing.task.kind = TASK_KIND_WITHDRAW
        assert provider.find_order(bench.call(filing)) is None
        provider.withdraw(bench.call(filing))
        assert provider.find_order(bench.call(filing)) is not None

    def test_a_throttled_call_was_not_made(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A declared throttle is a definite "not now", with the delay that the vendor names."""
        bench.script(filing.service.domains[0], "throttle_429", seconds=7)
        with pytest.raises(RefusedError) as caught:
            _submit(provider, bench, filing)
        assert (caught.value.code, caught.value.retry_after) == ("THROTTLED", 7)
        assert bench.submissions(filing.service.domains[0]) == 0

    @pytest.mark.parametrize("when", ["before_accept", "after_accept"])
    def test_a_server_error_leaves_the_outcome_unknown(
        self, provider: Provider, bench: Bench, filing: TaskAssignment, when: str
    ) -> None:
        """Nobody can tell a 5xx before the work from one after it."""
        bench.script(filing.service.domains[0], "http_500", after_accept=when == "after_accept")
        with pytest.raises(UnknownOutcomeError):
            _submit(provider, bench, filing)

    def test_a_wrong_key_is_no_rejection(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A refused signature is the account's fault: the order waits until it is mended."""
        wrong = Credential(bench.call(filing).credential.access_key_id, "wrong")
        with pytest.raises(RefusedError) as caught:
            _submit(provider, bench, filing, credential=wrong)
        assert (caught.value.code, caught.value.retry_after) == ("CREDENTIAL", 60)

    def test_a_stale_signature_is_refused(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A request is signed with the call's time."""
        with pytest.raises(RefusedError):
            _submit(provider, bench, filing, now=datetime.now(UTC) - timedelta(hours=1))

    def test_a_refused_field_is_named(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """A definite no names our field, not the vendor's."""
        del filing.order.ips[:]
        filing.order.ips.append("not-an-address")
        with pytest.raises(RejectedError) as caught:
            _submit(provider, bench, filing)
        assert [finding.path for finding in caught.value.findings] == ["ips"]

    def test_a_query_never_rejects(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """An order that the vendor does not know, or not yet, is asked for again."""
        filing.order.provider_order_id = "0"
        with pytest.raises(UnknownOutcomeError):
            provider.query(bench.call(filing))

    # --- callbacks ------------------------------------------------------------------------------------------------

    def test_a_callback_hints_at_its_order(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """What the vendor posts is verified, and names the order that may have moved."""
        for received in _posted(provider, bench, filing):
            (hint,) = provider.parse_callback(received, bench.call(filing).credential)
            assert hint.provider_order_id == filing.order.provider_order_id
            assert hint.message_id
            assert hint.time is not None

    def test_a_forged_callback_is_rejected(self, provider: Provider, bench: Bench, filing: TaskAssignment) -> None:
        """Another body, another secret or another time than the signed ones."""
        credential = bench.call(filing).credential
        received = next(_posted(provider, bench, filing))
        forged = (
            (replace(received, body=received.body + b" "), credential),
            (received, Credential(credential.access_key_id, "wrong")),
            (replace(received, headers={}), credential),
            (replace(received, received=received.received + timedelta(minutes=6)), credential),
        )
        for request, key in forged:
            with pytest.raises(RejectedError):
                provider.parse_callback(request, key)


def _submit(provider: Provider, bench: Bench, assignment: TaskAssignment, **changes: Any) -> Accepted:
    call: Call = bench.call(assignment, **changes)
    assignment.request = provider.render(assignment, provider.prepare(assignment))
    accepted = provider.submit(call)
    assignment.order.provider_order_id = accepted.provider_order_id
    return accepted


def _lists_nothing(provider: Provider) -> bool:
    lines = [line for line in provider.manifest.capabilities if line.operation == pb.OPERATION_LIST_FILINGS]
    return all(line.channel != pb.CHANNEL_API for line in lines)


def _filed(provider: Provider, bench: Bench, domain: str) -> list[tuple[FiledSubject, FiledService]]:
    filings = provider.list_filings(bench.call(TaskAssignment()))
    return [(subject, service) for subject in filings for service in subject.services if domain in service.domains]


def _until(provider: Provider, bench: Bench, assignment: TaskAssignment, state: pb.OrderState.ValueType) -> OrderStatus:
    status: OrderStatus = eventually(
        lambda status: status.state == state, lambda: provider.query(bench.call(assignment))
    )
    return status


def _facet(status: OrderStatus, kind: pb.VerificationKind.ValueType) -> pb.Verification:
    return next(facet for facet in status.verifications if facet.kind == kind)


def _posted(provider: Provider, bench: Bench, assignment: TaskAssignment) -> Iterator[CallbackRequest]:
    """Submits with a callback's address, and gives what the vendor posts there until the order is filed."""
    received: queue.Queue[CallbackRequest] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.put(CallbackRequest(headers, body, datetime.now(UTC)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        assignment.callback_url = f"http://127.0.0.1:{server.server_address[1]}/callback"
        _submit(provider, bench, assignment)
        _until(provider, bench, assignment, pb.ORDER_STATE_FILED)
        yield received.get(timeout=5)
        while not received.empty():
            yield received.get()
        server.shutdown()
