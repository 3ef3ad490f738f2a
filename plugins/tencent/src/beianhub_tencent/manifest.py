"""What the Tencent plugin says of itself, each line with its source."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.plugin_pb2 import Withdrawal as Line
from beianhub_sdk import Capability, Guarantee, ProviderManifest, Withdrawal
from beianhub_tencent.vocabulary import ID, ORDER_TYPE_NAMES, TITLE

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
_ACCOUNT = (pb.ORDER_TYPE_TRANSFER_ACCOUNT,)
_MISSING = (
    pb.ORDER_TYPE_MIGRATE_SERVICE,
    pb.ORDER_TYPE_CLAIM,
)
_ANY = (*_FILINGS, *_VOIDING, *_ENDING, *_ACCOUNT)
_OPERATIONS = (
    pb.OPERATION_SUBMIT,
    pb.OPERATION_QUERY,
    pb.OPERATION_WITHDRAW,
    pb.OPERATION_QUERY_ACCESS,
)

CAPABILITIES = (
    Capability(pb.OPERATION_LIST_FILINGS, pb.ORDER_TYPE_UNSPECIFIED, pb.CHANNEL_API, ("sandbox",), "2026-11-24"),
    # The public `ba` product has three actions, and none lists filings.
    Capability(
        pb.OPERATION_LIST_FILINGS,
        pb.ORDER_TYPE_UNSPECIFIED,
        pb.CHANNEL_UNSUPPORTED,
        ("PKG tencentcloud-sdk-python-ba",),
        "",
    ),
    # A partner's account, and the sandbox.
    *(Capability(op, kind, pb.CHANNEL_API, ("sandbox",), "2026-11-22") for op in _OPERATIONS for kind in _ANY),
    # A real account: the public `ba` product has three actions, and none submits or reads an order.
    *(
        Capability(op, kind, pb.CHANNEL_CONSOLE, ("TC-DOC", "PKG tencentcloud-sdk-python-ba"), "2023-01-01")
        for op in (pb.OPERATION_SUBMIT, pb.OPERATION_QUERY)
        for kind in _ANY
    ),
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_CONSOLE, ("TC-DOC", "S0", "S3"), "2023-01-01")
        for kind in _FILINGS
    ),
    # S0.20: 取消接入 cannot be withdrawn once submitted.
    *(Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNSUPPORTED, ("S0.20",), "") for kind in _ENDING),
    *(
        Capability(pb.OPERATION_QUERY_ACCESS, kind, pb.CHANNEL_UNKNOWN, ("PKG tencentcloud-sdk-python-ba",), "")
        for kind in _ANY
    ),
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_GUIDED, ("TC-DOC", "S4"), "2023-01-01")
        for kind in _FILINGS
    ),
    # The principal is not checked again when something ends, or goes to another account.
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_UNSUPPORTED, ("TC-DOC",), "2023-01-01")
        for kind in (*_VOIDING, *_ENDING, *_ACCOUNT)
    ),
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_CONSOLE, ("TC-DOC", "S3.12"), "2023-01-01")
        for kind in _VOIDING
    ),
    *(Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNKNOWN, ("TC-DOC",), "2023-01-01") for kind in _ACCOUNT),
    # No page of Tencent offers these orders.
    *(
        Capability(op, kind, pb.CHANNEL_UNSUPPORTED, ("TC-DOC",), "2023-01-01")
        for op in (*_OPERATIONS, pb.OPERATION_START_VERIFICATION)
        for kind in _MISSING
    ),
)

WITHDRAWALS = (
    Withdrawal(Line.ANSWER_NO, ("S0.20",), order_types=_ENDING),
    # 注销: S0.20 says never once submitted, S3.12 and TC-DOC only once it is at the bureau; so it is tried before that.
    Withdrawal(Line.ANSWER_LET_SMS_LAPSE, ("S3.13", "S3.17"), Line.PHASE_SMS_WAITING, _VOIDING),
    Withdrawal(Line.ANSWER_YES, ("TC-DOC",), Line.PHASE_PROVIDER_REJECTED, as_of="2023-01-01"),
    Withdrawal(Line.ANSWER_YES, ("TC-DOC",), Line.PHASE_IDENTITY_WAITING, _FILINGS, "2023-01-01"),
    Withdrawal(Line.ANSWER_NO, ("S0.20", "S3.12"), Line.PHASE_REGULATOR_REVIEW),
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
)

MANIFEST = ProviderManifest(
    id=ID,
    title=TITLE,
    version=version("beianhub-tencent"),
    guarantee=Guarantee.client_token(timedelta(hours=24)),
    capabilities=CAPABILITIES,
    personal_data=PERSONAL_DATA,
    order_type_names=ORDER_TYPE_NAMES,
    withdrawals=WITHDRAWALS,
)
