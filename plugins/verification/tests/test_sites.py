"""网站可访问性核验 and 备案号悬挂核验, over pages as the host's fetcher gives them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verification_support import Web, call, found, order, page

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Failed, FetchedPage, FetchError, FetchFailedError, FetchRefusedError, Passed
from beianhub_verification.footer import FooterVerifier, expected
from beianhub_verification.footers import is_portal, numbers, shown
from beianhub_verification.pages import read
from beianhub_verification.site import DEMANDED, SiteVerifier
from beianhub_verification.visits import MOST_SITES

BLOCKER, WARNING, INFO = pb.SEVERITY_BLOCKER, pb.SEVERITY_WARNING, pb.SEVERITY_INFO
FIRST, ADD, ACCESS = pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_SERVICE, pb.ORDER_TYPE_ADD_ACCESS
NUMBER = "京ICP备2025000007号-1"
LINK = '<a href="https://beian.miit.gov.cn/">{}</a>'
FAILED = FetchFailedError("TIMEOUT")
REFUSED = FetchRefusedError("REHEARSAL")


def site(assignment: TaskAssignment, **sites: FetchedPage | FetchError) -> Passed | Failed:
    """``shop7=…`` is shop7.cn, ``www=…`` is www.shop7.cn."""
    hosts = {"www.shop7.cn" if name == "www" else f"{name}.cn": given for name, given in sites.items()}
    return SiteVerifier().verify(Web(hosts).call(assignment))


def footer(html: str, province: str = "北京", number: str = NUMBER) -> dict[str, int]:
    assignment = order(ACCESS, province=province)
    assignment.service.licence_number = number
    return found(FooterVerifier().verify(Web({"shop7.cn": page(html)}).call(assignment)), "service.domains[0]")


# --- must not open, must be open --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sites", "expected_findings"),
    [
        ({}, {}),  # it does not resolve
        ({"shop7": page("hello")}, {"SITE_OPENS": BLOCKER}),
        ({"www": page("hello")}, {"SITE_OPENS": BLOCKER}),
        ({"shop7": page(status=403)}, {"SITE_ANSWERS": WARNING}),
        ({"shop7": page(status=403), "www": page("hello")}, {"SITE_OPENS": BLOCKER}),
        ({"shop7": FAILED}, {"SITE_UNCHECKED": INFO}),
        ({"shop7": REFUSED, "www": REFUSED}, {"SITE_UNCHECKED": INFO}),
    ],
)
@pytest.mark.parametrize("order_type", [FIRST, ADD])
def test_an_unfiled_site_must_not_open(
    order_type: pb.OrderType.ValueType, sites: dict[str, FetchedPage | FetchError], expected_findings: dict[str, int]
) -> None:
    """HW-KB doc_0150; a network's failure is a remark, and no such name is what is wanted."""
    assignment = order(order_type)
    assignment.service.licence_number = ""
    assert found(site(assignment, **sites), "service.domains[0]") == expected_findings


@pytest.mark.parametrize(
    ("sites", "expected_findings"),
    [
        ({"shop7": page("hello")}, {}),
        ({"www": page("hello")}, {}),
        ({}, {"SITE_NOT_RESOLVED": WARNING}),
        ({"shop7": page(status=404)}, {"SITE_CLOSED": WARNING}),
        ({"shop7": page(status=503), "www": FAILED}, {"SITE_CLOSED": WARNING}),
        ({"shop7": FAILED}, {"SITE_UNCHECKED": INFO}),
        ({"shop7": REFUSED, "www": REFUSED}, {"SITE_UNCHECKED": INFO}),
    ],
)
@pytest.mark.parametrize("order_type", [ACCESS, pb.ORDER_TYPE_CHANGE_SUBJECT, pb.ORDER_TYPE_CHANGE_SERVICE])
def test_a_filed_site_must_be_open(
    order_type: pb.OrderType.ValueType, sites: dict[str, FetchedPage | FetchError], expected_findings: dict[str, int]
) -> None:
    """S4.13, S1.7: a warning where no province makes it a condition."""
    assert found(site(order(order_type, province="山东"), **sites), "service.domains[0]") == expected_findings


@pytest.mark.parametrize("province", sorted(DEMANDED))
def test_a_province_may_make_it_a_condition(province: str) -> None:
    """已备案网站须可访问 (ALI-2019, TC-DOC, HW-KB, S4.19): refused where a page answered; never for the network."""
    assert found(site(order(ACCESS, province=province), shop7=page(status=404))) == {"SITE_CLOSED": BLOCKER}
    assert found(site(order(ACCESS, province=province), shop7=FAILED)) == {"SITE_UNCHECKED": INFO}
    assert found(site(order(ACCESS, province=province))) == {"SITE_NOT_RESOLVED": WARNING}


