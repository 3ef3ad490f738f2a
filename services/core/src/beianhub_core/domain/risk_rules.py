"""The rules of what can go wrong after a filing: their texts, their sources, and the wish that plans the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.findings import SEVERITY_BLOCKER, SEVERITY_WARNING, finding

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Finding, RiskKind, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule:
    """A rule and what it says; texts are templates of :meth:`str.format`. ``wish`` is the planner's, "" for none."""

    kind: RiskKind.ValueType
    severity: Severity.ValueType
    code: str
    zh: str
    en: str
    suggestion: str
    source: tuple[str, ...]
    as_of: str
    wish: str = ""

    def at(self, path: str, **words: str) -> Finding:
        """The finding about the field at ``path``."""
        return finding(
            self.severity,
            self.code,
            path,
            self.zh.format(**words),
            self.en.format(**words),
            self.suggestion,
            rule=f"risk.{self.code.lower()}",
            source=self.source,
            as_of=self.as_of,
        )


NO_ACCESS: Final = RiskRule(
    kind=res.RISK_KIND_SERVICE_WITHOUT_ACCESS,
    severity=SEVERITY_BLOCKER,
    code="SERVICE_WITHOUT_ACCESS",
    zh="空壳网站：已无任何接入，管局可能注销其备案号",
    en="the service is an empty shell, without any access: its number may be cancelled",
    suggestion="在现接入处办理接入，或注销该服务。 / File an access where it is served now, or cancel the service.",
    source=("S0.16", "S1.12", "S1.23", "S4.39"),
    as_of="2026-05-01",
    wish="SERVE_DOMAIN",
)
ACCESS_UNKNOWN: Final = RiskRule(
    kind=res.RISK_KIND_SERVICE_WITHOUT_ACCESS,
    severity=SEVERITY_WARNING,
    code="NO_ACCESS_ON_RECORD",
    zh="记录中没有该服务的接入：确无接入的，管局可能注销其备案号",
    en="the record knows no access of the service: if there is none, its number may be cancelled",
    suggestion="填写实际接入商，或在该处办理接入。 / "
    "Enter the provider that serves it, or file an access where it is served.",
    source=("S0.16", "S1.12", "S1.23"),
    as_of="2026-05-01",
    wish="SERVE_DOMAIN",
)
SHELL: Final = RiskRule(
    kind=res.RISK_KIND_SUBJECT_SHELL,
    severity=SEVERITY_BLOCKER,
    code="SUBJECT_IS_SHELL",
    zh="空壳主体：名下已无服务，管局会不定期清理",
    en="the subject is an empty shell, without any service: the bureau clears such subjects from time to time",
    suggestion="新增服务，或注销主体。 / Add a service, or cancel the subject.",
    source=("S3.19", "HW-KB doc_0037"),
    as_of="2026-05-01",
    wish="SERVE_DOMAIN",
)
NUMBER_MISSING: Final = RiskRule(
    kind=res.RISK_KIND_LICENCE_NUMBER_MISSING,
    severity=SEVERITY_WARNING,
    code="LICENCE_NUMBER_MISSING",
    zh="服务已备案，但记录中没有其备案号：网站须悬挂准确的备案号",
    en="the service is filed, and the record has no number of it: its site has to show the number exactly",
    suggestion="从接入商的通知抄录备案号并导入（subject import --update），或与接入商比对（drift detect）后采用。 / "
    "Import it as the provider's notice says it (subject import --update), or take over the provider's copy "
    "(drift detect).",
    source=("HW-KB doc_0115", "S4.36"),
    as_of="2026-05-01",
)
SOLE_ACCESS: Final = RiskRule(
    kind=res.RISK_KIND_SINGLE_PROVIDER_CANCELLED,
    severity=SEVERITY_WARNING,
    code="SOLE_ACCESS_CANCELLED",
    zh="正在取消该服务的唯一接入：取消后成为空壳网站，备案号可能被注销",
    en="the service's only access is being cancelled: afterwards it is an empty shell, and its number may be cancelled",
    suggestion="取消生效前在其他接入商办理接入。 / "
    "File an access at another provider before the cancellation is through.",
    source=("S0.14", "S0.15", "S0.16", "MIIT-V3 1025"),
    as_of="2026-05-01",
    wish="SERVE_DOMAIN",
)
CERTIFICATE_SOON: Final = RiskRule(
    kind=res.RISK_KIND_CERTIFICATE_EXPIRING,
    severity=SEVERITY_WARNING,
    code="CERTIFICATE_EXPIRES_SOON",
    zh="证件将于 {day} 到期，剩余不足三个月：新的备案订单会被驳回",
    en="the certificate expires on {day}, within three months: orders are rejected for it",
    suggestion="续期后，以新的截止日期办理变更。 / Renew it, then file a change with its new last day.",
    source=("ALI-2019", "HW-KB"),
    as_of="2026-05-01",
    wish="CHANGE_SUBJECT",
)
CERTIFICATE_OVER: Final = RiskRule(
    kind=res.RISK_KIND_CERTIFICATE_EXPIRING,
    severity=SEVERITY_BLOCKER,
    code="CERTIFICATE_EXPIRED",
    zh="证件已于 {day} 到期：核查不通过，可能被要求整改",
    en="the certificate expired on {day}: a check by the bureau fails, and a rectification notice may follow",
    suggestion="续期后，以新的截止日期办理变更。 / Renew it, then file a change with its new last day.",
    source=("S4.41", "ALI-2019", "HW-KB"),
    as_of="2026-05-01",
    wish="CHANGE_SUBJECT",
)
DOMAIN_SOON: Final = RiskRule(
    kind=res.RISK_KIND_DOMAIN_EXPIRING,
    severity=SEVERITY_WARNING,
    code="DOMAIN_EXPIRES_SOON",
    zh="域名 {domain} 将于 {day} 到期，剩余不足三个月：新的备案订单会被驳回",
    en="the domain {domain} expires on {day}, within three months: orders are rejected for it",
    suggestion="在注册商处续费，然后填写新的到期日。 / Renew it at its registrar, then enter its new last day.",
    source=("ALI-2019", "HW-KB", "S4.1", "S4.34"),
    as_of="2026-05-01",
)
DOMAIN_OVER: Final = RiskRule(
    kind=res.RISK_KIND_DOMAIN_EXPIRING,
    severity=SEVERITY_BLOCKER,
    code="DOMAIN_EXPIRED",
    zh="域名 {domain} 已于 {day} 到期：接入可能被停止，且可能被他人注册，乃至注销备案号",
    en="the domain {domain} expired on {day}: its access may stop, and others may register it, at the number's cost",
    suggestion="立即续费并填写新的到期日，或通过变更备案删除该域名。 / "
    "Renew it at once and enter its new last day, or delete it from the filing by a change.",
    source=("S4.34", "S4.1", "S4.2", "S4.3"),
    as_of="2026-05-01",
)
UNANSWERED: Final = RiskRule(
    kind=res.RISK_KIND_CHANGE_NOTICE_UNANSWERED,
    severity=SEVERITY_WARNING,
    code="CHANGE_NOTICE_UNANSWERED",
    zh="变更通知（{kind}）之后未办理变更：备案信息早于通知，逾期可能注销备案号",
    en="nothing was changed since the notice ({kind}): the filed data are older, and the number may be cancelled",
    suggestion="办理变更，回复通知方，并将通知办结。 / File the change, then tell the sender and resolve the notice.",
    source=("S1.24", "S1.25", "S4.41"),
    as_of="2026-05-01",
    wish="ANSWER_NOTICE",
)
DOMAIN: Final = RiskRule(
    kind=res.RISK_KIND_DOMAIN_EXPIRING,
    severity=SEVERITY_WARNING,
    code="DOMAIN_EXPIRING",
    zh="域名过期或即将过期：可能被他人注册，其内容可致取消接入乃至注销备案号",
    en="a domain has expired or is about to: others may register it, which can cost the access and the number",
    suggestion="续费，或通过变更从备案中删除，再将通知办结。 / "
    "Renew it, or delete it from the filing by a change; then resolve the notice.",
    source=("S4.1", "S4.2", "S4.3", "S4.34"),
    as_of="2026-05-01",
    wish="ANSWER_NOTICE",
)
NOTICE: Final = RiskRule(
    kind=res.RISK_KIND_NOTICE_DUE,
    severity=SEVERITY_WARNING,
    code="NOTICE_OPEN",
    zh="整改通知（{kind}）未办结：逾期取消接入，无其他接入商时注销备案号",
    en="a rectification notice ({kind}) is open: if it is not met in time the access is cancelled, then the number",
    suggestion="在期限前整改，回复通知方，并将通知办结。 / "
    "Mend it before its date, tell the sender, and resolve the notice.",
    source=("S4.35", "S4.36", "S4.39", "HW-KB doc_0202"),
    as_of="2026-05-01",
    wish="ANSWER_NOTICE",
)

