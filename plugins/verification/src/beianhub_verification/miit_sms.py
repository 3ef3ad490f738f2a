"""短信核验: MIIT sends a code that its recipient types on MIIT's own page within 24 hours (HW-KB doc_0013).

Nobody can answer in his place; the challenge says who, where, what, and until when.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Passed, Pending, PluginError, Verifier, VerifierManifest
from beianhub_verification.facets import facet_of
from beianhub_verification.people import instructions, recipient
from beianhub_verification.rules import Basis, Rule
from beianhub_verification.tables import SMS_NOTES, SMS_RECIPIENTS

if TYPE_CHECKING:
    from beianhub_sdk import Call

PORTAL: Final = "https://beian.miit.gov.cn/"
WINDOW: Final = timedelta(hours=24)
"""HW-KB doc_0013."""

_ZH: Final = (
    "请收到工信部短信的人在 24 小时内打开工信部备案网站的“短信核验”，输入短信中的 6 位验证码、收到短信的手机号"
    "和本人证件号码的后 6 位；每个手机号各核验一次。未收到的可重发，最多 2 次；输错 5 次后，第 6 次订单即被退回；"
    "逾期未核验，订单退回，可不作修改重新提交。虚拟运营商号码可能收不到。"
)
_EN: Final = (
    "Whoever got MIIT's message opens the SMS verification (短信核验) on MIIT's site within 24 hours and types the "
    "6-digit code, the mobile number that got it, and the last six characters of his ID number; once for each number. "
    "It can be sent again at most twice; after 5 wrong tries the sixth returns the order; so does a lapsed window, "
    "and then the order may be submitted again as it is. Numbers of virtual operators may not get the message."
)
_UNNAMED: Final = "收到工信部短信的人（资料未载明主体负责人或服务负责人）"
_NOT_NEEDED: Final = Rule(
    id="miit-sms.recipient",
    code="SMS_NOT_NEEDED",
    severity=pb.SEVERITY_INFO,
    zh="取消接入无需短信核验",
    en="Cancelling an access needs no SMS verification.",
    suggestion="无需办理。 / Nothing is to be done.",
    basis=Basis(("HW-KB doc_0013", "S3"), "2026-05-01"),
)
_BY_EMAIL: Final = Rule(
    id="miit-sms.recipient",
    code="SMS_NOT_NEEDED_BY_EMAIL",
    severity=pb.SEVERITY_INFO,
    zh="通过邮件注销的，无需短信核验",
    en="A cancellation by e-mail needs no SMS verification.",
    suggestion="按订单所示走邮箱方式。 / Follow the e-mail path that the order shows.",
    basis=Basis(("S3.10", "S3.18"), ""),
)


class MiitSmsVerifier(Verifier):
    """短信核验, when a provider shows that MIIT waits for it. It calls nobody, and needs no value behind a mask."""

    manifest = VerifierManifest(
        id="miit-sms",
        title="工信部短信核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_MIIT_SMS,
        precheck=False,
        source=("HW-KB doc_0013", "ALI-2019", "TC-DOC", "S1.2", "S3"),
    )

    def verify(self, call: Call) -> Passed | Pending:
        """The challenge; passed where the order type has no recipient. Where no source names him, it says so.

        Raises:
            PluginError: SMS_RECIPIENT_UNKNOWN, of an order without a type.
        """
        order_type = call.assignment.order.type
        if not order_type:
            raise PluginError("SMS_RECIPIENT_UNKNOWN")
        roles = SMS_RECIPIENTS.get(order_type)
        if roles == ():
            return Passed([_NOT_NEEDED.at("order.type")])
        if facet_of(call.assignment, pb.VERIFICATION_KIND_CANCELLATION_EMAIL):
            return Passed([_BY_EMAIL.at("order.verifications")])
        zh, en = instructions(call.assignment, _ZH, _EN, SMS_NOTES)
        who = recipient(call.assignment, roles) if roles else _UNNAMED
        challenge = pb.Challenge(link=PORTAL, instructions_zh=zh, instructions_en=en, recipient=who)
        return Pending(challenge, _deadline(call))


def _deadline(call: Call) -> datetime:
    """The vendor's own where it shows one."""
    facet = facet_of(call.assignment, pb.VERIFICATION_KIND_MIIT_SMS)
    if facet is not None and facet.HasField("deadline"):
        return facet.deadline.ToDatetime(UTC)
    return call.now + WINDOW
