"""幕布拍照核验: the service's principal is photographed before the provider's curtain (ALI-2019, S2.6)."""

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

_ALI: Final = Basis(("ALI-2019",), "2019-09-01")

GUIDE: Final = Guide(
    kind=pb.VERIFICATION_KIND_CURTAIN_PHOTO,
    who=(SERVICE_PRINCIPAL,),
    zh="须由服务负责人本人在接入商邮寄的幕布前拍摄半身彩色照片并上传：幕布免费邮寄，无需寄回；面部和幕布文字清晰、无遮挡，"
    "不穿红色或蓝色上衣，照片不得修改。通过后订单不能再撤回的接入商，请先核对信息。",
    en="The service's principal is photographed in person before the curtain that the provider mails, in colour, from "
    "the waist up, and the photo is uploaded: the curtain is free and is not sent back; face and writing are clear and "
    "uncovered, no red or blue clothes, and nothing is retouched. Check the order's data first: at some providers it "
    "cannot be withdrawn afterwards.",
    notes=(
        DatedNote(
            Note(
                zh="甘肃须使用带指定标语的幕布。",
                en="Gansu's curtain shows a slogan of its own.",
                basis=_ALI,
                provinces=("甘肃",),
            )
        ),
        DatedNote(
            Note(
                zh="首次备案和新增服务可改用接入商 APP 人脸核验，免拍幕布。",
                en="First filings and added services may use the face check in the provider's APP in place of it.",
                basis=_ALI,
                order_types=(pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_SERVICE),
                provinces=("广东", "辽宁", "安徽", "重庆"),
            ),
            since=date(2019, 9, 1),
        ),
        DatedNote(
            Note(
                zh="符合条件的，可改用上海管局 APP 核验，较拍照节省 2 至 3 天。",
                en="Where the order qualifies, the bureau's own APP is 2 to 3 days faster than photos.",
                basis=Basis(("S0.21", "S0.22"), "2023-01-01"),
                provinces=("上海",),
            )
        ),
    ),
)


class CurtainVerifier(Verifier):
    """幕布拍照核验, when a provider shows that it waits for the photo. It calls nobody."""

    manifest = VerifierManifest(
        id="curtain-photo",
        title="幕布拍照核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_CURTAIN_PHOTO,
        precheck=False,
        source=("ALI-2019", "S2.6", "S1.13", "S1.14", "S0.22"),
    )

    def verify(self, call: Call) -> Pending:
        """Who is photographed, and how."""
        return challenge(call, GUIDE)