def test_the_subject_s_other_sites_must_be_open_too() -> None:
    """S4.12: of a new site the bureau checks those that are filed; a cancelled one, and an APP, are not asked."""
    assignment = order(ADD, province="河南")
    assignment.service.licence_number = ""
    services = assignment.subject.services
    services.add(kind=pb.SERVICE_KIND_WEBSITE, domains=["old.cn"], licence_number="豫ICP备2025000007号-1")
    services.add(
        kind=pb.SERVICE_KIND_WEBSITE,
        domains=["gone.cn"],
        licence_number="豫ICP备2025000007号-2",
        state=pb.SERVICE_STATE_CANCELLED,
    )
    services.add(kind=pb.SERVICE_KIND_APP, domains=["app.cn"], licence_number="豫ICP备2025000007号-3A")
    web = Web({"old.cn": page(status=500)})
    answer = SiteVerifier().verify(web.call(assignment))
    assert found(answer, "services[1].domains[0]") == {"SITE_CLOSED": BLOCKER}
    assert not [url for url in web.asked if "gone" in url or "app.cn" in url]


def test_many_sites_are_not_all_visited() -> None:
    """A visit takes time; those beyond the limit are said to be unchecked."""
    assignment = order(ACCESS)
    assignment.service.domains[:] = [f"site{number}.cn" for number in range(MOST_SITES + 2)]
    web = Web({f"site{number}.cn": page("hello") for number in range(MOST_SITES + 2)})
    for verifier, code in ((SiteVerifier(), "SITE_UNCHECKED"), (FooterVerifier(), "FOOTER_UNCHECKED")):
        web.asked.clear()
        answer = verifier.verify(web.call(assignment))
        assert len(web.asked) == MOST_SITES
        assert sum(finding.code == code for finding in answer.findings) == 2


def test_without_a_fetcher_nothing_is_judged() -> None:
    """A host that offers none leaves a remark."""
    answer = SiteVerifier().verify(call(order()))
    assert found(answer) == {"SITE_UNCHECKED": INFO}
    assert "FETCH_NOT_OFFERED" in answer.findings[0].message_zh


# --- the footer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        LINK.format(NUMBER),
        f"<p>© 2020-2026 示例公司 版权所有 {LINK.format(NUMBER)} 2026</p>",
        LINK.format("京ICP备2025000007-1号"),
        LINK.format("京icp备 2025000007号 — 1"),
        LINK.format("京ＩＣＰ备２０２５０００００７号－１"),
        LINK.format("京&#73;CP备2025000007号&#45;1"),
        LINK.format("<span>京ICP备</span><span>2025000007号-1</span>"),
        f"<a href='/other'>{NUMBER}</a>{LINK.format('备案号：' + NUMBER)}<script>蜀ICP备2026007879号-1</script>",
        f"<A HREF=https://beian.miit.gov.cn>{NUMBER}",
    ],
)
def test_the_number_in_any_spelling_with_its_link_passes(html: str) -> None:
    """Old footers write the suffix before 号, blanks, other dashes (domain facts 1.2); scripts are not shown."""
    assert footer(html) == {}


@pytest.mark.parametrize(
    ("html", "expected_findings"),
    [
        ("", {"FOOTER_NUMBER_ABSENT": WARNING}),
        ("京公网安备 11010502030143号", {"FOOTER_NUMBER_ABSENT": WARNING}),
        (f"<!-- {LINK.format(NUMBER)} -->", {"FOOTER_NUMBER_ABSENT": WARNING}),
        (LINK.format("京ICP备2025000008号-1"), {"FOOTER_NUMBER_WRONG": WARNING}),
        (LINK.format("京ICP备2025000007号-2"), {"FOOTER_NUMBER_WRONG": WARNING}),
        (LINK.format("京ICP备2025000007号-12"), {"FOOTER_NUMBER_WRONG": WARNING}),
        (LINK.format("京ICP备2025000007号-1A"), {"FOOTER_NUMBER_WRONG": WARNING}),
        (LINK.format("津ICP备2025000007号-1"), {"FOOTER_NUMBER_WRONG": WARNING}),
        (LINK.format("京ICP备2025000007号"), {"FOOTER_NUMBER_WRONG": WARNING}),  # the subject's
        (NUMBER, {"FOOTER_NOT_LINKED": WARNING}),
        (f'<a href="http://www.miitbeian.gov.cn">{NUMBER}</a>', {"FOOTER_NOT_LINKED": WARNING}),
        (f'<a href="http://beian.miit.gov.cn">{NUMBER}</a>', {"FOOTER_NOT_LINKED": WARNING}),
        (f'<a href="https://beian.miit.gov.cn.evil.example">{NUMBER}</a>', {"FOOTER_NOT_LINKED": WARNING}),
    ],
)
def test_a_footer_that_is_not_right_is_found(html: str, expected_findings: dict[str, int]) -> None:
    """S4.36: absent or wrong; S4.35: not linked to https://beian.miit.gov.cn."""
    assert footer(html) == expected_findings


