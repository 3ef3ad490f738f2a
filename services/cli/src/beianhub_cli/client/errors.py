"""What a script and a person learn of a failure: an exit code, and every finding with its remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_cli.config import ConfigError
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker

M = TypeVar("M", bound=Message)
_REQUEST_ID: Final = "x-request-id"
# What a caller of the API does about it is said in the API's words; a person at a terminal has other means.
_KEY_REASONS: Final = frozenset({"API_KEY_MISSING", "API_KEY_INVALID"})
_KEY_REMEDY: Final = (
    "请用 --api-key-file、BEIANHUB_API_KEY 或配置提供有效密钥；首个密钥由 `beianhub init` 生成。 / "
    "Give a key in force with --api-key-file, BEIANHUB_API_KEY or the configuration; `beianhub init` makes the first."
)


class Exit(IntEnum):
    """The command's exit codes. They are an interface: scripts rely on them."""

    OK = 0
    OTHER = 1
    USAGE = 2
    NOT_FOUND = 3
    INVALID = 4  # the request, or the state of what it is about, does not allow it
    DENIED = 5
    UNAVAILABLE = 6
    NO = 7  # the question was answered, with no


EXIT_CODES: Final = (
    "Exit codes: 0 done · 1 something else failed · 2 wrong usage or configuration · 3 not found · "
    "4 invalid, or not possible in this state · 5 key missing or not allowed · 6 unavailable or too late · "
    "7 the answer is no"
)

_EXITS: Final[Mapping[grpc.StatusCode, Exit]] = {
    grpc.StatusCode.NOT_FOUND: Exit.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT: Exit.INVALID,
    grpc.StatusCode.FAILED_PRECONDITION: Exit.INVALID,
    grpc.StatusCode.ALREADY_EXISTS: Exit.INVALID,
    grpc.StatusCode.ABORTED: Exit.INVALID,
    grpc.StatusCode.OUT_OF_RANGE: Exit.INVALID,
    grpc.StatusCode.PERMISSION_DENIED: Exit.DENIED,
    grpc.StatusCode.UNAUTHENTICATED: Exit.DENIED,
    grpc.StatusCode.UNAVAILABLE: Exit.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Exit.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exit.UNAVAILABLE,
}

