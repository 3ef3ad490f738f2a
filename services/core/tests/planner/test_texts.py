"""The catalogue of findings and questions is whole."""

from __future__ import annotations

import re
from typing import Final

import pytest

from beianhub_core.planner.asking import WHY
from beianhub_core.planner.profiles import ACTIONS, PROFILES
from beianhub_core.planner.texts import TEXTS
from beianhub_core.planner.vocabulary import Order

STATEMENTS: Final = {"S0": 32, "S1": 28, "S2": 27, "S3": 23, "S4": 45}
SEED: Final = re.compile(r"(S[0-4])\.(\d+)")
OTHERS: Final = re.compile(r"(HW-KB|TC-DOC|ALI-2019|MIIT-V3)( .+)?|RFC \d+|UTS 39|国务院办公厅放假通知")

# What the provider's own rule alone says: another provider's statement is no ground for it.
BOTH: Final = re.compile(r".*[\u4e00-\u9fff].*。 / [A-Z].+\.")  # 中文 / English
BY_RULE: Final = {"WITHDRAWABLE", "NOT_WITHDRAWABLE", "ONLY_EDITABLE"}


def is_label(source: str) -> bool:
    """A statement that exists, or a label of another source with its page."""
    seed = SEED.fullmatch(source)
    if seed is not None:
        return 1 <= int(seed[2]) <= STATEMENTS[seed[1]]
    return OTHERS.fullmatch(source) is not None


@pytest.mark.parametrize("code", TEXTS)
def test_a_finding_is_told_in_both_languages_with_sources(code: str) -> None:
    """Every code has Chinese, English, a remedy and sources that exist, none of which contradicts itself."""
    texts = TEXTS[code]
    assert all((texts.path, texts.zh, texts.en))
    assert BOTH.fullmatch(texts.suggestion)
    assert texts.source or code in BY_RULE
    assert all(map(is_label, (*texts.source, *texts.conflicts_with)))
    assert not set(texts.source) & set(texts.conflicts_with)
    named = {*re.findall(r"{(\w+)}", texts.zh)}
    assert named == {*re.findall(r"{(\w+)}", texts.en)} or named == {"zh"} or "admitted_zh" in named


def test_every_order_type_has_its_profile() -> None:
    """No order type is without sources, and a cancellation is always confirmed."""
    assert set(PROFILES) == set(Order)
    assert all(profile.source and all(map(is_label, profile.source)) for profile in PROFILES.values())
    assert all(PROFILES[order].confirm for order in Order if order.startswith("CANCEL"))


def test_every_action_has_sources() -> None:
    """An action follows from a statement, as an order does."""
    assert all(action.source and all(map(is_label, action.source)) for action in ACTIONS.values())


def test_questions_say_why() -> None:
    """Each question has its reason in both languages."""
    assert all(english and chinese for english, chinese in WHY.values())
