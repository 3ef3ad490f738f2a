"""Findings about accesses, and data that differ between providers."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Severity, Texts

_B, _W, _I = Severity.BLOCKER, Severity.WARNING, Severity.INFO

TEXTS: Final = {
    "ACCESS_NOT_NEW_FILING": Texts(
        _I,
        "service.filed",
        "已备案域名更换接入商须办理接入备案（必须办理），不需要重新备案，备案号不变",
        "a filed domain at a new provider needs an access, which is mandatory, not a new filing; the number stays",
        "在实际接入商提交接入备案（ADD_ACCESS）。 / Submit ADD_ACCESS at the provider that hosts the service.",
        ("S0.1", "S1.11", "S1.12", "S1.15", "S1.17", "S2.19", "HW-KB doc_0165"),
    ),
    "KEEP_SITE_UNTIL_APPROVAL": Texts(
        _I,
        "site",
        "审核期间不要关闭网站或修改内容",
        "do not close or alter the site until the bureau has approved",
        "保持原样。 / Leave it as it is.",
        ("S1.8",),
    ),
    "VERIFY_AFTER_ACCESS": Texts(
        _I,
        "subject",
        "接入后管局会通知核实并更新信息，不及时更新备案号可能被注销",
        "after an access the bureau asks to verify and update the data; if not, the number may be cancelled",
        "及时更新名称、负责人、主体和性质。 / Update name, principal, subject and nature in time.",
        ("S1.24", "S1.25"),
    ),
    "SERVICE_WITHOUT_ACCESS": Texts(
        _W,
        "service.status",
        "网站没有任何接入商：备案号仍在，长期未接入可能被注销",
        "the service has no access anywhere: its number stays, but the bureau may cancel it before long",
        "尽快办理接入。 / Submit the access soon.",
        ("S0.15", "S0.16", "S1.12", "S1.26"),
    ),
    "SUBJECT_DIFFERS": Texts(
        _B,
        "access_differences",
        "接入前后主体不一致，接入会失败",
        "the subject before and after the access differs, so the access fails",
        "以已备案的主体接入；要转给其他主体则办理迁移。 / "
        "Access under the filed subject; to give the service to another one, migrate it.",
        ("S1.1",),
    ),
    "OLD_PHONE_DEAD": Texts(
        _B,
        "contact.phone_reachable",
        "短信发送到原接入商处的联系方式1，该号码已停用：先在原接入商变更",
        "the SMS goes to contact 1 as the old provider has it, and that number is dead: change it there first",
        "先在原接入商变更联系方式1，再接入。 / Change contact 1 at the old provider, then submit the access.",
        ("S1.2", "S4.27"),
        ("S4.10",),
    ),
    "NEW_CONTACT_AT_ACCESS": Texts(
        _W,
        "contact.matches_old_provider",
        "联系方式1与原接入商不同：短信仍发送至原接入商处网站负责人的号码",
        "contact 1 differs from the old provider's: the SMS still goes to the service principal's number there",
        "旧手机保持在手边，或在本订单中填旧号码。 / Keep the old phone at hand, or use the old number in this order.",
        ("S1.2",),
        ("S4.10",),
    ),
    "DIFFERENCES_CARRIED": Texts(
        _W,
        "access_differences",
        "{provider}：接入时可直接变更不一致的信息（{fields}），成功后原接入商信息同时变更",
        "at {provider} the access may change the differing data ({fields}); the old provider's copy changes, too",
        "按现状填写，符合现行要求即可。 / Enter the data as they are today; they need only meet the current rules.",
        ("S4.9", "S4.10", "S4.24"),
        ("S1.6", "S1.18"),
    ),
    "DIFFERENCES_AFTER": Texts(
        _W,
        "access_differences",
        "信息不一致（{fields}）：可先接入，成功后10个工作日内变更",
        "differing data ({fields}): access first, then change within 10 working days",
        "接入成功后立即办理变更。 / Submit the change as soon as the access is approved.",
        ("S1.18", "S1.19", "S1.20", "HW-KB doc_0173"),
        ("S4.10", "S4.24"),
    ),
    "DIFFERENCES_PROVEN": Texts(
        _W,
        "access_differences",
        "信息不一致（{fields}）：凭变更证明可先接入，再变更；没有证明须先在原接入商变更",
        "differing data ({fields}) are taken with a proof of the change, which then follows; without it, change first",
        "提供变更证明；没有证明则接入前先在原接入商变更。 / "
        "Bring the proof; without one, change the data at the old provider before the access.",
        ("S1.18", "S1.19", "S1.20", "HW-KB doc_0173"),
        ("S4.10", "S4.24"),
    ),
    "DIFFERENCES_FIRST": Texts(
        _B,
        "access_differences",
        "接入信息须与原备案一致（{fields}）：先在原接入商变更，再接入",
        "the data must equal the filed ones ({fields}): change them at the old provider, then access",
        "在原接入商办理变更。 / Submit the change at the old provider.",
        ("S1.1", "S1.6", "S1.18", "S1.19", "S1.20"),
        ("S4.10", "S4.24"),
    ),
    "DIFFERENCES_UNKNOWN": Texts(
        _W,
        "access_differences",
        "来源未说明{provider}在该省能否带差异接入（{fields}）：按先变更后接入规划",
        "no source says if {provider} takes differing data ({fields}) in this province: planned as change first",
        "咨询接入商；稳妥做法是先变更。 / Ask the provider; the safe way is to change first.",
        ("S1.19", "HW-KB doc_0016"),
        ("S1.18", "S4.10", "S4.24"),
    ),
    "NO_PROVIDER_TO_CHANGE_AT": Texts(
        _W,
        "service.filed_at",
        "没有任何接入商可办理变更：接入成功后再变更",
        "no provider holds the service, so nothing can be changed first: change after the access",
        "先按已备案信息接入，再变更。 / Submit the access with the filed data, then the change.",
        ("S1.19",),
    ),
    "CHANGE_BEFORE_ADD": Texts(
        _W,
        "access_differences",
        "先变更后新增：已备案信息（{fields}）有变，须先变更",
        "change before add: the filed data ({fields}) are out of date and are changed first",
        "先变更，通过后再新增。 / Submit the change, and the new service once it is approved.",
        ("HW-KB doc_0015", "HW-KB doc_0016"),
    ),
}
