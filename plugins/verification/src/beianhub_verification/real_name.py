"""域名实名核验: who holds a domain only its registrar and MIIT know, so that a person is told what to compare (S1.27).

The order carries no holder. The answer therefore always has a remark, and never passes in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Passed, Verifier, VerifierManifest
from beianhub_verification.orders import MAKES_ACCESS
from beianhub_verification.rules import Basis, Rule
from beianhub_verification.tables import holders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding, Nature, SubjectProfile
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call

_ALI: Final = Basis(("ALI-2019",), "2019-09-01")

UNCHECKED: Final = Rule(
    id="domain.real_name",
    code="DOMAIN_REAL_NAME_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="域名实名信息此处未核验：持有者应为{holders}，名称、证件类型和号码须与备案一致，"
    "实名后约 2 至 5 天才能通过工信部核验",
    en="The domain's real name is not checked here: its holder must be {holders_en}, with the name and certificate "
    "of the filing; MIIT knows it 2 to 5 days after it was registered.",
    suggestion="在注册商处核对持有者，不符则先变更，否则工信部会退回。 / "
    "Compare the holder at the registrar; change it there first, as MIIT returns the order otherwise.",
    basis=Basis(("S1.27", "S1.28", "S4.32"), "2019-09-01"),
)
_CERTIFICATE: Final = Rule(
    id="domain.certificate",
    code="DOMAIN_CERTIFICATE_NEEDED",
    severity=pb.SEVERITY_WARNING,
    zh="{province}管局要求提交域名证书（{extent}），订单附件中未见（用途 DOMAIN_CERTIFICATE）",
    en="The bureau of {province} wants the domains' certificates ({extent_en}); the order's documents have none with "
    "the purpose DOMAIN_CERTIFICATE.",
    suggestion="补充域名证书，或注册商页面中显示域名和持有者的截图（S4.29）。 / "
    "Add the certificate, or a screenshot of the registrar's page that shows domain and holder (S4.29).",
    basis=_ALI,
)
_REGISTRAR: Final = Rule(
    id="domain.registrar",
    code="DOMAIN_REGISTRAR_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="{province}管局不受理在境外注册商注册的域名，注册商此处未核验",
    en="The bureau of {province} files no domain of a foreign registrar; the registrar is not checked here.",
    suggestion="在 domain.miit.gov.cn 查询注册商，将域名转入名单内的注册商。 / "
    "Look the registrar up at domain.miit.gov.cn; transfer the domain to one that is listed.",
    basis=Basis(("ALI-2019", "S2.14"), "2019-09-01"),
)
_PRIVACY: Final = Rule(
    id="domain.whois",
    code="DOMAIN_PRIVACY_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="{province}管局要求备案期间关闭域名信息隐私保护，此处未核验",
    en="The bureau of {province} wants the WHOIS privacy off while the order runs; it is not checked here.",
    suggestion="备案完成前在注册商处关闭隐私保护。 / "
    "Switch the privacy protection off at the registrar until the order is filed.",
    basis=_ALI,
)

_FOREIGN_REFUSED: Final = frozenset({"北京", "内蒙古", "吉林", "湖南"})
_PRIVACY_OFF: Final = frozenset({"上海", "四川", "天津"})
_OVER: Final[Mapping[str, int]] = {"江苏": 0, "湖南": 0, "内蒙古": 0, "贵州": 3, "陕西": 4}
"""Above how many domains of an order certificates are wanted; 陕西: five or more (TC-DOC)."""

_INDIVIDUALS_ONLY: Final = frozenset({"内蒙古"})
DOMAIN_CERTIFICATE: Final = "DOMAIN_CERTIFICATE"


class RealNameVerifier(Verifier):
    """域名实名核验, before anything is sent. It calls nobody."""

    manifest = VerifierManifest(
        id="domain-real-name",
        title="域名实名核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_DOMAIN_REAL_NAME,
        precheck=True,
        source=("S1.27", "S1.28", "S4.29", "S4.32", "ALI-2019", "TC-DOC", "HW-KB"),
        order_types=(*MAKES_ACCESS, pb.ORDER_TYPE_MIGRATE_SERVICE),
    )

    def verify(self, call: Call) -> Passed:
        """What a person has to compare, by province; nothing of a service without a domain."""
        assignment = call.assignment
        return Passed(list(_remarks(assignment)) if assignment.service.domains else [])


def _remarks(assignment: TaskAssignment) -> Iterator[Finding]:
    profile = _filed_under(assignment)
    yield _holder(profile.nature, profile.province)
    if _certificate_missing(assignment):
        over = _OVER[profile.province]
        extent = (f"超过 {over} 个域名时", f"of more than {over} domains") if over else ("全部域名", "of all domains")
        yield _CERTIFICATE.at("documents", province=profile.province, extent=extent[0], extent_en=extent[1])
    for provinces, rule in ((_FOREIGN_REFUSED, _REGISTRAR), (_PRIVACY_OFF, _PRIVACY)):
        if profile.province in provinces:
            yield rule.at("service.domains", province=profile.province)


def _filed_under(assignment: TaskAssignment) -> SubjectProfile:
    """Whose the domain is to be: a migration's target holds it beforehand (HW-KB MigrationCondition)."""
    return (assignment.target if assignment.HasField("target") else assignment.subject).profile


def _holder(nature: Nature.ValueType, province: str) -> Finding:
    entitled = holders(nature, province)
    finding = UNCHECKED.at("service.domains", holders=entitled.zh, holders_en=entitled.en)
    finding.source.extend(entitled.basis.source)
    finding.as_of = max(finding.as_of, entitled.basis.as_of)
    return finding


def _certificate_missing(assignment: TaskAssignment) -> bool:
    profile = _filed_under(assignment)
    over = _OVER.get(profile.province)
    if over is None or len(assignment.service.domains) <= over:
        return False
    if profile.province in _INDIVIDUALS_ONLY and profile.nature != pb.NATURE_INDIVIDUAL:
        return False
    return all(document.purpose != DOMAIN_CERTIFICATE for document in assignment.documents)
