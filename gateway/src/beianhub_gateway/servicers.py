"""The six services, from their descriptors: a unary method needs no code of its own here.

Every method of a service must have its counterpart, in snake_case, on one of the objects that serve it; one without
is an error when the server is built, not when somebody calls it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message_factory import GetMessageClass

from beianhub.filing.v1 import (
    access_service_pb2,
    admin_service_pb2,
    document_service_pb2,
    order_service_pb2,
    subject_service_pb2,
    task_service_pb2,
)
from beianhub.filing.v1.document_service_pb2 import UploadDocumentRequest, UploadHeader
from beianhub_core.domain.draft import refused
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_gateway.interceptor import CALLER

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
    from google.protobuf.message import Message

    from beianhub.resources.v1.resources_pb2 import Document
    from beianhub_core.application import Application
    from beianhub_core.application.caller import Caller
    from beianhub_gateway.access import AccessChecks
    from beianhub_gateway.watch import Watches

    Handler = grpc.RpcMethodHandler[Any, Any]
    Unary = Callable[[Caller, Any], Awaitable[Message]]
    Streaming = Callable[[Caller, Any], AsyncIterator[Message]]
    Collecting = Callable[[Caller, UploadHeader, bytes], Awaitable[Document]]

_FILES: Final = (
    subject_service_pb2,
    order_service_pb2,
    access_service_pb2,
    document_service_pb2,
    task_service_pb2,
    admin_service_pb2,
)
SERVICES: Final[tuple[ServiceDescriptor, ...]] = tuple(
    service for file in _FILES for service in file.DESCRIPTOR.services_by_name.values()
)


def handlers(
    application: Application, access: AccessChecks, watch: Watches, max_upload: int
) -> list[grpc.GenericRpcHandler]:
    """The handlers of every method of every service."""
    servers: dict[str, tuple[object, ...]] = {
        "SubjectService": (application.subjects, application.deadlines, application.drifts, application.risks, watch),
        "OrderService": (application.orders, application.plans, watch),
        "AccessService": (access,),
        "DocumentService": (application.documents,),
        "TaskService": (application.tasks, application.handoffs),
        "AdminService": (application.admin,),
    }
    return [
        grpc.method_handlers_generic_handler(
            service.full_name,
            {method.name: _handler(method, servers[service.name], max_upload) for method in service.methods},
        )
        for service in SERVICES
    ]


def _handler(method: MethodDescriptor, servers: Iterable[object], max_upload: int) -> Handler:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", method.name).lower()
    serve = next((getattr(server, name) for server in servers if hasattr(server, name)), None)
    if serve is None:
        raise TypeError(f"nothing serves {method.full_name}")
    codec = (GetMessageClass(method.input_type).FromString, GetMessageClass(method.output_type).SerializeToString)
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(_streaming(serve), *codec)
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler(_collecting(serve, max_upload), *codec)
    return grpc.unary_unary_rpc_method_handler(_unary(serve), *codec)


def _unary(serve: Unary) -> Callable[[Any, Any], Awaitable[Message]]:
    async def handle(request: Any, _context: Any) -> Message:
        return await serve(CALLER.get(), request)

    return handle


def _streaming(serve: Streaming) -> Callable[[Any, Any], AsyncIterator[Message]]:
    async def handle(request: Any, _context: Any) -> AsyncIterator[Message]:
        async for message in serve(CALLER.get(), request):
            yield message

    return handle


def _collecting(serve: Collecting, max_upload: int) -> Callable[[Any, Any], Awaitable[Message]]:
    async def handle(requests: AsyncIterator[UploadDocumentRequest], _context: Any) -> Message:
        header, content = await collect(requests, max_upload)
        return await serve(CALLER.get(), header, content)

    return handle


async def collect(requests: AsyncIterator[UploadDocumentRequest], limit: int) -> tuple[UploadHeader, bytes]:
    """The header and the content of an upload. Raises INVALID for another order, and beyond ``limit`` bytes."""
    header: UploadHeader | None = None
    content = bytearray()
    async for request in requests:
        part = request.WhichOneof("part")
        if (part == "header") != (header is None):
            raise _misplaced()
        if part == "header":
            header = request.header
        content += request.chunk
        if len(content) > limit:
            raise _too_large(limit)
    if header is None:
        raise _misplaced()
    return header, bytes(content)


def _misplaced() -> BeianhubError:
    return refused(
        ErrorKind.INVALID,
        "UPLOAD_OUT_OF_ORDER",
        "header",
        "上传须先发送一次 header，再发送内容",
        "an upload is one header, then chunks",
        "请先发送文件头，且只发一次。 / Send the header first, and once.",
    )


def _too_large(limit: int) -> BeianhubError:
    return refused(
        ErrorKind.INVALID,
        "DOCUMENT_TOO_LARGE",
        "chunk",
        f"附件超过 {limit} 字节",
        f"the document is larger than {limit} bytes",
        "请缩小图片。 / Make the picture smaller.",
    )
