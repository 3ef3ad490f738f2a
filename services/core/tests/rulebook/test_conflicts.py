"""The conflicts between the sources, and the timings, as the packs represent them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beianhub_core.rulebook import Rule, Rulebook, load_rulebook


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The built-in packs."""
    return load_rulebook()


def found(book: Rulebook, id_: str, **facts: Any) -> Rule:
    """The rule, which is there."""
    rule = book.find(id_, **facts)
    assert rule is not None, id_
    return rule


NATION: dict[str, str] = {}


@pytest.mark.parametrize(
    ("id_", "facts", "value", "source", "against"),
    [
        ("serve_from", NATION, "APPROVAL", "S1.21", {"S0.2"}),
        ("cancel.irrevocable_from", NATION, "SUBMISSION", "S0.20", {"S3.12", "S3.17"}),
        ("access.may_carry_changes", NATION, "DEPENDS", "HW-KB doc_0016", {"S1.18"}),
        ("access.may_carry_changes", {"provider": "aliyun"}, "NO", "S1.18", {"HW-KB doc_0016"}),
        (
            "access.may_carry_changes",
            {"provider": "huawei", "province": "江苏"},
            "YES",
            "S4.10",
            {"S1.18", "HW-KB doc_0016"},
        ),
        (
            "access.may_carry_changes",
            {"provider": "huawei", "province": "天津"},
            "YES",
            "S4.24",
            {"S1.18", "HW-KB doc_0016"},
        ),
        (
            "access.may_carry_changes",
            {"provider": "huawei", "province": "河北"},
            "NO",
            "HW-KB 河北",
            {"S4.24", "HW-KB doc_0016"},
        ),
        (
            "access.may_carry_changes",
            {"provider": "huawei", "province": "广东"},
            "DEPENDS",
            "HW-KB doc_0016",
            {"S1.18"},
        ),
        ("access.contact_1", NATION, "OLD", "S1.2", {"S4.10"}),
        ("access.must_match", NATION, ["subject"], "S1.6", {"S4.10"}),
        ("shell.add_directly", {"province": "贵州"}, True, "HW-KB doc_0037", {"S1.5"}),
        ("change.certificate_number", NATION, "IMPOSSIBLE", "HW-KB doc_0195", {"S0.5", "S2.21"}),
        ("change.name", NATION, "WITH_RENAME_LETTER", "S4.16", {"S0.5", "S2.21"}),
        ("change.province", NATION, False, "HW-KB doc_0195", {"HW-KB SubjectChange", "HW-KB doc_0198"}),
        ("cancel.to_move", NATION, False, "S0.1", {"S3.2", "S3.3"}),
        ("cancel.to_change", NATION, False, "S0.3", {"S3.2", "S3.3"}),
        ("cancel.sole_access", NATION, "POSSIBLE", "S0.14", {"MIIT-V3 1025"}),
        ("change.ip", NATION, "REQUIRED", "S0.6", {"HW-KB IPChange"}),
        ("change.ip", {"provider": "huawei"}, "OPTIONAL", "HW-KB IPChange", {"HW-KB 5.2", "S0.6"}),
        ("suffix.refused", {"province": "北京"}, ["hk", "tw", "asia", "jp", "io", "me", "win", "org"], "S2.14", set()),
        ("domain.foreign_registrar", {"province": "北京", "nature": "ENTERPRISE"}, False, "S2.14", set()),
        ("refile.withdrawn_suffix", NATION, False, "ALI-2019", set()),
    ],
)
def test_conflict(book: Rulebook, id_: str, facts: dict[str, str], value: Any, source: str, against: set[str]) -> None:
    """What is chosen, by which source, and which sources stand against it."""
    rule = found(book, id_, **facts)
    assert rule.value == value
    assert source in rule.source
    assert against <= set(rule.conflicts_with)


def test_every_alternative_has_its_reason(book: Rulebook) -> None:
    """Whatever was not chosen says why, and every statement has a source and a date."""
    for rule in book.list():
        assert rule.source
        assert rule.as_of
        assert "{where}" not in rule.message_zh + rule.message_en
        assert "{value}" not in rule.message_zh + rule.message_en
        for other in rule.alternatives:
            assert other.reason_not_chosen
            assert other.source
            assert other.as_of


def test_filing_password(book: Rulebook) -> None:
    """The filing password was asked for; since 2020-08-17 it is not for cancelling a subject (HW-KB doc_0197)."""
    facts = {"order_type": "CANCEL_SUBJECT"}
    assert found(book, "password.required", **facts, today=date(2019, 1, 1)).value is True
    now = found(book, "password.required", **facts, today=date(2026, 11, 22))
    assert (now.value, now.conflicts_with) == (False, ("S2.25",))
    assert found(book, "password.required", order_type="ADD_ACCESS", provider="aliyun").source == ("S1.10",)
    assert book.find("password.required", order_type="FIRST_FILING") is None


