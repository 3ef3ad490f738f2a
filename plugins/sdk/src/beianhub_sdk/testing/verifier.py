"""The contract of a verifier, as pytest cases: what the engine and those who read its answers rely on."""

# ruff: noqa: S101  a conformance kit asserts

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TASK_KIND_PATROL, TASK_KIND_VERIFY, TaskAssignment
from beianhub_sdk.call import Call, Credential
from beianhub_sdk.errors import NotSentError, PluginError
from beianhub_sdk.specs import PLUGIN_API
from beianhub_sdk.testing.personal import is_personal, personal_paths, put
from beianhub_sdk.testing.samples import sample
from beianhub_sdk.verifier import Failed, Observed, Passed, Pending, Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub_sdk.http import HttpRequest, HttpResponse

_ORDER_TYPES = tuple(number for number in pb.OrderType.values() if number)
_NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
_ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

Answer = Passed | Failed | Pending


class OfflineHttp:
    """No network: not a byte of any request leaves."""

    def send(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002  as Http names it
        """Refuses it."""
        raise NotSentError("OFFLINE")


class VerifierContract:
    """Subclass it, and name the verifier's class.

    Override :meth:`assign` where the verifier needs more of an order than the sample has, and the fixture ``call``
    where it needs a network.
    """

    verifier_class: ClassVar[type[Verifier]]

    @staticmethod
    def assign(order_type: pb.OrderType.ValueType) -> TaskAssignment:
        """An order of an invented company that the verifier can answer."""
        return sample(1, order_type)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One case for each order type that the manifest names, or for each that there is."""
        if "order_type" in metafunc.fixturenames:
            served = self.verifier_class.manifest.order_types or _ORDER_TYPES
            metafunc.parametrize("order_type", served, ids=pb.OrderType.Name)

    @pytest.fixture
    def assignment(self, order_type: pb.OrderType.ValueType) -> TaskAssignment:
        """An assignment of a verification task."""
        assignment = self.assign(order_type)
        assignment.task.kind = TASK_KIND_VERIFY
        assignment.task.verification = self.verifier_class.manifest.kind
        return assignment

    @pytest.fixture
    def call(self, assignment: TaskAssignment) -> Call:
        """A call now, without a network."""
        return Call(assignment, Credential("key", "secret"), OfflineHttp(), _NOW)

    # --- what a verifier says of itself ---------------------------------------------------------------------------

    def test_its_manifest_is_whole(self) -> None:
        """Users read the id, the Chinese title, the version and the sources; the host reads the kind and the number."""
        manifest = self.verifier_class.manifest
        assert _ID.fullmatch(manifest.id)
        assert _CHINESE.search(manifest.title)
        assert manifest.version
        assert manifest.kind != pb.VERIFICATION_KIND_UNSPECIFIED
        assert manifest.source
        assert manifest.call_timeout > timedelta()
        assert manifest.api in {PLUGIN_API, PLUGIN_API - 1}

    def test_personal_data_is_asked_for_field_by_field(self) -> None:
        """Each path of the manifest leads to a field that is declared personal data."""
        for path in self.verifier_class.manifest.personal_data:
            assert is_personal(path), path

    # --- its answers ----------------------------------------------------------------------------------------------

    def test_it_answers(self, call: Call) -> None:
        """Failed has a blocker, Passed has none, and a precheck never waits for a person."""
        manifest, answer = self.verifier_class.manifest, self._answer(call)
        blocked = any(finding.severity == pb.SEVERITY_BLOCKER for finding in _findings(answer))
        assert blocked is isinstance(answer, Failed)
        assert not (manifest.precheck and isinstance(answer, Pending))

    def test_it_answers_the_same_again(self, call: Call) -> None:
        """A task may be claimed twice, and a method runs in several threads at once: nothing is kept between calls."""
        verifier = self.verifier_class()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: verifier.verify(call), range(8)))
        assert all(answer == self._answer(call) for answer in answers)

    def test_it_leaves_the_assignment_as_it_is(self, call: Call) -> None:
        """The assignment is the host's."""
        before = call.assignment.SerializeToString(deterministic=True)
        self._answer(call)
        assert call.assignment.SerializeToString(deterministic=True) == before

    def test_its_findings_are_whole(self, call: Call, assignment: TaskAssignment) -> None:
        """A finding has a code, a path, both languages, advice, a rule and its source; also those of an empty order."""
        empty = TaskAssignment(task=assignment.task, order=pb.Order(type=assignment.order.type))
        for each in (call, replace(call, assignment=empty)):
            for finding in _findings(self._try(each)):
                assert _CODE.fullmatch(finding.code), finding
                assert _DATE.fullmatch(finding.as_of), finding
                assert _CHINESE.search(finding.message_zh), finding
                assert all((finding.path, finding.severity, finding.message_en, finding.suggestion)), finding
                assert all((finding.rule, finding.source)), finding

    def test_a_challenge_says_who_does_what_until_when(self, call: Call) -> None:
        """Instructions in both languages, who has to act, and a deadline that lies ahead and has a time zone."""
        answer = self._answer(call)
        if isinstance(answer, Pending):
            challenge = answer.challenge
            assert _CHINESE.search(challenge.instructions_zh)
            assert challenge.instructions_en
            assert challenge.recipient
            assert answer.deadline is None or answer.deadline > call.now

    def test_its_patrol_looks_at_a_filed_service(self, assignment: TaskAssignment) -> None:
        """One that patrols answers for a service without an order, with findings that weigh, or says that nothing could
        be looked at; without a network nothing is wrong with anything.
        """
        if not self.verifier_class.manifest.patrols:
            return
        filed = TaskAssignment(subject=assignment.subject, service=assignment.service)
        filed.task.kind = TASK_KIND_PATROL
        try:
            seen = self.verifier_class().observe(Call(filed, Credential("key", "secret"), OfflineHttp(), _NOW))
        except PluginError as error:
            seen, code = Observed(), error.code
        else:
            code = "SEEN"
        assert _CODE.fullmatch(code)
        assert isinstance(seen, Observed)
        assert not seen.findings

    # --- personal data --------------------------------------------------------------------------------------------

    def test_no_answer_holds_personal_data(self, call: Call) -> None:
        """Answers become events, which carry masks only; also where the host hands over a value unmasked."""
        text = str(_content(self._answer(call)))
        secrets = list(_secrets(call.assignment))
        assert secrets
        assert not [value for value in secrets if value in text]

    def test_it_needs_no_personal_data_beyond_the_manifest(self, call: Call) -> None:
        """Fields that the manifest does not name stay masked, and the answer is the same."""
        masked = TaskAssignment.FromString(call.assignment.SerializeToString())
        for path in list(_personal(masked)):
            if path not in self.verifier_class.manifest.personal_data:
                put(masked, path, _mask(_get(masked, path)))
        assert self._answer(replace(call, assignment=masked)) == self._answer(call)

    def test_it_raises_errors_of_plugins_only(self, call: Call) -> None:
        """What it cannot find out is an error with a code, whatever the order lacks."""
        for assignment in (TaskAssignment(), TaskAssignment(order=call.assignment.order), call.assignment):
            answer = self._try(replace(call, assignment=assignment))
            assert answer is None or isinstance(answer, Answer)

    def _answer(self, call: Call) -> Answer:
        return self.verifier_class().verify(call)

    def _try(self, call: Call) -> Answer | None:
        try:
            return self._answer(call)
        except PluginError as error:
            code = error.code
        assert _CODE.fullmatch(code)
        return None


def _findings(answer: Answer | None) -> list[pb.Finding]:
    return list(answer.findings) if isinstance(answer, (Passed, Failed)) else []


def _content(answer: Answer) -> Any:
    """What of an answer becomes part of an event; as text in UTF-8, since messages escape theirs."""
    parts = [answer.challenge] if isinstance(answer, Pending) else answer.findings
    return [part.SerializeToString().decode(errors="replace") for part in parts]


def _personal(assignment: TaskAssignment) -> Iterator[str]:
    return personal_paths(TaskAssignment(subject=assignment.subject, service=assignment.service))


def _secrets(assignment: TaskAssignment) -> Iterator[str]:
    """A unit's name is public; whatever else is declared personal is not."""
    return (_get(assignment, path) for path in _personal(assignment) if path != "subject.profile.title")


def _get(assignment: TaskAssignment, path: str) -> str:
    value: Any = assignment
    for name in path.split("."):
        value = getattr(value, name)
    return str(value)


def _mask(value: str) -> str:
    """As the host masks a mobile number; of anything else nothing is left."""
    return f"{value[:3]}****{value[-4:]}" if re.fullmatch(r"1\d{10}", value) else "***"
