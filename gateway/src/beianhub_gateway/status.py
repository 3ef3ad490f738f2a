"""Errors on the wire: ``google.rpc.Status`` with ``ErrorInfo`` always, and every finding in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2 as details
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from beianhub_core.application.orders import STATUS_CODES
from beianhub_core.errors import BeianhubError, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message

    from beianhub.resources.v1.resources_pb2 import Finding

DOMAIN: Final = "beianhub"
# A client that sets nothing refuses more than 8 KiB of trailing metadata, and then sees no details at all.
_LARGEST_DETAILS: Final = 6 * 1024
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


class CallEndedError(BeianhubError):
    """An end that only the edge knows: it has a gRPC code of its own, and trailing metadata."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        finding: Finding,
        *,
        retry_after: float | None = None,
        trailing: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(ErrorKind.UNAVAILABLE, reason, [finding], retry_after=retry_after)
        self.code = code
        self.trailing = trailing


def code_of(error: BeianhubError) -> grpc.StatusCode:
    """The gRPC code of the error's kind."""
    return error.code if isinstance(error, CallEndedError) else _CODES[STATUS_CODES[error.kind]]


def status_of(error: BeianhubError) -> grpc.Status:
    """The error as gRPC sends it.

    The message is ASCII and short, for gRPC spells each Chinese character in nine bytes; the findings in the details
    have the Chinese. Findings that do not fit any more are counted in ``ErrorInfo.metadata["omitted_findings"]``.
    """
    fixed: list[Message] = []
    if error.retry_after is not None:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after * 1000))
        fixed.append(details.RetryInfo(retry_delay=delay))
    shown = _fitting(error.findings, sum(message.ByteSize() for message in fixed))
    info = details.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    if len(shown) < len(error.findings):
        info.metadata["omitted_findings"] = str(len(error.findings) - len(shown))
    violations = [_violations(error, shown)] if shown else []
    return as_grpc(code_of(error), _message(error), [info, *violations, *fixed, *shown])


def as_grpc(code: grpc.StatusCode, message: str, parts: Iterable[Message]) -> grpc.Status:
    """A status with these details."""
    status = Status(code=code.value[0], message=message)
    for part in parts:
        packed = AnyMessage()
        packed.Pack(part)
        status.details.append(packed)
    return rpc_status.to_status(status)  # type: ignore[no-any-return]  # grpcio-status has no types


def _violations(error: BeianhubError, findings: list[Finding]) -> details.PreconditionFailure | details.BadRequest:
    if error.kind is ErrorKind.PRECONDITION:
        return details.PreconditionFailure(
            violations=[
                details.PreconditionFailure.Violation(type=f.code, subject=f.path, description=_describe(f))
                for f in findings
            ]
        )
    # `localized_message` would say the Chinese for the third time, and cost every third finding its place.
    return details.BadRequest(
        field_violations=[
            details.BadRequest.FieldViolation(field=f.path, reason=f.code, description=_describe(f)) for f in findings
        ]
    )


def _describe(finding: Finding) -> str:
    return f"{finding.message_zh} / {finding.message_en} / 办法 {finding.suggestion}"


def _fitting(findings: Iterable[Finding], used: int) -> list[Finding]:
    """The first findings that fit, each counted as a detail and as a violation."""
    shown: list[Finding] = []
    for finding in findings:
        used += 2 * finding.ByteSize() + 80
        if used > _LARGEST_DETAILS:
            break
        shown.append(finding)
    return shown


def _message(error: BeianhubError) -> str:
    first = f": {error.findings[0].path}: {error.findings[0].message_en}" if error.findings else ""
    return f"{error.reason}{first}"[:300]
