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
        "Keep the principals' phones on: the reviewer calls, and rejects the order when nobody answers.",
        f"{_ASK}, whether the reviewer could not reach somebody or waits for something.",
    ),
    PROVIDER_TO_REGULATOR: Words(
        "接入商提交管局期限",
        "the provider's handing over to the bureau",
        "Watch for MIIT's SMS: it has to be answered within 24 hours.",
        f"{_ASK}, why the order was not handed over to the bureau (管局).",
    ),
    REGULATOR_REVIEW: Words(
        "管局审核期限",
        "the bureau's review",
        "Nothing is to be done yet; tell the customer that it takes longer than usual.",
        f"{_ASK}, to ask the bureau (管局): it answers providers. It cannot be withdrawn there.",
    ),
    "CERTIFICATE": Words(
        "证件有效期",
        "the certificate's validity",
        "Renew it, and file the new one by a change order: orders want more than three months (90 days) left.",
        "Renew it, and file the new one by a change order: no order goes out with it any more.",
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
        "Submit the change order.",
        "Submit the change order now: the regulator's data differ, which may end the access.",
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
        "File the service with the public security (公安联网备案).",
        "File the service with the public security (公安联网备案) now.",
    ),
    "RECTIFICATION": Words(
        "整改期限",
        "the rectification notice's date",
        "Mend what it names, tell the sender, and resolve the notice.",
        "Tell the sender at once: the access is cancelled next, and then the number if nobody else gives access.",
    ),
    "MIIT_SMS": Words(
        "工信部短信核验期限",
        "MIIT's SMS verification",
        "Tell the recipient to answer it at beian.miit.gov.cn now; unanswered it returns the order.",
        "Tell the recipient, and submit the order again unchanged.",
    ),
    "IDLE": Words(
        "订单闲置期限",
        "the idle order's time",
        "Submit the order, or abandon it.",
        "Draft a new order.",
    ),
}


def what_to_do(deadline: Deadline, *, passed: bool) -> Finding:
    """A WARNING about the deadline that comes near, or has passed; it says what is to be done."""
    words = _WORDS.get(deadline.kind, Words("期限", deadline.kind, "Act before it passes.", "Act at once."))
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
