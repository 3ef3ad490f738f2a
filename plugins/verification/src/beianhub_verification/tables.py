"""Facts of the verifications, as rows with their source and date.

Sources that contradict each other stand side by side, and the newest is used. Suffixes are in their ASCII form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_verification.rules import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Nature, OrderType, Severity
    from beianhub.resources.v1.task_pb2 import TaskAssignment

_ALI: Final = Basis(("ALI-2019",), "2019-09-01")
_TC: Final = Basis(("TC-DOC",), "2023-01-01")
_HW: Final = Basis(("HW-KB",), "2026-05-01")
_BASES: Final = {"A": _ALI, "T": _TC, "H": _HW}


# --- suffixes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SuffixList:
    """What a bureau takes of top-level domains: the source names some, and ends in "…".

    ``access_only`` ones may be added to a provider where they were filed before the bureau's list.
    """

    accepted: frozenset[str]
    refused: frozenset[str]
    access_only: frozenset[str]
    basis: Basis


SUFFIX_LISTS: Final[Mapping[str, SuffixList]] = {
    "北京": SuffixList(
        accepted=frozenset({"com", "cn", "net", "info", "pro", "co", "cc", "tv"}),
        refused=frozenset({"hk", "tw", "asia", "jp", "io", "me", "win", "org"}),
        access_only=frozenset({"org"}),  # filed before 2018-01-01
        basis=Basis(("TC-DOC", "S2.14"), "2023-01-01"),
    ),
}
"""By province. Beijing's "foreign domains" are also read as a foreign registrar's (ALI-2019), which no name shows."""

WITHDRAWN_SUFFIXES: Final = frozenset({"org", "cc", "tv", "name"})
"""Top-level domains whose approval had been withdrawn in 2019: once cancelled never filed again (ALI-2019)."""


@dataclass(frozen=True, slots=True)
class UnitSuffix:
    """Under which suffixes units of a nature file; no ``province`` means any."""

    nature: Nature.ValueType
    suffixes: tuple[str, ...]
    severity: Severity.ValueType
    basis: Basis
    province: str = ""


_GOVERNMENT: Final = ("gov.cn", "xn--zfr164b")  # 政务
_INSTITUTION: Final = ("cn", "xn--55qw42g")  # 公益

UNIT_SUFFIXES: Final = (
    # Only Inner Mongolia's line says 须 (must); the others name what is meant for such units.
    UnitSuffix(pb.NATURE_INSTITUTION, _INSTITUTION, pb.SEVERITY_BLOCKER, _HW, "内蒙古"),
    UnitSuffix(pb.NATURE_INSTITUTION, _INSTITUTION, pb.SEVERITY_WARNING, _HW),
    UnitSuffix(pb.NATURE_GOVERNMENT, _GOVERNMENT, pb.SEVERITY_WARNING, _HW),
)
"""The first row that fits applies. 江苏 and 湖北 repeat the national line of 党政机关 word for word."""


# --- holders ----------------------------------------------------------------------------------------------------------

_HOLDERS: Final = """
北京 U A, UL T|天津 ULSE A|河北 UL A|山西 U A|内蒙古 ULSE A|辽宁 ULSE A|吉林 UL A, U T|黑龙江 UL A|上海 ULSE A|江苏 UL A
浙江 ULSE A|安徽 UL A|福建 UL A, U T, UL H|江西 ULSE A|山东 UL A|河南 ULSE A|湖北 ULSE A|湖南 U A, U T|广东 U A|广西 U A
海南 ULSE A|重庆 UL A|四川 ULSE A|贵州 U A|云南 UL A|西藏 UL A, U T|陕西 UL A|甘肃 U A|青海 ULSE A, U T
宁夏 UL A, U T, U H|新疆 U A
"""
"""Who may hold a unit's domain: Unit, Legal representative, Shareholder, Executive; by ALI-2019, TC-DOC or HW-KB."""

_HOLDER_WORDS: Final = {
    "U": ("单位", "the unit"),
    "L": ("法定代表人", "its legal representative"),
    "S": ("股东", "a shareholder"),
    "E": ("高管", "an executive"),
}


@dataclass(frozen=True, slots=True)
class Holders:
    """Who may hold the domains, in words."""

    zh: str
    en: str
    basis: Basis


def _holders(letters: str, basis: Basis) -> Holders:
    words = [_HOLDER_WORDS[letter] for letter in letters]
    return Holders("、".join(zh for zh, _ in words), " or ".join(en for _, en in words), basis)


def _parse(rows: str) -> dict[str, tuple[Holders, ...]]:
    parsed = {}
    for row in rows.replace("\n", "|").strip("|").split("|"):
        province, _, cells = row.partition(" ")
        pairs = [cell.split() for cell in cells.split(",")]
        parsed[province] = tuple(_holders(letters, _BASES[basis]) for letters, basis in pairs)
    return parsed


UNIT_HOLDERS: Final[Mapping[str, tuple[Holders, ...]]] = _parse(_HOLDERS)
"""By province, one entry per source."""

