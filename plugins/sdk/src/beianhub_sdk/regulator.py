"""The regulator's vocabulary (MIIT-V3), the same behind every provider: names, certificates and result codes.

The paths are those of findings: ``profile.…`` of the subject, ``service.…``, ``ips`` of the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment

NATURES: Final[Mapping[int, str]] = {
    pb.NATURE_ENTERPRISE: "企业",
    pb.NATURE_INDIVIDUAL: "个人",
    pb.NATURE_GOVERNMENT: "政府机关",
    pb.NATURE_INSTITUTION: "事业单位",
    pb.NATURE_SOCIAL_ORG: "社会团体",
}
"""主办单位性质 (`Dwxz`)."""

SERVICE_KINDS: Final[Mapping[int, str]] = {
    pb.SERVICE_KIND_WEBSITE: "网站",
    pb.SERVICE_KIND_APP: "APP",
    pb.SERVICE_KIND_MINI_PROGRAM: "小程序",
    pb.SERVICE_KIND_QUICK_APP: "快应用",
}

_CERTIFICATES: Final[Mapping[tuple[int, int], str]] = {
    (pb.CERTIFICATE_TYPE_USCC, pb.NATURE_ENTERPRISE): "营业执照",
    (pb.CERTIFICATE_TYPE_USCC, pb.NATURE_GOVERNMENT): "政府机关组织机构代码证",
    (pb.CERTIFICATE_TYPE_USCC, pb.NATURE_INSTITUTION): "事业法人证",
    (pb.CERTIFICATE_TYPE_USCC, pb.NATURE_SOCIAL_ORG): "社团法人证",
    (pb.CERTIFICATE_TYPE_RESIDENT_ID, pb.NATURE_INDIVIDUAL): "居民身份证",
    (pb.CERTIFICATE_TYPE_PASSPORT, pb.NATURE_INDIVIDUAL): "护照",
}


def certificate_name(assignment: TaskAssignment) -> str:
    """证件类型 (`Zjlx`) of the subject: whose certificate a credit code is on depends on the subject's nature.

    Empty where a subject of this nature files with another certificate.
    """
    profile = assignment.subject.profile
    return _CERTIFICATES.get((profile.certificate.type, profile.nature), "")


@dataclass(frozen=True, slots=True)
class ResultCode:
    """What a code means, where it points to, and what to do: "续费域名。 / Renew the domain."."""

    zh: str
    en: str
    path: str = ""
    suggestion: str = ""


_DOMAIN = "service.domains"
_CERTIFICATE = "profile.certificate.number"
_LICENCE = "service.licence_number"
_PRINCIPAL = "profile.principal"
_FILE_WHERE_IT_IS = "使用与管局记录相符的订单类型。 / Use the order type that fits the regulator's record."
_REPORTED = (
    "查询订单：接入商已上报，请勿重复提交。 / Query the order: the provider has reported it; do not submit it again."
)
_LOOK_UP = (
    "将类型和号码与证件及 beian.miit.gov.cn 的记录核对。 / "
    "Compare type and number with the certificate, and with the record at beian.miit.gov.cn."
)

RESULT_CODES: Final[Mapping[str, ResultCode]] = {
    "1003": ResultCode(
        "主办者冲突",
        "The subject has an order in flight, here or at another provider, or is filed already.",
        _CERTIFICATE,
        "等另一订单结束，或放弃该订单（HW-KB doc_0152）。 / Wait for the other order, or abandon it (HW-KB doc_0152).",
    ),
    "1004": ResultCode(
        "无效域名",
        "The domain is not valid.",
        _DOMAIN,
        "填写可注册域名，不带 www 和路径。 / Give the registrable domain, without www or a path.",
    ),
    "1005": ResultCode(
        "域名冲突",
        "The domain is filed, or in an order in flight.",
        _DOMAIN,
        "改办接入，或等其结束。 / Add an access instead, or wait.",
    ),
    "1006": ResultCode(
        "无效IP",
        "The IP address is not valid.",
        "ips",
        "使用接入商的公网地址。 / Use a public address of the provider.",
    ),
    "1008": ResultCode("无效证件", "The certificate is not valid.", _CERTIFICATE, _LOOK_UP),
    "1011": ResultCode(
        "无效手机号",
        "A mobile number is not valid.",
        f"{_PRINCIPAL}.mobile",
        "填写 11 位大陆手机号码。 / Give a mainland mobile number of 11 digits.",
    ),
    "1015": ResultCode(
        "无效身份证",
        "An ID number is not valid.",
        f"{_PRINCIPAL}.certificate.number",
        "核对 18 位号码（GB 11643）。 / Check its 18 characters (GB 11643).",
    ),
    "1016": ResultCode("数据不存在", "The regulator has no such record.", _LICENCE, _FILE_WHERE_IT_IS),
    "1017": ResultCode(
        "变更中", "The record is being changed by another order.", "", "等其结束。 / Wait for it to end."
    ),
    "1019": ResultCode(
        "区划代码无效",
        "The area code is not valid.",
        "profile.province",
        "重新选择省、市、区。 / Choose province, city and district again.",
    ),
    "1020": ResultCode(
        "网站名称冲突",
        "The site's name is taken.",
        "service.title",
        "换用其他网站名称。 / Choose another name for the site.",
    ),
    "1021": ResultCode(
        "首页地址冲突",
        "The homepage's address is taken.",
        _DOMAIN,
        "首页使用仅属于本网站域名的地址。 / Use an address under a domain of this site only.",
    ),
    "1024": ResultCode(
        "IP冲突",
        "The IP address is filed elsewhere.",
        "ips",
        "使用本接入商的地址，或变更另一备案。 / Use an address of this provider, or change the other filing.",
    ),
    "1025": ResultCode(
        "唯一接入不可取消",
        "The only access cannot be cancelled.",
        "",
        "先在其他接入商办理接入。 / Add an access at another provider first.",
    ),
    "1032": ResultCode(
        "重复取消接入",
        "The access is being cancelled already.",
        "",
        "等进行中的取消结束。 / Wait for the cancellation that is under way.",
    ),
    "1033": ResultCode(
        "前置审批类型有误",
        "The pre-approval's type is wrong.",
        "",
        "填写与网站内容相符的前置审批。 / Name the pre-approval that fits the site's content.",
    ),
    "1037": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1038": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1039": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1040": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1041": ResultCode(
        "首页不含域名",
        "The homepage is not under one of the domains.",
        _DOMAIN,
        "首页使用网站域名下的地址。 / Give a homepage under a domain of the site.",
    ),
    "1042": ResultCode(
        "主体正在注销中，不允许注销网站",
        "The subject is being cancelled, so the site cannot be.",
        "",
        "等待即可：网站随主体注销。 / Wait for it: the site goes with the subject.",
    ),
    "1043": ResultCode(
        "网站正在注销中，不允许注销主体",
        "A site is being cancelled, so the subject cannot be.",
        "",
        "等网站注销完成，再注销主体。 / Wait until the site is cancelled, then cancel the subject.",
    ),
    "1045": ResultCode(
        "省外报备",
        "It belongs to another province.",
        "profile.province",
        "在主体证件所属省份备案。 / File in the province of the subject's certificate.",
    ),
    "1046": ResultCode(
        "跨省变更",
        "A change across provinces is not possible.",
        "profile.province",
        "注销主体，在新省份重新备案。 / Cancel the subject and file anew in the other province.",
    ),
    "1047": ResultCode("非本接入商", "The access is not this provider's.", _LICENCE, _FILE_WHERE_IT_IS),
    "1048": ResultCode("非本接入商", "The access is not this provider's.", _LICENCE, _FILE_WHERE_IT_IS),
    "1049": ResultCode(
        "已注销",
        "It was cancelled already.",
        _LICENCE,
        "无需再注销；要恢复服务则重新备案。 / Nothing is to be cancelled; to serve again, file anew.",
    ),
    "1050": ResultCode(
        "已注销",
        "It was cancelled already.",
        _LICENCE,
        "无需再注销；要恢复服务则重新备案。 / Nothing is to be cancelled; to serve again, file anew.",
    ),
    "1051": ResultCode(
        "同一接入商变更次数过多",
        "The provider has sent too many changes of this record.",
        "",
        "将变更合并为一个订单，稍后再提交下一个。 / Gather the changes into one order, and wait before the next.",
    ),
    "1055": ResultCode(
        "核验单不符",
        "The verification form does not match.",
        "",
        "按订单信息重新制作核验单并上传。 / Make the form anew from the order's data, and upload it.",
    ),
    "1063": ResultCode(
        "接入IP与IP备案不一致",
        "The address is not in the provider's own IP filing.",
        "ips",
        "使用该接入商大陆地域的地址。 / Use an address of this provider's mainland regions.",
    ),
    "1064": ResultCode(
        "黑名单",
        "It is on the regulator's blacklist.",
        "",
        "咨询管局；任何接入商都不能办理。 / Ask the bureau; no provider can file it.",
    ),
    "1065": ResultCode(
        "黑名单",
        "It is on the regulator's blacklist.",
        "",
        "咨询管局；任何接入商都不能办理。 / Ask the bureau; no provider can file it.",
    ),
    "2002": ResultCode(
        "起始IP大于终止IP",
        "An address range begins after its end.",
        "ips",
        "从起始 IP 起填写地址段。 / Give the range from its first address on.",
    ),
    "5001": ResultCode(
        "数据格式校验不通过（XSD）",
        "The report does not fit the regulator's schema.",
        "",
        "咨询接入商：其上报数据格式有误。 / Ask the provider: its own report is malformed.",
    ),
}
