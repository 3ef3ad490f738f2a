"""What adapters of vendors do alike: errors classed, refusals as findings, texts without personal data, callbacks."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import Message

from beianhub.resources.v1 import options_pb2
from beianhub.resources.v1.resources_pb2 import (
    NATURE_INDIVIDUAL,
    ORDER_STATE_DRAFT,
    ORDER_STATE_PROVIDER_REJECTED,
    ORDER_STATE_REGULATOR_REJECTED,
    ORDER_STATE_UNSPECIFIED,
    ORDER_STATE_WITHDRAWN,
    SEVERITY_BLOCKER,
    Finding,
    OrderState,
)
from beianhub.resources.v1.task_pb2 import TASK_KIND_WITHDRAW
from beianhub_sdk.errors import PluginError, RefusedError, RejectedError, UnknownOutcomeError
from beianhub_sdk.regulator import RESULT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk.call import CallbackRequest, Credential

CALLBACK_WINDOW: Final = timedelta(minutes=5)
"""How far the time of a callback may be from ours; an older one may be a replay."""

CONFIGURATION_DELAY: Final = 60.0
"""Seconds until a call refused for its key or its address is tried again: a person mends the account meanwhile."""

_AWAITS_CORRECTION = frozenset(
    {ORDER_STATE_DRAFT, ORDER_STATE_PROVIDER_REJECTED, ORDER_STATE_REGULATOR_REJECTED},
)
_LONGEST_REASON = 500
_MASK = "***"
_NUMBER = re.compile(r"(?<![\d备])\d{6,}[Xx]?")  # a licence number (…ICP备2026000001号) is public and stays
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+")


class ErrorClass(Enum):
    """What a vendor's error says of the call."""

    THROTTLED = auto()
    """Nothing was done; later it may."""
    CREDENTIAL = auto()
    """The key or the signature is refused: the account's configuration, not the order's fault."""
    CONFIGURATION = auto()
    """There is no such API at the account's endpoint."""
    REJECTED = auto()
    """A definite no."""
    UNKNOWN = auto()
    """Perhaps done, perhaps not."""


def failure(kind: ErrorClass, *, retry_after: float = 0.0, findings: Sequence[Finding] = ()) -> PluginError:
    """The error to raise for a class; ``retry_after`` is in seconds."""
    if kind is ErrorClass.REJECTED:
        return RejectedError("PROVIDER_REJECTED", findings)
    if kind is ErrorClass.UNKNOWN:
        return UnknownOutcomeError("PROVIDER_ERROR")
    if kind is ErrorClass.THROTTLED:
        return RefusedError("THROTTLED", retry_after)
    return RefusedError(kind.name, CONFIGURATION_DELAY)


@contextmanager
def reading(otherwise: PluginError | None = None) -> Iterator[None]:
    """Around the reading of a vendor's words: what is missing or of another type leaves the outcome unknown.

    Raises:
        PluginError: ``otherwise``, or UnknownOutcomeError MALFORMED_ANSWER.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError):
        raise otherwise or UnknownOutcomeError("MALFORMED_ANSWER") from None


@contextmanager
def asking() -> Iterator[None]:
    """Around a read: a vendor's no to a question says nothing of the order, so that it never counts as a rejection."""
    try:
        yield
    except RejectedError as error:
        raise UnknownOutcomeError(error.code) from error


def took(assignment: TaskAssignment, state: OrderState.ValueType, changed: datetime) -> bool:
    """Whether an order that was found shows that the task's call was carried out.

    A withdrawal was when the order is withdrawn. Corrected data was unless the order still waits for a correction and
    has not changed since the first attempt may have left. A new order was, as it is there.

    Raises:
        UnknownOutcomeError: the order's status is a word that nobody knows.
    """
    task, order = assignment.task, assignment.order
    if not order.provider_order_id:
        return True
    if state == ORDER_STATE_UNSPECIFIED:
        raise UnknownOutcomeError("UNKNOWN_STATUS")
    if task.kind == TASK_KIND_WITHDRAW:
        return state == ORDER_STATE_WITHDRAWN
    moved = task.HasField("first_send_time") and changed >= task.first_send_time.ToDatetime(UTC)
    return moved or state not in _AWAITS_CORRECTION


