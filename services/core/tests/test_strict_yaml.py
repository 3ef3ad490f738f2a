"""What people write is read as it looks, or refused with its place."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beianhub_core.strict_yaml import StrictYamlError, load, load_texts

REPOSITORY: Final = Path(__file__).parents[3]
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc备案", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("2026-03-02", "2026-03-02"),
        ("010", "010"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("-5", -5),
        ("1.5", 1.5),
        ("~", None),
        ("", None),
        ("'true'", "true"),
    ],
)
def test_a_scalar_is_what_it_looks_like(text: str, value: Any) -> None:
    """Only true and false are booleans, only digits are numbers; a date and a province called no stay texts."""
    assert load(f"a: {text}") == {"a": value}


def test_every_scalar_can_stay_a_text() -> None:
    """An ID number loses no digit, and a phone no leading zero."""
    text = "{id: 11010519491231002X, number: 110105194912310021, phone: 0013800000001, filed: true, none: }"
    assert load_texts(text) == {
        "id": "11010519491231002X",
        "number": "110105194912310021",
        "phone": "0013800000001",
        "filed": "true",
        "none": "",
    }


@pytest.mark.parametrize("read", [load, load_texts])
@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("wish: A\nwish: B", 2, "twice"),
        ("a:\n  b: {c: 1, c: 1}", 2, "twice"),
        ("- {a: 1, a: 2}", 1, "twice"),
        ("? [a]\n: b", 1, "key must be a text"),
        ("a: &x [[1]]\nb: *x", 2, "alias"),
        ("a: &x {b: *x}", 1, "alias"),
        ("a: *x", 1, "neither"),
        ("a: !!python/object:os.system x", 1, "tag"),
        ("a: !!timestamp soon", 1, "tag"),
        ("a: !!int soon", 1, "tag"),
        ("a: " + "[" * 5000, 1, "deeper"),
        ("a: [", 2, "neither"),
        ("a: 1\n---\nb: 2", 2, "neither"),
        ("a: \x07", 0, "neither"),
        ("\ud800", 0, "neither"),
    ],
)
def test_what_could_mean_two_things_is_refused(read: Any, text: str, line: int, said: str) -> None:
    """A key that stands twice, a tag, a nested alias: each is an error with its line, in both languages."""
    with pytest.raises(StrictYamlError, match=said) as caught:
        read(text)
    assert caught.value.line == line
    assert caught.value.place == (f"line {line}" if line else "")
    assert all(caught.value.texts)


@pytest.mark.parametrize("key", ["1", "true", "~", "1.5"])
def test_a_key_is_a_text(key: str) -> None:
    """A number as a key is quoted by who means it."""
    with pytest.raises(StrictYamlError, match="key must be a text"):
        load(f"{key}: a")


def test_an_alias_stands_for_plain_values() -> None:
    """Programs write a list that stands twice as an anchor and its alias."""
    assert load("a: &x [tencent]\nb: *x\nc: &y 1\nd: *y") == {"a": ["tencent"], "b": ["tencent"], "c": 1, "d": 1}


def test_a_rare_character_in_json_is_read() -> None:
    """JSON escapes the character of a rare name as two halves."""
    assert load('{"a": "\\ud842\\udfb7", "b": "\\\\ud842"}') == {"a": "𠮷", "b": "\\ud842"}


def test_a_number_beyond_all_bounds_is_refused() -> None:
    """Python itself refuses to read it."""
    with pytest.raises(StrictYamlError):
        load("a: " + "9" * 5000)


@given(VALUES)
def test_json_is_read_as_json(value: Any) -> None:
    """JSON is YAML: what a program writes comes back the same."""
    assert load(json.dumps({"a": value})) == {"a": value}


@settings(max_examples=200)
@given(st.text(alphabet="ab:-[]{}&*!?|>\n \t'\"#~1%", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """There is never another error."""
    for read in (load, load_texts):
        with contextlib.suppress(StrictYamlError):
            json.dumps(read(text))


def test_nothing_else_of_ours_reads_yaml() -> None:
    """PyYAML's own loaders let the later of two equal keys win; only the strict one stands in the sources."""
    sources = [
        path for root in ("services", "gateway", "plugins", "scripts") for path in REPOSITORY.glob(f"{root}/**/*.py")
    ]
    loading = {
        path.name
        for path in sources
        if "/src/" in path.as_posix() or "scripts" in path.parts
        if any(word in path.read_text(encoding="utf-8") for word in ("yaml.load(", "yaml.safe_load", "yaml.full_load"))
    }
    assert loading == {"strict_yaml.py"}
