"""前置审批核验: words of a site that belong to an industry whose authority approves it first (domain facts 4.7).

A word is a hint and no proof, so that it is a warning; the order's document PRE_APPROVAL answers it (S1.9).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import FetchedPage, Passed, Verifier, VerifierManifest
from beianhub_verification.orders import MAKES_ACCESS
from beianhub_verification.pages import read
from beianhub_verification.rules import Basis, Rule
from beianhub_verification.visits import own_sites, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call

PRE_APPROVAL: Final = "PRE_APPROVAL"
_ALI: Final = Basis(("ALI-2019", "S1.9"), "2019-09-01")


@dataclass(frozen=True, slots=True)
class Category:
    """An industry (前置审批类型), the words that hint at it, and where it is needed; no province means everywhere."""

    zh: str
    en: str
    words: tuple[str, ...]
    provinces: frozenset[str] = frozenset()
    basis: Basis = _ALI


CATEGORIES: Final = (
    Category("新闻", "news", ("新闻", "时政", "资讯", "日报", "晚报")),
    Category("出版", "publishing", ("出版", "期刊", "电子书", "文学网")),
    Category("教育", "education", ("教育", "培训", "学校", "幼儿园", "补习"), frozenset({"浙江", "青海", "西藏"})),
    Category("医疗保健", "health care", ("医院", "医疗", "诊所", "门诊", "保健"), frozenset({"河北", "西藏"})),
    Category("药品和医疗器械", "medicines and medical devices", ("药品", "药房", "药店", "大药", "医疗器械")),
    Category("文化", "culture", ("文化经营", "演出", "艺术品", "动漫", "音乐")),
    Category("广播电视节目", "broadcasting", ("电视", "广播", "影视", "电影", "视频", "直播", "短剧")),
    Category("网络预约车", "ride hailing", ("网约车", "打车", "约车", "顺风车")),
    Category(
        "金融类",
        "finance",
        ("金融", "贷款", "理财", "证券", "期货", "基金", "保险", "支付", "众筹", "担保", "典当"),
    ),
    Category("游戏类", "games", ("游戏", "手游", "棋牌", "电竞")),
    Category(
        "宗教",
        "religion",
        ("宗教", "佛教", "道教", "寺院", "教堂"),
        basis=Basis(("WX", "HW-KB doc_0108"), "2026-05-01"),
    ),
)
"""电子公告 was cancelled as a kind (ALI-2019). An APP's kinds are named by HW-KB doc_0108 too."""

_APP_ALWAYS: Final = frozenset({"新闻", "出版", "教育", "广播电视节目", "宗教"})
"""新闻/出版/教育/影视/宗教 of an APP need their files in every province (HW-KB doc_0108)."""

_HINT: Final = Rule(
    id="pre-approval.words",
    code="PRE_APPROVAL_LIKELY",
    severity=pb.SEVERITY_WARNING,
    zh="{where}含“{word}”，可能属于{category}类前置审批，订单附件中未见批准文件（用途 PRE_APPROVAL）",
    en="The {where_en} has “{word}”, which hints at {category_en}; the order's documents have no approval of the "
    "industry's authority (purpose PRE_APPROVAL).",
    suggestion="补充审批文件；网站不涉及的，修改相关字样。 / "
    "Add the approval, or change the words if the site does not do this.",
    basis=_ALI,
)
_STATEMENT: Final = Rule(
    id="pre-approval.statement",
    code="PRE_APPROVAL_UNCHECKED",
    severity=pb.SEVERITY_INFO,
    zh="网站内容是否涉及前置审批须由主办者声明，此处只检查名称和首页中的词语；部分省份还要《不涉及前置审批承诺书》",
    en="Whether the content needs an approval is the sponsor's statement: only the words of the name and of the home "
    "page are checked here; some provinces also want a letter that it needs none (不涉及前置审批承诺书).",
    suggestion="由主办者声明，包括“以上都不涉及”。 / Have the sponsor state it, also “none of these” (以上都不涉及).",
    basis=Basis(("WX", "HW-KB doc_0257"), "2026-05-01"),
)


class PreApprovalVerifier(Verifier):
    """前置审批核验, before anything is sent. A site that is filed is visited through the host's safe fetcher."""

    manifest = VerifierManifest(
        id="pre-approval",
        title="前置审批核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_PRE_APPROVAL,
        precheck=True,
        source=("S1.9", "ALI-2019", "WX", "HW-KB doc_0108", "HW-KB doc_0257"),
        order_types=MAKES_ACCESS,
    )

    def verify(self, call: Call) -> Passed:
        """Hints by category, each once; that the statement is the sponsor's is always said."""
        assignment = call.assignment
        approved = any(document.purpose == PRE_APPROVAL for document in assignment.documents)
        hints = [] if approved else list(_hints(assignment, _texts(call)))
        return Passed([*hints, _STATEMENT.at("service")])


def _texts(call: Call) -> Iterator[tuple[str, str, str, str]]:
    """Path, what it is in both languages, and the text."""
    assignment = call.assignment
    yield "service.title", "网站名称", "name of the site", assignment.service.title
    if assignment.order.type != pb.ORDER_TYPE_ADD_ACCESS:
        return  # its site is closed
    for site in own_sites(assignment)[:1]:
        page = visit(call, site.domain)
        if isinstance(page, FetchedPage) and page.opens:
            shown = read(page.text)
            yield site.path, "首页标题或简介", "home page's title or description", f"{shown.title} {shown.description}"


def _hints(assignment: TaskAssignment, texts: Iterator[tuple[str, str, str, str]]) -> Iterator[Finding]:
    open_categories = [category for category in CATEGORIES if _concerns(category, assignment)]
    for path, zh, en, text in texts:
        for category in list(open_categories):
            word = next((word for word in category.words if word in text), "")
            if word:
                open_categories.remove(category)
                yield _hint(category, path, where=zh, where_en=en, word=word)


def _hint(category: Category, path: str, **words: str) -> Finding:
    finding = _HINT.at(path, category=category.zh, category_en=category.en, **words)
    finding.source[:] = category.basis.source
    finding.as_of = category.basis.as_of
    return finding


def _concerns(category: Category, assignment: TaskAssignment) -> bool:
    app = assignment.service.kind == pb.SERVICE_KIND_APP and category.zh in _APP_ALWAYS
    return app or not category.provinces or assignment.subject.profile.province in category.provinces
