"""What the Aliyun plugin says of itself, each line with its source."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.plugin_pb2 import Withdrawal as Line
from beianhub_aliyun.vocabulary import ID, ORDER_TYPE_NAMES, TITLE
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
_ACCOUNT = (pb.ORDER_TYPE_CLAIM,)
_MISSING = (
    pb.ORDER_TYPE_MIGRATE_SERVICE,
    pb.ORDER_TYPE_TRANSFER_ACCOUNT,
)
_ANY = (*_FILINGS, *_VOIDING, *_ENDING, *_ACCOUNT)
_OPERATIONS = (
    pb.OPERATION_SUBMIT,
    pb.OPERATION_QUERY,
    pb.OPERATION_WITHDRAW,
    pb.OPERATION_QUERY_ACCESS,
)

CAPABILITIES = (
    # A public product since 2026: any account with a credential may try, whatever its orders go by.
    Capability(
        pb.OPERATION_LIST_FILINGS,
        pb.ORDER_TYPE_UNSPECIFIED,
        pb.CHANNEL_API,
        ("PKG alibabacloud-companyreg20260423",),
        "2026-04-23",
    ),
    # A partner's account, and the sandbox.
    *(Capability(op, kind, pb.CHANNEL_API, ("sandbox",), "2026-11-22") for op in _OPERATIONS for kind in _ANY),
    # A real account: the public Beian product scans for unfiled domains, and neither submits nor reads an order.
    *(
        Capability(op, kind, pb.CHANNEL_CONSOLE, ("ALI-2019", "PKG alibabacloud-beian20160810"), "2019-09-01")
        for op in (pb.OPERATION_SUBMIT, pb.OPERATION_QUERY)
        for kind in _ANY
    ),
    *(
        Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_CONSOLE, ("ALI-2019", "S1"), "2019-09-01")
        for kind in _FILINGS
    ),
    # 注销 and 取消接入 cannot be withdrawn once sent (S0.20 of Tencent; no page of Aliyun offers it).
    *(Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNSUPPORTED, ("S0.20",), "") for kind in _ENDING),
    *(
        Capability(pb.OPERATION_QUERY_ACCESS, kind, pb.CHANNEL_UNKNOWN, ("PKG alibabacloud-beian20160810",), "")
        for kind in _ANY
    ),
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_GUIDED, ("ALI-2019",), "2019-09-01")
        for kind in _FILINGS
    ),
    # The principal is not checked again when something ends, or goes to another account.
    *(
        Capability(pb.OPERATION_START_VERIFICATION, kind, pb.CHANNEL_UNSUPPORTED, ("ALI-2019",), "2019-09-01")
        for kind in (*_VOIDING, *_ENDING, *_ACCOUNT)
    ),
    *(Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNSUPPORTED, ("S0.20",), "") for kind in _VOIDING),
    *(Capability(pb.OPERATION_WITHDRAW, kind, pb.CHANNEL_UNKNOWN, ("ALI-2019",), "2019-09-01") for kind in _ACCOUNT),
    # No page of Aliyun offers these orders.
    *(
        Capability(op, kind, pb.CHANNEL_UNSUPPORTED, ("ALI-2019",), "2019-09-01")
        for op in (*_OPERATIONS, pb.OPERATION_START_VERIFICATION)
        for kind in _MISSING
    ),
)

WITHDRAWALS = (
    # Of Aliyun's 注销 no page says that it can be taken back (domain.md 3.3).
    Withdrawal(Line.ANSWER_NO, ("S0.20", "ALI-2019"), order_types=(*_VOIDING, *_ENDING)),
    Withdrawal(Line.ANSWER_NO, ("S1.14",), Line.PHASE_IDENTITY_PASSED),
    Withdrawal(Line.ANSWER_YES, ("S1.13",), Line.PHASE_IDENTITY_WAITING),
    Withdrawal(Line.ANSWER_YES, ("ALI-2019",), Line.PHASE_PROVIDER_REVIEW, as_of="2019-09-01"),
    Withdrawal(Line.ANSWER_YES, ("ALI-2019",), Line.PHASE_PROVIDER_REJECTED, as_of="2019-09-01"),
    Withdrawal(Line.ANSWER_NO, ("ALI-2019",), Line.PHASE_REGULATOR_REVIEW, as_of="2019-09-01"),
    Withdrawal(Line.ANSWER_YES, ("ALI-2019",), Line.PHASE_REGULATOR_REJECTED, as_of="2019-09-01"),
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
    version=version("beianhub-aliyun"),
    guarantee=Guarantee.client_token(timedelta(hours=24)),
    capabilities=CAPABILITIES,
    personal_data=PERSONAL_DATA,
    order_type_names=ORDER_TYPE_NAMES,
    withdrawals=WITHDRAWALS,
)
