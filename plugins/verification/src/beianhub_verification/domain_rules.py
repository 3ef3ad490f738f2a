"""The rules of 域名核验, with their texts."""

from __future__ import annotations

from typing import Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_verification.rules import Basis, Rule

REQUIRED: Final = Rule(
    id="domain.required",
    code="DOMAIN_REQUIRED",
    severity=pb.SEVERITY_BLOCKER,
    zh="网站备案必须填写域名",
    en="A website is filed under a domain.",
    suggestion="填写可注册域名，如 example.com.cn。 / Enter the registrable domain, such as example.com.cn.",
    basis=Basis(("MIIT-V3 Ym_xx",), "2013-10-01"),
)
IS_IP: Final = Rule(
    id="domain.valid",
    code="DOMAIN_IS_IP",
    severity=pb.SEVERITY_BLOCKER,
    zh="此处应填域名，不能填 IP 地址",
    en="It is an IP address; a domain is filed.",
    suggestion="此处填域名，地址填在订单中。 / Enter the domain here, and the address with the order.",
    basis=Basis(("MIIT-V3 1004",), "2013-10-01"),
)
NOT_ASCII: Final = Rule(
    id="domain.valid",
    code="DOMAIN_NOT_CANONICAL",
    severity=pb.SEVERITY_BLOCKER,
    zh="域名应写成小写的 ASCII 形式 {ascii}",
    en="The domain is not in its ASCII form in lower case, {ascii}.",
    suggestion="请用 {ascii}。 / Use {ascii}.",
    basis=Basis(("MIIT-V3 1004", "RFC 5891"), "2013-10-01"),
)
INVALID: Final = Rule(
    id="domain.valid",
    code="DOMAIN_INVALID",
    severity=pb.SEVERITY_BLOCKER,
    zh="不是有效的域名",
    en="It is no valid domain name.",
    suggestion="只填域名，如 example.com.cn：不含协议、端口、路径和空格，4 至 128 个字符。 / "
    "Enter the bare domain, such as example.com.cn: no scheme, port, path or blank; 4 to 128 characters.",
    basis=Basis(("MIIT-V3 1004", "MIIT-V3 Ym_xx"), "2013-10-01"),
)
SUFFIX_UNKNOWN: Final = Rule(
    id="domain.suffix",
    code="DOMAIN_SUFFIX_UNKNOWN",
    severity=pb.SEVERITY_BLOCKER,
    zh="域名 {domain} 的后缀不存在",
    en="The suffix of {domain} does not exist.",
    suggestion="检查拼写；可备案后缀见 domain.miit.gov.cn。 / "
    "Check the spelling; suffixes that may be filed are listed at domain.miit.gov.cn.",
    basis=Basis(("MIIT-V3 独立域名", "ALI-2019"), "2019-09-01"),
)
IS_SUFFIX: Final = Rule(
    id="domain.registrable",
    code="DOMAIN_IS_SUFFIX",
    severity=pb.SEVERITY_BLOCKER,
    zh="{domain} 是域名后缀，不是可注册的域名",
    en="{domain} is a suffix itself, not a domain below one.",
    suggestion="填写完整域名，如 example.com.cn。 / Enter the whole domain, such as example.com.cn.",
    basis=Basis(("MIIT-V3 独立域名",), "2013-10-01"),
)
NOT_REGISTRABLE: Final = Rule(
    id="domain.registrable",
    code="DOMAIN_NOT_REGISTRABLE",
    severity=pb.SEVERITY_BLOCKER,
    zh="子域名 {domain} 不支持单独备案，应备案 {registrable}",
    en="Sub-domains such as {domain} are not filed on their own; {registrable} is.",
    suggestion="请用 {registrable}。 / Use {registrable}.",
    basis=Basis(("S2", "HW-KB", "MIIT-V3 独立域名"), "2026-05-01"),
)
TOO_DEEP: Final = Rule(
    id="domain.depth",
    code="DOMAIN_TOO_DEEP",
    severity=pb.SEVERITY_WARNING,
    zh="域名 {domain} 超过四级，APP 域名最多备案到四级",
    en="{domain} is below the fourth level; domains of an APP are filed down to it.",
    suggestion="填写四级或以上的域名。 / Enter the domain at its fourth level or above.",
    basis=Basis(("HW-KB doc_0121",), "2026-05-01"),
)
SUFFIX_WITHDRAWN: Final = Rule(
    id="suffix.withdrawn",
    code="DOMAIN_SUFFIX_WITHDRAWN",
    severity=pb.SEVERITY_WARNING,
    zh="后缀 .{suffix} 在 2019 年未获批复：可能无法新备案，已备案的一旦取消接入或注销便不能再次备案",
    en="The suffix .{suffix} was not approved in 2019: it may not be filed anew, and never again once cancelled.",
    suggestion="提交前在 domain.miit.gov.cn 查询。 / Look it up at domain.miit.gov.cn before you submit.",
    basis=Basis(("ALI-2019",), "2019-09-01"),
)


def refused_suffix(province: str, basis: Basis, severity: pb.Severity.ValueType) -> Rule:
    """A bureau's list names the suffix as refused; a WARNING where older filings are excepted."""
    return Rule(
        id=_REFUSED_IDS.get(severity, "suffix.refused"),
        code="DOMAIN_SUFFIX_REFUSED",
        severity=severity,
        zh=f"{province}管局不受理后缀 .{{suffix}}" + _EXCEPTED_ZH.get(severity, ""),
        en=f"The bureau of {province} does not file the suffix .{{suffix}}" + _EXCEPTED_EN.get(severity, "."),
        suggestion="使用管局受理后缀的域名，如 .com 或 .cn。 / "
        "Use a domain with a suffix that the bureau takes, such as .com or .cn.",
        basis=basis,
    )


_REFUSED_IDS: Final = {pb.SEVERITY_WARNING: "suffix.refused.access_if_filed_before"}
_EXCEPTED_ZH: Final = {pb.SEVERITY_WARNING: "，2018-01-01 前已备案的除外"}
_EXCEPTED_EN: Final = {pb.SEVERITY_WARNING: ", but where it was filed before 2018-01-01."}


def unlisted_suffix(province: str, basis: Basis) -> Rule:
    """A bureau has a list of suffixes, and our source of it names this one neither way."""
    return Rule(
        id="suffix.allowed",
        code="DOMAIN_SUFFIX_UNLISTED",
        severity=pb.SEVERITY_WARNING,
        zh=f"{province}管局有域名后缀白名单，未见 .{{suffix}} 是否在内",
        en=f"The bureau of {province} has a list of suffixes, and it is not known whether .{{suffix}} is on it.",
        suggestion="提交前咨询接入商。 / Ask the provider before you submit.",
        basis=basis,
    )


def unit_suffix(suffixes: str, basis: Basis, severity: pb.Severity.ValueType) -> Rule:
    """A unit of this nature files under certain suffixes."""
    return Rule(
        id="domain.reserved_suffixes",
        code="DOMAIN_SUFFIX_OF_UNIT",
        severity=severity,
        zh=f"域名 {{domain}} 与主办单位性质不符：{{nature}}应使用 {suffixes}",
        en=f"{{domain}} does not fit the subject's nature ({{nature}}), which files under {suffixes}.",
        suggestion=f"使用 {suffixes} 后缀的域名。 / Use a domain under {suffixes}.",
        basis=basis,
    )