def test_sms(book: Rulebook) -> None:
    """Since 2020-08-17 every order but cancelling an access needs the SMS; some provinces began earlier."""
    early = {"order_type": "ADD_ACCESS", "province": "甘肃", "today": date(2018, 1, 1)}
    assert found(book, "sms.required", **early).value is True
    assert book.find("sms.required", order_type="ADD_ACCESS", province="北京", today=date(2018, 1, 1)) is None
    assert found(book, "sms.required", province="北京", today=date(2021, 1, 1)).value is True
    for province in ("", "北京", "甘肃"):
        cancelled = {"order_type": "CANCEL_ACCESS", "province": province}
        assert found(book, "sms.required", **cancelled).value is False
        assert found(book, "sms.recipient", **cancelled).value == ["NONE"]
        assert found(book, "withdrawable.let_sms_lapse", provider="tencent", **cancelled).value is False
    both = found(book, "sms.recipient", order_type="FIRST_FILING").value
    assert both == ["SUBJECT_PRINCIPAL", "SERVICE_PRINCIPAL"]
    assert found(book, "sms.wrong_tries").value == 5


U = ["UNKNOWN"]
NO = ["NO"]


@pytest.mark.parametrize(
    ("phase", "tencent", "aliyun", "huawei"),
    [
        ("draft", ["ABANDON"], ["ABANDON"], ["EDIT", "ABANDON"]),
        ("first_review", U, ["WITHDRAW"], ["WITHDRAW"]),
        ("first_review_rejected", ["WITHDRAW"], ["ABANDON"], ["EDIT", "ABANDON"]),
        ("identity_pending", ["ABANDON"], ["WITHDRAW", "ABANDON"], U),
        ("identity_passed", U, NO, U),
        ("ready_to_submit", U, U, ["WITHDRAW"]),
        ("sms_pending", U, U, U),
        ("regulator_review", NO, NO, NO),
        ("regulator_rejected", ["EDIT"], ["ABANDON", "EDIT"], ["EDIT"]),
        ("cancellation_sent", NO, NO, NO),
    ],
)
def test_withdrawals(book: Rulebook, phase: str, tencent: list[str], aliyun: list[str], huawei: list[str]) -> None:
    """What can be withdrawn at each point; UNKNOWN where the sources are silent, never "no"."""
    providers = {"tencent": tencent, "aliyun": aliyun, "huawei": huawei}
    for provider, value in providers.items():
        assert found(book, f"withdrawable.{phase}", provider=provider, order_type="FIRST_FILING").value == value


def test_lapse(book: Rulebook) -> None:
    """A cancellation at Tencent returns if the SMS stays unanswered, by a weak source (S3.17)."""
    rule = found(book, "withdrawable.sms_pending", provider="tencent", order_type="CANCEL_SERVICE")
    assert rule.value == ["LET_SMS_LAPSE"]
    assert set(rule.conflicts_with) == {"TC-DOC", "S0.20"}


@pytest.mark.parametrize(
    ("id_", "facts", "low", "high", "unit"),
    [
        ("duration.first_review", {"provider": "tencent"}, 0, 1, "WORKING_DAYS"),
        ("duration.first_review", {"provider": "huawei"}, 1, 2, "WORKING_DAYS"),
        ("duration.forwarding", {"provider": "tencent"}, 1, 3, "WORKING_DAYS"),
        ("sms.window", NATION, 0, 24, "HOURS"),
        ("sms.arrival", NATION, 0, 5, "MINUTES"),
        ("regulator.review_days", NATION, 1, 20, "WORKING_DAYS"),
        ("regulator.typical_days", {"province": "辽宁"}, 10, 14, "WORKING_DAYS"),
        ("regulator.cancel_days", {"provider": "tencent"}, 1, 20, "WORKING_DAYS"),
        ("regulator.cancel_days", NATION, 3, 20, "WORKING_DAYS"),
        ("duration.status_visible", NATION, 6, 48, "HOURS"),
        ("duration.unblocking", NATION, 1, 1, "WORKING_DAYS"),
        ("domain.real_name_sync", NATION, 2, 3, "WORKING_DAYS"),
        ("idle.limit", {"provider": "tencent"}, 45, 45, "DAYS"),
        ("idle.limit", {"provider": "aliyun"}, 45, 45, "DAYS"),
        ("change.within", NATION, 0, 10, "WORKING_DAYS"),
        ("access.change_after_days", {"province": "江苏", "nature": "ENTERPRISE"}, 0, 10, "WORKING_DAYS"),
        ("change.notice", NATION, 30, 30, "DAYS"),
        ("police.filing", NATION, 0, 30, "DAYS"),
        ("shell.cancel", NATION, 5, 5, "WORKING_DAYS"),
    ],
)
def test_timing(book: Rulebook, id_: str, facts: dict[str, str], low: int, high: int, unit: str) -> None:
    """Timings are ranges with a source; the longest is what one plans with."""
    assert found(book, id_, **facts).value == {"min": low, "max": high, "unit": unit}


def test_statement_ids_exist(book: Rulebook) -> None:
    """A cited statement of a seed is one of the 155."""
    sizes = (32, 28, 27, 23, 45)
    known = {f"S{seed}.{n}" for seed, size in enumerate(sizes) for n in range(1, size + 1)}
    assert len(known) == 155
    cited = {
        source
        for rule in book.list()
        for each in (rule.source, *(a.source for a in rule.alternatives))
        for source in each
        if source[0] == "S" and source[1:2].isdigit()
    }
    assert cited <= known
    assert len(cited) > 100
