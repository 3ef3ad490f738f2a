"""Orders that destroy something (注销主体, 注销网站, 取消接入): preconditions, consequence, confirmation. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.lookup import SERVICE_FILED, SUBJECT_FILED, find_service, has_access
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding

if TYPE_CHECKING:
    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding, Severity

DESTRUCTIVE: Final = frozenset(
    {res.ORDER_TYPE_CANCEL_SUBJECT, res.ORDER_TYPE_CANCEL_SERVICE, res.ORDER_TYPE_CANCEL_ACCESS}
)
WITHDRAWN_SUFFIXES: Final = frozenset({"org", "cc", "tv", "name"})
"""Top-level domains whose approval had been withdrawn in 2019: once cancelled never filed again (ALI-2019)."""


def confirmation(record: Record, order: res.Order) -> str:
    """What has to be repeated: the licence number that is given up, or the domain where there is none; "" for nothing.

    A cancelled access keeps its number, but the number is what its owner knows the service by.
    """
    if order.type not in DESTRUCTIVE:
        return ""
    service = find_service(record, order.service)
    whole = order.type == res.ORDER_TYPE_CANCEL_SUBJECT or service is None
    services = list(record.subject.services) if whole or service is None else [service]
    number = record.subject.licence_number if whole or service is None else service.licence_number
    return number or next((domain for one in services for domain in one.domains), record.subject.name)


def confirm(record: Record, order: res.Order, severity: Severity.ValueType = SEVERITY_WARNING) -> list[Finding]:
    """The consequence and what to repeat, for an order that destroys something."""
    token = confirmation(record, order)
    if not token:
        return []
    zh, en, source = _CONSEQUENCES[order.type]
    return [
        finding(
            severity,
            "CONFIRMATION_REQUIRED",
            "confirmation",
            zh.format(token),
            en.format(token),
            f'如要继续，提交时请附上确认文字 "{token}"。 / To go on, submit with the confirmation "{token}".',
            source=source,
        )
    ]


_CONSEQUENCES: Final[dict[int, tuple[str, str, tuple[str, ...]]]] = {
    res.ORDER_TYPE_CANCEL_SUBJECT: (
        "注销主体：{}及其全部网站将被注销，备案号不能恢复，网站不能访问",
        "{} and all of its services become void: numbers cannot be restored, and the sites become unreachable",
        ("S0.8", "S0.10", "S0.18"),
    ),
    res.ORDER_TYPE_CANCEL_SERVICE: (
        "注销网站：{}将被注销，备案号不能恢复，网站不能访问；同主体其他网站不受影响",
        "{} becomes void: it cannot be restored, and the site becomes unreachable; other services stay",
        ("S0.8", "S0.12", "S0.13"),
    ),
    res.ORDER_TYPE_CANCEL_ACCESS: (
        "取消接入：{}在该接入商的接入将取消，域名不能再解析到该接入商；备案号保留，提交后不能撤回",
        "the provider's access of {} ends, the domain may not point to it any more, the number stays; no withdrawal",
        ("S0.14", "S0.15", "S0.20"),
    ),
}


def cancel_subject(record: Record, order: res.Order, _service: res.Service | None) -> list[Finding]:
    """主体 filed, and an access at this provider; a shell has none and is the bureau's (HW-KB doc_0037)."""
    subject = record.subject
    if subject.state not in SUBJECT_FILED:
        return [not_filed("order.subject", "主体未备案或已注销", "the subject is not filed, or cancelled already")]
    if subject.state == res.SUBJECT_STATE_SHELL:
        return [_shell(), *_suffixes(list(subject.services))]
    own = [] if any(has_access(s, order.provider) for s in subject.services) else [not_own_access()]
    return [*own, *_suffixes([s for s in subject.services if s.state in SERVICE_FILED])]


