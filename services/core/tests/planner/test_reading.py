"""Bad situations: clear findings with their paths, never a traceback, never a silent default."""

from __future__ import annotations

from typing import Any

import pytest

from beianhub_core.planner import Answer, Request, plan_document, read
from beianhub_core.planner.answer import Severity
from beianhub_core.planner.vocabulary import Field, Notice, Order, State, Wish, notice_kind
from beianhub_core.rulebook import load_rulebook


def findings(document: Any) -> list[tuple[str, str]]:
    answer = read(document)
    assert isinstance(answer, Answer)
    assert answer.blocked
    assert not answer.steps
    return [(finding.code, finding.path) for finding in answer.findings]


def situation(**parts: Any) -> dict[str, Any]:
    return {"situation": parts, "wish": "SERVE_DOMAIN"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (situation(subjekt={}), ("UNKNOWN_FIELD", "subjekt")),
        (situation(subject={"colour": "red"}), ("UNKNOWN_FIELD", "subject.colour")),
        (situation(subject={"province": "Mars"}), ("INVALID_VALUE", "subject.province")),
        (situation(subject={"nature": "PERSON"}), ("INVALID_VALUE", "subject.nature")),
        (situation(subject={"filed": "yes"}), ("INVALID_VALUE", "subject.filed")),
        (situation(subject={"services": True}), ("INVALID_VALUE", "subject.services")),
        (situation(subject={"services": -1}), ("INVALID_VALUE", "subject.services")),
        (situation(subject=[]), ("INVALID_VALUE", "subject")),
        (situation(server={"provider": "no one"}), ("INVALID_VALUE", "server.provider")),
        (situation(today="2026-02-30"), ("INVALID_VALUE", "today")),
        (situation(today=20260230), ("INVALID_VALUE", "today")),
        (situation(access_differences=["TASTE"]), ("INVALID_VALUE", "access_differences.0")),
        ({"situation": {}}, ("MISSING", "wish")),
        ({"situation": {}, "wish": "FLY"}, ("INVALID_VALUE", "wish")),
        ({"situation": {}, "wish": "END_ORDER", "extra": 1}, ("UNKNOWN_FIELD", "extra")),
        ([], ("NOT_A_MAPPING", "")),
        (None, ("NOT_A_MAPPING", "")),
    ],
)
def test_what_cannot_be_read_is_named(document: Any, expected: tuple[str, str]) -> None:
    """An unknown field, a wrong value or a wrong type is a finding at its path."""
    assert expected in findings(document)


def test_everything_wrong_is_said_at_once() -> None:
    """Three mistakes make three findings."""
    assert len(findings(situation(today="x", subject={"filed": 1, "foo": 2}))) == 3


@pytest.mark.parametrize(
    "parts",
    [
        {"domain": {"filed": True}, "service": {"filed": False}},
        {"subject": {"services": 0}, "service": {"filed": True}},
        {"subject": {"status": "CANCELLED", "filed": True}},
        {"subject": {"status": "SHELL", "services": 2}},
        {"subject": {"status": "SHELL", "filed": False}},
        {"subject": {"status": "SHELL"}, "domain": {"filed": True}},
        {"subject": {"filed": False, "filed_at": ["tencent"]}},
        {"subject": {"filed": False, "services": 1}},
        {"subject": {"filed": False}, "service": {"filed": True}},
        {"service": {"status": "CANCELLED", "filed": True}},
        {"service": {"status": "NO_ACCESS", "filed_at": ["aliyun"]}},
        {"service": {"status": "NO_ACCESS", "filed": False}},
        {"service": {"filed": False, "filed_at": ["aliyun"]}},
        {"today": "2026-01-01", "domain": {"expired": True, "expires_on": "2027-01-01"}},
        {"today": "2026-01-01", "domain": {"expired": False, "expires_on": "2025-01-01"}},
    ],
)
def test_a_situation_that_contradicts_itself_is_not_planned(parts: dict[str, Any]) -> None:
    """Two facts that exclude each other are a finding: to plan would be to guess which is right."""
    assert ("CONTRADICTION",) in {(code,) for code, _ in findings(situation(**parts))}


@pytest.mark.parametrize(
    "parts",
    [
        {"subject": {"status": "NORMAL", "filed": True, "services": 0}},
        {"subject": {"order": {"state": "REGULATOR_REVIEW"}}, "service": {"order_in_flight": False}},
        {"subject": {"filed": True}, "service": {"status": "CANCELLED"}, "domain": {"filed": True}},
    ],
)
def test_the_more_exact_of_two_facts_is_planned_with_a_warning(parts: dict[str, Any]) -> None:
    """Where one fact says more than the other, the plan takes it and names both."""
    found = plan_document(situation(**parts), load_rulebook()).findings
    assert [f.severity for f in found if f.code == "CONTRADICTION"] == [Severity.WARNING]


def test_an_unfiled_certificate_is_no_contradiction() -> None:
    """A filed domain under an unfiled subject is the trap of S4.7, which the planner answers."""
    assert isinstance(read(situation(domain={"filed": True}, subject={"filed": False})), Request)