OWN_HOLDER: Final = Holders("本人", "the person", _ALI)
"""Of an individual, in every province."""

ANY_HOLDER: Final = Holders("主办单位（部分省份可为法定代表人）", "the subject (in some provinces others)", _ALI)


def holders(nature: Nature.ValueType, province: str) -> Holders:
    """Who may hold the domains of such a subject, by the newest source."""
    if nature == pb.NATURE_INDIVIDUAL:
        return OWN_HOLDER
    return max(UNIT_HOLDERS.get(province, (ANY_HOLDER,)), key=lambda entry: entry.basis.as_of)


# --- people -----------------------------------------------------------------------------------------------------------

SUBJECT_PRINCIPAL: Final = ("主体负责人", "the subject's principal")
SERVICE_PRINCIPAL: Final = ("服务负责人", "the service's principal")

SMS_RECIPIENTS: Final[Mapping[OrderType.ValueType, tuple[tuple[str, str], ...]]] = {
    pb.ORDER_TYPE_FIRST_FILING: (SUBJECT_PRINCIPAL, SERVICE_PRINCIPAL),
    pb.ORDER_TYPE_ADD_SERVICE: (SERVICE_PRINCIPAL,),
    pb.ORDER_TYPE_ADD_ACCESS: (SERVICE_PRINCIPAL,),
    pb.ORDER_TYPE_CHANGE_SUBJECT: (SUBJECT_PRINCIPAL,),
    pb.ORDER_TYPE_CHANGE_SERVICE: (SERVICE_PRINCIPAL,),
    pb.ORDER_TYPE_CHANGE_ACCESS: (SERVICE_PRINCIPAL,),
    pb.ORDER_TYPE_CANCEL_SUBJECT: (SUBJECT_PRINCIPAL,),
    pb.ORDER_TYPE_CANCEL_SERVICE: (SERVICE_PRINCIPAL,),
    pb.ORDER_TYPE_CANCEL_ACCESS: (),
    pb.ORDER_TYPE_TRANSFER_ACCOUNT: (),
    pb.ORDER_TYPE_CLAIM: (),
}
"""Who gets MIIT's code (ALI-2019, TC-DOC; 注销网站: HW-KB doc_0194, 注销主体: TC-DOC, HW-KB doc_0197).

Nobody for 取消接入 (HW-KB doc_0013, S3), nor for what does not reach the regulator (HW-KB doc_0198, doc_0199).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark for those who act; empty conditions mean any."""

    zh: str
    en: str
    basis: Basis
    order_types: tuple[OrderType.ValueType, ...] = ()
    provinces: tuple[str, ...] = ()
    natures: tuple[Nature.ValueType, ...] = ()

    def applies(self, assignment: TaskAssignment) -> bool:
        """Whether it concerns this order."""
        profile = assignment.subject.profile
        return (
            (not self.order_types or assignment.order.type in self.order_types)
            and (not self.provinces or profile.province in self.provinces)
            and (not self.natures or profile.nature in self.natures)
        )


_UNITS: Final = (pb.NATURE_ENTERPRISE, pb.NATURE_GOVERNMENT, pb.NATURE_INSTITUTION, pb.NATURE_SOCIAL_ORG)

SMS_NOTES: Final = (
    Note(
        zh="验证码发到原接入商登记的“联系方式1”；该号码已停用的，须先在原接入商变更备案。",
        en="The code goes to contact 1 as the former provider filed it; if that number is dead, change it there first.",
        basis=Basis(("S1.2", "ALI-2019"), "2019-09-01"),
        order_types=(pb.ORDER_TYPE_ADD_ACCESS,),
    ),
    Note(
        zh="港澳居民来往内地通行证填写证件背面的号码。",
        en="Holders of a mainland travel permit for Hong Kong and Macau residents type the number on its back.",
        basis=Basis(("HW-KB doc_0013",), "2026-05-01"),
        provinces=("浙江",),
    ),
)

FACE_NOTES: Final = (
    Note(
        zh="北京还要求服务负责人手持单位证件拍照。",
        en="Beijing also asks for a picture of the service's principal holding the unit's certificate.",
        basis=_ALI,
        provinces=("北京",),
        natures=_UNITS,
    ),
    Note(
        zh="江苏自 2021-06-01 起还须提交《真实性责任告知书》、《承诺书》和核验视频。",
        en="Jiangsu also asks for the notice of responsibility, the letter of commitment and a video (2021-06-01).",
        basis=Basis(("HW-KB doc_0038",), "2026-05-01"),
        provinces=("江苏",),
    ),
    Note(
        zh="广东自 2021-06-21 起还须提交用黑色笔手写的《互联网信息服务备案承诺书》。",
        en="Guangdong also asks for the letter of commitment, handwritten with a black pen, since 2021-06-21.",
        basis=Basis(("HW-KB doc_0046",), "2026-05-01"),
        provinces=("广东",),
    ),
)
