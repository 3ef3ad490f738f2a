"""备案密码: what MIIT once sent after a filing, to change the provider or to cancel (S2.24, S2.25, S1.10).

Newer sources do not ask for it when a subject is cancelled (HW-KB doc_0197, since 2020-08-17); of other orders they are
silent, so that whoever is asked for it is told how to recover it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Passed, Pending, Verifier, VerifierManifest
from beianhub_verification.dates import china_day
from beianhub_verification.guide import Guide, challenge
from beianhub_verification.rules import Basis, Rule
from beianhub_verification.tables import SUBJECT_PRINCIPAL

if TYPE_CHECKING:
    from beianhub_sdk import Call

REPLACED: Final = date(2020, 8, 17)
"""From this day MIIT's SMS stands in its place (S3.8, HW-KB doc_0197)."""

GUIDE: Final = Guide(
    kind=pb.VERIFICATION_KIND_FILING_PASSWORD,
    who=(SUBJECT_PRINCIPAL,),
    link="https://beian.miit.gov.cn/",
    zh="接入商要求备案密码：该密码在备案成功后由工信部发送到当时登记的手机或邮箱。忘记的，主体负责人在工信部备案网站"
    "或向所在地管局找回，再在接入商处填写；密码错误会导致接入失败。",
    en="The provider asks for the filing password, which MIIT sent to the mobile or mailbox on file when the filing "
    "succeeded. If it is forgotten, the subject's principal recovers it on MIIT's site or from the bureau, and types "
    "it at the provider; a wrong one makes the access fail.",
)
_NOT_NEEDED: Final = Rule(
    id="filing-password.needed",
    code="FILING_PASSWORD_NOT_NEEDED",
    severity=pb.SEVERITY_INFO,
    zh="注销主体自 2020-08-17 起不再需要备案密码，改用短信核验",
    en="Cancelling a subject needs no filing password since 2020-08-17, but MIIT's SMS.",
    suggestion="接入商仍要求的，在 beian.miit.gov.cn 找回（S1.10）。 / "
    "If the provider still asks for it, recover it at beian.miit.gov.cn (S1.10).",
    basis=Basis(("HW-KB doc_0197", "S3.8"), "2026-05-01"),
)


class FilingPasswordVerifier(Verifier):
    """备案密码, when a provider shows that it waits for it. It calls nobody, and never sees a password."""

    manifest = VerifierManifest(
        id="filing-password",
        title="备案密码",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_FILING_PASSWORD,
        precheck=False,
        source=("S1.10", "S2.24", "S2.25", "HW-KB doc_0197"),
    )

    def verify(self, call: Call) -> Passed | Pending:
        """How to recover it; passed for the orders that do not need it any more."""
        cancels = call.assignment.order.type == pb.ORDER_TYPE_CANCEL_SUBJECT
        if cancels and china_day(call.now) >= REPLACED:
            return Passed([_NOT_NEEDED.at("order.type")])
        return challenge(call, GUIDE)
