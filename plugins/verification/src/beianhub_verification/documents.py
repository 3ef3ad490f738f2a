"""材料核验: formats and sizes of the order's documents, as the regulator's interface takes them (MIIT-V3 Fjxx).

A provider may shrink a picture itself, so that a large one is a warning; what nobody can look at is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Verifier, VerifierManifest
from beianhub_verification.rules import Basis, Rule, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Document, Finding
    from beianhub_sdk import Call, Failed, Passed

_KB: Final = 1024
_PICTURES: Final = frozenset({"image/jpeg", "image/png"})
_READABLE: Final = _PICTURES | {"application/pdf", "image/bmp", "image/gif", "image/tiff", "image/webp", "image/heic"}
_MOVING: Final = "video/"

SHEETS: Final = frozenset({"VERIFICATION_SHEET", "核验单"})
VIDEOS: Final = frozenset({"VIDEO", "VERIFICATION_VIDEO", "核验视频"})
SHEET_LIMIT: Final = 150 * _KB
PICTURE_LIMIT: Final = 100 * _KB
_MIIT: Final = Basis(("MIIT-V3 Fjxx",), "2013-10-01")

_UNREADABLE: Final = Rule(
    id="document.format",
    code="DOCUMENT_FORMAT_REFUSED",
    severity=pb.SEVERITY_BLOCKER,
    zh="附件（{purpose}）的格式 {given} 不是图片，审核人员无法查看",
    en="The document ({purpose}) is {given}, and no picture that a reviewer could look at.",
    suggestion="上传原件的 JPG 或 PNG。 / Send a JPG or PNG of the original.",
    basis=_MIIT,
)
_CONVERT: Final = Rule(
    id="document.format",
    code="DOCUMENT_FORMAT_UNUSUAL",
    severity=pb.SEVERITY_WARNING,
    zh="附件（{purpose}）的格式为 {given}，管局接口使用 JPG、PNG",
    en="The document ({purpose}) is {given}; the regulator's interface takes JPG and PNG.",
    suggestion="上传原件的彩色 JPG 或 PNG。 / Send a JPG or PNG in colour, of the original.",
    basis=_MIIT,
)
_LARGE: Final = Rule(
    id="document.size",
    code="DOCUMENT_TOO_LARGE",
    severity=pb.SEVERITY_WARNING,
    zh="附件（{purpose}）为 {size} KB，管局接口最多 {limit} KB，接入商可能不代为压缩",
    en="The document ({purpose}) has {size} KB, and the regulator's interface takes {limit}; a provider may not shrink "
    "it for you.",
    suggestion="压缩到 {limit} KB 以内并保持清晰。 / Shrink it to at most {limit} KB, still legible.",
    basis=_MIIT,
)
_EMPTY: Final = Rule(
    id="document.size",
    code="DOCUMENT_EMPTY",
    severity=pb.SEVERITY_BLOCKER,
    zh="附件（{purpose}）内容为空",
    en="The document ({purpose}) is empty.",
    suggestion="重新上传。 / Upload it again.",
    basis=_MIIT,
)
_UNSEEN: Final = Rule(
    id="document.format",
    code="DOCUMENTS_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="订单的 {count} 个附件此处未核验格式和大小：证件和照片应为不超过 100 KB 的 JPG、PNG，核验单不超过 150 KB",
    en="{count} of the order's documents were not checked here: certificates and photos are JPG or PNG of at most "
    "100 KB, the verification sheet (核验单) of at most 150 KB.",
    suggestion="提交订单前人工查看。 / Look at them before the order is submitted.",
    basis=_MIIT,
)


class DocumentsVerifier(Verifier):
    """材料核验, before anything is sent. It sees what the record says of the documents, never their content."""

    manifest = VerifierManifest(
        id="documents",
        title="材料核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_DOCUMENTS,
        precheck=True,
        source=("MIIT-V3 Fjxx",),
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Each document that the host describes; of others that they are unchecked."""
        described = call.assignment.documents
        found = [f for index, document in enumerate(described) for f in _check(document, f"documents[{index}]")]
        unseen = len(set(call.assignment.order.documents) - {document.name for document in described})
        return answer([*found, *([_UNSEEN.at("documents", count=str(unseen))] if unseen else [])])


def _check(document: Document, path: str) -> Iterator[Finding]:
    given, purpose = document.content_type.partition(";")[0].strip().lower(), document.purpose
    if not document.size_bytes:
        yield _EMPTY.at(path, purpose=purpose)
    if given.startswith(_MOVING) and purpose in VIDEOS:
        return  # no source limits it
    if given not in _READABLE:
        yield _UNREADABLE.at(path, purpose=purpose, given=given or "?")
        return
    if given not in _PICTURES:
        yield _CONVERT.at(path, purpose=purpose, given=given)
    limit = SHEET_LIMIT if purpose in SHEETS else PICTURE_LIMIT
    if document.size_bytes > limit:
        size = -(-document.size_bytes // _KB)
        yield _LARGE.at(path, purpose=purpose, size=str(size), limit=str(limit // _KB))