def cancel_service(_record: Record, order: res.Order, service: res.Service | None) -> list[Finding]:
    """The service filed, with an access at this provider (MIIT-V3 1047)."""
    if service is None or service.state not in SERVICE_FILED:
        return [not_filed("order.service", "网站未备案或已注销", "the service is not filed, or cancelled already")]
    own = [] if has_access(service, order.provider) else [not_own_access()]
    several = [_several_domains()] if len(service.domains) > 1 else []
    return [*own, *several, *_suffixes([service])]


def cancel_access(_record: Record, order: res.Order, service: res.Service | None) -> list[Finding]:
    """The provider's own access; of the only one the sources disagree (domain.md 11)."""
    if service is None or not has_access(service, order.provider):
        return [not_own_access()]
    suffixes = _suffixes([service])
    if sum(a.state == res.ACCESS_STATE_ACTIVE for a in service.accesses) > 1:
        return suffixes
    sole = finding(
        SEVERITY_WARNING,
        "SOLE_ACCESS",
        "order.service",
        "这是唯一的接入：取消后成为空壳网站，管局可能不受理或注销备案号",
        "it is the only access: the service becomes an empty shell; some bureaus refuse, some cancel the number",
        "请先新增接入。 / Add the new access first.",
        source=("S0.14", "S0.15", "S0.16", "MIIT-V3 1025"),
    )
    return [sole, *suffixes]


def not_own_access() -> Finding:
    """The provider may act on its own accesses only."""
    return blocker(
        "NO_ACCESS_AT_PROVIDER",
        "order.account",
        "该接入商没有此网站的接入，只能变更、注销或取消自己的接入",
        "the service has no access at this provider, which may change or cancel only its own",
        "请指明拥有该接入的接入商账号。 / Name an account of the provider that has the access.",
        source=("MIIT-V3 1047",),
    )


def not_filed(path: str, zh: str, en: str) -> Finding:
    """Something that the order speaks of is not at the regulator."""
    return blocker(
        "NOT_FILED",
        path,
        zh,
        en,
        (
            "请先备案（首次备案 FIRST_FILING 或新增服务 ADD_SERVICE）；已注销的无需处理。 / "
            "File it first (FIRST_FILING or ADD_SERVICE); nothing is to be done for what is cancelled."
        ),
        source=("MIIT-V3 1016", "MIIT-V3 1049", "MIIT-V3 1050"),
    )


def _shell() -> Finding:
    return finding(
        SEVERITY_WARNING,
        "SHELL_CANCELLED_OFFLINE",
        "order.subject",
        "空壳主体没有接入商，须线下向管局申请注销，约 5 个工作日；本订单作为人工任务跟踪",
        "a shell has no provider: the bureau cancels it offline, in about 5 working days; an operator follows it",
        "请向管局递交申请，并在此上报进展。 / Hand the application in at the bureau, then report its progress here.",
        source=("HW-KB doc_0037",),
        as_of="2026-05-01",
    )


def _several_domains() -> Finding:
    return finding(
        SEVERITY_WARNING,
        "DOMAINS_LOST",
        "order.service",
        "该网站有多个域名，注销后全部失效；只停用其中一个的，应变更备案删除域名",
        "the service has several domains, and all are lost; to drop one of them file a change",
        "删除域名请使用变更服务（CHANGE_SERVICE）。 / Use CHANGE_SERVICE to delete a domain.",
        source=("HW-KB doc_0194", "S4.3"),
        as_of="2026-05-01",
    )


def _suffixes(services: list[res.Service]) -> list[Finding]:
    lost = sorted({d for s in services for d in s.domains if d.rpartition(".")[2] in WITHDRAWN_SUFFIXES})
    return [
        finding(
            SEVERITY_WARNING,
            "SUFFIX_NOT_FILED_AGAIN",
            "order.service",
            f"域名 {domain} 的后缀已不再批准，注销或取消接入后可能再也不能备案",
            f"the suffix of {domain} is approved no longer: once given up it may never be filed again",
            "域名仍需使用时，请保留备案。 / Keep the filing as long as the domain is needed.",
            source=("ALI-2019", "S0.11"),
            as_of="2019-09-01",
        )
        for domain in lost
    ]
