"""The 31 provincial bureaus (管局): short names, the abbreviations of licence numbers, and area codes (GB/T 2260)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Province(NamedTuple):
    """A province: ``name`` "北京", ``abbreviation`` "京" as in a licence number, ``code`` "110000", "Beijing"."""

    name: str
    abbreviation: str
    code: str
    english: str


_TABLE: Final = """
北京 京 110000 Beijing|天津 津 120000 Tianjin|河北 冀 130000 Hebei|山西 晋 140000 Shanxi
内蒙古 蒙 150000 Inner_Mongolia|辽宁 辽 210000 Liaoning|吉林 吉 220000 Jilin|黑龙江 黑 230000 Heilongjiang
上海 沪 310000 Shanghai|江苏 苏 320000 Jiangsu|浙江 浙 330000 Zhejiang|安徽 皖 340000 Anhui
福建 闽 350000 Fujian|江西 赣 360000 Jiangxi|山东 鲁 370000 Shandong|河南 豫 410000 Henan
湖北 鄂 420000 Hubei|湖南 湘 430000 Hunan|广东 粤 440000 Guangdong|广西 桂 450000 Guangxi
海南 琼 460000 Hainan|重庆 渝 500000 Chongqing|四川 蜀 510000 Sichuan|贵州 黔 520000 Guizhou
云南 滇 530000 Yunnan|西藏 藏 540000 Tibet|陕西 陕 610000 Shaanxi|甘肃 陇 620000 Gansu
青海 青 630000 Qinghai|宁夏 宁 640000 Ningxia|新疆 新 650000 Xinjiang
"""

PROVINCES: Final = tuple(
    Province(*(cell.replace("_", " ") for cell in row.split())) for row in re.split(r"[|\n]", _TABLE.strip())
)
BY_NAME: Final = {province.name: province for province in PROVINCES}
BY_ABBREVIATION: Final = {province.abbreviation: province for province in PROVINCES}
BY_ENGLISH: Final = {province.english.casefold(): province for province in PROVINCES}

_LONG_NAME: Final = re.compile(f"({'|'.join(BY_NAME)})(?:省|市|(?:壮族|回族|维吾尔)?自治区)?")


def canonical_province(text: str) -> str:
    """The short name of a province written short or long: "广西壮族自治区" → "广西"; "" of anything else."""
    match = _LONG_NAME.fullmatch(text.strip())
    return match[1] if match else ""


def province_prefix(address: str) -> str:
    """The province's short name that ``address`` starts with; "" where it starts with none."""
    match = _LONG_NAME.match(address)
    return match[1] if match else ""
