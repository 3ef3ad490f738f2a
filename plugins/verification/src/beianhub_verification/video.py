"""视频核验: the reviewer talks with the service's principal, or a video is sent (S4.43, S4.44, HW-KB doc_0038)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Pending, Verifier, VerifierManifest
from beianhub_verification.guide import DatedNote, Guide, challenge
from beianhub_verification.rules import Basis
from beianhub_verification.tables import SERVICE_PRINCIPAL, Note

if TYPE_CHECKING:
    from beianhub_sdk import Call

GUIDE: Final = Guide(
    kind=pb.VERIFICATION_KIND_VIDEO,
    who=(SERVICE_PRINCIPAL,),
    zh="须由服务负责人本人参加接入商安排的视频核验（如华为云会议），不能由他人代替：准备身份证和主办单位证件原件，"
    "保持手机畅通，在安静明亮处按审核人员的引导展示证件并回答问题。",
    en="The service's principal takes part in the provider's video check in person (such as a Huawei meeting): have "
    "the originals of the ID and of the subject's certificate at hand, keep the phone reachable, and in a quiet, "
    "bright place show the certificates and answer as the reviewer asks.",
    notes=(
        DatedNote(
            Note(
                zh="江苏须提交核验视频，并提交本人签署的《真实性责任告知书》和《承诺书》。",
                en="Jiangsu wants a video, with the signed notice of responsibility and the letter of commitment.",
                basis=Basis(("HW-KB doc_0038", "S4.11"), "2026-05-01"),
                provinces=("江苏",),
            ),
            since=date(2021, 6, 1),
        ),
        DatedNote(
            Note(
                zh="广东另须提交手写的《互联网信息服务备案承诺书》。",
                en="Guangdong also wants the letter of commitment, handwritten.",
                basis=Basis(("HW-KB doc_0046",), "2026-05-01"),
                provinces=("广东",),
            ),
            since=date(2021, 6, 21),
        ),
    ),
)


class VideoVerifier(Verifier):
    """视频核验, when a provider shows that it waits for it. It calls nobody."""

    manifest = VerifierManifest(
        id="video",
        title="视频核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_VIDEO,
        precheck=False,
        source=("S4.43", "S4.44", "TC-DOC", "HW-KB doc_0038", "HW-KB doc_0046"),
    )

    def verify(self, call: Call) -> Pending:
        """Who takes part, and with what at hand."""
        return challenge(call, GUIDE)