@pytest.mark.parametrize(
    ("shown", "expected_findings"),
    [("粤ICP备2025000007号", {}), ("粤ICP备2025000007号-1", {"FOOTER_NUMBER_WRONG": WARNING})],
)
def test_guangdong_shows_the_subject_s_number(shown: str, expected_findings: dict[str, int]) -> None:
    """Without suffix, where all other provinces show the service's (HW-KB doc_0033)."""
    assert footer(LINK.format(shown), "广东", "粤ICP备2025000007号-1") == expected_findings


@pytest.mark.parametrize("province", ["河南", "广西"])
def test_a_province_may_refuse_the_order_for_a_footer(province: str) -> None:
    """S4.19 (河南), HW-KB (广西: 须可访问且挂号)."""
    assert footer("", province) == {"FOOTER_NUMBER_ABSENT": BLOCKER}


@pytest.mark.parametrize("answered", [page(status=404), FAILED, REFUSED])
def test_a_page_that_was_not_seen_is_not_judged(answered: FetchedPage | FetchError) -> None:
    """Whether it is open is the other verifier's to say."""
    web = Web({"shop7.cn": answered})
    assert found(FooterVerifier().verify(web.call(order(ACCESS)))) == {"FOOTER_UNCHECKED": INFO}


def test_a_number_on_record_that_cannot_be_read_is_said() -> None:
    """No page can be compared with it."""
    assignment = order(ACCESS)
    assignment.service.licence_number = "粤B2-20090059"
    answer = FooterVerifier().verify(Web().call(assignment))
    assert "LICENCE_NUMBER_UNREADABLE" in answer.findings[0].message_zh


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("陇ICP备19001358号-1", ["陇ICP备19001358号-1"]),
        ("滇ICP备09010050-5号", ["滇ICP备09010050号-5"]),
        ("陕ICP备 13007681号", ["陕ICP备13007681号"]),
        ("蜀ICP備2026007879号-2a", ["蜀ICP备2026007879号-2A"]),
        ("藏ICP备2026000658号 2026", ["藏ICP备2026000658号"]),
        ("甘ICP备19001358号", []),  # 甘肃 is 陇
        ("京ICP备123456789号", []),
        ("京ICP证030173号-1", []),
    ],
)
def test_numbers_are_read_leniently_and_printed_canonically(text: str, printed: list[str]) -> None:
    """Samples of public footers (domain facts 1.2)."""
    assert [str(number) for number in numbers(text)] == printed


def test_what_a_site_has_to_show() -> None:
    """None where the record's number cannot be read, or holds two."""
    assert str(expected("蜀ICP备2026007879号-1")) == "蜀ICP备2026007879号-1"
    assert str(expected("粤ICP备2026007879号-1")) == "粤ICP备2026007879号"
    assert expected("") is None
    assert expected(f"{NUMBER} 蜀ICP备2026007879号-1") is None


@given(html=st.text(), href=st.text())
def test_any_page_is_read(html: str, href: str) -> None:
    """Nothing that a site serves raises."""
    assert shown(read(f'<a href="{href}">{html}</a><meta name=description content="{href}">')) is not None
    assert not is_portal(href)


_HOSTILE = [
    *("<", "<!", "<!--", "<a", "</", "<a href='", "<![CDATA[", "<?", "&", "&#", "<script>", "<a ", '<a x="', "<title>"),
    *(
        "<a b='\n",
        "<a href=",
        "href = ",
        " ",
        "京ICP备",
        "京ICP备2025000007号-1 ",
        "<script></s",
        "&#9",
        "\ufdfa",
        "<a>",
    ),
]


@pytest.mark.parametrize("piece", _HOSTILE)
def test_no_page_keeps_a_reader_busy(piece: str) -> None:
    """A fetched page has at most 1 MiB; the standard library's parser takes hours over some of these."""
    began = time.process_time()
    source = (piece * 128 * 1024)[: 128 * 1024]
    shown(read(source))
    shown(read(f"<a href={source}"))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<b>c</b>d", "a c d"),
        ("a<!-- <p>b --><p>c", "a c"),
        ("a<script>b</script>c<style>d</STYLE>e", "a c e"),
        ("1 < 2 & 3 &gt; 2&nbsp;&#20013;", "1 < 2 & 3 > 2\xa0中"),
        ("<title>t</title>x<script>never ends", "x"),
        ("x<!-- never ends", "x"),
        (f"x&#{'9' * 5000};", f"x&#{'9' * 5000};"),
    ],
)
def test_what_a_visitor_sees_is_read(html: str, text: str) -> None:
    """Text without markup, comments, scripts and styles."""
    assert " ".join(" ".join(read(html).text).split(" ")).replace("  ", " ").strip() == text
