"""接入商验证码: the provider's own code, typed in its console or APP; it is not MIIT's (S3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Pending, Verifier, VerifierManifest
from beianhub_verification.guide import Guide, challenge

if TYPE_CHECKING:
    from beianhub_sdk import Call

GUIDE: Final = Guide(
    kind=pb.VERIFICATION_KIND_PROVIDER_CODE,
    unnamed="接入商控制台所示手机号的持有人",
    zh="提交前核对备案号、负责人和名称，然后在接入商控制台获取并输入验证码。该验证码由接入商发送到控制台所示的手机号，"
    "不是工信部短信，有效时间以控制台为准；任何人索要验证码都不要提供。",
    en="Check the number, the principal and the name, then ask for the code in the provider's console and type it "
    "there. The provider sends it to the mobile that its console shows; it is not MIIT's, it lives as long as the "
    "console says, and nobody else may be given it.",
)


class ProviderCodeVerifier(Verifier):
    """接入商验证码, when a provider shows that it waits for it. It calls nobody."""

    manifest = VerifierManifest(
        id="provider-code",
        title="接入商验证码",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_PROVIDER_CODE,
        precheck=False,
        source=("S3.7",),
    )

    def verify(self, call: Call) -> Pending:
        """Where the code comes from, and where it goes."""
        return challenge(call, GUIDE)
