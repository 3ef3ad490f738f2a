"""What the rulebook says of an order, from the record alone."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application.ruling import ruling
from beianhub_core.domain.overriding import is_overridable
from beianhub_core.rulebook import load_rulebook
from beianhub_core.rules.provinces import PROVINCES

BOOK: Final = load_rulebook()
TODAY: Final = date(2026, 6, 1)
SUBJECT: Final = "tenants/acme/subjects/s1"
SERVICE: Final = f"{SUBJECT}/services/w1"
UNFILED: Final = res.SUBJECT_STATE_NOT_FILED


def record(state: int = UNFILED, province: str = "河南", domains: tuple[str, ...] = ("example.com",)) -> Record:
    """An enterprise with one website, which Aliyun holds where the subject is filed."""
    made = Record(subject=res.Subject(name=SUBJECT, state=state))
    made.subject.profile.province, made.subject.profile.nature = province, res.NATURE_ENTERPRISE
    service = made.subject.services.add(name=SERVICE, kind=res.SERVICE_KIND_WEBSITE, domains=domains)
    service.state = res.SERVICE_STATE_NOT_FILED
    if state == res.SUBJECT_STATE_FILED:
        service.state = res.SERVICE_STATE_FILED
        service.accesses.add(provider="aliyun", state=res.ACCESS_STATE_ACTIVE)
    return made


def order(kind: int, provider: str = "tencent", **fields: Any) -> res.Order:
    return res.Order(subject=SUBJECT, service=SERVICE, type=kind, provider=provider, ips=["8.8.8.8"], **fields)


def found(given: Record, asked: res.Order, code: str) -> list[res.Finding]:
    return [each for each in ruling(given, asked, TODAY, BOOK) if each.code == code]


@pytest.mark.parametrize(
    ("province", "code", "severity"),
    [("北京", "SHELL_ADDS_DIRECTLY", res.SEVERITY_INFO), ("河南", "SHELL_CANCEL_FIRST", res.SEVERITY_BLOCKER)],
)
def test_a_shell_adds_a_service_in_some_provinces(province: str, code: str, severity: int) -> None:
    """11 provinces add directly, the others cancel the shell first (HW-KB doc_0037, S1.5, S4.18)."""
    given = record(res.SUBJECT_STATE_SHELL, province)
    (shell,) = found(given, order(res.ORDER_TYPE_ADD_SERVICE), code)
    assert (shell.severity, shell.rule, shell.path) == (severity, "shell.add_directly", "subject.state")
    assert shell.as_of
    assert "HW-KB doc_0037" in shell.source


def test_each_domain_and_each_address_is_checked_and_named() -> None:
    """A finding's path says which of the service's domains, and which of the order's addresses, it is about."""
    given = record(province="北京", domains=("shop.com", "shop.org"))
    asked = order(res.ORDER_TYPE_FIRST_FILING)
    asked.ips.append("10.0.0.1")
    assert [each.path for each in found(given, asked, "SUFFIX_REFUSED")] == ["service.domains[1]"]
    assert [each.path for each in found(given, asked, "IP_NOT_PUBLIC")] == ["order.ips[1]"]


def test_a_rule_holds_where_and_for_whom_it_is_stated() -> None:
    """The same website passes in a province whose sources do not refuse its suffix."""
    asked = order(res.ORDER_TYPE_FIRST_FILING)
    assert found(record(province="北京", domains=("shop.org",)), asked, "SUFFIX_REFUSED")
    assert not found(record(province="四川", domains=("shop.com",)), asked, "SUFFIX_REFUSED")


def test_what_the_record_does_not_hold_is_named_and_never_blocks() -> None:
    """Whether the site opens, or whether the domain's holder fits, is asked with the field that it is about."""
    asked = found(record(res.SUBJECT_STATE_FILED), order(res.ORDER_TYPE_ADD_ACCESS), "FACT_UNKNOWN")
    names = {each.rule.removeprefix("planner.question."): each for each in asked}
    assert {"contact.phone_reachable", "domain.holder_matches", "access_differences", "site.opens"} <= set(names)
    assert names["contact.phone_reachable"].path == "service.principal.mobile"
    assert {each.severity for each in asked} == {res.SEVERITY_INFO}


def test_a_change_of_the_province_is_the_regulators_to_refuse() -> None:
    """The paths of the change are the planner's fields; MIIT's interface refuses another province (MIIT-V3 1046)."""
    asked = order(res.ORDER_TYPE_CHANGE_SUBJECT, "aliyun", change=res.OrderChange(paths=["profile.province"]))
    (refused,) = found(record(res.SUBJECT_STATE_FILED), asked, "PROVINCE_FIXED")
    assert (refused.path, is_overridable(refused)) == ("order.change.paths", False)


@pytest.mark.parametrize(("province", "warnings"), [("河北", 0), ("陕西", 0), ("广东", 0), ("河南", 0), ("北京", 1)])
def test_both_provinces_of_a_migration_are_looked_up(province: str, warnings: int) -> None:
    """Huawei counts 26 provinces and names three, S4.17 a fourth; any other is a warning, not a no, on either side."""
    moves = order(res.ORDER_TYPE_MIGRATE_SERVICE, "huawei", target_account="tenants/acme/accounts/huawei-b")
    filed, hebei = record(res.SUBJECT_STATE_FILED, province), record(res.SUBJECT_STATE_FILED, "河北")
    for source, target, path in (
        (filed, hebei, "subject.profile.province"),
        (hebei, filed, "order.target_subject"),
    ):
        answer = ruling(source, moves, TODAY, BOOK, target)
        unknown = [each for each in answer if each.code == "MIGRATION_UNKNOWN"]
        assert [(each.path, each.severity) for each in unknown] == [(path, res.SEVERITY_WARNING)] * warnings
        assert all(each.source for each in unknown)
        assert not [each for each in answer if each.rule.startswith("planner.question.target.")]


def test_the_record_alone_never_makes_a_guess_a_blocker() -> None:
    """Of every type in every province only rules of that province or provider block, and each names what to do."""
    blockers = {}
    for province in PROVINCES:
        for kind in res.OrderType.values()[1:]:
            filed = kind not in (res.ORDER_TYPE_FIRST_FILING, res.ORDER_TYPE_ADD_SERVICE)
            given = record(res.SUBJECT_STATE_FILED if filed else UNFILED, province.name)
            provider = "tencent" if kind == res.ORDER_TYPE_ADD_ACCESS else "aliyun"
            for each in ruling(given, order(kind, provider), TODAY, BOOK):
                assert each.path.split(".")[0].split("[")[0] in ("order", "subject", "service"), each
                if each.severity == res.SEVERITY_BLOCKER:
                    blockers[each.code] = each
    assert set(blockers) <= {"MIGRATION_REFUSED"}
    assert all(each.suggestion and each.source for each in blockers.values())
