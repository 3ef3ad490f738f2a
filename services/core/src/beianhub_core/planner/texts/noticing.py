"""Findings about rectification notices."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Severity, Texts

_B, _W, _I = Severity.BLOCKER, Severity.WARNING, Severity.INFO

TEXTS: Final = {
    "NOTICE_CONSEQUENCE": Texts(
        _W,
        "notice",
        "逾期未整改将取消接入，无其他接入商时注销备案号",
        "if it is not met in time the access is cancelled, and then the number if nobody else gives access",
        "在期限前整改。 / Mend it before the date.",
        ("S4.39", "HW-KB doc_0202"),
    ),
    "NOTICE_UNKNOWN": Texts(
        _W,
        "notice.kind",
        "不认识的整改类型：{kind}",
        "an unknown kind of notice: {kind}",
        "请用 FOOTER_LINK、FOOTER_NUMBER、SHELL_SERVICE、IP_MISMATCH、NAME、PRINCIPAL、DISUSED_DOMAIN 等。 / "
        "Use FOOTER_LINK, FOOTER_NUMBER, SHELL_SERVICE, IP_MISMATCH, NAME, PRINCIPAL, DISUSED_DOMAIN or the like.",
        ("S4.41",),
    ),
    "NOTICE_DUE": Texts(
        _I,
        "notice.due",
        "整改截止 {due}",
        "due on {due}",
        "在此之前整改。 / Mend it before.",
        ("S4.39", "HW-KB doc_0202"),
    ),
    "NOTICE_SHORT": Texts(
        _W,
        "notice.due",
        "截止 {due}，短于变更审核的最长时间：立即提交并回复接入商",
        "due on {due}, sooner than the longest review of a change: submit at once and tell the provider",
        "今天就提交。 / Submit today.",
        ("S4.39", "S4.14", "HW-KB doc_0202"),
    ),
    "NOTICE_OVERDUE": Texts(
        _B,
        "notice.due",
        "整改期已于 {due} 届满：接入可能已取消",
        "the window ended on {due}: the access may have been cancelled already",
        "咨询接入商；备案号已注销的，放弃在途订单并重新备案。 / "
        "Ask the provider; if the number is gone, abandon the order in flight and file anew.",
        ("S4.39", "S4.40"),
    ),
    "NOTICE_FOOTER_LINK": Texts(
        _W,
        "site.footer_ok",
        "备案号须链接至 https://beian.miit.gov.cn",
        "the number in the footer must link to https://beian.miit.gov.cn",
        "加上链接。 / Add the link.",
        ("S4.35",),
    ),
    "NOTICE_FOOTER_NUMBER": Texts(
        _W,
        "site.footer_ok",
        "底部未悬挂或悬挂错误的备案号，应为{number}",
        "the footer's number is absent or wrong; it shows the {number}",
        "悬挂正确的备案号并链接工信部网站。 / Put up the right number, linked to MIIT.",
        ("S4.36", "S4.35", "HW-KB doc_0033"),
    ),
    "NOTICE_CONTENT": Texts(
        _W,
        "site",
        "网站内容须符合主体性质",
        "the content must fit the subject's nature",
        "整改内容。 / Mend the content.",
        ("S4.13", "S1.7"),
    ),
    "NOTICE_SHELL_SERVICE": Texts(
        _W,
        "service.filed_at",
        "空壳网站：域名须解析到本接入商的大陆IP，或在实际接入商办理接入",
        "an empty-shell site: point the domain to this provider's mainland IP, or file an access where it is served",
        "在期限前二选一办理。 / Do one of the two before the date.",
        ("S4.39", "S0.16", "HW-KB 5.1"),
    ),
    "NOTICE_SHELL_SUBJECT": Texts(
        _W,
        "subject.status",
        "空壳主体会被管局清理：新增服务或注销主体",
        "the bureau clears empty shells: add a service or cancel the subject",
        "新增服务。 / Add a service.",
        ("S3.19",),
    ),
    "NUMBER_ALREADY_CANCELLED": Texts(
        _B,
        "service.status",
        "备案号已被注销：放弃当前订单，重新提交",
        "the number has been cancelled already: abandon the order in flight and submit anew",
        "按现有备案状态提交相应订单。 / Submit what the record asks for now.",
        ("S4.39", "S4.40"),
    ),
    "NOTICE_IP_MISMATCH": Texts(
        _W,
        "server.ip",
        "解析IP与备案IP不符：变更接入IP",
        "the domain resolves elsewhere than its filed IP: change the access",
        "提交变更接入（CHANGE_ACCESS），或将域名解析改回。 / Submit CHANGE_ACCESS, or point the domain back.",
        ("HW-KB 5.2", "S0.6", "S2.20"),
    ),
    "NOTICE_UNFILED": Texts(
        _W,
        "domain.filed",
        "未备案：未在通知日期前备案将上线阻断页面",
        "unfiled: if it is not filed by the notified date, the site shows a blocking page",
        "在期限前备案，其间关闭网站。 / File it before the date, and take the site offline meanwhile.",
        ("S2.18", "S2.3"),
    ),
    "NOTICE_REGISTRAR": Texts(
        _W,
        "domain",
        "域名的注册商未获批复",
        "the domain's registrar is not approved (注册商未批复)",
        "在 domain.miit.gov.cn 查询，将域名转入获批的注册商。 / "
        "Look it up at domain.miit.gov.cn; transfer the domain to an approved registrar.",
        ("HW-KB",),
    ),
    "NOTICE_DOMAIN_EXPIRES": Texts(
        _W,
        "domain.expired",
        "通知称域名过期或即将过期，而域名尚未过期",
        "the notice says that the domain expires; it has not expired yet",
        "在到期前续费。 / Renew it before its last day.",
        ("HW-KB", "S4.34"),
    ),
    "NOTICE_RESOURCE": Texts(
        _W,
        "server",
        "备案资源不足",
        "the provider's resource does not cover the filings",
        "购买或续费足够的服务器。 / Buy or renew a server that covers them.",
        ("HW-KB doc_0003",),
    ),
    "NOTICE_MATERIAL": Texts(
        _W,
        "notice",
        "须补充核验材料",
        "verification material is to be supplied",
        "上传审核意见写明的材料。 / Upload what the reviewers' notes name.",
        ("S4.37", "S4.42", "MIIT-V3 XZHYD"),
    ),
    "NOTICE_OPERATION": Texts(
        _W,
        "notice.kind",
        "主体经营异常：来源未说明如何整改",
        "the subject's operation is found abnormal (主体经营异常); no source says how that is mended",
        "咨询接入商或管局；信息有变的写入变更项。 / Ask the provider or the bureau; say in change what has changed.",
        ("S4.41", "HW-KB 5.2"),
    ),
    "NOTICE_DATA_WRONG": Texts(
        _W,
        "notice.kind",
        "备案信息不准确（{fields}）：办理变更",
        "the filed data are not right ({fields}): submit a change",
        "在期限前办理变更。 / Submit the change before the date.",
        ("S4.41", "S1.25"),
    ),
}
