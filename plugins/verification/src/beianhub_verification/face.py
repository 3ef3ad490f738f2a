"""人脸核验 of the service's principal: the provider makes the link, this says how to pass (HW-KB doc_0052)."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Pending, PluginError, Verifier, VerifierManifest
from beianhub_verification.facets import facet_of
from beianhub_verification.people import instructions, recipient
from beianhub_verification.tables import FACE_NOTES, SERVICE_PRINCIPAL

if TYPE_CHECKING:
    from beianhub_sdk import Call

_ZH: Final = (
    "须由服务负责人本人打开链接或扫描二维码完成，不能由他人代替：背景为纯白色，光线充足均匀，正对镜头，面部无遮挡，"
    "填报的姓名和证件号码与证件一致。二维码过期的，刷新后重新打开。"
)
_EN: Final = (
    "The service's principal does it in person, by the link or its QR code: before a plain white background, in good "
    "and even light, facing the camera, with nothing over the face; the name and number filed must be those of the ID. "
    "An expired code is refreshed and opened again."
)


class FaceVerifier(Verifier):
    """人脸核验, once the provider has given a link. It calls nobody, and needs no value behind a mask."""

    manifest = VerifierManifest(
        id="face",
        title="人脸核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_FACE,
        precheck=False,
        source=("HW-KB doc_0052", "S4.4", "ALI-2019"),
    )

    def verify(self, call: Call) -> Pending:
        """The provider's challenge, with instructions of ours.

        Raises:
            PluginError: FACE_LINK_MISSING, until the provider has given a link.
        """
        facet = facet_of(call.assignment, pb.VERIFICATION_KIND_FACE)
        if facet is None or not facet.challenge.link:
            raise PluginError("FACE_LINK_MISSING")
        zh, en = instructions(call.assignment, _ZH, _EN, FACE_NOTES)
        challenge = pb.Challenge(
            link=facet.challenge.link,
            instructions_zh=zh,
            instructions_en=en,
            recipient=facet.challenge.recipient or recipient(call.assignment, [SERVICE_PRINCIPAL]),
        )
        return Pending(challenge, facet.deadline.ToDatetime(UTC) if facet.HasField("deadline") else None)
