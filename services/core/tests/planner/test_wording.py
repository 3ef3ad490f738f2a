"""Messages call things by their words, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel

from beianhub_core.planner.situation import Situation
from beianhub_core.planner.texts import TEXTS
from beianhub_core.planner.vocabulary import Field, Nature, Order, Region, State
from beianhub_core.planner.wording import path_name, term

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def paths(kind: Any, before: str = "") -> Iterator[str]:
    for name, field in kind.model_fields.items():
        yield f"{before}{name}"
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from paths(part, f"{before}{name}.")


@pytest.mark.parametrize("path", list(paths(Situation)))
def test_every_field_of_a_situation_has_a_chinese_name(path: str) -> None:
    """A message about a field calls it by its name."""
    assert CHINESE.search(path_name(path))
    assert path_name(f"{path}.0") == path_name(path)


@pytest.mark.parametrize("kind", [Field, Nature, Order, Region, State])
def test_every_member_has_words(kind: type[StrEnum]) -> None:
    """No enum's member stands raw in a message."""
    for member in kind:
        said = term("it", member)
        assert CHINESE.search(said.zh)
        assert said.en != str(member)


def test_several_are_listed() -> None:
    """Each language has its own separator."""
    assert term("providers", ("tencent", "own-cloud")).zh == "腾讯云、own-cloud"
    assert term("fields", [Field.NAME, Field.PHONE]).en == "the subject's name, contact 1"
    assert term("categories", ["教育", "games", "天文"]).en == "education, games, 天文"
    assert term("province", "陕西").en == "Shaanxi"


@pytest.mark.parametrize("code", TEXTS)
def test_a_texts_placeholders_are_known(code: str) -> None:
    """A path that a finding stands at has a name, too."""
    assert path_name(TEXTS[code].path)
