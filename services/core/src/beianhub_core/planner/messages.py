"""Between the planner's plain values and the API's messages, by the fields' names, which are the same in both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1.resources_pb2 import Finding as FindingMessage
from beianhub.resources.v1.resources_pb2 import Severity as SeverityNumber
from beianhub_core.planner.answer import Answer, Deadline, Finding, Question, Severity, Step, StepKind, Verification

if TYPE_CHECKING:
    from google.protobuf.descriptor import EnumDescriptor

    from beianhub_core.planner.situation import Situation

_LISTS: Final = (planning.KnownTexts.DESCRIPTOR.full_name, planning.KnownFields.DESCRIPTOR.full_name)
# A state that the record has, and what the planner calls it: filed, and nothing else about it.
_WORDS: Final = {"SUBJECT_STATE_FILED": "NORMAL", "SERVICE_STATE_FILED": "NORMAL"}
_NAMES: Final = {("beianhub.resources.v1.SubjectState", "NORMAL"), ("beianhub.resources.v1.ServiceState", "NORMAL")}


def document(message: Message) -> dict[str, Any]:
    """What the message says, as the planner reads it: what is absent or UNSPECIFIED is left out."""
    return {field.name: _plain(field, value) for field, value in message.ListFields()}


def word(enum: EnumDescriptor, number: int) -> str:
    """The planner's word for an enum's value; the number itself where this version knows none."""
    known = enum.values_by_number.get(number)
    if known is None:
        return str(number)
    return _WORDS.get(known.name, known.name.removeprefix(_prefix(enum)))


def situation_message(situation: Situation) -> planning.Situation:
    """The situation as a message."""
    message = planning.Situation()
    fill(message, situation.model_dump(exclude_none=True))
    return message


def plan_message(answer: Answer) -> planning.Plan:
    """The plan as a message."""
    message = planning.Plan()
    plain = answer.document()
    fill(message, {"steps": plain["steps"], "questions": plain["questions"]})
    for found in answer.findings:
        message.findings.add(finding=finding_message(found), conflicts_with=found.conflicts_with)
    return message


def answer(message: planning.Plan) -> Answer:
    """The plan that the message holds: what :func:`plan_message` made it of."""
    return Answer(
        tuple(_step(document(step)) for step in message.steps),
        tuple(_finding(found) for found in message.findings),
        tuple(Question(**document(question)) for question in message.questions),
    )


def _step(said: dict[str, Any]) -> Step:
    said.pop("order", None)
    checks = tuple(Verification(**_fixed(each)) for each in said.pop("verifications", ()))
    times = tuple(Deadline(**_fixed(each)) for each in said.pop("deadlines", ()))
    return Step(**_fixed(said | {"kind": StepKind(said["kind"])}), verifications=checks, deadlines=times)


def _finding(found: planning.PlanFinding) -> Finding:
    said: dict[str, Any] = {"message_zh": "", "message_en": "", "suggestion": "", "rule": "", "path": "", "source": ()}
    said |= document(found.finding)
    said["severity"] = Severity(said["severity"])
    return Finding(**_fixed(said), conflicts_with=tuple(found.conflicts_with))


def _fixed(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}


def finding_message(found: Finding) -> FindingMessage:
    """The finding, without the sources that say something else."""
    return FindingMessage(
        code=found.code,
        path=found.path,
        severity=SeverityNumber.Value(f"SEVERITY_{found.severity}"),
        message_zh=found.message_zh,
        message_en=found.message_en,
        suggestion=found.suggestion,
        rule=found.rule,
        source=found.source,
        as_of=found.as_of,
    )


def fill(message: Message, values: Mapping[str, Any]) -> None:
    """Puts plain values into the message, in place; ``None`` and "" of an enum stay unsaid."""
    for name, value in values.items():
        if value is not None:
            _put(message, message.DESCRIPTOR.fields_by_name[name], value)


def _put(message: Message, field: Any, value: Any) -> None:
    here = getattr(message, field.name)
    if field.is_repeated and field.message_type is not None:
        for each in value:
            fill(here.add(), each)
    elif field.is_repeated:
        here.extend(_said(field, each) for each in value)
    elif field.message_type is not None:
        if isinstance(value, Mapping) and not value:
            return
        here.SetInParent()
        fill(here, value if isinstance(value, Mapping) else {"values": value})
    else:
        setattr(message, field.name, _said(field, value))


def _said(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return _number(field.enum_type, str(value)) if value else 0
    if field.type != FieldDescriptor.TYPE_STRING:
        return value
    return ("YES" if value else "NO") if isinstance(value, bool) else str(value)  # of target.account


def _number(enum: EnumDescriptor, said: str) -> int:
    name = "FILED" if (enum.full_name, said) in _NAMES else said
    return int(enum.values_by_name[f"{_prefix(enum)}{name}"].number)


def _plain(field: Any, value: Any) -> Any:
    if field.message_type is not None and field.message_type.full_name in _LISTS:
        return _plain(field.message_type.fields_by_name["values"], value.values)
    return [_one(field, each) for each in value] if field.is_repeated else _one(field, value)


def _one(field: FieldDescriptor, value: Any) -> Any:
    if isinstance(value, Message):
        return document(value)
    return word(field.enum_type, value) if field.enum_type is not None else value


def _prefix(enum: EnumDescriptor) -> str:
    """``ORDER_TYPE_`` of OrderType; the planner's words begin after it."""
    return enum.values[0].name.removesuffix("UNSPECIFIED")
