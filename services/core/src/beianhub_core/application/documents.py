"""DocumentService: documents whose content is in the vault."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from beianhub.filing.v1 import document_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import Document
from beianhub_core import names
from beianhub_core.application import paging
from beianhub_core.application.core import Core, customer_guard, not_found, parse_response
from beianhub_core.domain.draft import refused
from beianhub_core.domain.lookup import TERMINAL
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Changes, Loaded, Unit

if TYPE_CHECKING:
    from beianhub_core.application.caller import Caller
    from beianhub_core.store.port import RequestKey

_SUBJECT: Final = "tenants/{}/subjects/{}"
_DOCUMENT: Final = "tenants/{}/subjects/{}/documents/{}"
LARGEST_DOCUMENT: Final = 5 * 1024 * 1024


class Documents:
    """Answers DocumentService."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def upload_document(self, caller: Caller, header: pb.UploadHeader, content: bytes) -> Document:
        """Seals the content and keeps its description."""
        tenant, subject_id = caller.parse(header.parent, _SUBJECT, "header.parent")
        _check(header, content)
        digest = hashlib.sha256(content).hexdigest()
        key = self._core.request_key(caller, tenant, "UploadDocument", _with_digest(header, digest))
        document = Document(
            name=names.child(header.parent, "documents", self._core.ids.new()),
            purpose=header.document.purpose,
            content_type=header.document.content_type,
            size_bytes=len(content),
            sha256=digest,
        )
        document.create_time.FromDatetime(self._core.clock.now())
        guard = customer_guard(caller)
        guard(await self._core.store.record(tenant, subject_id))
        entry = await self._core.vault.seal(tenant, subject_id, f"document-{names.last(document.name)}", content)

        def plan(loaded: Loaded) -> Changes:
            guard(loaded.record)
            response = document.SerializeToString()
            return Changes(vault=[entry], documents=[(document, entry.ref)], response=response)

        committed = await self._core.store.execute(Unit(tenant, subject_id, plan, key))
        return parse_response(Document, committed)

    async def get_document(self, caller: Caller, request: pb.GetDocumentRequest) -> Document:
        """The document's description."""
        return (await self._find(caller, request.name))[2]

    async def list_documents(self, caller: Caller, request: pb.ListDocumentsRequest) -> pb.ListDocumentsResponse:
        """A page of a subject's documents."""
        tenant, subject_id = caller.parse(request.parent, _SUBJECT, "parent")
        customer_guard(caller)(await self._core.store.record(tenant, subject_id))
        documents = await self._core.store.list_documents(
            tenant, subject_id, after=paging.after(request), limit=paging.size(request.page_size)
        )
        token = paging.next_token(request, len(documents), names.last(documents[-1].name) if documents else "")
        return pb.ListDocumentsResponse(documents=documents, next_page_token=token)

    async def delete_document(self, caller: Caller, request: pb.DeleteDocumentRequest) -> pb.DeleteDocumentResponse:
        """Deletes the description and the content, unless an order under way refers to it."""
        tenant, subject_id, _ = caller.parse(request.name, _DOCUMENT)
        key = self._core.request_key(caller, tenant, "DeleteDocument", request)
        try:
            return await self._delete(caller, request, key)
        except BeianhubError:
            if await self._core.replayed(tenant, subject_id, key) is None:
                raise
            return pb.DeleteDocumentResponse()

    async def _delete(
        self, caller: Caller, request: pb.DeleteDocumentRequest, key: RequestKey | None
    ) -> pb.DeleteDocumentResponse:
        tenant, subject_id, document, ref = await self._find(caller, request.name)
        guard = customer_guard(caller)

        def plan(loaded: Loaded) -> Changes:
            guard(loaded.record)
            orders = loaded.record.orders if loaded.record is not None else ()
            users = [o.name for o in orders if document.name in o.documents and o.state not in TERMINAL]
            if users:
                raise refused(
                    ErrorKind.PRECONDITION,
                    "DOCUMENT_IN_USE",
                    "name",
                    "在途订单引用了该附件",
                    f"{users[0]} refers to the document",
                    "请等待订单结束，或放弃该订单。 / Wait until the order ends, or abandon it.",
                )
            return Changes(deleted_documents=[names.last(document.name)], dropped_refs=[ref])

        await self._core.store.execute(Unit(tenant, subject_id, plan, key))
        return pb.DeleteDocumentResponse()

    async def _find(self, caller: Caller, name: str) -> tuple[str, str, Document, str]:
        tenant, subject_id, document_id = caller.parse(name, _DOCUMENT)
        customer_guard(caller)(await self._core.store.record(tenant, subject_id))
        found = await self._core.store.document(tenant, subject_id, document_id)
        if found is None:
            raise not_found("name", "附件", "document")
        return tenant, subject_id, *found


def _with_digest(header: pb.UploadHeader, digest: str) -> pb.UploadHeader:
    """The request to tell a repeated one by: its content belongs to it."""
    whole = pb.UploadHeader()
    whole.CopyFrom(header)
    whole.document.sha256 = digest
    return whole


def _check(header: pb.UploadHeader, content: bytes) -> None:
    problem = None
    if not header.document.purpose:
        problem = ("header.document.purpose", "缺少附件用途", "the document has no purpose", "请写明用途。 / Name it.")
    elif not content:
        problem = ("chunk", "附件内容为空", "the document is empty", "分块发送内容。 / Send its content in chunks.")
    elif len(content) > LARGEST_DOCUMENT:
        problem = ("chunk", "附件超过 5 MiB", "the document is larger than 5 MiB", "请压缩。 / Make it smaller.")
    if problem is not None:
        raise refused(ErrorKind.INVALID, "DOCUMENT_INVALID", *problem)
