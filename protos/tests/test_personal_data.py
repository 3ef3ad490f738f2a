"""Every text that a message can carry is labelled: personal data by its option, anything else here, with a reason.

A new string or bytes field fails these tests until somebody has said which of the two it is. The option is what the
core masks by; that it does is the core's own test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor

from beianhub.events.v1 import events_pb2, record_pb2
from beianhub.resources.v1 import drift_pb2, options_pb2, planning_pb2, resources_pb2, task_pb2

FILES: list[FileDescriptor] = [
    m.DESCRIPTOR for m in (resources_pb2, task_pb2, drift_pb2, planning_pb2, events_pb2, record_pb2)
]
TEXT = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}
OURS = "beianhub."

# Why a text field holds no personal data; names without their package.
NOT_PERSONAL = {
    "our own names and ids, made by us from no one's data": """
        Access.name Access.account Service.name Subject.name Subject.vault_ref Subject.etag Order.name Order.subject
        Order.account Order.service Order.documents Account.name Document.name Task.name Task.subject Task.order
        Task.account Task.client_token Task.request_ref TaskAssignment.reference Handoff.name
        Event.id Event.tenant Event.subject Event.causation_id Record.tenant
        OrderSubmissionRequested.order OrderSubmissionInDoubt.order OrderAccepted.order OrderStatusChanged.order
        OrderReturned.order OrderFiled.order OrderWithdrawalRequested.order OrderWithdrawalRefused.order
        OrderEnded.order VerificationChanged.order OrderReminded.order TaskClosed.task HandoffClaimed.task
        Difference.service Drift.name Drift.subject Drift.account DriftApplied.drift DriftApplied.account
        OrderChange.vault_ref OrderChange.base_ref Order.target_account DeadlinesSet.order DeadlineNear.order
        DeadlinePassed.order OrderBlockersOverridden.order Notice.name Notice.service Risk.name Risk.resource
        Risk.notice Observation.service Task.service RiskCleared.name RiskCleared.resource NoticeResolved.name
        Order.target_subject Order.target_service Task.target_subject IncomingMigration.order IncomingMigration.source
        MigrationHeld.order MigrationHeld.source MigrationReleased.order ServiceMigratedOut.order
        ServiceMigratedOut.service ServiceMigratedOut.target_service ServiceMigratedOut.vault_ref
        ServiceMigratedIn.order ServiceMigratedIn.source_service ServiceMigratedIn.vault_ref Override.rules
    """,
    "ids and numbers that a provider or the regulator gives out": """
        ProviderId.id Access.regulator_id Access.provider_id Service.regulator_id Subject.regulator_id
        Order.provider_order_id OrderAccepted.provider_order_id TaskOutcome.Accepted.provider_order_id
        OrderFiled.subject_provider_id OrderFiled.service_provider_id OrderFiled.access_provider_id
        TaskOutcome.Status.subject_provider_id TaskOutcome.Status.service_provider_id
        TaskOutcome.Status.access_provider_id
    """,
    "public by law: anybody can look it up at the regulator's": """
        Subject.licence_number Service.licence_number Service.title Service.domains OrderFiled.subject_licence_number
        OrderFiled.service_licence_number TaskOutcome.Status.subject_licence_number
        TaskOutcome.Status.service_licence_number Drift.licence_number FiledSubject.licence_number
        FiledService.licence_number FiledService.title FiledService.domains DomainRegistration.domain
        DomainRegistration.expires_on
    """,
    "a plugin's id, and where an account's provider is": """
        ProviderId.provider Access.provider Order.provider Account.provider Account.endpoint Account.credential
        Task.plugin TaskAssignment.callback_url Drift.provider DriftApplied.provider Notice.provider
    """,
    "a server's address, not a person's": "Access.ips Order.ips",
    "too coarse to tell one person": "SubjectProfile.province SubjectProfile.city Certificate.valid_until",
    "codes, field paths, sources and dates": """
        Finding.code Finding.path Finding.rule Finding.source Finding.as_of Verification.source Deadline.kind
        Deadline.source Deadline.calendar Deadline.path Task.last_error
        TaskOutcome.Retry.reason TaskOutcome.Unknown.reason SubjectUpdated.paths
        OrderSubmissionInDoubt.reason TaskClosed.reason OrderChange.paths Difference.path
        Override.codes Order.planned_date Notice.due_date Risk.due_date Risk.wish TaskOutcome.Observed.unseen
    """,
    "a value of any field as the record shows it: a mask where the field is labelled": """
        Difference.ours Difference.theirs
    """,
    "texts that we or a plugin write; they name fields and never repeat values": """
        Finding.message_zh Finding.message_en Finding.suggestion Challenge.instructions_zh Challenge.instructions_en
        Handoff.title Handoff.instructions_zh Handoff.instructions_en Handoff.documents FormField.key FormField.label
    """,
    "the vendor's word for a state, one of its vocabulary and never its free text": """
        Order.provider_status OrderAccepted.provider_status OrderStatusChanged.provider_status
        OrderReturned.provider_status OrderFiled.provider_status TaskOutcome.Accepted.provider_status
        TaskOutcome.Rejected.provider_status TaskOutcome.Status.provider_status
    """,
    "a page for the subject's own people; whom it is for is masked where it is made": """
        Challenge.link Challenge.recipient Handoff.deep_link
    """,
    "the reseller's label and its staff's handle, which the reseller chooses": """
        Subject.customer Event.actor Override.actor Task.assignee HandoffClaimed.assignee
    """,
    "why an operator reads values: typed by the operator, and scrubbed of numbers and addresses": """
        HandoffClaimed.purpose
    """,
    "of a plan: names and ids of ours, providers, codes, dates, and what is too coarse to tell one person": """
        Order.waits_for OrderReleased.order OrderHeld.order PlanStep.id PlanStep.after PlanStep.order PlanStep.provider
        PlanStep.action PlanStep.channel PlanStep.carries PlanStep.source PlanFinding.conflicts_with PlanQuestion.path
        PlanVerification.kind PlanVerification.recipient PlanVerification.source PlanDeadline.kind PlanDeadline.unit
        PlanDeadline.date PlanDeadline.source Situation.today Situation.CurrentOrder.provider Situation.Server.provider
        Situation.Server.ip Situation.Subject.province Situation.Subject.id_province Situation.Domain.name
        Situation.Domain.expires_on Situation.Target.account Situation.Target.provider Situation.Target.province
        Situation.Notice.kind Situation.Notice.due
    """,
    "of a plan: texts of its rules, and a situation's providers and 前置审批 categories": """
        PlanVerification.note PlanStep.documents PlanStep.consequences PlanStep.confirm PlanQuestion.why
        PlanQuestion.why_zh KnownTexts.values
    """,
    "why an owner sends an order in spite of a rule: typed by the owner, and scrubbed of numbers and addresses": """
        OrderBlockersOverridden.reason Override.reason
    """,
    "the number of a notice, what was done: refused where it is long or looks like personal data, and scrubbed": """
        Notice.reference DeadlineCompleted.note
    """,
    "what a document is; the document itself is in the vault": """
        Document.purpose Document.content_type Document.sha256
    """,
}
# Real values without a label: these messages exist inside a claim and nowhere else.
INSIDE_A_CLAIM = {"TaskAssignment.request", "FormField.value"}


def short(full_name: str) -> str:
    return full_name.split(".v1.", 1)[1]


def with_nested(messages: Iterable[Descriptor]) -> Iterator[Descriptor]:
    for message in messages:
        yield message
        yield from with_nested(message.nested_types)


def texts(messages: Iterable[Descriptor]) -> list[FieldDescriptor]:
    return [field for message in messages for field in message.fields if field.type in TEXT]


def labelled(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[options_pb2.personal_data])


def reachable(*roots: Descriptor) -> dict[str, Descriptor]:
    """Every message that a root can hold, by its full name."""
    found: dict[str, Descriptor] = {}
    queue = list(roots)
    while queue:
        message = queue.pop()
        if message.full_name not in found:
            found[message.full_name] = message
            queue += [field.message_type for field in message.fields if field.message_type]
    return found


ALL = texts(with_nested(m for file in FILES for m in file.message_types_by_name.values()))
ALLOWED = {name for names in NOT_PERSONAL.values() for name in names.split()}
EVENTS = reachable(events_pb2.Event.DESCRIPTOR, record_pb2.Record.DESCRIPTOR)


@pytest.mark.parametrize("field", ALL, ids=lambda field: short(field.full_name))
def test_every_text_is_labelled(field: FieldDescriptor) -> None:
    """A text field is personal data, is known not to be, or exists inside a claim only: exactly one of the three."""
    name = short(field.full_name)
    assert [labelled(field), name in ALLOWED, name in INSIDE_A_CLAIM].count(True) == 1


def test_the_lists_name_fields_that_exist() -> None:
    """A renamed or removed field leaves the lists, and no field is listed twice."""
    listed = [*(name for names in NOT_PERSONAL.values() for name in names.split()), *INSIDE_A_CLAIM]
    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) <= {short(field.full_name) for field in ALL}


def test_events_hold_no_message_of_a_claim() -> None:
    """No event and no record can hold a message that carries values outside labelled fields."""
    assert not {short(f.full_name) for f in texts(EVENTS.values())} & INSIDE_A_CLAIM


def test_events_hold_nothing_that_escapes_the_labels() -> None:
    """What an event can hold is declared field by field: no bytes, no map, no Any or Struct of anybody's choice."""
    ours = [message for message in EVENTS.values() if message.full_name.startswith(OURS)]
    assert {n for n in EVENTS if not n.startswith(OURS)} == {"google.protobuf.Timestamp"}
    assert not [m.full_name for m in ours if m.GetOptions().map_entry]
    assert not [f.full_name for f in texts(ours) if f.type == FieldDescriptor.TYPE_BYTES]


def test_events_hold_no_text_of_another_file() -> None:
    """Every text that an event can hold is one of those judged above."""
    assert {f.full_name for f in texts(EVENTS.values())} <= {f.full_name for f in ALL}