_KINDS: Final[Mapping[ErrorKind, Exit]] = {
    ErrorKind.NOT_FOUND: Exit.NOT_FOUND,
    ErrorKind.PERMISSION: Exit.DENIED,
    ErrorKind.UNAUTHENTICATED: Exit.DENIED,
    ErrorKind.UNAVAILABLE: Exit.UNAVAILABLE,
    ErrorKind.DEADLINE: Exit.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command failed. ``code`` is a gRPC code's name; ``retry_after`` is in seconds."""

    exit: Exit
    code: str
    reason: str
    message: str
    findings: tuple[Finding, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    server_request: str = ""  # how the server's log names the call
    request_id: str = ""  # what repeats the mutation safely

    def document(self) -> dict[str, Any]:
        """The failure for machines, with the API's own field names."""
        parts: dict[str, Any] = {
            "exit_code": int(self.exit),
            "code": self.code,
            "reason": self.reason,
            "message": self.message,
            "findings": [MessageToDict(each, preserving_proto_field_name=True) for each in self.findings],
            "metadata": dict(self.metadata),
            "retry_after_seconds": self.retry_after,
            "server_request": self.server_request,
            "request_id": self.request_id,
        }
        return {"error": {key: value for key, value in parts.items() if value not in ("", None, [], {})}}


class CommandError(Exception):
    """Ends the command with a failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def exit_of(code: grpc.StatusCode) -> Exit:
    """The exit code of a gRPC code."""
    return _EXITS.get(code, Exit.OTHER)


def failure_of(error: grpc.aio.AioRpcError, *, server: str = "") -> Failure:
    """The failure that a call ended with, from its ``google.rpc.Status`` where the server sent one."""
    code = error.code()
    status = rpc_status.from_call(error)
    if status is None:
        return _without_details(code, error.details() or "", server)
    info = _first(status, ErrorInfo)
    retry = _first(status, RetryInfo)
    trailing = dict(error.trailing_metadata() or ())
    return Failure(
        exit=exit_of(code),
        code=code.name,
        reason=info.reason if info else code.name,
        message=status.message,
        findings=tuple(map(_at_a_terminal, _all(status, Finding))),
        metadata=dict(info.metadata) if info else {},
        retry_after=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        server_request=str(trailing.get(_REQUEST_ID, "")),
    )


def failure_at_home(error: BeianhubError) -> Failure:
    """The failure that the core raised in this process, as it does for commands that work without a gateway."""
    exit_ = _KINDS.get(error.kind, Exit.INVALID)
    message = error.findings[0].message_en if error.findings else error.reason
    return Failure(exit_, error.kind.name, error.reason, message, error.findings, error.metadata)


def misconfigured(error: ConfigError) -> Failure:
    """Every mistake of the configuration at once."""
    remedy = (
        "请更正配置文件或环境变量；参见 `beianhub config show`。 / "
        "Correct the file or the environment; see `beianhub config show`."
    )
    findings = []
    for problem in error.problems:
        path, _, rest = problem.partition(": ")
        findings.append(blocker("CONFIGURATION_INVALID", path, f"配置有误：{rest}", rest, remedy))
    return Failure(Exit.USAGE, Exit.USAGE.name, "CONFIGURATION_INVALID", str(error), tuple(findings))


def local_failure(code: str, path: str, zh: str, en: str, suggestion: str, exit_: Exit = Exit.INVALID) -> CommandError:
    """An error that the command itself found, in the same form as the server's."""
    finding = blocker(code, path, zh, en, suggestion)
    return CommandError(Failure(exit_, exit_.name, code, f"{path}: {en}" if path else en, (finding,)))


def refused_by_system(error: OSError) -> CommandError:
    """What the operating system refused: a file, a port, room on a disk."""
    what, where = error.strerror or type(error).__name__, str(error.filename or "")
    return local_failure(
        "SYSTEM_REFUSED",
        where,
        f"系统拒绝：{what}",
        f"the system refused: {what}",
        _remedy(error),
        Exit.OTHER,
    )


def _remedy(error: OSError) -> str:
    if error.filename:
        return "请确认其存在且可用。 / Check that it is there and can be used."
    if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
        return "请确认端口未被占用。 / Check that the ports are free."
    return "请按系统提示处理后重试。 / Mend what the system says, and try again."


def several(findings: Iterable[Finding]) -> CommandError:
    """An error that the command itself found, with all its findings."""
    found = tuple(findings)
    first = found[0]
    return CommandError(Failure(Exit.INVALID, Exit.INVALID.name, first.code, first.message_en, found))


def repeatable(failure: Failure, request_id: str) -> Failure:
    """The failure, saying by which id the mutation can be repeated: where nobody knows whether it was done."""
    return replace(failure, request_id=request_id) if failure.exit is Exit.UNAVAILABLE else failure


def _without_details(code: grpc.StatusCode, message: str, server: str) -> Failure:
    """A call that no server of ours answered."""
    if code is grpc.StatusCode.UNAVAILABLE:
        finding = blocker(
            "NO_GATEWAY",
            "server",
            f"无法连接网关 {server}",
            f"no gateway answers at {server}",
            (
                "请用 `beianhub up` 启动，或用 --server 指定其他地址；使用 TLS 时请检查 --tls 与 --tls-ca。 / "
                "Start one with `beianhub up`, or name another with --server; with TLS, check --tls and --tls-ca."
            ),
        )
    elif code is grpc.StatusCode.DEADLINE_EXCEEDED:
        finding = blocker(
            "DEADLINE_PASSED",
            "timeout",
            "在截止时间内没有得到答复",
            "no answer came before the deadline",
            "请用更长的 --timeout 重试。 / Try again, with a longer --timeout.",
        )
    else:
        return Failure(exit_of(code), code.name, code.name, message)
    return Failure(exit_of(code), code.name, finding.code, finding.message_en, (finding,))


def _at_a_terminal(finding: Finding) -> Finding:
    if finding.code in _KEY_REASONS:
        finding.suggestion = _KEY_REMEDY
    return finding


def _all(status: Status, kind: type[M]) -> list[M]:
    found = []
    for packed in status.details:
        message = kind()
        if packed.Unpack(message):
            found.append(message)
    return found


def _first(status: Status, kind: type[M]) -> M | None:
    return next(iter(_all(status, kind)), None)
