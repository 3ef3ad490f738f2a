"""The provinces' pack against the facts that it was made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from beianhub_core.rulebook import Rule, Rulebook, Scope, load_rulebook
from beianhub_core.rules.provinces import BY_NAME

# The provincial pages of 2019, field by field: E is a unit, P an individual.
PAGES: dict[str, Any] = json.loads(Path(__file__).with_name("ali2019.json").read_text(encoding="utf-8"))
NATURES = {"E": "UNIT", "P": "INDIVIDUAL"}
MATCH = {"principals": ["subject_principal", "service_principal"], "site_principal": ["service_principal"]}
AGES = {"no": {"age": 18}, "with_proof": {"age": 18, "with_proof_from": 0}}
CERTIFICATES = {"all_in_order": 1, "over_3": 4, "over_5": 6}
RESIDENCE = {
    "no_rule_stated": {"individual.residence": None},
    "local_only": {"individual.residence": "local_only"},
    "local_or_residence_proof": {"individual.residence": "local_or_residence_proof"},
    "local_or_residence_proof(student card ok)": {
        "individual.residence": "local_or_residence_proof",
        "individual.residence.student_card": True,
    },
}
PLAIN = {
    "site_contact_must_differ": "service.principal.must_differ",
    "foreign_registered_domains": "domain.foreign_registrar",
    "domain_valid_gt_months": "domain.min_months",
    "split_by_prefix_or_domain": "services.split_by_prefix",
    "access_mismatch_ok_with_change_proof": "access.mismatch_with_proof",
    "mobile": "phone.local",
    "foreign_person": "subject.principal.foreign_allowed",
    "party_government_letter": "letters.party_government",
    "filed_sites_must_be_open": "sites.must_be_open",
}


def _change(given: str, kind: str) -> dict[str, Any]:
    name = "change.unit" if kind == "E" else "change.individual"
    known = {"rename_with_proof_not_to_person": "rename_only"}
    # Yunnan's page says both; the stricter statement stands, the other is among the alternatives.
    return {name: "own_unit_only" if given.startswith("source_contradicts") else known.get(given, given)}


def _match(given: list[str]) -> dict[str, Any]:
    fields = [each for name in given for each in MATCH.get(name, [name])]
    return {"access.must_match": fields} | ({} if given else {"access.change_after": "YES"})


def _principal(given: str) -> dict[str, Any]:
    finance = "legal_rep_only_if_name_has_finance_words"
    known = {"not_stated": None, finance: "legal_rep_if_finance_words"}
    return {"subject.principal": known.get(given, given)}


def _contact(given: str) -> dict[str, Any]:
    return (
        {"service.principal.nonlocal_proof": True}
        if given.startswith("non-local")
        else {"service.principal": "legal_rep_or_authorised"}
    )


def expected(field: str, given: Any, kind: str) -> dict[str, Any]:
    """The rules that one field of a page becomes."""
    if field in PLAIN:
        return {PLAIN[field]: given}
    return {
        "principal": lambda: _principal(given),
        "site_contact": lambda: _contact(given),
        "holder": lambda: {"domain.holder": given.split("+")},
        "change": lambda: _change(given, kind),
        "access": lambda: {"access.must_match": None},
        "access_must_match": lambda: _match(given),
        "access_then_change": lambda: {"access.change_after": "YES"},
        "access_note": lambda: {"access.principal_must_be_legal_rep": True},
        "under18": lambda: {"minimum_age": AGES[given]},
        "resident_id": lambda: RESIDENCE[given],
        "finance_words_force_legal_rep": lambda: {"name.finance_words": "legal_rep"},
        "phone_proof": lambda: {"phone.bills_months": 3, "service.principal.exclusive": True},
        "domain_certificate": lambda: {"domain.certificate": CERTIFICATES[given]},
        "p_to_e_if": lambda: {"change.individual_to_unit_if": "legal_rep_or_service_principal"},
        "sms_line_in_2019_page": lambda: {"sms.required": given},
    }[field]()


FACTS = [
    (province, kind, id_, value)
    for province, page in PAGES.items()
    for kind in NATURES
    for field, given in page[kind].items()
    for id_, value in expected(field, given, kind).items()
]


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The built-in packs."""
    return load_rulebook()


def said(rule: Rule | None) -> list[tuple[Any, tuple[str, ...]]]:
    """Every statement of a rule."""
    assert rule is not None
    return [(rule.value, rule.source), *((a.value, a.source) for a in rule.alternatives)]


def test_every_field_of_2019_is_there(book: Rulebook) -> None:
    """Each field of each provincial page of 2019 is a statement with that page as its source."""
    assert len(FACTS) > 400
    for province, kind, id_, value in FACTS:
        scope = Scope(province, order_type="FIRST_FILING") if id_ == "sms.required" else Scope(province, NATURES[kind])
        page = PAGES[province]["source"]
        statements = said(book.at(id_, scope))
        assert any(v == value and page in source for v, source in statements), (province, kind, id_, value, statements)


def test_every_province_has_its_sources(book: Rulebook) -> None:
    """Each province keeps all three sources side by side; Huawei's knowledge base has nothing on three of them."""
    silent = {"吉林", "黑龙江", "重庆"}
    for province in BY_NAME:
        sources = {s for rule in book.list(province=province) for _, each in said(rule) for s in each}
        for label in ("ALI-2019", "TC-DOC", *(() if province in silent else ("HW-KB",))):
            assert any(source.startswith(label) for source in sources), (province, label)


