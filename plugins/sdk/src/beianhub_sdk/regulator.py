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
    """What a code means, where it points to, and what to do."""

    zh: str
    en: str
    path: str = ""
    suggestion: str = ""


_DOMAIN = "service.domains"
_CERTIFICATE = "profile.certificate.number"
_LICENCE = "service.licence_number"
_PRINCIPAL = "profile.principal"
_FILE_WHERE_IT_IS = "Use the order type that fits the regulator's record."
_REPORTED = "Query the order: the provider has reported it; do not submit it again."
_LOOK_UP = "Compare type and number with the certificate, and with the record at beian.miit.gov.cn."

RESULT_CODES: Final[Mapping[str, ResultCode]] = {
    "1003": ResultCode(
        "主办者冲突",
        "The subject has an order in flight, here or at another provider, or is filed already.",
        _CERTIFICATE,
        "Wait for the other order, or abandon it (HW-KB doc_0152).",
    ),
    "1004": ResultCode(
        "无效域名", "The domain is not valid.", _DOMAIN, "Give the registrable domain, without www or a path."
    ),
    "1005": ResultCode(
        "域名冲突", "The domain is filed, or in an order in flight.", _DOMAIN, "Add an access instead, or wait."
    ),
    "1006": ResultCode("无效IP", "The IP address is not valid.", "ips", "Use a public address of the provider."),
    "1008": ResultCode("无效证件", "The certificate is not valid.", _CERTIFICATE, _LOOK_UP),
    "1011": ResultCode(
        "无效手机号",
        "A mobile number is not valid.",
        f"{_PRINCIPAL}.mobile",
        "Give a mainland mobile number of 11 digits.",
    ),
    "1015": ResultCode(
        "无效身份证",
        "An ID number is not valid.",
        f"{_PRINCIPAL}.certificate.number",
        "Check its 18 characters (GB 11643).",
    ),
    "1016": ResultCode("数据不存在", "The regulator has no such record.", _LICENCE, _FILE_WHERE_IT_IS),
    "1017": ResultCode("变更中", "The record is being changed by another order.", "", "Wait for it to end."),
    "1019": ResultCode(
        "区划代码无效", "The area code is not valid.", "profile.province", "Choose province, city and district again."
    ),
    "1020": ResultCode(
        "网站名称冲突", "The site's name is taken.", "service.title", "Choose another name for the site."
    ),
    "1021": ResultCode(
        "首页地址冲突", "The homepage's address is taken.", _DOMAIN, "Use an address under a domain of this site only."
    ),
    "1024": ResultCode(
        "IP冲突",
        "The IP address is filed elsewhere.",
        "ips",
        "Use an address of this provider, or change the other filing.",
    ),
    "1025": ResultCode(
        "唯一接入不可取消", "The only access cannot be cancelled.", "", "Add an access at another provider first."
    ),
    "1032": ResultCode(
        "重复取消接入", "The access is being cancelled already.", "", "Wait for the cancellation that is under way."
    ),
    "1033": ResultCode(
        "前置审批类型有误",
        "The pre-approval's type is wrong.",
        "",
        "Name the pre-approval that fits the site's content.",
    ),
    "1037": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1038": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1039": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1040": ResultCode("已上报，请勿重复上报", "It was reported already.", "", _REPORTED),
    "1041": ResultCode(
        "首页不含域名",
        "The homepage is not under one of the domains.",
        _DOMAIN,
        "Give a homepage under a domain of the site.",
    ),
    "1042": ResultCode(
        "主体正在注销中，不允许注销网站",
        "The subject is being cancelled, so the site cannot be.",
        "",
        "Wait for it: the site goes with the subject.",
    ),
    "1043": ResultCode(
        "网站正在注销中，不允许注销主体",
        "A site is being cancelled, so the subject cannot be.",
        "",
        "Wait until the site is cancelled, then cancel the subject.",
    ),
    "1045": ResultCode(
        "省外报备",
        "It belongs to another province.",
        "profile.province",
        "File in the province of the subject's certificate.",
    ),
    "1046": ResultCode(
        "跨省变更",
        "A change across provinces is not possible.",
        "profile.province",
        "Cancel the subject and file anew in the other province.",
    ),
    "1047": ResultCode("非本接入商", "The access is not this provider's.", _LICENCE, _FILE_WHERE_IT_IS),
    "1048": ResultCode("非本接入商", "The access is not this provider's.", _LICENCE, _FILE_WHERE_IT_IS),
    "1049": ResultCode(
        "已注销", "It was cancelled already.", _LICENCE, "Nothing is to be cancelled; to serve again, file anew."
    ),
    "1050": ResultCode(
        "已注销", "It was cancelled already.", _LICENCE, "Nothing is to be cancelled; to serve again, file anew."
    ),
    "1051": ResultCode(
        "同一接入商变更次数过多",
        "The provider has sent too many changes of this record.",
        "",
        "Gather the changes into one order, and wait before the next.",
    ),
    "1055": ResultCode(
        "核验单不符",
        "The verification form does not match.",
        "",
        "Make the form anew from the order's data, and upload it.",
    ),
    "1063": ResultCode(
        "接入IP与IP备案不一致",
        "The address is not in the provider's own IP filing.",
        "ips",
        "Use an address of this provider's mainland regions.",
    ),
    "1064": ResultCode("黑名单", "It is on the regulator's blacklist.", "", "Ask the bureau; no provider can file it."),
    "1065": ResultCode("黑名单", "It is on the regulator's blacklist.", "", "Ask the bureau; no provider can file it."),
    "2002": ResultCode(
        "起始IP大于终止IP", "An address range begins after its end.", "ips", "Give the range from its first address on."
    ),
    "5001": ResultCode(
        "数据格式校验不通过（XSD）",
        "The report does not fit the regulator's schema.",
        "",
        "Ask the provider: its own report is malformed.",
    ),
}
