"""Asking, listing, overriding and comparing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from beianhub_core.rulebook import PackError, Scope, diff, load_rulebook

REMEDY: Final = re.compile(r".*[\u4e00-\u9fff].*。 / [A-Z].+\.")
HEAD = 'pack: {id: %s, version: "1", as_of: "2027", title: 自有}\n'


def pack(folder: Path, rules: str, name: str = "own") -> Path:
    """A pack in a file."""
    path = folder / f"{name}.yaml"
    path.write_text(HEAD % name + "rules:\n" + rules, encoding="utf-8")
    return path


def test_packs() -> None:
    """The built-in packs are versioned and dated, and loaded once."""
    book = load_rulebook()
    assert [p.id for p in book.packs] == ["catalogue", "national", "tencent", "aliyun", "huawei", "provinces"]
    assert all(p.version and p.as_of and p.title and p.path and p.path.exists() for p in book.packs)
    assert load_rulebook() is book


def test_unknown_id() -> None:
    """Asking for an id that no pack defines is a programming error, not a missing rule."""
    with pytest.raises(KeyError):
        load_rulebook().find("nothing.of_the_kind")


def test_specificity(tmp_path: Path) -> None:
    """The more fields a scope names, the nearer it is; among as many, a province stands above a provider."""
    path = pack(
        tmp_path,
        """
- {scope: {provider: zeta}, source: [a], as_of: "2027", values: {phone_check.calls: 1}}
- {scope: {province: 河南}, source: [b], as_of: "2001", values: {phone_check.calls: 3}}
- {scope: {province: 河南, nature: UNIT}, source: [c], as_of: "2001", values: {phone_check.calls: 4}}
- {scope: {province: 河南, nature: GOVERNMENT}, source: [d], as_of: "2001", values: {phone_check.calls: 5}}
- {scope: {province: 河南, provider: zeta}, source: [e], as_of: "2001", values: {phone_check.calls: 6}}
- {scope: {province: 河北}, source: [f], as_of: "2027", values: {phone_check.calls: null}}
""",
    )
    book = load_rulebook([path])

    def calls(province: str = "", nature: str = "", provider: str = "") -> object:
        rule = book.find("phone_check.calls", province=province, nature=nature, provider=provider)
        assert rule is not None
        return rule.value

    assert calls() == calls("海南", "INDIVIDUAL") == 2
    assert calls(provider="zeta") == 1
    assert calls("河南", "INDIVIDUAL") == 3
    assert calls("河南", "ENTERPRISE") == 4
    assert calls("河南", "GOVERNMENT") == 5
    assert calls("河南", "GOVERNMENT", "zeta") == 6
    assert calls("河北") == 2  # a silent source leaves the word to the wider scope


def test_newest_official_source(tmp_path: Path) -> None:
    """The newest official statement stands; weaker, older and future ones stay beside it with the reason."""
    path = pack(
        tmp_path,
        """
- {source: [newer], as_of: "2026", values: {phone_check.calls: 3}}
- {source: [blog], as_of: "2027", official: false, values: {phone_check.calls: 4}}
- {source: [law], as_of: "2027", since: "2030-01-01", values: {phone_check.calls: 5}}
- {source: [gone], as_of: "2027", until: "2025-01-01", values: {phone_check.calls: 6}}
""",
    )
    book = load_rulebook([path])
    now = book.find("phone_check.calls", today=date(2026, 11, 22))
    later = book.find("phone_check.calls", today=date(2031, 1, 1))
    assert now is not None
    assert later is not None
    assert (now.value, later.value) == (3, 5)
    reasons = {a.source[0]: a.reason_not_chosen for a in now.alternatives}
    assert "较旧" in reasons["ALI-2019"]
    assert "弱" in reasons["blog"]
    assert "有效期" in reasons["law"]
    assert "有效期" in reasons["gone"]


def test_list() -> None:
    """A listing keeps the rules that the facts bring into play: they name one of them and contradict none."""
    book = load_rulebook()
    henan = book.list(province="河南", nature="INDIVIDUAL")
    assert {r.scope.province for r in henan} == {"河南", ""}
    assert {r.scope.nature for r in henan} == {"INDIVIDUAL", ""}
    assert all(r.scope != Scope() for r in henan)
    assert {r.scope.nature for r in book.list(province="河南", nature="ENTERPRISE")} == {"UNIT", ""}
    assert {r.id for r in book.list(id="access", province="河南")} == {"access.must_match"}
    assert {r.id for r in book.list(id="serve_from")} == {"serve_from", "serve_from.blocked_before"}
    assert len(book.list()) == len(book.scopes())


def test_find_all() -> None:
    """All letters of a province at once, each with the statement that holds."""
    letters = load_rulebook().find_all("letters", province="江苏", nature="ENTERPRISE")
    needed = {
        "letters.truthfulness_notice",
        "letters.commitment",
        "letters.verification_video",
        "letters.authorisation",
    }
    assert {r.id for r in letters if r.value} == needed
    early = load_rulebook().find_all("letters", province="江苏", nature="ENTERPRISE", today=date(2021, 1, 1))
    assert {r.id for r in early} == {"letters.authorisation"}


def test_override_takes_a_kept_statement() -> None:
    """A tenant opts in to what another source says; source and date are that source's."""
    book = load_rulebook(overrides={"serve_from": {"value": "SUBMISSION"}})
    for provider in ("", "aliyun", "huawei"):
        rule = book.find("serve_from", provider=provider)
        assert rule is not None
        assert (rule.value, rule.source, rule.as_of, rule.pack) == ("SUBMISSION", ("S0.2",), "2018", "overrides")
        assert "S1.21" in rule.conflicts_with


