"""Which role may call which method. What is not named here is refused to everyone but the owner."""

from __future__ import annotations

from typing import Final

from beianhub.filing.v1.admin_service_pb2 import ROLE_OPERATOR, ROLE_OWNER, ROLE_PLUGIN_HOST, ROLE_VIEWER
from beianhub_core.application.caller import Caller

_PACKAGE: Final = "/beianhub.filing.v1."


def _methods(service: str, names: str) -> frozenset[str]:
    return frozenset(f"{_PACKAGE}{service}/{name}" for name in names.split())


_READS: Final = frozenset[str]().union(
    _methods(
        "SubjectService", "GetSubject ListSubjects ListEvents WatchSubjects ListDeadlines GetDrift ListDrifts ListRisks"
    ),
    _methods("OrderService", "GetOrder ListOrders CheckOrder WatchOrders Plan"),
    _methods("AccessService", "CheckAccess BatchCheckAccess"),
    _methods("DocumentService", "GetDocument ListDocuments"),
    _methods("TaskService", "GetTask ListTasks ListHandoffs"),
    _methods("AdminService", "GetTenant GetAccount ListAccounts ListPlugins GetPlugin"),
)
# A claim of tasks hands out personal data and takes the work from the plugins: not an operator's.
_OPERATIONS: Final = _READS.union(
    _methods(
        "SubjectService",
        "CreateSubject UpdateSubject ImportSubjects DetectDrift ApplyDrift ReportNotice ResolveNotice CompleteDeadline "
        "ReportRegistration",
    ),
    _methods(
        "OrderService", "CreateOrder SubmitOrder BatchSubmitOrders WithdrawOrder AbandonOrder ReportProgress ApplyPlan"
    ),
    _methods("DocumentService", "UploadDocument DeleteDocument"),
    _methods("TaskService", "RetryTask GiveUpTask ClaimHandoff CompleteHandoff"),
)
_ALLOWED: Final[dict[int, frozenset[str]]] = {
    ROLE_OPERATOR: _OPERATIONS,
    ROLE_VIEWER: _READS,
    ROLE_PLUGIN_HOST: _methods("TaskService", "ClaimTasks ExtendLease ReportTask").union(
        _methods("SubjectService", "ReportNotice")  # a provider's API may show a notice
    ),
}
# Anyone may ask how the server is and what it offers.
_OPEN: Final = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")


def is_open(method: str) -> bool:
    """Whether the method (``/package.Service/Method``) needs no key."""
    return method.startswith(_OPEN)


def is_allowed(caller: Caller, method: str) -> bool:
    """Whether the caller may call the method.

    A key limited to one customer never gets at what has no customer: accounts' and keys' making, plugins, the audit,
    claims of tasks; else it could make itself a key without the limit.
    """
    if caller.customer and method not in _OPERATIONS:
        return False
    return caller.role == ROLE_OWNER or method in _ALLOWED.get(caller.role, frozenset())
