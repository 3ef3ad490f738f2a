"""Statements that no scenario is about alone: the answers to all scenarios together cite each of them."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Final

import pytest

from beianhub_core import strict_yaml
from beianhub_core.planner import plan_document
from beianhub_core.rulebook import load_rulebook

FOLDER: Final = Path(__file__).parent
STATEMENTS: Final = (
    *("S0.18", "S1.12", "S2.5", "S2.11", "S2.13", "S2.22", "S2.23", "S3.1", "S3.4", "S3.5", "S3.6", "S3.14"),
    *("S3.20", "S3.21", "S4.4", "S4.5", "S4.6", "S4.29", "S4.33", "S4.37", "S4.42", "S4.43", "S4.44", "S4.45"),
)


@functools.cache
def cited_by_answers() -> frozenset[str]:
    """The ids of statements that any answer cites, in steps, findings or texts."""
    book, found = load_rulebook(), set()
    for path in FOLDER.glob("*.yaml"):
        answer = plan_document(dict(strict_yaml.load(path.read_text(encoding="utf-8"))), book)
        found |= set(re.findall(r"\bS[0-4]\.\d+\b", json.dumps(answer.document(), ensure_ascii=False, default=str)))
    return frozenset(found)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_answer_cites_it(statement: str) -> None:
    """Somebody who asks for a plan is told of the statement where it applies."""
    assert statement in cited_by_answers()


def test_compensation_is_a_dated_fact() -> None:
    """Free server time for the days of a filing was Tencent's offer of 2015 (S2.8), and nobody else's."""
    book = load_rulebook()
    rule = book.find("compensation", provider="tencent")
    assert rule is not None
    assert (rule.value, rule.source, rule.as_of[:4]) == (True, ("S2.8",), "2015")
    other = book.find("compensation", provider="huawei")
    assert other is None or other.value is not True
