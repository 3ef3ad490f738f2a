"""Findings about domains."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Severity, Texts

_B, _W, _I = Severity.BLOCKER, Severity.WARNING, Severity.INFO

TEXTS: Final = {
    "DOMAIN_UNUSABLE": Texts(
        _B, "domain.name", "{zh}", "{en}", "填写可注册域名。 / Give the registrable domain.", ("MIIT-V3 1004",)
    ),
    "DOMAIN_MIXED_SCRIPTS": Texts(
        _W,
        "domain.name",
        "{zh}",
        "{en}",
        "重新输入域名，并核对其 ASCII（xn--）形式。 / Type the name again and compare its ASCII (xn--) form.",
        ("UTS 39",),
    ),
    "DOMAIN_IDN": Texts(
        _I,
        "domain.name",
        "国际化域名：{shown}，即 {ascii}",
        "an internationalised name: {shown}, which is {ascii} in ASCII",
        "与注册商处的两种写法核对。 / Compare both forms with those at the registrar.",
        ("RFC 5891", "MIIT-V3 Ym_xx"),
    ),
    "DOMAIN_READ_AS": Texts(
        _I,
        "domain.name",
        "按域名 {shown} 规划（备案的是域名，不含协议、端口、路径和 www）",
        "planned as {shown}: a domain is filed without scheme, port, path and www",
        "只写域名本身。 / Write the bare domain.",
        ("S2.15", "MIIT-V3 1004"),
    ),
    "DOMAIN_CHARACTERS_READ": Texts(
        _W,
        "domain.name",
        "含全角、不可见或相似字符，读作 {shown}，请核对",
        "has full-width, invisible or look-alike characters and was read as {shown}: compare it",
        "重新输入域名。 / Type the name again.",
        ("UTS 39",),
    ),
    "SUBDOMAIN": Texts(
        _W,
        "domain.name",
        "备案只针对顶级域名：以 {parent} 办理",
        "only registrable domains are filed: the order is for {parent}",
        "以上级域名备案或接入，子域名随之。 / File or access the parent; the sub-domain follows it.",
        ("S2.15",),
    ),
    "PARENT_UNFILED": Texts(
        _W,
        "domain.filed",
        "上级域名 {parent} 未备案：在其接入商备案后再接入，或将其指向新接入商在此备案",
        "the parent {parent} is unfiled: file it at its host and then add an access, or point it here and file it here",
        "二选一；步骤按后者规划。 / Choose one of the two; the steps take the second.",
        ("S2.16",),
    ),
    "SUFFIX_REFUSED": Texts(
        _B,
        "domain.name",
        "{province}不受理后缀 {suffix}",
        "{province} does not file the suffix {suffix}",
        "换用其他后缀的域名。 / Use a domain of another suffix.",
        ("S2.13", "S2.14"),
    ),
    "SUFFIX_NOT_LISTED": Texts(
        _B,
        "domain.name",
        "后缀 {suffix} 不在{province}可备案的后缀中",
        "the suffix {suffix} is not among those that {province} files",
        "使用名单内后缀的域名。 / Use a domain of a listed suffix.",
        ("S2.13", "S2.14"),
    ),
    "SUFFIX_ONLY_IF_FILED_BEFORE": Texts(
        _W,
        "domain.name",
        "{province}：{suffix} 只有在 {before} 前已备案的可以接入",
        "{province}: {suffix} gets an access only if it was filed before {before}",
        "核实备案时间。 / Check since when it has been filed.",
        ("S2.14",),
    ),
    "SUFFIX_WITHDRAWN": Texts(
        _W,
        "domain.name",
        "后缀 {suffix} 的批复曾于2019年撤回，请先查询现状",
        "the approval of {suffix} was withdrawn in 2019; look up whether it may be filed now",
        "提交前在 domain.miit.gov.cn 查询。 / Check domain.miit.gov.cn before submitting.",
        ("ALI-2019",),
        ("S2.13",),
    ),
    "SUFFIX_NEVER_AGAIN": Texts(
        _W,
        "domain.name",
        "后缀 {suffix} 批复已撤回：注销或取消接入后不能再备案",
        "the approval of {suffix} was withdrawn: once cancelled, it can never be filed again",
        "除非放弃该域名，否则不要注销。 / Do not cancel unless the domain is given up.",
        ("ALI-2019",),
        ("S0.11",),
    ),
    "FOREIGN_REGISTRAR": Texts(
        _B,
        "domain.registered_abroad",
        "{province}不受理境外注册商的域名",
        "{province} does not take a domain of a registrar abroad",
        "将域名转入获批的境内注册商。 / Transfer the domain to an approved registrar.",
        ("S1.20",),
    ),
    "DOMAIN_EXPIRED": Texts(
        _B,
        "domain.expired",
        "域名已过期，工信部系统会自动退回，并停止接入",
        "the domain has expired: MIIT's system returns the order, and an existing access ends",
        "续费域名，或从备案中删除。 / Renew the domain, or delete it from the filing.",
        ("S4.32", "S4.34", "ALI-2019"),
    ),
    "DOMAIN_EXPIRES_SOON": Texts(
        _B,
        "domain.expires_on",
        "域名只剩 {days} 天，须超过 {months} 个月",
        "the domain is valid for {days} more days; more than {months} months are asked for",
        "先续费域名。 / Renew the domain first.",
        ("ALI-2019", "HW-KB"),
    ),
    "HOLDER_MISMATCH": Texts(
        _B,
        "domain.holder_matches",
        "域名持有者与主体不符（{admitted_zh}）：先变更持有者再提交",
        "the domain's holder does not fit ({admitted_en}): change the holder first, then submit",
        "在域名注册商处变更持有者，等数据同步到工信部。 / "
        "Change the holder at the domain's registrar, and wait for the data to reach MIIT.",
        ("S1.27", "S1.28"),
    ),
    "REAL_NAME_MISSING": Texts(
        _B,
        "domain.real_name_verified",
        "域名未实名认证，工信部系统会退回；不得提供接入",
        "the domain is not real-name verified: MIIT's system returns the order, and no access may be given",
        "在注册商处完成实名认证，数据同步需 2 至 5 个工作日。 / "
        "Verify the holder at the registrar; the data need 2 to 5 working days.",
        ("S4.31", "S4.32", "S4.34", "ALI-2019", "HW-KB doc_0018"),
    ),
}