def test_override_with_scope() -> None:
    """An override may hold in some places only, and names its own source where none says so."""
    own = {
        "value": 9,
        "scope": {"province": ["河南", "河北"]},
        "source": ["letter of 2026-10-01"],
        "as_of": "2026-10-01",
    }
    book = load_rulebook(overrides={"phone_check.calls": [own]})
    henan, hainan = (book.find("phone_check.calls", province=p) for p in ("河南", "海南"))
    assert henan is not None
    assert hainan is not None
    assert (henan.value, hainan.value) == (9, 2)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"serve_from": {"value": "TOMORROW"}}, "SOURCE_MISSING"),
        ({"serve_from": "SUBMISSION"}, "OVERRIDE_WRONG"),
        ({"serve_from": {"value": "SUBMISSION", "colour": "red"}}, "UNKNOWN_FIELD"),
        ({"serve_form": {"value": 1, "source": ["x"], "as_of": "2026"}}, "UNKNOWN_RULE_ID"),
    ],
)
def test_wrong_override(overrides: dict[str, object], code: str) -> None:
    """A wrong override is refused with its place."""
    with pytest.raises(PackError) as caught:
        load_rulebook(overrides=overrides)
    assert code in {f.code for f in caught.value.findings}
    assert all(f.path.startswith("overrides") for f in caught.value.findings)


def test_diff(tmp_path: Path) -> None:
    """A comparison names what is new, what is gone and what says something else."""
    built_in = load_rulebook()
    path = pack(
        tmp_path,
        """
- {scope: {province: 海南}, source: [n], as_of: "2027", values: {phone_check.calls: 1}}
- {source: [o], as_of: "2027", values: {phone_check.calls: 3}}
""",
    )
    changes = diff(built_in, load_rulebook([path]))
    assert [(c.id, c.scope.province, c.before is None) for c in changes] == [
        ("phone_check.calls", "", False),
        ("phone_check.calls", "海南", True),
    ]
    assert diff(built_in, built_in) == []
    back = diff(load_rulebook([path]), built_in)
    assert [c.after is None for c in back] == [False, True]


def test_a_newer_version_replaces_a_built_in_pack(tmp_path: Path) -> None:
    """A file with the id of a built-in pack takes its place whole."""
    rules = '- {scope: {provider: aliyun}, source: [n], as_of: "2027", values: {quota.services_per_server: 7}}'
    book = load_rulebook([pack(tmp_path, rules, "aliyun")])
    assert [p.version for p in book.packs if p.id == "aliyun"] == ["1"]
    rule = book.find("quota.services_per_server", provider="aliyun")
    assert rule is not None
    assert (rule.value, rule.alternatives) == (7, ())
    assert book.find("withdrawable.draft", provider="aliyun") is None


def test_a_pack_may_bring_its_own_ids(tmp_path: Path) -> None:
    """A plugin's pack defines ids of its own."""
    path = tmp_path / "plugin.yaml"
    path.write_text(
        HEAD % "plugin"
        + """
definitions:
  zeta.colour:
    {kind: choice, severity: INFO, zh: "颜色{value}", en: "colour {value}", do: Paint it., words: {red: [红, red]}}
rules:
  - {scope: {provider: zeta}, source: [manual], as_of: "2026-01-31", values: {zeta.colour: red}}
""",
        encoding="utf-8",
    )
    rule = load_rulebook([path]).find("zeta.colour", provider="zeta")
    assert rule is not None
    assert (rule.message_zh, rule.message_en) == ("颜色红", "colour red")
    assert rule.document()["scope"] == {"provider": "zeta"}


def test_every_remedy_is_told_in_both_languages() -> None:
    """The catalogue's remedies are "中文。 / English.", as every finding's is."""
    definitions = load_rulebook().definitions.values()
    assert not [each.id for each in definitions if not REMEDY.fullmatch(each.suggestion)]
