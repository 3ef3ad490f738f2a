"""What every order of a type brings along: verifications, documents, times, consequences and sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub_core.planner.answer import Deadline, Step, StepKind
from beianhub_core.planner.approving import needed
from beianhub_core.planner.times import CHANGE_TIMES, NO_REVIEW, OFFLINE, SMS
from beianhub_core.planner.verifying import verifications
from beianhub_core.planner.vocabulary import SUBMISSIONS, Kind, Nature, Order

if TYPE_CHECKING:
    from beianhub_core.planner.facts import Facts
    from beianhub_core.planner.rules import Rules

VENDORS: Final = ("tencent", "aliyun", "huawei")
# The only public submission interfaces there are, for mini-programs (domain facts 7.1).
_MINI_PROGRAM_PLATFORMS: Final = frozenset({"wechat", "douyin"})
_NOT_EVERYWHERE: Final = frozenset({Order.MIGRATE_SERVICE, Order.TRANSFER_ACCOUNT, Order.CLAIM})


@dataclass(frozen=True, slots=True)
class _Profile:
    """The fixed parts of an order type."""

    source: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    documents: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    confirm: str = ""


_CHANGED: Final = "不及时变更，备案号可能被注销 / data left out of date may cost the licence number (S1.25)"
_AFTER_APPROVAL: Final = "管局通过后才生效 / takes effect on the bureau's approval (S0.4, S2.20)"
_SITE_STAYS: Final = "管局通过前不要关闭网站或修改内容 / keep the site open and unaltered until the approval (S1.8)"
_NOT_BACK: Final = "一经注销不可恢复 / the number cannot be restored (S0.8)"
_REFILE: Final = "如需恢复须重新备案，且须等注销完成 / serving again needs a new filing (S0.9, S0.11, S0.18, S3.23)"
_SUFFIX: Final = "后缀已停批的域名注销后无法再备案 / a withdrawn suffix can never be filed again (ALI-2019)"
_UNREACHABLE: Final = "网站将无法访问 / the site becomes unreachable (S0.8, S3.15)"

PROFILES: Final = {
    Order.FIRST_FILING: _Profile(
        ("S2.9", "S2.12", "S4.28"),
        (),
        carries=("SUBJECT", "SERVICE", "ACCESS"),
    ),
    Order.ADD_SERVICE: _Profile(("S1.16", "S2.9", "S4.28"), (), carries=("SERVICE", "ACCESS")),
    Order.ADD_ACCESS: _Profile(
        ("S0.1", "S1.11", "S1.17", "S2.9", "S2.19", "S4.28", "HW-KB doc_0165"),
        (),
        consequences=("备案号不变 / the licence number does not change (HW-KB doc_0165)", _SITE_STAYS),
        carries=("ACCESS",),
    ),
    Order.CHANGE_SUBJECT: _Profile(
        ("S0.3", "S0.4", "S2.10", "S4.28"), CHANGE_TIMES, consequences=(_AFTER_APPROVAL, _CHANGED), carries=("SUBJECT",)
    ),
    Order.CHANGE_SERVICE: _Profile(
        ("S0.3", "S0.4", "S2.10", "S4.28"), CHANGE_TIMES, consequences=(_AFTER_APPROVAL,), carries=("SERVICE",)
    ),
    Order.CHANGE_ACCESS: _Profile(
        ("S0.6", "S2.20", "S4.28"), CHANGE_TIMES, consequences=(_AFTER_APPROVAL,), carries=("ACCESS",)
    ),
    Order.CANCEL_SUBJECT: _Profile(
        ("S0.8", "S0.10", "S0.11", "S0.18", "S0.20", "S2.11"),
        NO_REVIEW,
        consequences=(
            "主体及其全部网站的备案都被注销 / the subject and all its services lose their numbers (S0.10)",
            _NOT_BACK,
            _UNREACHABLE,
            _REFILE,
            _SUFFIX,
        ),
        confirm="我已知晓：注销主体不可恢复，主体下全部网站一并注销 / cancels subject and services for good",
    ),
    Order.CANCEL_SERVICE: _Profile(
        ("S0.8", "S0.12", "S0.13", "S0.18", "S0.20", "S2.11", "S3.1", "S3.4"),
        NO_REVIEW,
        consequences=(
            "只注销该网站，主体和其他网站不受影响 / only this service; subject and others stay (S0.12, S0.13)",
            _NOT_BACK,
            _UNREACHABLE,
            _REFILE,
            _SUFFIX,
        ),
        confirm="我已知晓：注销网站不可恢复，网站将无法访问 / cancels this service for good",
    ),
    Order.CANCEL_ACCESS: _Profile(
        ("S0.14", "S0.15", "S0.17", "S0.20", "S1.26", "MIIT-V3 1047"),
        NO_REVIEW,
        consequences=(
            "域名不能再指向该接入商 / the domain may not point to this provider any more (S0.14, S1.26)",
            "备案号仍然存在 / the licence number stays (S0.15)",
            "提交后无法撤回 / cannot be withdrawn once submitted (S0.20)",
            _SUFFIX,
        ),
        carries=("ACCESS",),
        confirm="我已知晓：取消接入后域名不能再指向该接入商 / ends this provider's access",
    ),
    Order.MIGRATE_SERVICE: _Profile(
        ("HW-KB doc_0200", "HW-KB MigrationCondition"),
        CHANGE_TIMES,
        documents=("双方主体的迁移说明 / both subjects' statement on the move",),
        consequences=("网站改属目标主体 / the service belongs to the other subject afterwards (HW-KB doc_0200)",),
        carries=("SERVICE",),
    ),
    Order.TRANSFER_ACCOUNT: _Profile(
        ("HW-KB doc_0199",),
        NO_REVIEW,
        consequences=("管局记录不变 / nothing changes at the regulator (HW-KB doc_0199)",),
    ),
    Order.CLAIM: _Profile(
        ("HW-KB doc_0198",),
        NO_REVIEW,
        consequences=("管局记录不变 / nothing changes at the regulator (HW-KB doc_0198)",),
    ),
}
# A shell has no provider: the bureau cancels it offline (HW-KB doc_0037).
_SHELL: Final = _Profile(
    ("S1.5", "S4.18", "HW-KB doc_0037"),
    OFFLINE,
    documents=("空壳主体注销申请 / the application to cancel the shell",),
    consequences=("主体备案号作废 / the subject's number is void afterwards", _NOT_BACK),
    confirm="我已知晓：空壳主体注销后备案号作废 / cancels the empty subject for good",
)


@dataclass(frozen=True, slots=True)
class Action:
    """The fixed parts of an action."""

    source: tuple[str, ...]
    deadlines: tuple[Deadline, ...] = ()
    consequences: tuple[str, ...] = ()


_REAL_NAME: Final = Deadline("DOMAIN_DATA", 5, "WORKING_DAYS", 2, source=("ALI-2019", "HW-KB doc_0018"))
_SECURITY: Final = Deadline("PUBLIC_SECURITY_FILING", 30, "DAYS", source=("HW-KB doc_0033",))

ACTIONS: Final = {
    "ABANDON_ORDER": Action(("S4.26", "S4.40")),
    "WITHDRAW_ORDER": Action(("HW-KB doc_0188",)),
    "WAIT_FOR_ORDER": Action(("MIIT-V3 1003", "HW-KB doc_0152")),
    "LET_SMS_LAPSE": Action(
        ("S3.13", "S3.17"), (Deadline("MIIT_SMS", 24, "HOURS", source=("S3.13", "HW-KB doc_0013")),)
    ),
    "CORRECT_DATA": Action(("S1.22", "S4.37", "HW-KB doc_0188")),
    "CHANGE_DOMAIN_HOLDER": Action(("S1.27", "S1.28")),
    "WAIT_FOR_DOMAIN_DATA": Action(("ALI-2019", "HW-KB doc_0018"), (_REAL_NAME,)),
    "VERIFY_DOMAIN_REAL_NAME": Action(("S4.34", "ALI-2019")),
    "RENEW_DOMAIN": Action(("S4.34", "ALI-2019")),
    "TRANSFER_DOMAIN": Action(("HW-KB",)),
    "OPEN_SITE": Action(("S1.7", "S4.13", "S4.19")),
    "OPEN_OTHER_SITES": Action(("S4.13", "S4.19")),
    "CLOSE_SITE_UNTIL_FILED": Action(("HW-KB doc_0150",)),
    "MEND_FOOTER": Action(("S4.13", "S4.35", "S4.36")),
    "MEND_OTHER_FOOTERS": Action(("S4.12", "S4.13")),
    "MEND_CONTENT": Action(("S1.7", "S4.13")),
    "RECOVER_FILING_PASSWORD": Action(("S1.10", "S2.25")),
    "OBTAIN_PRE_APPROVAL": Action(("S1.9",)),
    "OBTAIN_LICENCE": Action(("S2.1",)),
    "ASK_SPECIALIST": Action(("S0.5", "S2.21")),
    "ASK_PROVIDER": Action(("S4.45",)),
    "ASK_OLD_PROVIDER": Action(("S4.7",)),
    "SETTLE_USERS": Action(("S3.20",)),
    "POINT_DOMAIN": Action(
        ("S1.21", "S2.19"),
        consequences=("通过后才可解析并开通 / point the domain there only after the approval (S1.21)",),
    ),
    "POINT_DOMAIN_AWAY": Action(("S0.14", "S1.26")),
    "PUT_UP_FOOTER": Action(("S4.13", "S4.35", "HW-KB doc_0033"), (_SECURITY,)),
    "ADD_RESOURCE": Action(("HW-KB doc_0003",)),
    "USE_MAINLAND_ADDRESS": Action(("S2.12", "S2.17")),
    "SUPPLY_MATERIAL": Action(("S4.37", "S4.42", "MIIT-V3 XZHYD")),
    "REPLY_TO_NOTICE": Action(("S4.39", "HW-KB doc_0202")),
}

_UNIT_DOCUMENTS: Final = (
    "主办单位证件 / the unit's certificate (S4.42)",
    "主体负责人和互联网信息服务负责人身份证 / both principals' ID cards",
    "负责人非法定代表人时的授权书 / an authorisation letter where a principal is not the legal representative (S4.25)",
)
_PERSON_DOCUMENTS: Final = ("个人身份证 / the person's ID card",)
_APP_PAPERS: Final = (
    "APP 各平台的包名、公钥、证书MD5（安卓）或SHA-1（iOS）和图标 / "
    "package name, public key, certificate's MD5 or SHA-1 and icon of every platform (HW-KB doc_0121, doc_0112)"
)
_DOMAIN_PROOF: Final = (
    "域名证书或域名持有者截图 / the domain's certificate, or a page with domain and holder (S4.29, S4.30)"
)


def profile(facts: Facts, rules: Rules, order_type: Order, provider: str, carries: tuple[str, ...] = ()) -> Step:
    """The step of this order type at this provider, carrying more than usual where said; its id is given later."""
    if order_type is Order.CANCEL_SUBJECT and facts.is_shell:
        return _of_shell()
    fixed = PROFILES[order_type]
    parts = carries or fixed.carries
    checks = verifications(facts, rules, order_type, provider, parts)
    sms = (SMS,) if any(check.kind == "MIIT_SMS" for check in checks) else ()
    return Step(
        id="",
        kind=StepKind.ORDER,
        order_type=str(order_type),
        provider=provider,
        channel=channel(rules, order_type, provider),
        carries=parts,
        verifications=checks,
        documents=(*fixed.documents, *_documents(facts, rules, order_type, provider)),
        deadlines=(*rules.review_times(order_type, provider, checks), *sms, *fixed.deadlines),
        consequences=fixed.consequences,
        confirm=fixed.confirm,
        source=fixed.source,
    )


def _of_shell() -> Step:
    return Step(
        id="",
        kind=StepKind.ORDER,
        order_type=str(Order.CANCEL_SUBJECT),
        channel="OFFLINE",
        documents=_SHELL.documents,
        deadlines=_SHELL.deadlines,
        consequences=_SHELL.consequences,
        confirm=_SHELL.confirm,
        source=_SHELL.source,
    )


def is_known(provider: str) -> bool:
    """Whether the sources say anything of this provider."""
    return provider in VENDORS or provider in _MINI_PROGRAM_PLATFORMS


def channel(rules: Rules, order_type: Order, provider: str) -> str:
    """How the order reaches the provider: no vendor takes filings by API, since identity must be verified (S4.28)."""
    offered = rules.value("order.offered", provider=provider, order_type=str(order_type))
    if offered is not None:
        return "CONSOLE" if offered else "UNSUPPORTED"
    if order_type in _NOT_EVERYWHERE:
        return "UNKNOWN"
    if provider in _MINI_PROGRAM_PLATFORMS:
        return "API"
    return "CONSOLE" if provider in VENDORS else "UNKNOWN"


_WITH_PAPERS: Final = frozenset({Order.FIRST_FILING, Order.ADD_SERVICE, Order.ADD_ACCESS, Order.CHANGE_SUBJECT})
_WITH_DOMAIN: Final = frozenset({Order.FIRST_FILING, Order.ADD_SERVICE, Order.ADD_ACCESS, Order.MIGRATE_SERVICE})


def _documents(facts: Facts, rules: Rules, order_type: Order, provider: str) -> list[str]:
    papers: list[str] = []
    if order_type in _WITH_PAPERS and facts.given.subject.nature is not None:
        papers += _PERSON_DOCUMENTS if facts.given.subject.nature is Nature.INDIVIDUAL else _UNIT_DOCUMENTS
    if order_type in SUBMISSIONS and facts.given.service.kind is Kind.APP:
        papers.append(_APP_PAPERS)
    if order_type in _WITH_DOMAIN:
        papers.append(_DOMAIN_PROOF)
        papers += [f"前置审批文件 / the pre-approval file: {each} (S1.9)" for each in needed(facts, rules)]
    if order_type in SUBMISSIONS:
        papers += _residence(facts, rules)
    return [*papers, *rules.letters(facts, order_type, provider)]


def _residence(facts: Facts, rules: Rules) -> list[str]:
    """The proof of residence of an individual whose ID is of another province, where the bureau takes one."""
    origin, rule = facts.given.subject.id_province, rules.get("individual.residence")
    if not facts.is_individual or origin in (None, facts.province) or rule is None:
        return []
    if rule.value != "local_or_residence_proof":
        return []
    proofs = rules.get("individual.residence.proofs")
    told = f"：{proofs.message_zh} / {proofs.message_en}" if proofs is not None else ""
    return [f"居住证明 / a proof of residence{told} ({', '.join((proofs or rule).source)})"]