@pytest.mark.parametrize("province", BY_NAME)
def test_every_province_answers(book: Rulebook, province: str) -> None:
    """For each province there is an answer to what a plan asks of it, for a unit and for an individual."""
    asked = {
        "ENTERPRISE": "subject.principal change.unit",
        "INDIVIDUAL": "change.individual",
    }
    both = (
        "domain.holder domain.min_months domain.real_name access.must_match access.may_carry_changes "
        "shell.add_directly regulator.review_days "
        "footer.number sites.must_be_open serve_from domains.per_service certificate.min_months "
        "phone.unique change.certificate_number change.name change.province"
    )
    for nature, ids in asked.items():
        for id_ in f"{ids} {both}".split():
            rule = book.find(id_, province=province, nature=nature)
            assert rule is not None, (id_, nature)
            assert rule.value is not None, (id_, nature)
    individual = book.find("individual.residence", province=province, nature="INDIVIDUAL")
    assert individual is not None
    assert individual.value in (None, "any", "local_only", "local_or_residence_proof")


def test_shells(book: Rulebook) -> None:
    """Eleven provinces let a shell subject add services directly (HW-KB doc_0037); all others cancel it first."""
    yes = {"天津", "辽宁", "四川", "云南", "江苏", "浙江", "上海", "广西", "山西", "北京", "贵州"}
    found = {p: book.find("shell.add_directly", province=p) for p in BY_NAME}
    assert {p for p, rule in found.items() if rule is not None and rule.value} == yes
    assert all(rule is not None and "S1.5" in rule.conflicts_with for p, rule in found.items() if p in yes)
    assert found["河南"] is not None
    assert found["河南"].source == ("S4.18",)


def test_residence(book: Rulebook) -> None:
    """Where only local IDs are accepted, by the newest source of each province."""
    found = {p: book.find("individual.residence", province=p, nature="INDIVIDUAL") for p in BY_NAME}
    local = {p for p, rule in found.items() if rule is not None and rule.value == "local_only"}
    assert local == {"山西", "内蒙古", "黑龙江", "河南", "广西", "重庆", "云南", "西藏", "甘肃", "青海", "宁夏", "新疆"}
    jiangxi = found["江西"]
    assert jiangxi is not None
    assert jiangxi.value == "local_or_residence_proof"
    assert {a.value for a in jiangxi.conflicts} == {"local_only"}


def test_migration(book: Rulebook) -> None:
    """Migration is known of four provinces; of the others the sources are silent, though they count 26."""
    found = {p: book.find("migration.supported", province=p) for p in BY_NAME}
    assert {p for p, r in found.items() if r is not None and r.value} == {"河北", "陕西", "广东", "河南"}
    assert all(r is not None and r.value in (True, None) for r in found.values())
    count = book.find("migration.provinces")
    assert count is not None
    assert count.value == 26


@pytest.mark.parametrize(
    ("province", "nature", "id_", "value", "source"),
    [
        ("江苏", "INDIVIDUAL", "minimum_age", {"age": 18, "with_proof_from": 16, "proof": "income"}, "TC-DOC 江苏"),
        ("青海", "GOVERNMENT", "subject.principal", "legal_rep_or_authorised", "TC-DOC 青海"),
        ("青海", "ENTERPRISE", "subject.principal", "legal_rep", "TC-DOC 青海"),
        ("宁夏", "ENTERPRISE", "domain.holder", ["unit"], "HW-KB 宁夏"),
        ("福建", "ENTERPRISE", "domain.holder", ["unit", "legal_rep"], "HW-KB 福建"),
        ("陕西", "ENTERPRISE", "change.unit", "rename_only", "HW-KB 陕西"),
        ("湖北", "ENTERPRISE", "services.per_order", 1, "HW-KB 湖北"),
        ("河南", "INDIVIDUAL", "domains.per_order", 3, "TC-DOC 河南"),
        ("广东", "ENTERPRISE", "footer.number", "SUBJECT", "HW-KB doc_0033"),
        ("安徽", "ENTERPRISE", "change.certificate_number", "REFILE", "HW-KB 安徽"),
        ("浙江", "ENTERPRISE", "regulator.review_days", {"min": 0, "max": 30, "unit": "DAYS"}, "TC-DOC 浙江"),
        ("云南", "INDIVIDUAL", "change.individual", "own_unit_only", "TC-DOC 云南"),
        ("天津", "INDIVIDUAL", "individual.residence", "any", "HW-KB 天津"),
        ("广东", "ENTERPRISE", "letters.commitment", True, "HW-KB 广东"),
    ],
)
def test_newer_sources(book: Rulebook, province: str, nature: str, id_: str, value: Any, source: str) -> None:
    """The newest official source of a province stands."""
    rule = book.find(id_, province=province, nature=nature)
    assert rule is not None
    assert (rule.value, source in rule.source) == (value, True)


def test_scopes_do_not_mix(book: Rulebook) -> None:
    """A province states an id for everyone or per nature: else an older, narrower statement would hide a newer."""
    wide = {
        (id_, s.province)
        for id_, s in book.scopes()
        if s.province and not s.nature and not s.order_type and not s.provider
    }
    narrow = {(id_, s.province) for id_, s in book.scopes() if s.province and s.nature}
    assert not wide & narrow


def test_pre_approvals(book: Rulebook) -> None:
    """Education and health care still need a pre-approval in a few provinces (ALI-2019)."""
    found = {p: book.find("pre_approval.also", province=p) for p in BY_NAME}
    assert {p: r.value for p, r in found.items() if r is not None} == {
        "浙江": ["education"],
        "青海": ["education"],
        "河北": ["health"],
        "西藏": ["education", "health"],
    }
