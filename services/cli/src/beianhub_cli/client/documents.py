"""``beianhub document``: attachments of a subject."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Annotated, Final

import typer

from beianhub.filing.v1 import document_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import Document
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, command
from beianhub_cli.client.messages import read_bytes

app = typer.Typer(help="Documents of a subject (附件); their content is kept in the vault.", no_args_is_help=True)
SubjectOption = Annotated[str, typer.Option(help="The subject's id or full name.")]
DocumentId = Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document's id, or its full name alone.")]
_CHUNK: Final = 64 * 1024


@command(
    app,
    "upload",
    mutates=True,
    examples=["beianhub document upload licence.jpg --subject shili-keji --purpose BUSINESS_LICENCE"],
)
async def upload(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="At most 5 MiB; - is stdin.")],
    *,
    subject: SubjectOption,
    purpose: Annotated[str, typer.Option(help="Such as BUSINESS_LICENCE (营业执照).")],
    content_type: Annotated[str, typer.Option(help="By the file's name if not given.")] = "",
) -> None:
    """Upload a document."""
    content = read_bytes(file)
    kind = content_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    request_id = session.connection.next_request_id()
    header = pb.UploadHeader(
        parent=session.name("subjects", subject),
        document=Document(purpose=purpose, content_type=kind),
        request_id=request_id,
    )
    chunks = [content[i : i + _CHUNK] for i in range(0, len(content), _CHUNK)]
    messages = [pb.UploadDocumentRequest(header=header), *(pb.UploadDocumentRequest(chunk=each) for each in chunks)]
    session.show(await session.connection.upload(session.connection.documents.UploadDocument, messages, request_id))


@command(app, "get", examples=["beianhub document get 0198… --subject shili-keji"])
async def get(session: Session, document: DocumentId, *, subject: SubjectOption = "") -> None:
    """Show a document's description."""
    request = pb.GetDocumentRequest(name=_name(session, document, subject))
    session.show(await session.connection.call(session.connection.documents.GetDocument, request))


@command(app, "list", examples=["beianhub document list --subject shili-keji"])
async def list_(
    session: Session,
    *,
    subject: SubjectOption,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List a subject's documents."""
    request = pb.ListDocumentsRequest(
        parent=session.name("subjects", subject), page_size=page_size, page_token=page_token
    )
    session.show(
        await session.page(session.connection.documents.ListDocuments, request, pb.ListDocumentsResponse, every=every)
    )


@command(app, "delete", mutates=True, examples=["beianhub document delete 0198… --subject shili-keji"])
async def delete(session: Session, document: DocumentId, *, subject: SubjectOption = "") -> None:
    """Delete a document and its content; not while an order under way refers to it."""
    request = pb.DeleteDocumentRequest(name=_name(session, document, subject))
    await session.connection.call(session.connection.documents.DeleteDocument, request)
    session.screen.note(f"deleted {request.name}")


def _name(session: Session, document: str, subject: str) -> str:
    if "/" in document:
        return document
    if not subject:
        raise typer.BadParameter("is needed with a document's id", param_hint="--subject")
    return f"{session.name('subjects', subject)}/documents/{document}"
