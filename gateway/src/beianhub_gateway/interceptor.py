"""The one interceptor of every call: request id, key, role, deadline, errors, log and metrics.

One instead of six, since each interceptor of grpc.aio costs as much as the work that it does.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from contextlib import aclosing
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Never, TypeVar, cast

import grpc
from google.rpc.error_details_pb2 import ErrorInfo

from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_gateway import permissions
from beianhub_gateway.observing import CallRecord, report
from beianhub_gateway.status import DOMAIN, CallEndedError, as_grpc, code_of, status_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from beianhub_core.application.caller import Caller
    from beianhub_gateway.keys import Keys
    from beianhub_gateway.observing import Logger

    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
    Observe = Callable[[CallRecord], None]

REQUEST_ID: Final = "x-request-id"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Streams that are meant to stay open.
_UNBOUNDED: Final = frozenset(
    f"/beianhub.filing.v1.{method}" for method in ("OrderService/WatchOrders", "SubjectService/WatchSubjects")
)
_UNKNOWN: Final = "unknown"  # callers must not be able to make metrics' labels
R = TypeVar("R")

CALLER: ContextVar[Caller] = ContextVar("beianhub_caller")
"""Who made the call that the current task serves."""


class Interceptor(grpc.aio.ServerInterceptor):
    """Admits calls and accounts for them; unary and streaming alike."""

    def __init__(self, keys: Keys, observe: Observe, logger: Logger, longest_call: float) -> None:
        self._keys = keys
        self._observe = observe
        self._logger = logger
        self._longest = longest_call
        self._wrapped: dict[str, Handler] = {}
        self._unknown: Handler = grpc.stream_stream_rpc_method_handler(self._refuse_unknown)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """The method's handler inside this interceptor; health and reflection stay as they are."""
        method = handler_call_details.method
        wrapped = self._wrapped.get(method)
        if wrapped is not None:
            return wrapped
        handler = await continuation(handler_call_details)
        if handler is None:
            return self._unknown
        if permissions.is_open(method):
            return handler
        return self._wrapped.setdefault(method, self._wrap(method, handler))

    def _wrap(self, method: str, handler: Handler) -> Handler:
        codec = (handler.request_deserializer, handler.response_serializer)
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(self._streaming(method, handler.unary_stream), *codec)
        if handler.stream_unary is not None:
            return grpc.stream_unary_rpc_method_handler(self._single(method, handler.stream_unary), *codec)
        return grpc.unary_unary_rpc_method_handler(self._single(method, handler.unary_unary), *codec)

    def _single(self, method: str, inner: Any) -> Callable[[Any, Context], Awaitable[Any]]:
        async def serve(request: Any, context: Context) -> Any:
            return await self._serve(method, context, lambda: inner(request, context))

        return serve

    def _streaming(self, method: str, inner: Any) -> Callable[[Any, Context], Awaitable[None]]:
        async def serve(request: Any, context: Context) -> None:
            async def pump() -> None:
                # Writing here, and not yielding, lets a cancelled call end the inner stream at once.
                async with aclosing(inner(request, context)) as messages:
                    async for message in messages:
                        await context.write(message)

            await self._serve(method, context, pump)

        return serve

    async def _serve(self, method: str, context: Context, work: Callable[[], Awaitable[R]]) -> R:
        call = _Call(method, context)
        try:
            return await self._bounded(call, work)
        except BeianhubError as error:
            await call.fail(error)
        except asyncio.CancelledError:
            late = call.remaining() == 0
            call.code = grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001 - the edge: nothing unexpected may show its text to a caller
            report(self._logger, error, "unexpected", method=method, request_id=call.request_id)
            await call.crash()
        finally:
            self._observe(call.record())

    async def _bounded(self, call: _Call, work: Callable[[], Awaitable[R]]) -> R:
        limit = asyncio.timeout(self._budget(call))
        try:
            async with limit:
                call.admit(await self._keys.caller(call.metadata))
                return await work()
        except TimeoutError:
            if limit.expired():
                raise _too_late() from None
            raise

    def _budget(self, call: _Call) -> float | None:
        """Seconds that the call may take. Raises DEADLINE when there are none left: nothing was done yet."""
        remaining = call.remaining()
        if remaining is None and call.method not in _UNBOUNDED:
            return self._longest
        if remaining == 0:
            raise _too_late()
        return remaining

    async def _refuse_unknown(self, _requests: Any, context: Context) -> None:
        call = _Call(_UNKNOWN, context)
        finding = blocker(
            "UNKNOWN_METHOD",
            "",
            "没有此方法",
            "there is no such method",
            "请通过服务反射（reflection）列出方法。 / List the methods by server reflection.",
        )
        try:
            await call.fail(CallEndedError(grpc.StatusCode.UNIMPLEMENTED, "UNKNOWN_METHOD", finding))
        finally:
            self._observe(call.record())


