"""上海 APP 核验: the bureau's own APP "shbeian" in place of photos (S0.21 to S0.32)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Failed, Pending, Verifier, VerifierManifest
from beianhub_verification.guide import Guide, challenge
from beianhub_verification.rules import Basis, Rule
from beianhub_verification.tables import SERVICE_PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call

_PROVINCE: Final = "上海"
_DATE: Final = "2023-01-01"

GUIDE: Final = Guide(
    kind=pb.VERIFICATION_KIND_SHANGHAI_APP,
    who=(SERVICE_PRINCIPAL,),
    zh="由服务负责人本人操作：① 用备案系统中的二维码下载“shbeian”APP，打开后选择“现在核验”；"
    "② 输入备案填写的服务负责人手机号，并填入 APP 发送的短信验证码（不是工信部短信）；"
    "③ 按提示眨眼、点头完成活体检测，不满意可重拍；"
    "④ 拍摄手持身份证照片及身份证正反面，面部和文字无遮挡，APP 会加上“仅供备案使用”水印；"
    "⑤ 将 APP 显示的图片码填入备案系统，系统取回照片后提交；"
    "接入商在 1 个工作日内审核照片。名下各网站的负责人须为同一人。",
    en="The service's principal does it in person: (1) download the APP “shbeian” by the QR code in the filing system "
    "and choose “verify now”; (2) type the service principal's mobile as filed, and the APP's own SMS code, which is "
    "not MIIT's; (3) blink and nod for the liveness check, and retake it if need be; (4) photograph the hand-held ID, "
    "then its front and back, with face and text uncovered: the APP marks them “for filing only”; (5) type the image "
    "code that the APP shows into the filing system, which fetches the pictures, and submit them; the provider reviews "
    "them within 1 working day. All sites of the subject must have the same principal.",
)

_ELSEWHERE: Final = Rule(
    id="shanghai-app.eligible",
    code="SHANGHAI_APP_ELSEWHERE",
    severity=pb.SEVERITY_BLOCKER,
    zh="上海 APP 核验只用于上海的主体，该主体在{province}",
    en="The APP is for subjects in Shanghai; this one is in {province}.",
    suggestion="使用接入商为该省提供的核验方式。 / Use the identity check that the provider offers for the province.",
    basis=Basis(("S0.21",), _DATE),
)
_NO_ID_CARD: Final = Rule(
    id="shanghai-app.eligible",
    code="SHANGHAI_APP_NEEDS_ID_CARD",
    severity=pb.SEVERITY_BLOCKER,
    zh="服务负责人的证件不是居民身份证，不能使用上海 APP 核验",
    en="The service's principal has no resident ID card, which the APP needs.",
    suggestion="改用幕布拍照。 / Use the curtain photo (幕布拍照) instead.",
    basis=Basis(("S0.23", "S0.24"), _DATE),
)


class ShanghaiAppVerifier(Verifier):
    """上海 APP 核验, when a provider shows that it waits for it. It calls nobody."""

    manifest = VerifierManifest(
        id="shanghai-app",
        title="上海 APP 核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_SHANGHAI_APP,
        precheck=False,
        source=tuple(f"S0.{number}" for number in range(21, 33)),
    )

    def verify(self, call: Call) -> Failed | Pending:
        """The steps; refused where the subject does not qualify."""
        blockers = list(_blockers(call.assignment))
        return Failed(blockers) if blockers else challenge(call, GUIDE)


def _blockers(assignment: TaskAssignment) -> Iterator[Finding]:
    profile, service = assignment.subject.profile, assignment.service
    if profile.province != _PROVINCE:
        yield _ELSEWHERE.at("profile.province", province=profile.province or "?")
    principal = service.principal if service.HasField("principal") else profile.principal
    others = [other.principal for other in assignment.subject.services if other.HasField("principal")]
    if any(person.certificate.type != pb.CERTIFICATE_TYPE_RESIDENT_ID for person in (principal, *others)):
        yield _NO_ID_CARD.at("service.principal.certificate.type")
