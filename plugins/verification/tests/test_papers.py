"""前置审批核验, 材料核验 and 空壳核验."""

from __future__ import annotations

import pytest
from verification_support import Web, call, found, order, page

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Failed
from beianhub_verification.documents import DocumentsVerifier
from beianhub_verification.pre_approval import CATEGORIES, PRE_APPROVAL, Category, PreApprovalVerifier
from beianhub_verification.shell import ADDS_DIRECTLY, ShellVerifier

BLOCKER, WARNING, INFO = pb.SEVERITY_BLOCKER, pb.SEVERITY_WARNING, pb.SEVERITY_INFO
FIRST, ADD, ACCESS = pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_SERVICE, pb.ORDER_TYPE_ADD_ACCESS


def titled(title: str, province: str = "山东", order_type: pb.OrderType.ValueType = FIRST) -> TaskAssignment:
    assignment = order(order_type, province=province)
    assignment.service.title = title
    return assignment


def hints(assignment: TaskAssignment, html: str = "") -> list[tuple[str, str]]:
    answer = PreApprovalVerifier().verify(Web({"shop7.cn": page(html)}).call(assignment))
    return [(finding.path, finding.code) for finding in answer.findings if finding.severity == WARNING]


# --- pre-approval -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.en)
def test_a_word_hints_at_its_industry(category: Category) -> None:
    """Domain facts 4.7: news, publishing, …, ride hailing, finance, games, religion; a hint is a warning."""
    province = min(category.provinces, default="山东")
    for word in category.words:
        assert ("service.title", "PRE_APPROVAL_LIKELY") in hints(titled(f"示例{word}网", province)), word


@pytest.mark.parametrize(
    ("title", "province", "expected"),
    [("示例教育网", "浙江", 1), ("示例教育网", "山东", 0), ("示例诊所", "河北", 1), ("示例诊所", "山东", 0)],
)
def test_some_kinds_are_of_some_provinces(title: str, province: str, expected: int) -> None:
    """教育 only in 浙江 青海 西藏, 医疗保健 only in 河北 西藏 (ALI-2019)."""
    assert len(hints(titled(title, province))) == expected


def test_an_app_s_kinds_hold_everywhere() -> None:
    """新闻/出版/教育/影视/宗教 of an APP need approval files (HW-KB doc_0108)."""
    assignment = titled("示例教育")
    assignment.service.kind = pb.SERVICE_KIND_APP
    assert hints(assignment)


def test_the_approval_on_the_order_answers_it() -> None:
    """S1.9: it fails without the file."""
    assignment = titled("示例新闻网")
    assignment.documents.add(purpose=PRE_APPROVAL)
    assert hints(assignment) == []


def test_an_open_site_is_read_for_an_access_only() -> None:
    """Title and description of the home page; each kind is named once."""
    html = "<title>示例手游</title><meta name=description content='贷款和理财'>"
    found_paths = hints(titled("示例商店", order_type=ACCESS), html)
    assert found_paths == [("service.domains[0]", "PRE_APPROVAL_LIKELY")] * 2
    assert hints(titled("示例商店"), html) == []
    assert len(hints(titled("示例手游贷款", order_type=ACCESS), html)) == 2