def blocker(
    code: str,
    message_zh: str,
    message_en: str,
    *,
    path: str = "",
    suggestion: str = "",
    rule: str = "",
    source: tuple[str, ...] = (),
    as_of: str = "",
) -> Finding:
    """A finding that refuses; no part of it may hold personal data."""
    return Finding(
        code=code,
        path=path,
        severity=SEVERITY_BLOCKER,
        message_zh=message_zh,
        message_en=message_en,
        suggestion=suggestion,
        rule=rule or code,
        source=source,
        as_of=as_of,
    )


def refusal(code: str, vendor: str, vendor_code: str, reason: str, assignment: TaskAssignment) -> Finding:
    """A vendor's or the regulator's reason for returning an order.

    A result code of MIIT-V3 gets the regulator's own words, path and advice; any other code is the vendor's. The
    free text of the reason is scrubbed.
    """
    text = scrub(reason, assignment)
    known = RESULT_CODES.get(vendor_code)
    if known is None:
        return blocker(code, text or vendor_code, f"Refused: {text or vendor_code}", rule=f"{vendor}:{vendor_code}")
    message_zh = known.zh if text in {"", known.zh} else f"{known.zh}：{text}"
    return blocker(
        code,
        message_zh,
        known.en,
        path=known.path,
        suggestion=known.suggestion,
        rule=f"MIIT-V3 {vendor_code}",
        source=("MIIT-V3",),
        as_of="2013-10-01",
    )


def scrub(text: str, assignment: TaskAssignment) -> str:
    """The text without the assignment's personal data and without anything shaped like a number or an e-mail.

    Reviewers write names, phones and ID numbers into reasons; findings must not carry them.
    """
    holders = (
        (assignment.subject, assignment.subject.profile.nature),
        (assignment.service, assignment.subject.profile.nature),
        (assignment.target, assignment.target.profile.nature),
    )
    values = {
        value
        for holder, nature in holders
        for value in _personal_values(holder, public_name=nature != NATURE_INDIVIDUAL)
    }
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, _MASK)
    return _EMAIL.sub(_MASK, _NUMBER.sub(_MASK, text))[:_LONGEST_REASON]


def verify_callback(request: CallbackRequest, credential: Credential, vendor: str) -> dict[str, Any]:
    """The JSON object of a posted callback, once its signature and its time are right.

    The vendor signs ``timestamp + "." + body`` with the account's secret (HMAC-SHA256, hex) and says so in
    ``X-<vendor>-Timestamp``, ``-Signature`` and ``-Message-Id``.

    Raises:
        RejectedError: CALLBACK_SIGNATURE, CALLBACK_TIME or CALLBACK_BODY.
    """
    prefix = f"x-{vendor.lower()}-"
    timestamp = request.headers.get(prefix + "timestamp", "")
    text = timestamp.encode() + b"." + request.body
    expected = hmac.new(credential.access_key_secret.encode(), text, hashlib.sha256).hexdigest()
    given = request.headers.get(prefix + "signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise RejectedError("CALLBACK_SIGNATURE")
    if abs(request.received - _moment(timestamp)) > CALLBACK_WINDOW:
        raise RejectedError("CALLBACK_TIME")
    return _json_object(request.body)


def _moment(timestamp: str) -> datetime:
    if not re.fullmatch(r"\d{1,11}", timestamp, re.ASCII):
        raise RejectedError("CALLBACK_TIME")
    return datetime.fromtimestamp(int(timestamp), UTC)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        raise RejectedError("CALLBACK_BODY") from None
    if not isinstance(document, dict):
        raise RejectedError("CALLBACK_BODY")
    return document


def _personal_values(message: Message, *, public_name: bool) -> Iterator[str]:
    """The values of the fields that are declared personal; a unit's name is public."""
    for descriptor, value in message.ListFields():
        kind = descriptor.GetOptions().Extensions[options_pb2.personal_data]
        if isinstance(value, str):
            public = kind == options_pb2.PERSONAL_DATA_SUBJECT_NAME and public_name
            if kind and not public and len(value) > 1:
                yield value
        elif isinstance(value, Message):
            yield from _personal_values(value, public_name=public_name)
        elif not isinstance(value, (int, float, bytes)):
            for item in value:
                if isinstance(item, Message):
                    yield from _personal_values(item, public_name=public_name)


def masked_recipient(assignment: TaskAssignment) -> str:
    """Who stands before the camera, as a challenge names him: 服务负责人 138****0001."""
    service = assignment.service
    person = service.principal if service.HasField("principal") else assignment.subject.profile.principal
    return f"服务负责人 {person.mobile[:3]}****{person.mobile[-4:]}"
