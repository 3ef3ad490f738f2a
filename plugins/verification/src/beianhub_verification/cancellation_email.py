"""邮件注销: a cancellation by e-mail in place of MIIT's SMS, where contact 1 is dead (S3.10, S3.18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Failed, Pending, Verifier, VerifierManifest
from beianhub_verification.guide import Guide, challenge
from beianhub_verification.rules import Basis, Rule
from beianhub_verification.tables import SERVICE_PRINCIPAL, SUBJECT_PRINCIPAL

if TYPE_CHECKING:
    from beianhub_sdk import Call

CANCELLATIONS: Final = (pb.ORDER_TYPE_CANCEL_SUBJECT, pb.ORDER_TYPE_CANCEL_SERVICE)

GUIDE: Final = Guide(
    kind=pb.VERIFICATION_KIND_CANCELLATION_EMAIL,
    who=(SUBJECT_PRINCIPAL, SERVICE_PRINCIPAL),
    zh="联系方式1已停用的，可通过邮件注销：在接入商控制台选择邮件方式，按其要求从登记的邮箱发送注销申请和证件。"
    "邮件注销无需工信部短信核验，因此不能靠短信超时退回：提交后不可撤回，注销的备案号不能恢复。",
    en="Where contact 1 is dead, the cancellation goes by e-mail: choose the e-mail path in the provider's console, "
    "and send the application and the certificates from the mailbox on file, as it asks. No SMS of MIIT follows, so "
    "that no unanswered SMS can bring it back: once sent it cannot be withdrawn, and a cancelled number is gone.",
)
_NO_CANCELLATION: Final = Rule(
    id="cancellation-email.order",
    code="EMAIL_PATH_FOR_CANCELLATIONS",
    severity=pb.SEVERITY_BLOCKER,
    zh="邮件方式仅用于注销主体或注销网站",
    en="The e-mail path is for cancelling a subject or a service.",
    suggestion="先变更联系方式1，再提交本订单。 / Change contact 1 first (变更备案), then submit this order.",
    basis=Basis(("S3.10", "S3.18", "S1.2"), ""),
)


class CancellationEmailVerifier(Verifier):
    """邮件注销, when a provider shows that it waits for the e-mail. It calls nobody."""

    manifest = VerifierManifest(
        id="cancellation-email",
        title="邮件注销",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_CANCELLATION_EMAIL,
        precheck=False,
        source=("S3.10", "S3.18", "S0.8"),
        order_types=CANCELLATIONS,
    )

    def verify(self, call: Call) -> Failed | Pending:
        """Who writes, and what it means; refused for other orders."""
        if call.assignment.order.type not in CANCELLATIONS:
            return Failed([_NO_CANCELLATION.at("order.type")])
        return challenge(call, GUIDE)
