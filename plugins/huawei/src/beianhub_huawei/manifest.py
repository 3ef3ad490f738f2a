"""What the Huawei plugin says of itself, each line with its source."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.plugin_pb2 import Withdrawal as Line
from beianhub_huawei.vocabulary import ID, ORDER_TYPE_NAMES, TITLE
from beianhub_sdk import Capability, Guarantee, ProviderManifest, Withdrawal

_FILINGS = (
    pb.ORDER_TYPE_FIRST_FILING,
    pb.ORDER_TYPE_ADD_SERVICE,
    pb.ORDER_TYPE_ADD_ACCESS,
    pb.ORDER_TYPE_CHANGE_SUBJECT,
    pb.ORDER_TYPE_CHANGE_SERVICE,
    pb.ORDER_TYPE_CHANGE_ACCESS,
)
_VOIDING = (pb.ORDER_TYPE_CANCEL_SUBJECT, pb.ORDER_TYPE_CANCEL_SERVICE)
_ENDING = (pb.ORDER_TYPE_CANCEL_ACCESS,)
_ACCOUNT = (
    pb.ORDER_TYPE_TRANSFER_ACCOUNT,
    pb.ORDER_TYPE_CLAIM,
)
_MIGRATION = (pb.ORDER_TYPE_MIGRATE_SERVICE,)
_ANY = (*_FILINGS, *_VOIDING, *_ENDING, *_ACCOUNT, *_MIGRATION)
_OPERATIONS = (
    pb.OPERATION_SUBMIT,
    pb.OPERATION_QUERY,
    pb.OPERATION_WITHDRAW,
    pb.OPERATION_QUERY_ACCESS,
)

CAPABILITIES = (
    Capability(pb.OPERATION_LIST_FILINGS, pb.ORDER_TYPE_UNSPECIFIED, pb.CHANNEL_API, ("sandbox",), "2026-11-24"),
    # No API of filings, and no SDK of them.
    Capability(
        pb.OPERATION_LIST_FILINGS, pb.ORDER_TYPE_UNSPECIFIED, pb.CHANNEL_UNSUPPORTED, ("S4.28", "HW-KB"), "2026-05-01"
    ),
    # A partner's account, and the sandbox.
    *(Capability(op, kind, pb.CHANNEL_API, ("sandbox",), "2026-11-22") for op in _OPERATIONS for kind in _ANY),
    # A real account: 无法通过API的方式提交备案申请 (S4).
    *(
        Capability(op, kind, pb.CHANNEL_CONSOLE, ("S4", "HW-KB doc_0188"), "2026-05-01")
        for op in (pb.OPERATION_SUBMIT, pb.OPERATION_QUERY)
        for kind in (*_FILINGS, *_VOIDING, *_ENDING, *_ACCOUNT)
    ),
    # 我的备案 > 更多 > 迁移互联网信息服务.
    *(
        Capability(op, kind, pb.CHANNEL_CONSOLE, ("HW-KB doc_0200", "HW-KB MigrationCondition"), "2026-05-01")
        for op in (pb.OPERATION_SUBMIT, pb.OPERATION_QUERY)
        for kind in _MIGRATION
    ),
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_CONSOLE, ("HW-KB doc_0188",), "2026-05-01")
        for kind in (*_FILINGS, *_MIGRATION)
    ),
    # 取消接入 is irreversible once done.
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNSUPPORTED, ("HW-KB doc_0194",), "2026-05-01")
        for kind in _ENDING
    ),
    *(Capability(pb.OPERATION_QUERY_ACCESS, kind, pb.CHANNEL_UNKNOWN, ("S4",), "") for kind in _ANY),
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_GUIDED, ("S4", "HW-KB doc_0052"), "2026-05-01")
        for kind in _FILINGS
    ),
    # The principal is not checked again when something ends, or goes to another account.
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_UNSUPPORTED, ("HW-KB doc_0188",), "2026-05-01")
        for kind in (*_VOIDING, *_ENDING, *_ACCOUNT)
    ),
    # No source says whether a migration asks for his face.
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_UNKNOWN, ("HW-KB doc_0200",), "2026-05-01")
        for kind in _MIGRATION
    ),
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_CONSOLE, ("HW-KB doc_0188", "HW-KB doc_0194"), "2026-05-01")
        for kind in _VOIDING
    ),
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNKNOWN, ("HW-KB doc_0198", "HW-KB doc_0199"), "2026-05-01")
        for kind in _ACCOUNT
    ),
)

WITHDRAWALS = (
    Withdrawal(Line.ANSWER_NO, ("HW-KB doc_0194", "S0.20"), order_types=_ENDING, as_of="2026-05-01"),
    *(
        Withdrawal(Line.ANSWER_YES, ("HW-KB doc_0188",), phase, as_of="2026-05-01")
        for phase in (
            Line.PHASE_PROVIDER_REVIEW,
            Line.PHASE_PROVIDER_REJECTED,
            Line.PHASE_READY_TO_SUBMIT,
            Line.PHASE_REGULATOR_REJECTED,
        )
    ),
    Withdrawal(Line.ANSWER_NO, ("HW-KB doc_0188",), Line.PHASE_REGULATOR_REVIEW, as_of="2026-05-01"),
)
"""What can be withdrawn when (domain.md 3.3); where no line fits, the sources are silent."""

PERSONAL_DATA = (
    "subject.profile.title",
    "subject.profile.certificate.number",
    "subject.profile.address",
    "subject.profile.principal.full_name",
    "subject.profile.principal.mobile",
    "subject.profile.principal.certificate.number",
    "service.principal.full_name",
    "service.principal.mobile",
    "service.principal.certificate.number",
    "target.profile.title",
    "target.profile.certificate.number",
)

MANIFEST = ProviderManifest(
    id=ID,
    title=TITLE,
    version=version("beianhub-huawei"),
    guarantee=Guarantee.search(signature_validity=timedelta(minutes=15), visibility_delay=timedelta(seconds=30)),
    capabilities=CAPABILITIES,
    personal_data=PERSONAL_DATA,
    order_type_names=ORDER_TYPE_NAMES,
    withdrawals=WITHDRAWALS,
)
