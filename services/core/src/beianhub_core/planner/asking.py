"""Why each fact is asked for: English, then Chinese."""

from __future__ import annotations

from typing import Final

WHY: Final = {
    "today": ("Dates are compared with it.", "须与日期比较"),
    "change": ("What changes decides the order and its papers.", "变更项决定订单类型和材料"),
    "subject.nature": ("Units and individuals follow different rules.", "单位与个人规则不同"),
    "subject.province": ("The bureau of the province decides; rules differ.", "各省管局规则不同"),
    "subject.id_province": ("Some provinces file individuals with a local ID only.", "部分省份个人仅限本省身份证"),
    "subject.filed": (
        "A filed subject adds a service or an access; an unfiled one files for the first time.",
        "主体是否已备案决定订单类型",
    ),
    "subject.filed_at": ("An order goes to a provider that holds the filing.", "须由持有备案的接入商办理"),
    "subject.services": (
        "Without any other service the subject is an empty shell, now or afterwards; other sites are looked at, too.",
        "主体下若无其他服务即为（或将成为）空壳主体；其他网站也会被核查",
    ),
    "subject.order": ("It is not known which order is meant.", "不知道是哪个订单"),
    "subject.order.type": ("What may be withdrawn depends on the type.", "可否撤回取决于订单类型"),
    "subject.order.state": ("What may be done depends on how far the order is.", "可否操作取决于订单进度"),
    "subject.order.provider": ("Providers differ in what may be withdrawn.", "各接入商可撤回的阶段不同"),
    "subject.order.identity_passed": (
        "At Aliyun an order can be ended only before the identity check has passed (S1.13, S1.14).",
        "阿里云在真实性核验通过前才可终止订单",
    ),
    "subject.order.sms_answered": (
        "Tencent shows the bureau's review even before MIIT's SMS has been answered (S3.11); until then it may lapse.",
        "腾讯云在短信核验前也显示“等待管局审核”",
    ),
    "subject.other_sites.all_open": (
        "Bureaus look at every filed site; a closed one may reject the order (S4.13, S4.19).",
        "管局会查看已备案网站能否访问",
    ),
    "subject.other_sites.footers_ok": (
        "Bureaus look at the footers of every filed site (S4.12).",
        "管局会查看已备案网站底部备案号",
    ),
    "service.filed": ("A filed service gets an access or a change; an unfiled one a filing.", "服务是否已备案决定订单"),
    "service.status": (
        "After the date the access, then the number may be gone; what is left decides (S4.39, S4.40).",
        "逾期后接入或备案号可能已被取消",
    ),
    "service.filed_at": ("Who holds the access decides what is to be done there.", "接入在哪家决定办理方式"),
    "service.order_in_flight": (
        "The regulator takes one order per subject at a time, whichever the provider (MIIT-V3 1003).",
        "同一主体全国同时只受理一个订单",
    ),
    "service.commercial": (
        "A commercial service needs a licence, a non-commercial one a filing (S2.1).",
        "经营性须许可，非经营性须备案",
    ),
    "service.licence_held": ("A commercial service needs its licence (S2.1).", "经营性服务须持有许可证"),
    "service.kind": (
        "Websites, APPs and mini programs differ in papers and checks; an APP cannot be moved to another subject.",
        "网站、APP、小程序的材料和核验不同，APP 不支持迁移",
    ),
    "service.pre_approval": (
        "A service in a category of pre-approval fails without the approval's file (S1.9); [] says that it is in none.",
        "涉及前置审批而没有审批文件会被驳回；不涉及请写 []",
    ),
    "service.pre_approval_held": ("Without the approval file the order fails (S1.9).", "没有前置审批文件会被驳回"),
    "domain.name": ("The suffix and the registrable domain decide.", "域名后缀和可注册域名决定能否备案"),
    "domain.filed": (
        "A filed domain gets an access, an unfiled one a filing; a sub-domain follows its parent (S2.15, S2.16).",
        "域名（上级域名）是否已备案决定订单类型",
    ),
    "domain.expired": ("An expired domain is returned by MIIT's system (S4.32, S4.34).", "域名过期会被系统退回"),
    "domain.expires_on": (
        "A domain that is to be filed must be valid for more than three months (ALI-2019, HW-KB).",
        "域名有效期须超过三个月",
    ),
    "domain.holder_matches": (
        "The holder must be the subject or somebody whom the province admits (S1.27).",
        "域名持有者须与主体一致",
    ),
    "domain.real_name_verified": (
        "MIIT's system checks the domain's real name first (S4.32).",
        "工信部系统先核验域名实名",
    ),
    "domain.registered_abroad": (
        "This bureau does not take domains of a registrar abroad (ALI-2019, S2.14).",
        "该省不受理境外注册商的域名",
    ),
    "domains_on_service": (
        "One of several domains is deleted by a change; the only one cannot be.",
        "多个域名之一可通过变更删除，唯一的不可",
    ),
    "server.provider": ("Orders go through the provider of the server.", "订单经服务器所在接入商提交"),
    "server.ip": ("The address is what is filed; it has to be a public one (S2.17).", "须备案该IP，且须为公网地址"),
    "server.region": (
        "The mainland needs a filing, Hong Kong and overseas do not (S2.12); the steps hold for the mainland.",
        "中国大陆服务器才需备案；步骤按大陆给出",
    ),
    "contact.phone_reachable": (
        "MIIT's SMS goes to contact 1; if it is dead, something else comes first (S1.2, S3.18).",
        "短信发送至联系方式1",
    ),
    "contact.email": (
        "If the phone is dead, Tencent can cancel by e-mail (S3.10, S3.18).",
        "手机停用时腾讯云可用邮箱注销",
    ),
    "contact.matches_old_provider": (
        "At an access the SMS goes to the number that the old provider has (S1.2).",
        "接入短信发送到原接入商处的号码",
    ),
    "access_differences": (
        "Whether the data equal those at the old provider decides if a change comes first (S1.1, S1.6).",
        "与原接入商信息是否一致决定是否先变更",
    ),
    "filing_password_known": (
        "A provider may ask for the filing password (S1.10, S2.25); whether it still does is not stated.",
        "部分接入商仍可能要求备案密码",
    ),
    "site.opens": (
        "A filed site must open during an access, an unfiled one must not (S1.7, HW-KB doc_0150).",
        "已备案网站须可访问，未备案不得开通",
    ),
    "site.footer_ok": ("A wrong footer fails the order (S1.7, S4.12).", "底部备案号错误会被驳回"),
    "target.nature": ("A service moves to units only; a change of nature depends on it.", "目标主体性质决定能否办理"),
    "target.account": ("The target subject needs an account of its own.", "目标主体须有自己的账号"),
    "target.provider": ("Without another access the service becomes an empty shell (S0.16).", "须先有新的接入商"),
    "target.order_in_flight": ("Neither subject may have an order in flight.", "双方都不得有在途订单"),
    "target.filed": ("The service gets the next number of the target subject.", "网站取目标主体的下一个备案号"),
    "target.legal_rep_is_subject": (
        "Most provinces let an individual become a unit only as its legal representative (S4.8).",
        "多数省份仅法定代表人本人可变更为单位",
    ),
    "target.same_person": ("An individual cannot become another everywhere (S4.21).", "个人多不可变更为其他个人"),
    "notice.kind": ("What the notice says decides what is to be done.", "整改内容决定办理方式"),
    "notice.due": ("The notice states its deadline; afterwards the access is cancelled (S4.39).", "逾期将取消接入"),
}