OBSERVED: Final = {
    res.VERIFICATION_KIND_FOOTER: (res.RISK_KIND_FOOTER_WRONG, "ANSWER_NOTICE"),
    res.VERIFICATION_KIND_SITE: (res.RISK_KIND_SITE_CLOSED, "ANSWER_NOTICE"),
    res.VERIFICATION_KIND_IP: (res.RISK_KIND_RESOLVES_ELSEWHERE, "CHANGE_SERVER_IP"),
    res.VERIFICATION_KIND_EXPIRY: (res.RISK_KIND_DOMAIN_EXPIRING, "REMOVE_DOMAIN"),
}
"""Which risk a patrol's finding is, and the wish that plans the way out."""

DATA_NOTICES: Final = frozenset(
    {
        res.NOTICE_KIND_OPERATION,
        res.NOTICE_KIND_NAME,
        res.NOTICE_KIND_CERT_NUMBER,
        res.NOTICE_KIND_CERT_ADDRESS,
        res.NOTICE_KIND_OLD_CERTIFICATE,
        res.NOTICE_KIND_PRINCIPAL,
        res.NOTICE_KIND_ID_EXPIRED,
        res.NOTICE_KIND_CONTACT,
        res.NOTICE_KIND_VERIFY_AND_UPDATE,
    }
)
"""Notices that a change of the filed data answers (S1.24, S1.25, S4.41)."""
