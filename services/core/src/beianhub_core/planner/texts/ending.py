"""Findings about orders in flight: withdrawing and submitting again."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Severity, Texts

_B, _W, _I = Severity.BLOCKER, Severity.WARNING, Severity.INFO

TEXTS: Final = {
    "ORDER_HAS_ENDED": Texts(
        _B,
        "subject.order.state",
        "订单已结束（{state}）",
        "the order has ended ({state})",
        "需要时提交新订单。 / Submit a new order where one is needed.",
        ("HW-KB doc_0188",),
    ),
    "NO_ORDER_TO_END": Texts(
        _B,
        "subject.order",
        "没有在途订单",
        "there is no order in flight",
        "无需办理。 / Nothing is to be done.",
        ("MIIT-V3 1016",),
    ),
    "STATE_UNKNOWN": Texts(
        _W,
        "subject.order.state",
        "接入商处状态未知，不能据此判断",
        "the state at the provider is unknown, which is no state to act on",
        "再向接入商查询。 / Ask the provider again.",
        ("HW-KB doc_0188",),
    ),
    "WITHDRAWABLE": Texts(
        _I,
        "subject.order.state",
        "当前阶段在{provider}可以终止：{ways}",
        "in this phase {provider} lets the order end: {ways}",
        "在控制台终止，之后可重新填写。 / End it in the console; it may then be filled in again.",
        (),
    ),
    "NOT_WITHDRAWABLE": Texts(
        _B,
        "subject.order.state",
        "当前阶段在{provider}不能终止订单",
        "in this phase the order cannot be ended at {provider}",
        "等待审核结果；被驳回后可修改或放弃。 / Wait for the decision; a rejected order can be edited or abandoned.",
        (),
    ),
    "ONLY_EDITABLE": Texts(
        _W,
        "subject.order.state",
        "当前阶段来源只说可修改后重新提交，未说明可放弃",
        "the sources say only that it may be edited and submitted again, not that it may be abandoned",
        "可修改；能否放弃请咨询接入商。 / Edit it; ask the provider whether it may be abandoned.",
        (),
    ),
    "WITHDRAWABLE_UNKNOWN": Texts(
        _W,
        "subject.order.state",
        "来源未说明{provider}在此阶段能否终止（UNKNOWN）",
        "no source says whether {provider} lets the order end in this phase (UNKNOWN)",
        "咨询接入商；工信部短信 24 小时未核验会退回订单。 / "
        "Ask the provider; an unanswered MIIT SMS returns the order after 24 hours.",
        ("HW-KB doc_0013",),
    ),
    "CANCELLATION_NOT_SENT_YET": Texts(
        _W,
        "subject.order.state",
        "注销尚未提交管局，可放弃；另有来源称提交后即不可撤回",
        "the cancellation has not gone to the bureau yet, so it may be abandoned; another source says it may not",
        "立即放弃，赶在提交管局之前。 / Abandon it at once; before the bureau has it.",
        ("S3.12", "S3.17", "TC-DOC"),
        ("S0.20",),
    ),
    "LET_SMS_LAPSE": Texts(
        _W,
        "subject.order.state",
        "已提交的注销只能靠24小时内不完成短信核验退回；完成后无法撤回",
        "a submitted cancellation comes back only if its SMS stays unanswered for 24 hours; afterwards never",
        "不要完成短信核验。 / Do not answer the SMS.",
        ("S3.13", "S3.17", "S3.11"),
        ("S0.20",),
    ),
    "LET_SMS_LAPSE_ELSEWHERE": Texts(
        _W,
        "subject.order.state",
        "来源未说明{provider}能否这样撤回，但短信超时会退回订单",
        "no source says so of {provider}, but an SMS that times out returns the order",
        "不要完成短信核验，并咨询接入商。 / Do not answer the SMS, and ask the provider.",
        ("HW-KB doc_0013", "S3.13"),
        ("S0.20",),
    ),
    "CANCELLATION_IRREVOCABLE": Texts(
        _B,
        "subject.order",
        "注销或取消接入提交后无法撤回",
        "a cancellation, of a filing or an access, cannot be withdrawn once submitted",
        "等其结束；服务要继续则重新备案。 / Wait for its end, then file again if the service is to go on.",
        ("S0.20", "S3.12"),
        ("S3.17",),
    ),
    "NOT_RETURNED": Texts(
        _B,
        "subject.order.state",
        "订单未被退回（{state}），不能重新提交",
        "the order was not returned ({state}), so it cannot be submitted again",
        "等待审核结果。 / Wait for the decision.",
        ("HW-KB doc_0188",),
    ),
    "RESUBMIT_UNCHANGED": Texts(
        _I,
        "subject.order.state",
        "短信超时退回的订单可原样重新提交",
        "an order returned because of the SMS may be submitted again unchanged",
        "重新提交，并在 24 小时内完成短信核验。 / Submit it, and answer the SMS within 24 hours.",
        ("HW-KB doc_0013", "S3.13"),
    ),
    "CORRECT_AND_RESUBMIT": Texts(
        _I,
        "subject.order",
        "按驳回原因修改后重新提交；审核意见会写明需补充的资料",
        "correct what the rejection names and submit again; the reviewers' notes name what is to be supplied",
        "一次改全：会重新进入初审。 / Mend every point at once: it goes through the first review again.",
        ("S1.22", "S4.37", "HW-KB doc_0188"),
    ),
    "REJECTED_ACCESS": Texts(
        _I,
        "service",
        "接入被驳回暂不影响网站访问，请尽快修改重新提交",
        "a rejected access does not stop the site as long as MIIT's record lives; resubmit soon",
        "尽快重新提交。 / Resubmit soon.",
        ("S1.22", "S1.23"),
    ),
    "LONG_WITHOUT_ACCESS": Texts(
        _W,
        "service.filed_at",
        "长时间被驳回且没有其他接入商，备案号可能被注销",
        "long rejected and without any other provider, the number may be cancelled",
        "尽快重新提交。 / Resubmit soon.",
        ("S1.23", "S0.16"),
    ),
    "ORDER_TYPE_NO_LONGER_FITS": Texts(
        _B,
        "subject.order.type",
        "备案状态已变，订单类型（{type}）不再适用：放弃后重新提交",
        "the record is another by now, so the order's type ({type}) no longer fits: abandon it and submit anew",
        "放弃该订单，提交适用的类型。 / Abandon the order and submit the one that fits.",
        ("S4.40", "S4.26", "S1.3", "S1.4"),
    ),
    "PRINCIPAL_OPTIONS": Texts(
        _W,
        "access_differences",
        "负责人不符：省份允许授权的，提供授权书并放弃当前订单重新提交；或在原接入商变更负责人",
        "the principal does not fit: where the province allows it, bring the authorisation letter, abandon and submit "
        "again; or change the principal at the original provider",
        "二选一。 / Choose one of the two.",
        ("S4.25", "S4.26", "S4.27"),
    ),
}
