"""The way to a gateway: one channel, the API key with every call, deadlines, and retries that repeat safely."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import grpc
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from beianhub.filing.v1.access_service_pb2_grpc import AccessServiceStub
from beianhub.filing.v1.admin_service_pb2_grpc import AdminServiceStub
from beianhub.filing.v1.document_service_pb2_grpc import DocumentServiceStub
from beianhub.filing.v1.order_service_pb2_grpc import OrderServiceStub
from beianhub.filing.v1.subject_service_pb2_grpc import SubjectServiceStub
from beianhub.filing.v1.task_service_pb2_grpc import TaskServiceStub
from beianhub_cli.client.errors import CommandError, failure_of, repeatable

if TYPE_CHECKING:
    from google.protobuf.message import Message

_ATTEMPTS: Final = 5
_BACKOFF: Final = wait_random_exponential(multiplier=0.1, max=2.0)
_LARGEST_MESSAGE: Final = 32 * 1024 * 1024
_OPTIONS: Final = (
    # A gateway that is just starting is found within a command's few retries.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.enable_http_proxy", 0),
)
Q = TypeVar("Q", bound="Message")
R = TypeVar("R")


class Connection:
    """A channel to one gateway, with its stubs; an asynchronous context manager.

    ``timeout`` is the deadline of each call, in seconds. ``request_id`` repeats an earlier command: its first mutation
    gets this very id, further ones get ids derived from it; without it, ids are random.
    """

    def __init__(
        self,
        server: str,
        api_key: str,
        *,
        timeout: float = 30.0,
        credentials: grpc.ChannelCredentials | None = None,
        request_id: str = "",
    ) -> None:
        self.server = server
        self._timeout = timeout
        self._metadata = (("authorization", f"Bearer {api_key}"),) if api_key else ()
        self._base = request_id
        self._mutations = 0
        self._channel = (
            grpc.aio.secure_channel(server, credentials, options=_OPTIONS)
            if credentials is not None
            else grpc.aio.insecure_channel(server, options=_OPTIONS)
        )
        self.subjects = SubjectServiceStub(self._channel)
        self.orders = OrderServiceStub(self._channel)
        self.access = AccessServiceStub(self._channel)
        self.documents = DocumentServiceStub(self._channel)
        self.tasks = TaskServiceStub(self._channel)
        self.admin = AdminServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def call(self, method: Callable[..., Any], request: Q, *, safe: bool = True) -> Any:
        """The method's answer. A mutation gets a ``request_id``, the same one in every attempt.

        ``safe`` is false for the few mutations that no id protects: they are sent once.

        Raises:
            CommandError: whatever the server refused, or that none answered.
        """
        request_id = self._identify(request)
        try:
            return await self._retried(
                lambda: method(request, timeout=self._timeout, metadata=self._metadata),
                attempts=_ATTEMPTS if safe else 1,
            )
        except grpc.aio.AioRpcError as error:
            raise CommandError(repeatable(failure_of(error, server=self.server), request_id)) from None

    async def stream(self, method: Callable[..., Any], request: Message, *, bounded: bool) -> AsyncGenerator[Any, None]:
        """The messages of a server's stream; ``bounded`` gives it the deadline of a call.

        Raises:
            CommandError: as :meth:`call`, but nothing is tried again.
        """
        call = method(request, timeout=self._timeout if bounded else None, metadata=self._metadata)
        try:
            async for message in call:
                yield message
        except grpc.aio.AioRpcError as error:
            raise CommandError(failure_of(error, server=self.server)) from None
        finally:
            call.cancel()

    async def upload(self, method: Callable[..., Any], messages: Sequence[Message], request_id: str) -> Any:
        """The answer to a client's stream, which is sent again whole where a call would be.

        Raises:
            CommandError: as :meth:`call`.
        """
        try:
            return await self._retried(
                lambda: method(iter(messages), timeout=self._timeout, metadata=self._metadata), attempts=_ATTEMPTS
            )
        except grpc.aio.AioRpcError as error:
            raise CommandError(repeatable(failure_of(error, server=self.server), request_id)) from None

    def next_request_id(self) -> str:
        """The id of the next mutation."""
        first, self._mutations = self._mutations == 0, self._mutations + 1
        if not self._base:
            return str(uuid.uuid4())
        return self._base if first else str(uuid.uuid5(uuid.UUID(self._base), str(self._mutations)))

    def _identify(self, request: Message) -> str:
        if "request_id" not in request.DESCRIPTOR.fields_by_name:
            return ""
        given: str = request.request_id  # type: ignore[attr-defined]  # asked of the descriptor above
        chosen = given or self.next_request_id()
        request.request_id = chosen  # type: ignore[attr-defined]  # asked of the descriptor above
        return chosen

    async def _retried(self, attempt: Callable[[], Awaitable[R]], *, attempts: int) -> R:
        retrying = AsyncRetrying(
            retry=retry_if_exception(_worth_repeating),
            wait=_pause,
            stop=stop_after_attempt(attempts) | stop_after_delay(self._timeout),
            reraise=True,
        )

        async def once() -> R:  # tenacity awaits coroutine functions only, and a gRPC call is none
            return await attempt()

        return await retrying(once)


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, grpc.aio.AioRpcError) and error.code() is grpc.StatusCode.UNAVAILABLE


def _pause(state: RetryCallState) -> float:
    """As long as the server asks, with jitter on top; else an exponential back-off."""
    error = state.outcome.exception() if state.outcome else None
    asked = failure_of(error).retry_after if isinstance(error, grpc.aio.AioRpcError) else None
    return (asked or 0.0) + _BACKOFF(state)
