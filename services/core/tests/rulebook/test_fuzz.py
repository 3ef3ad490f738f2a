"""Whatever a pack's document holds, the loader finds words for it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from beianhub_core.rulebook import load_rulebook
from beianhub_core.rulebook.definitions import define
from beianhub_core.rulebook.problems import Problems
from beianhub_core.rulebook.reading import parse
from beianhub_core.rulebook.validating import check_blocks, check_head

LEAVES = """
    pack rules definitions id version as_of title scope source values since until official rejected preferred severity
    zh en do words fields kind province nature provider order_type 河南 UNIT tencent ADD_ACCESS 2026 2026-01-01 BLOCKER
    choice object text range min max unit HOURS serve_from APPROVAL sms.window minimum_age sms.recipient
"""
TEXT = st.sampled_from(LEAVES.split()) | st.text(max_size=4)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
BLOCK = st.fixed_dictionaries(
    {"source": ANYTHING | st.just(["s"]), "as_of": ANYTHING | st.just("2026"), "values": ANYTHING},
    optional=dict.fromkeys(("scope", "since", "until", "official", "severity", "zh", "do", "rejected"), ANYTHING),
)


@settings(max_examples=300, deadline=None)
@given(head=ANYTHING, definitions=ANYTHING, rules=ANYTHING | st.lists(BLOCK, max_size=3), text=st.text(max_size=60))
def test_no_document_breaks_the_loader(head: Any, definitions: Any, rules: Any, text: str) -> None:
    """Any document gives statements or findings, never another error; so does any text."""
    problems = Problems("pack.yaml")
    document = parse(json.dumps({"pack": head, "definitions": definitions, "rules": rules}), problems)
    if document:
        check_head(document, problems)
        known = dict(load_rulebook().definitions) | define(document["definitions"], problems)
        statements = check_blocks(document["rules"], "pack", known, problems)
        assert all(each.source and each.as_of for each in statements)
    parse(text, problems)
    assert all(f.path and f.message_zh and f.message_en and "。 / " in f.suggestion for f in problems.found)