def test_the_statement_is_always_asked_for() -> None:
    """A name without such words proves nothing: the sponsor states it, also “none of these” (WX)."""
    answer = PreApprovalVerifier().verify(call(titled("示例商店")))
    assert found(answer) == {"PRE_APPROVAL_UNCHECKED": INFO}


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "content_type", "size", "expected"),
    [
        ("BUSINESS_LICENCE", "image/jpeg", 100 * 1024, {}),
        ("BUSINESS_LICENCE", "IMAGE/PNG; name=a", 1, {}),
        ("BUSINESS_LICENCE", "image/jpeg", 100 * 1024 + 1, {"DOCUMENT_TOO_LARGE": WARNING}),
        ("VERIFICATION_SHEET", "image/jpeg", 150 * 1024, {}),
        ("核验单", "image/jpeg", 150 * 1024 + 1, {"DOCUMENT_TOO_LARGE": WARNING}),
        ("LETTER", "application/pdf", 1, {"DOCUMENT_FORMAT_UNUSUAL": WARNING}),
        ("PHOTO", "image/webp", 200 * 1024, {"DOCUMENT_FORMAT_UNUSUAL": WARNING, "DOCUMENT_TOO_LARGE": WARNING}),
        ("PHOTO", "application/zip", 1, {"DOCUMENT_FORMAT_REFUSED": BLOCKER}),
        ("PHOTO", "text/html", 1, {"DOCUMENT_FORMAT_REFUSED": BLOCKER}),
        ("PHOTO", "video/mp4", 1, {"DOCUMENT_FORMAT_REFUSED": BLOCKER}),
        ("PHOTO", "", 1, {"DOCUMENT_FORMAT_REFUSED": BLOCKER}),
        ("PHOTO", "image/png", 0, {"DOCUMENT_EMPTY": BLOCKER}),
        ("VIDEO", "video/mp4", 4 * 1024 * 1024, {}),
    ],
)
def test_a_document_is_a_small_picture(purpose: str, content_type: str, size: int, expected: dict[str, int]) -> None:
    """核验单 ≤ 150 KB, certificates and photos ≤ 100 KB, JPG or PNG (MIIT-V3 Fjxx)."""
    assignment = order()
    assignment.documents.add(name="a", purpose=purpose, content_type=content_type, size_bytes=size)
    assert found(DocumentsVerifier().verify(call(assignment)), "documents[0]") == expected


def test_a_document_that_nobody_described_is_unchecked() -> None:
    """The order names it; the host may not show it to this plugin."""
    assignment = order()
    assignment.order.documents[:] = ["a", "b"]
    assignment.documents.add(name="a", purpose="ID", content_type="image/png", size_bytes=9)
    assert found(DocumentsVerifier().verify(call(assignment))) == {"DOCUMENTS_UNCHECKED": INFO}


# --- shells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order_type", "province", "expected"),
    [
        (FIRST, "河南", {"SUBJECT_IS_SHELL": BLOCKER}),
        (FIRST, "北京", {"SUBJECT_IS_SHELL": BLOCKER}),
        (ADD, "河南", {"SUBJECT_IS_SHELL": BLOCKER}),
        (ADD, "北京", {"SHELL_MAY_ADD_SERVICE": INFO}),
        (ADD, "贵州", {"SHELL_MAY_ADD_SERVICE": INFO}),
        (ACCESS, "河南", {}),
    ],
)
def test_a_shell_subject_adds_where_its_province_lets_it(
    order_type: pb.OrderType.ValueType, province: str, expected: dict[str, int]
) -> None:
    """11 provinces add directly (HW-KB doc_0037), elsewhere the shell is cancelled first (S1.5, S4.18)."""
    assignment = order(order_type, province=province)
    assignment.subject.state = pb.SUBJECT_STATE_SHELL
    assert len(ADDS_DIRECTLY) == 11
    assert found(ShellVerifier().verify(call(assignment))) == expected


def test_a_service_without_an_access_is_remarked() -> None:
    """空壳网站: this order mends it, if the bureau does not cancel it first (S4.39); another endangers the order."""
    assignment = order(ACCESS)
    assignment.service.state = pb.SERVICE_STATE_NO_ACCESS
    assignment.subject.services.add(name="other", title="示例旧站", state=pb.SERVICE_STATE_NO_ACCESS)
    answer = ShellVerifier().verify(call(assignment))
    assert not isinstance(answer, Failed)
    assert found(answer) == {"SERVICE_IS_SHELL": INFO, "OTHER_SERVICE_IS_SHELL": WARNING}


def test_a_filed_subject_with_services_is_no_shell() -> None:
    """Nothing to say."""
    assert found(ShellVerifier().verify(call(order(ACCESS)))) == {}
