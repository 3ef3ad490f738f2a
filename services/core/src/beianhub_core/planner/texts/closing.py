"""Findings about leaving a provider and cancelling."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Severity, Texts

_B, _W, _I = Severity.BLOCKER, Severity.WARNING, Severity.INFO

TEXTS: Final = {
    "CANCEL_BUTTON_HIDDEN": Texts(
        _I,
        "subject.order",
        "有在途订单时，华为云控制台不显示“注销主体”",
        "Huawei's console does not show the button 注销主体 while an order is in flight",
        "订单结束后再办理。 / Come back when the order has ended.",
        ("HW-KB doc_0197",),
    ),
    "NEVER_CANCEL_TO_MOVE": Texts(
        _I,
        "wish",
        "更换接入商或主体不要注销：先接入，再取消原接入，备案号不变",
        "one does not cancel in order to move: add the new access, then end the old one; the number stays",
        "保留备案。 / Keep the filing.",
        ("S0.1", "S0.15", "S0.17", "S1.26"),
        ("S3.2",),
    ),
    "NOTHING_FILED_TO_CANCEL": Texts(
        _B,
        "service.filed",
        "没有备案可注销或取消",
        "nothing is filed that could be cancelled",
        "无需办理。 / Nothing is to be done.",
        ("MIIT-V3 1049", "MIIT-V3 1050"),
    ),
    "NOT_ITS_ACCESS": Texts(
        _B,
        "server.provider",
        "该服务在{provider}没有接入，只能由各接入商取消自己的接入",
        "the service has no access at {provider}; a provider cancels only its own",
        "写明持有该接入的接入商。 / Name the provider that holds the access.",
        ("MIIT-V3 1047", "S0.17"),
    ),
    "NOT_FILED_THROUGH": Texts(
        _B,
        "server.provider",
        "备案不在{provider}，不能在此注销",
        "the filing is not held by {provider}, which cannot cancel it",
        "在办理备案的接入商注销。 / Cancel at the provider that filed it.",
        ("MIIT-V3 1048", "S0.19"),
    ),
    "ONLY_IF_FILED_THROUGH_TENCENT": Texts(
        _I,
        "server.provider",
        "仅通过腾讯云成功备案的可在腾讯云控制台办理",
        "Tencent's console does this only for what was filed successfully through Tencent",
        "否则到办理备案的接入商。 / Otherwise go to the provider that filed it.",
        ("S0.19", "S3.5"),
    ),
    "CANCEL_IRREVOCABLE": Texts(
        _W,
        "wish",
        "提交后无法撤回，请先确认后果",
        "it cannot be withdrawn once submitted; read the consequences first",
        "复述后果以确认。 / Confirm by repeating the consequence.",
        ("S0.20", "S3.6"),
        ("S3.12", "S3.17"),
    ),
    "NO_SMS_FOR_CANCEL_ACCESS": Texts(
        _I,
        "contact",
        "取消接入不需要工信部短信核验，因此也不能靠不核验撤回",
        "ending an access needs no MIIT SMS, so it cannot be taken back by leaving one unanswered, either",
        "提交前务必确认。 / Be sure before submitting.",
        ("HW-KB doc_0013", "S3.8"),
    ),
    "NEXT_PROVIDER_IS_THE_SAME": Texts(
        _B,
        "target.provider",
        "要离开的和要转入的都是{provider}",
        "the provider to leave and the one to go to are both {provider}",
        "在 target.provider 写明新的接入商。 / Name the next provider in target.provider.",
        ("S0.15", "S0.17"),
    ),
    "ALL_DOMAINS_GO": Texts(
        _W,
        "domains_on_service",
        "注销该服务会使其全部 {count} 个域名失去备案",
        "cancelling the service unfiles all of its {count} domains",
        "只去掉一个域名用意愿 REMOVE_DOMAIN（变更）。 / To drop one domain only, use wish REMOVE_DOMAIN (a change).",
        ("HW-KB doc_0194", "S0.12", "S4.3"),
    ),
    "SOLE_ACCESS": Texts(
        _W,
        "service.filed_at",
        "这是唯一的接入：取消后为空壳网站，管局可能拒绝或注销备案号；应先在新接入商接入",
        "it is the only access: without it the service is an empty shell; it may be refused, or the number cancelled",
        "先办理新接入。 / Add the new access first.",
        ("S0.14", "S0.15", "S0.16"),
        ("MIIT-V3 1025",),
    ),
    "LAST_SERVICE": Texts(
        _W,
        "subject.services",
        "注销最后一个服务后主体成为空壳，管局会不定期清理",
        "with its last service gone the subject is an empty shell, which the bureau clears from time to time",
        "全部停止则注销主体；要保留备案则尽快新增服务。 / "
        "To end everything, close the subject; to stay filed, add a service soon.",
        ("S3.19", "HW-KB doc_0037"),
    ),
    "CANCEL_WITHOUT_ACCESS": Texts(
        _W,
        "service.status",
        "该服务没有接入商：来源未说明由谁办理注销，请咨询原接入商或管局",
        "the service has no access: no source says who cancels it; ask the former provider or the bureau",
        "咨询管局。 / Ask the bureau.",
        ("S3.21",),
    ),
    "SHELL_CANCELLED_OFFLINE": Texts(
        _I,
        "subject.status",
        "空壳主体没有接入商，须线下向管局申请注销，约5个工作日",
        "a shell has no provider: it is cancelled offline at the bureau, in about 5 working days",
        "向管局申请。 / Apply to the bureau.",
        ("HW-KB doc_0037", "S1.5"),
    ),
    "ALL_SERVICES_GO": Texts(
        _W,
        "subject.services",
        "注销主体会注销其全部 {count} 个服务",
        "cancelling the subject cancels all its {count} services",
        "只停一个服务用意愿 CLOSE_SERVICE。 / To end one service only, use wish CLOSE_SERVICE.",
        ("S0.10",),
    ),
    "CANCELLATION_TIME": Texts(
        _I,
        "wish",
        "部分省份立即注销，其他1–20（3–20）个工作日，按最长20个工作日规划",
        "some provinces cancel at once, others in 1 (3) to 20 working days; plan on 20",
        "完成前保持手机畅通。 / Keep the phone reachable until it is done.",
        ("S0.7", "S3.14", "S3.15", "S3.16", "S3.22"),
    ),
}
