"""Code tables that the vendors' vocabularies share: natures, certificate types, service kinds, provinces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# neutral -> (MIIT-V3 number as Tencent uses it, Aliyun's word, Huawei's word)
NATURES: Mapping[str, tuple[int, str, str]] = {
    "OTHER": (0, "OTHER", "其他"),
    "MILITARY": (1, "ARMY", "军队"),
    "GOVERNMENT": (2, "GOVERNMENT", "政府机关"),
    "INSTITUTION": (3, "INSTITUTION", "事业单位"),
    "ENTERPRISE": (4, "COMPANY", "企业"),
    "INDIVIDUAL": (5, "PERSONAL", "个人"),
    "SOCIAL_ORGANIZATION": (6, "SOCIETY", "社会团体"),
}
"""主办单位性质 (domain.md 1.3, `Dwxz`)."""

CERTIFICATE_TYPES: Mapping[str, tuple[int, str, str]] = {
    "BUSINESS_LICENCE": (1, "BUSINESS_LICENSE", "营业执照"),
    "RESIDENT_ID": (2, "ID_CARD", "居民身份证"),
    "INSTITUTION_CODE": (3, "INSTITUTION_ORG_CODE", "事业单位组织机构代码证"),
    "INSTITUTION_LEGAL": (4, "INSTITUTION_CERT", "事业法人证"),
    "MILITARY_CODE": (5, "ARMY_CODE", "军队代号"),
    "SOCIAL_LEGAL": (6, "SOCIETY_CERT", "社团法人证"),
    "PASSPORT": (7, "PASSPORT", "护照"),
    "OFFICER_CARD": (8, "OFFICER_CARD", "军官证"),
    "GOVERNMENT_CODE": (9, "GOVERNMENT_ORG_CODE", "政府机关组织机构代码证"),
    "SOCIAL_CODE": (10, "SOCIETY_ORG_CODE", "社会团体组织机构代码证"),
    "TAIWAN_PERMIT": (11, "TAIWAN_PERMIT", "台胞证"),
    "ORGANIZATION_CODE": (12, "COMPANY_ORG_CODE", "企业组织机构代码证"),
}
"""证件类型 (domain.md 1.3, `Zjlx`, the subset that is known)."""

SERVICE_KINDS: Mapping[str, tuple[int, str, str]] = {
    "WEBSITE": (1, "WEBSITE", "网站"),
    "APP": (2, "APP", "APP"),
    "MINI_PROGRAM": (3, "MINI_APP", "小程序"),
    "QUICK_APP": (4, "QUICK_APP", "快应用"),
}

PROVINCES: tuple[tuple[str, str, str], ...] = (
    ("京", "北京", "110000"),
    ("津", "天津", "120000"),
    ("冀", "河北", "130000"),
    ("晋", "山西", "140000"),
    ("蒙", "内蒙古", "150000"),
    ("辽", "辽宁", "210000"),
    ("吉", "吉林", "220000"),
    ("黑", "黑龙江", "230000"),
    ("沪", "上海", "310000"),
    ("苏", "江苏", "320000"),
    ("浙", "浙江", "330000"),
    ("皖", "安徽", "340000"),
    ("闽", "福建", "350000"),
    ("赣", "江西", "360000"),
    ("鲁", "山东", "370000"),
    ("豫", "河南", "410000"),
    ("鄂", "湖北", "420000"),
    ("湘", "湖南", "430000"),
    ("粤", "广东", "440000"),
    ("桂", "广西", "450000"),
    ("琼", "海南", "460000"),
    ("渝", "重庆", "500000"),
    ("蜀", "四川", "510000"),
    ("黔", "贵州", "520000"),
    ("滇", "云南", "530000"),
    ("藏", "西藏", "540000"),
    ("陕", "陕西", "610000"),
    ("陇", "甘肃", "620000"),
    ("青", "青海", "630000"),
    ("宁", "宁夏", "640000"),
    ("新", "新疆", "650000"),
)
"""Licence abbreviation (domain.md 1.2; Huawei's code), name (Tencent's), GB/T 2260 code (Aliyun's)."""


def column(table: Mapping[str, tuple[int, str, str]], index: int) -> dict[int | str, str]:
    """One vendor's codes of a table -> ours: 0 Tencent, 1 Aliyun, 2 Huawei."""
    return {words[index]: neutral for neutral, words in table.items()}


def provinces(index: int) -> dict[str, str]:
    """A column of `PROVINCES` -> abbreviation."""
    return {row[index]: row[0] for row in PROVINCES}