class _Call:
    """A call under way: what will be said of it when it ends."""

    def __init__(self, method: str, context: Context) -> None:
        self.method = method
        self.context = context
        self.metadata = dict(context.invocation_metadata() or ())
        self.request_id = _request_id(self.metadata.get(REQUEST_ID))
        self.code = grpc.StatusCode.OK
        self._tenant = ""
        self._reason = ""
        self._started = time.perf_counter()
        context.set_trailing_metadata(((REQUEST_ID, self.request_id),))

    def remaining(self) -> float | None:
        """Seconds until the deadline, at least 0; ``None`` when the caller names none."""
        return cast("float | None", self.context.time_remaining())  # the stubs do not know of None

    def admit(self, caller: Caller) -> None:
        """Lets the caller in. Raises PERMISSION when its role may not call the method."""
        self._tenant = caller.tenant
        if not permissions.is_allowed(caller, self.method):
            raise refused(
                ErrorKind.PERMISSION,
                "ROLE_NOT_ALLOWED",
                "authorization",
                "该 API 密钥的角色无权调用此方法",
                "the API key's role may not call this method",
                (
                    "请改用其他角色的密钥；所有者（OWNER）可以创建。 / "
                    "Use a key with another role; an owner can create one."
                ),
            )
        CALLER.set(caller)

    async def fail(self, error: BeianhubError) -> Never:
        """Ends the call with the error's status."""
        self.code, self._reason = code_of(error), error.reason
        await self._abort(status_of(error), error.trailing if isinstance(error, CallEndedError) else ())

    async def crash(self) -> Never:
        """Ends the call after something unexpected, saying nothing but the request id."""
        self.code, self._reason = grpc.StatusCode.INTERNAL, "INTERNAL"
        info = ErrorInfo(reason="INTERNAL", domain=DOMAIN, metadata={"request_id": self.request_id})
        message = f"internal error; quote the request id {self.request_id}"
        await self._abort(as_grpc(self.code, message, [info]), ())

    def record(self) -> CallRecord:
        """How it went."""
        seconds = time.perf_counter() - self._started
        return CallRecord(self.method, self._tenant, self.code.name, self._reason, seconds, self.request_id)

    async def _abort(self, status: grpc.Status, trailing: tuple[tuple[str, str], ...]) -> Never:
        metadata = ((REQUEST_ID, self.request_id), *trailing, *status.trailing_metadata)
        await self.context.abort(status.code, status.details, metadata)


def _request_id(given: object) -> str:
    """The caller's own id, where it is fit for a log; a new one otherwise."""
    return given if isinstance(given, str) and _REQUEST_ID.fullmatch(given) else os.urandom(16).hex()


def _too_late() -> BeianhubError:
    return refused(
        ErrorKind.DEADLINE,
        "DEADLINE_PASSED",
        "",
        "调用的截止时间已过",
        "the call's deadline has passed",
        "请放宽期限，用同一 request_id 再次调用。 / Call again with a later deadline and the same request_id.",
    )
