"""Packs that are wrong: every problem at once, with its path, both languages and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from beianhub_core.rulebook import PackError, load_rulebook

HEAD = 'pack: {id: own, version: "1", as_of: "2026", title: t}\n'
GOOD = 'source: [s], as_of: "2026", values: {sms.wrong_tries: 4}'


def problems(folder: Path, text: str | bytes) -> list[tuple[str, str]]:
    """The codes and paths of what is wrong."""
    path = folder / "own.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PackError) as caught:
        load_rulebook([path])
    assert caught.value.reason == "RULE_PACK_INVALID"
    for finding in caught.value.findings:
        assert finding.path.startswith("own.yaml")
        assert finding.message_zh
        assert finding.message_en
        assert "。 / " in finding.suggestion
    return [(f.code, f.path.removeprefix("own.yaml").removeprefix(": ")) for f in caught.value.findings]


@pytest.mark.parametrize(
    ("block", "code", "path"),
    [
        (f"scope: {{province: 火星}}, {GOOD}", "UNKNOWN_PROVINCE", "rules[0].scope.province"),
        (f"scope: {{province: 河南省}}, {GOOD}", "UNKNOWN_PROVINCE", "rules[0].scope.province"),
        (f"scope: {{province: [河南, 火星]}}, {GOOD}", "UNKNOWN_PROVINCE", "rules[0].scope.province"),
        (f'scope: {{province: ""}}, {GOOD}', "UNKNOWN_PROVINCE", "rules[0].scope.province"),
        (f"scope: {{nature: COMPANY}}, {GOOD}", "UNKNOWN_NATURE", "rules[0].scope.nature"),
        (f"scope: {{order_type: MOVE}}, {GOOD}", "UNKNOWN_ORDER_TYPE", "rules[0].scope.order_type"),
        (f"scope: {{provider: 腾讯}}, {GOOD}", "UNKNOWN_PROVIDER", "rules[0].scope.provider"),
        (f"scope: {{town: 郑州}}, {GOOD}", "UNKNOWN_FIELD", "rules[0].scope.town"),
        (f"scope: 河南, {GOOD}", "SCOPE_WRONG", "rules[0].scope"),
        (f"colour: red, {GOOD}", "UNKNOWN_FIELD", "rules[0].colour"),
        ('as_of: "2026", values: {sms.wrong_tries: 4}', "SOURCE_MISSING", "rules[0].source"),
        ('source: [], as_of: "2026", values: {sms.wrong_tries: 4}', "SOURCE_MISSING", "rules[0].source"),
        ('source: S1.5, as_of: "2026", values: {sms.wrong_tries: 4}', "SOURCE_MISSING", "rules[0].source"),
        ("source: [s], values: {sms.wrong_tries: 4}", "DATE_MISSING", "rules[0].as_of"),
        ('source: [s], as_of: "2026-13-01", values: {sms.wrong_tries: 4}', "DATE_WRONG", "rules[0].as_of"),
        ("source: [s], as_of: 2026, values: {sms.wrong_tries: 4}", "DATE_WRONG", "rules[0].as_of"),
        ("source: [s], as_of: 26-1-1, values: {sms.wrong_tries: 4}", "DATE_WRONG", "rules[0].as_of"),
        (f'since: "2026", {GOOD}', "DATE_WRONG", "rules[0].since"),
        (f"official: yes, {GOOD}", "WRONG_TYPE", "rules[0].official"),
        (f"severity: FATAL, {GOOD}", "SEVERITY_UNKNOWN", "rules[0].severity"),
        (f"zh: 7, {GOOD}", "WRONG_TYPE", "rules[0].zh"),
        ('source: [s], as_of: "2026"', "VALUES_MISSING", "rules[0].values"),
        ('source: [s], as_of: "2026", values: {sms.tries: 4}', "UNKNOWN_RULE_ID", "rules[0].values.sms.tries"),
    ],
)
def test_block(tmp_path: Path, block: str, code: str, path: str) -> None:
    """A wrong block is one finding at its field."""
    assert problems(tmp_path, f"{HEAD}rules:\n- {{{block}}}\n") == [(code, path)]


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("sms.wrong_tries", "four"),
        ("sms.wrong_tries", "-1"),
        ("sms.wrong_tries", "true"),
        ("sms.wrong_tries", "4.0"),
        ("sms.wrong_tries", "010"),
        ("sms.wrong_tries", "0x4"),
        ("sms.wrong_tries", "1:30"),
        ("sms.wrong_tries", "1_0"),
        ("sms.required", "yes"),
        ("sms.required", "1"),
        ("serve_from", "TOMORROW"),
        ("serve_from", "[APPROVAL]"),
        ("sms.recipient", "NONE"),
        ("sms.recipient", "[NONE, NONE]"),
        ("sms.recipient", "[MAYOR]"),
        ("sms.window", "24"),
        ("sms.window", "{min: 2, max: 1, unit: HOURS}"),
        ("sms.window", "{min: 1, max: 2, unit: FORTNIGHTS}"),
        ("sms.window", "{min: 1, unit: HOURS}"),
        ("minimum_age", "18"),
        ("minimum_age", "{}"),
        ("minimum_age", "{years: 18}"),
        ("minimum_age", '{age: "18"}'),
        ("suffix.allowed", "[com, 7]"),
        ("idle.reminders", "[]"),
        ("licence.seal", "' '"),
    ],
)
def test_type(tmp_path: Path, id_: str, value: str) -> None:
    """A value of another form than the catalogue's is refused, and never converted."""
    text = f'{HEAD}rules:\n- {{source: [s], as_of: "2026", values: {{{id_}: {value}}}}}\n'
    assert problems(tmp_path, text) == [("WRONG_TYPE", f"rules[0].values.{id_}")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "PACK_NOT_A_MAPPING"),
        ("- 1\n", "PACK_NOT_A_MAPPING"),
        ("pack: [\n", "PACK_SYNTAX"),
        ("pack: &a {b: *a}\n", "PACK_SYNTAX"),
        ("pack: 1\npack: 2\n", "PACK_SYNTAX"),
        ("pack: !!python/object:os.system {}\n", "PACK_SYNTAX"),
        ("? [a]\n: 1\n", "PACK_SYNTAX"),
        ("a: " + "[" * 5000, "PACK_SYNTAX"),
        ("a: \x07\n", "PACK_SYNTAX"),
        (b"\xff\xfe\x00", "PACK_UNREADABLE"),
        ("rules: []\n", "PACK_HEAD_MISSING"),
        ('pack: {id: own, version: 1, as_of: "2026", title: t}\nrules: []\n', "PACK_HEAD_MISSING"),
        ('pack: {id: own, version: "1", as_of: soon, title: t}\nrules: []\n', "DATE_WRONG"),
        (HEAD + "rules: {}\n", "RULES_MISSING"),
        (HEAD + "rules: [7]\n", "BLOCK_WRONG"),
        (HEAD + "rulez: []\n", "UNKNOWN_FIELD"),
        (HEAD + "definitions: []\n", "DEFINITIONS_WRONG"),
        (HEAD + "definitions: {own.x: 7}\n", "DEFINITION_WRONG"),
        (HEAD + "definitions: {Own: {kind: text, severity: INFO, zh: z, en: e, do: d}}\n", "RULE_ID_WRONG"),
        (HEAD + "definitions: {own.x: {kind: colour, severity: INFO, zh: z, en: e, do: d}}\n", "KIND_UNKNOWN"),
        (HEAD + "definitions: {own.x: {kind: [text], severity: {}, zh: z, en: e, do: d}}\n", "SEVERITY_UNKNOWN"),
        (HEAD + "definitions: {own.x: {kind: choice, severity: INFO, zh: z, en: e, do: d}}\n", "WORDS_MISSING"),
        (
            HEAD + "definitions: {own.x: {kind: text, severity: INFO, zh: z, en: e, do: d, words: {a: b}}}\n",
            "WORDS_WRONG",
        ),
        (HEAD + "definitions: {own.x: {kind: text, severity: INFO, zh: z, en: e, do: d, words: 7}}\n", "WORDS_WRONG"),
        (HEAD + "definitions: {own.x: {kind: object, severity: INFO, zh: z, en: e, do: d}}\n", "FIELDS_MISSING"),
        (
            HEAD + "definitions: {own.x: {kind: object, severity: INFO, zh: z, en: e, do: d, fields: {a: [7]}}}\n",
            "FIELDS_MISSING",
        ),
        (HEAD + "definitions: {own.x: {kind: text, severity: INFO, zh: z, en: e}}\n", "TEXT_MISSING"),
        (HEAD + "definitions: {serve_from: {kind: text, severity: INFO, zh: z, en: e, do: d}}\n", "DUPLICATE_RULE"),
    ],
)
def test_file(tmp_path: Path, text: str | bytes, code: str) -> None:
    """Whatever the file holds, there is a finding and no traceback."""
    assert code in {found for found, _ in problems(tmp_path, text)}


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a finding, too."""
    with pytest.raises(PackError) as caught:
        load_rulebook([tmp_path / "none.yaml"])
    assert [f.code for f in caught.value.findings] == ["PACK_UNREADABLE"]


def test_duplicates(tmp_path: Path) -> None:
    """One source says one thing under one scope, unless one of two statements is marked as rejected."""
    two = f"{HEAD}rules:\n- {{{GOOD}}}\n- {{{GOOD.replace('4', '5')}%s}}\n"
    assert problems(tmp_path, two % "") == [("DUPLICATE_RULE", "sms.wrong_tries []")]
    path = tmp_path / "own.yaml"
    path.write_text(two % ", rejected: it contradicts itself", encoding="utf-8")
    rule = load_rulebook([path]).find("sms.wrong_tries")
    assert rule is not None
    assert "it contradicts itself" in {a.reason_not_chosen for a in rule.alternatives}


def test_the_same_pack_twice(tmp_path: Path) -> None:
    """Two files with one id are an error, not a silent choice."""
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for path in paths:
        path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_rulebook(paths)
    assert [(f.code, f.path) for f in caught.value.findings] == [("DUPLICATE_PACK", "b.yaml: pack.id")]


def test_all_problems_at_once(tmp_path: Path) -> None:
    """Several mistakes in several blocks are told together."""
    text = f"""{HEAD}rules:
- {{scope: {{province: 火星, nature: X}}, values: {{sms.tries: 1, sms.wrong_tries: x}}}}
- {{{GOOD}, colour: red}}
"""
    assert {code for code, _ in problems(tmp_path, text)} == {
        "UNKNOWN_PROVINCE",
        "UNKNOWN_NATURE",
        "SOURCE_MISSING",
        "DATE_MISSING",
        "UNKNOWN_RULE_ID",
        "WRONG_TYPE",
        "UNKNOWN_FIELD",
    }
