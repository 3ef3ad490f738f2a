"""空壳核验: a subject without a service (空壳主体), a service without an access (空壳网站) (domain facts 2.3, 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Verifier, VerifierManifest
from beianhub_verification.orders import MAKES_ACCESS
from beianhub_verification.rules import Basis, Rule, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call, Failed, Passed

ADDS_DIRECTLY: Final = frozenset(
    {"天津", "辽宁", "四川", "云南", "江苏", "浙江", "上海", "广西", "山西", "北京", "贵州"}
)
"""Provinces where a shell may add a service at once (HW-KB doc_0037); S1.5 says that it must be cancelled first."""

_CANCEL_FIRST: Final = Rule(
    id="shell.add_directly",
    code="SUBJECT_IS_SHELL",
    severity=pb.SEVERITY_BLOCKER,
    zh="主体是空壳主体（名下已无服务）：{province}须先注销空壳主体，再作首次备案",
    en="The subject is a shell, without any service: in {province} it is cancelled first, and then filed anew.",
    suggestion="线下向管局申请注销空壳主体（约 5 个工作日），再首次备案。 / "
    "Have the shell cancelled by the bureau (offline, some 5 working days), then submit a first filing.",
    basis=Basis(("HW-KB doc_0037", "HW-KB doc_0149", "S1.5", "S4.18", "S4.40"), "2026-05-01"),
)
_DIRECTLY: Final = Rule(
    id="shell.add_directly",
    code="SHELL_MAY_ADD_SERVICE",
    severity=pb.SEVERITY_INFO,
    zh="主体是空壳主体：{province}可以直接新增服务（HW-KB doc_0037）；S1.5 要求先注销，以较新的来源为准",
    en="The subject is a shell: in {province} a service may be added at once (HW-KB doc_0037); S1.5 has it cancelled "
    "first, and the newer source counts.",
    suggestion="接入商退回的，先注销空壳主体，再首次备案。 / "
    "If the provider returns the order, have the shell cancelled, then submit a first filing.",
    basis=Basis(("HW-KB doc_0037", "S1.5"), "2026-05-01"),
)
_SERVICE: Final = Rule(
    id="shell.service",
    code="SERVICE_IS_SHELL",
    severity=pb.SEVERITY_INFO,
    zh="网站是空壳网站（已无接入）：本次接入成功前，管局可能随时注销其备案号",
    en="The service is a shell, without any access: until this order is filed, its number may be cancelled any day.",
    suggestion="尽快提交；之后域名须解析到接入商的大陆地址。 / "
    "Submit soon; afterwards the domain has to resolve to the provider's mainland address.",
    basis=Basis(("S0.16", "S1.23", "S4.39", "HW-KB"), "2026-05-01"),
)
_OTHER: Final = Rule(
    id="shell.service",
    code="OTHER_SERVICE_IS_SHELL",
    severity=pb.SEVERITY_WARNING,
    zh="主体名下另有空壳网站 {title}（已无接入），可能导致本订单被驳回，其备案号也可能被注销",
    en="Another service of the subject, {title}, is a shell, without any access: the order may be rejected for it, and "
    "its number may be cancelled.",
    suggestion="先为其办理接入，或注销该网站。 / Add an access for it, or cancel it (注销网站), first.",
    basis=Basis(("S0.16", "S4.39", "S4.13"), "2026-05-01"),
)


class ShellVerifier(Verifier):
    """空壳核验, before anything is sent. It calls nobody."""

    manifest = VerifierManifest(
        id="empty-shell",
        title="空壳核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_EMPTY_SHELL,
        precheck=True,
        source=("HW-KB doc_0037", "HW-KB doc_0149", "S0.16", "S1.5", "S4.18", "S4.39"),
        order_types=MAKES_ACCESS,
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Of the subject where the order adds a service, and of each service."""
        return answer([*_subject(call.assignment), *_services(call.assignment)])


def _subject(assignment: TaskAssignment) -> Iterator[Finding]:
    province = assignment.subject.profile.province
    if assignment.subject.state != pb.SUBJECT_STATE_SHELL or assignment.order.type == pb.ORDER_TYPE_ADD_ACCESS:
        return
    adds = assignment.order.type == pb.ORDER_TYPE_ADD_SERVICE and province in ADDS_DIRECTLY
    yield (_DIRECTLY if adds else _CANCEL_FIRST).at("order.type", province=province)


def _services(assignment: TaskAssignment) -> Iterator[Finding]:
    own = assignment.service
    if own.state == pb.SERVICE_STATE_NO_ACCESS:
        yield _SERVICE.at("service.state")
    for index, service in enumerate(assignment.subject.services):
        if service.state == pb.SERVICE_STATE_NO_ACCESS and service.name != own.name:
            yield _OTHER.at(f"services[{index}].state", title=service.title)