def test_other_spellings_are_read() -> None:
    """Chinese words, long province names and vendors' states are read as the fixed ones."""
    request = read(
        {
            "wish": {"kind": "change-subject", "change": ["subject_name", "联系方式1"]},
            "subject": {
                "province": "广西壮族自治区",
                "filed_at": ["腾讯云"],
                "order": {"type": "接入备案", "state": "待管局审核"},
            },
        }
    )
    assert isinstance(request, Request)
    assert request.wish is Wish.CHANGE_SUBJECT
    assert request.change == (Field.NAME, Field.PHONE)
    subject = request.situation.subject
    assert subject.order is not None
    assert (subject.province, subject.filed_at) == ("广西", ["tencent"])
    assert (subject.order.type, subject.order.state) == (Order.ADD_ACCESS, State.REGULATOR_REVIEW)


@pytest.mark.parametrize(
    ("order", "state", "field", "expected"),
    [
        ("add-site", "初审", "legal_representative", (Order.ADD_SERVICE, State.PROVIDER_REVIEW, Field.PRINCIPAL)),
        ("change ip", "at_regulator", "IP address", (Order.CHANGE_ACCESS, State.REGULATOR_REVIEW, Field.IP)),
        ("cancel website", "approved", "手机号", (Order.CANCEL_SERVICE, State.FILED, Field.PHONE)),
        ("transfer-in", "草稿", "互联网信息服务负责人", (Order.ADD_ACCESS, State.DRAFT, Field.SERVICE_PRINCIPAL)),
    ],
)
def test_words_in_use_are_read(order: str, state: str, field: str, expected: tuple[Order, State, Field]) -> None:
    """What people call orders, states and fields is read as the one of ours that it can only mean."""
    said = {"subject": {"order": {"type": order, "state": state}}, "access_differences": [field]}
    request = read({"wish": "END_ORDER", **said})
    assert isinstance(request, Request)
    found = request.situation.subject.order
    assert found is not None
    assert (found.type, found.state, *(request.situation.access_differences or ())) == expected


@pytest.mark.parametrize("text", ["河南", "河南省", "豫", "Henan", "HENAN"])
def test_a_province_is_read_as_people_write_it(text: str) -> None:
    """Its short and its long name, its abbreviation, and its English name."""
    request = read(situation(subject={"province": text}))
    assert isinstance(request, Request)
    assert request.situation.subject.province == "河南"


def test_null_means_unknown() -> None:
    """A null is as good as a field that is left out."""
    assert read(situation(subject={"filed": None}, site=None)) == read(situation(subject={}))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FOOTER_NOT_LINKED", Notice.FOOTER_LINK),
        ("footer missing", Notice.FOOTER_NUMBER),
        ("EMPTY_SHELL", Notice.SHELL_SERVICE),
        ("SHELL_SUBJECT", Notice.SHELL_SUBJECT),
        ("空壳网站", Notice.SHELL_SERVICE),
        ("IP_MISMATCH", Notice.IP_MISMATCH),
        ("身份证已过有效期", Notice.ID_EXPIRED),
        ("主体名称错误", Notice.NAME),
        ("UNUSED_DOMAIN", Notice.DISUSED_DOMAIN),
        ("LEGAL_REP_CHANGED", Notice.PRINCIPAL),
        ("NAME_CHANGED", Notice.NAME),
        ("NUMBER_MISSING", Notice.FOOTER_NUMBER),
        ("CERT_NUMBER_WRONG", Notice.CERT_NUMBER),
        ("整改通知一", Notice.FOOTER_LINK),
        ("整改通知二", Notice.FOOTER_NUMBER),
        ("SUBJECT_SHELL", Notice.SHELL_SUBJECT),
        ("DOMAIN_OWNER", Notice.DOMAIN_HOLDER),
        ("ID card expired", Notice.ID_EXPIRED),
        ("site offline", Notice.SITE_CLOSED),
        ("网站无法打开", Notice.SITE_CLOSED),
        ("证号不一致", Notice.CERT_NUMBER),
        ("weather", None),
    ],
)
def test_kinds_of_notices_are_recognised(text: str, kind: Notice | None) -> None:
    """Notices are named freely; what nobody knows stays unknown."""
    assert notice_kind(text) is kind


def test_a_misspelt_field_is_told_what_it_may_have_meant() -> None:
    """The remedy names the fields that stand there, the nearest first."""
    answer = read(situation(subject={"natur": "ENTERPRISE"}))
    assert isinstance(answer, Answer)
    (finding,) = answer.findings
    assert finding.suggestion.endswith("spell it as one of: nature.")


def test_a_wrong_value_is_told_in_words_and_not_quoted() -> None:
    """The Chinese message calls the field by its name; the value, which may be anything, is not repeated."""
    answer = read(situation(subject={"nature": "张三", "services": "two"}, today="tomorrow"))
    assert isinstance(answer, Answer)
    told = {finding.path: finding for finding in answer.findings}
    assert told["subject.nature"].message_zh.startswith("主体性质（subject.nature）")
    assert "INDIVIDUAL" in told["subject.nature"].suggestion
    assert "YYYY-MM-DD" in told["today"].suggestion
    assert not any("张三" in str(finding) or "tomorrow" in str(finding) for finding in answer.findings)
