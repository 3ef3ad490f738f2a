"""What is to be done about a deadline, and by whom, in the words of its kind."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, NamedTuple

from beianhub_core.domain.periods import BEIJING, FIRST_REVIEW, PROVIDER_TO_REGULATOR, REGULATOR_REVIEW
from beianhub_core.findings import SEVERITY_WARNING, finding

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Deadline, Finding


class Words(NamedTuple):
    """A kind's names, and what to do before it passes and after."""

    zh: str
    en: str
    before: str
    after: str


_ASK: Final = "Ask the provider's filing service (备案客服), with the vendor's order number"
_WORDS: Final = {
    FIRST_REVIEW: Words(
        "接入商初审期限",
        "the provider's first review",
        (
            "请保持负责人电话畅通：初审人员会致电，无人接听将退回订单。 / "
            "Keep the principals' phones on: the reviewer calls, and rejects the order when nobody answers."
        ),
        (
            "请携订单号咨询接入商备案客服：初审是否联系不上某人，或在等待什么材料。 / "
            f"{_ASK}, whether the reviewer could not reach somebody or waits for something."
        ),
    ),
    PROVIDER_TO_REGULATOR: Words(
        "接入商提交管局期限",
        "the provider's handing over to the bureau",
        "请留意工信部短信：须在 24 小时内核验。 / Watch for MIIT's SMS: it has to be answered within 24 hours.",
        (
            "请携订单号咨询接入商备案客服：订单为何尚未提交管局。 / "
            f"{_ASK}, why the order was not handed over to the bureau (管局)."
        ),
    ),
    REGULATOR_REVIEW: Words(
        "管局审核期限",
        "the bureau's review",
        (
            "暂无需处理；请告知客户审核时间较平常更长。 / "
            "Nothing is to be done yet; tell the customer that it takes longer than usual."
        ),
        (
            "请携订单号请接入商备案客服向管局查询：管局只答复接入商，且此时不能撤回。 / "
            f"{_ASK}, to ask the bureau (管局): it answers providers. It cannot be withdrawn there."
        ),
    ),
    "CERTIFICATE": Words(
        "证件有效期",
        "the certificate's validity",
        (
            "请更换证件并办理变更备案：订单要求证件剩余有效期超过三个月（90 天）。 / "
            "Renew it, and file the new one by a change order: orders want more than three months (90 days) left."
        ),
        (
            "请更换证件并办理变更备案：持此证件的订单已不能提交。 / "
            "Renew it, and file the new one by a change order: no order goes out with it any more."
        ),
    ),
    "DOMAIN_EXPIRY": Words(
        "域名有效期",
        "the domain's validity",
        "续费并填写新的到期日：备案订单要求剩余三个月（90 天）以上。 / "
        "Renew it, and enter its new last day: orders want more than three months (90 days) left.",
        "立即续费，或通过变更备案删除该域名：他人可能注册。 / "
        "Renew it at once, or delete it from the filing by a change: others may register it.",
    ),
    "CHANGE_WITHIN": Words(
        "接入后变更备案期限",
        "the change after the access",
        "请提交变更备案。 / Submit the change order.",
        (
            "请立即提交变更备案：与管局数据不一致，可能导致接入被取消。 / "
            "Submit the change order now: the regulator's data differ, which may end the access."
        ),
    ),
    "CHANGE_NOTICE": Words(
        "变更备案提前期限",
        "the planned change's filing ahead",
        "提交变更订单：计划中的变动须提前 30 天备案。 / "
        "Submit the change order: a planned change is filed 30 days ahead.",
        "立即提交变更订单。 / Submit the change order now.",
    ),
    "CHANGE_IN_TIME": Words(
        "变动后变更备案期限",
        "the filing of what has changed",
        "提交变更订单：变动后 10 个工作日内备案。 / "
        "Submit the change order: what changed is filed within 10 working days.",
        "立即提交变更订单：备案信息不准确可能注销备案号。 / "
        "Submit the change order now: data that are wrong can cost the number.",
    ),
    "POLICE_FILING": Words(
        "公安联网备案期限",
        "the police filing (公安联网备案)",
        "请为该服务办理公安联网备案。 / File the service with the public security (公安联网备案).",
        "请立即为该服务办理公安联网备案。 / File the service with the public security (公安联网备案) now.",
    ),
    "RECTIFICATION": Words(
        "整改期限",
        "the rectification notice's date",
        (
            "请按通知整改，答复发出方，并将通知标为已处理。 / "
            "Mend what it names, tell the sender, and resolve the notice."
        ),
        (
            "请立即答复发出方：接下来将取消接入，若无其他接入商则注销备案号。 / "
            "Tell the sender at once: the access is cancelled next, and then the number if nobody else gives access."
        ),
    ),
    "MIIT_SMS": Words(
        "工信部短信核验期限",
        "MIIT's SMS verification",
        (
            "请通知收件人立即到 beian.miit.gov.cn 核验；逾期未核验订单将被退回。 / "
            "Tell the recipient to answer it at beian.miit.gov.cn now; unanswered it returns the order."
        ),
        "请通知收件人，并原样重新提交订单。 / Tell the recipient, and submit the order again unchanged.",
    ),
    "IDLE": Words(
        "订单闲置期限",
        "the idle order's time",
        "请提交或放弃该订单。 / Submit the order, or abandon it.",
        "请起草新订单。 / Draft a new order.",
    ),
}


def what_to_do(deadline: Deadline, *, passed: bool) -> Finding:
    """A WARNING about the deadline that comes near, or has passed; it says what is to be done."""
    words = _WORDS.get(
        deadline.kind,
        Words("期限", deadline.kind, "请在到期前处理。 / Act before it passes.", "请立即处理。 / Act at once."),
    )
    until = deadline.time.ToDatetime(UTC).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    code, zh, en = ("DEADLINE_PASSED", "已过", "has passed") if passed else ("DEADLINE_NEAR", "将到", "comes near")
    return finding(
        SEVERITY_WARNING,
        code,
        deadline.path or "deadlines",
        f"{words.zh}{zh}（北京时间 {until}）",
        f"{words.en}: its deadline {en} ({until} in Beijing)",
        words.after if passed else words.before,
        rule=deadline.kind,
        source=tuple(deadline.source),
    )
