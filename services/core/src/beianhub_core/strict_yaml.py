"""Strict YAML (JSON is YAML): what a file may say twice, or may mean two things, is refused with its place.

Everything that people write for us is read here: situations, orders, subjects, rule packs, scenarios. Keys are texts
and stand once; only ``true`` and ``false`` are booleans and only decimal digits make a number, so that ``no``, ``010``
and ``2026-03-02`` stay the texts that they look like; an alias stands for plain values only, so that nothing grows from
it; and nobody chooses a type by a tag.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

LONGEST: Final = 16 * 1024 * 1024  # characters
_DEEPEST: Final = 20
_TAG: Final = "tag:yaml.org,2002:"
# JSON's way to escape a character beyond the first 65,536, such as a rare one in a name, which libyaml does not read.
_PAIR: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_ASCII: Final = str.maketrans({"（": " (", "）": ")"})
_SCALARS: Final = (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", "-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
)


class StrictYamlError(ValueError):
    """The text is no YAML that we take.

    ``line`` and ``column`` count from 1, and are 0 where the whole text is meant. ``zh`` and ``en`` say what is wrong
    and quote nothing; ``detail`` is what the parser says of it, which may quote the text.
    """

    def __init__(self, zh: str, en: str, *, mark: Any = None, detail: str = "") -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.line: int = mark.line + 1 if mark is not None else 0
        self.column: int = mark.column + 1 if mark is not None else 0
        self.detail = detail

    @property
    def place(self) -> str:
        """``line 3``; "" where the whole text is meant."""
        return f"line {self.line}" if self.line else ""

    @property
    def texts(self) -> tuple[str, str]:
        """What is wrong in Chinese and English, with what the parser says of it."""
        told = f"（{self.detail}）" if self.detail else ""
        return f"{self.zh}{told}", f"{self.en}{told.translate(_ASCII)}"


class _Loader(yaml.CSafeLoader):
    """Safe YAML with unique keys that are texts."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own
        seen: set[str] = set()
        for key, _value in node.value:
            if key.tag != f"{_TAG}str":
                raise StrictYamlError("键应为文字", "a key must be a text", mark=key.start_mark)
            if key.value in seen:
                detail = f"the key {key.value!r} stands twice"
                raise StrictYamlError("键重复", "a key stands twice", mark=key.start_mark, detail=detail)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _TextLoader(_Loader):
    """The same, in which every scalar is a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == f"{_TAG}float"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, _pattern, _firsts in _SCALARS:
    for _first in _firsts:
        _Loader.yaml_implicit_resolvers.setdefault(_first, []).append((_TAG + _kind, re.compile(f"(?:{_pattern})$")))
_TextLoader.yaml_implicit_resolvers = {}


def load(text: str) -> Any:
    """The document: mappings, lists, texts, booleans, numbers and ``None``. Dates stay texts.

    Raises:
        StrictYamlError: it is no YAML, or none that we take.
    """
    return _load(text, _Loader)


def load_texts(text: str) -> Any:
    """The document with every scalar a text, so that an ID number or a phone stays whole. Raises as ``load``."""
    return _load(text, _TextLoader)


def _load(text: str, loader: type[_Loader]) -> Any:
    try:
        text = _PAIR.sub(_joined, text)
        _refuse_tricks(text)
        return yaml.load(text, Loader=loader)  # noqa: S506 - derived from the safe loader
    except StrictYamlError:
        raise
    except yaml.MarkedYAMLError as error:
        raise _malformed(error, error.problem_mark, error.problem) from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise _malformed(error) from None


def _joined(pair: re.Match[str]) -> str:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return pair[1] + chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))


def _malformed(error: Exception, mark: Any = None, problem: str | None = None) -> StrictYamlError:
    detail = problem or str(error)[:200]
    return StrictYamlError("不是有效的 YAML 或 JSON", "is neither YAML nor JSON", mark=mark, detail=detail)


def _refuse_tricks(text: str) -> None:
    """Refuses what would make a small text large or deep."""
    if len(text) > LONGEST:
        raise StrictYamlError(f"超过 {LONGEST} 个字符", f"is longer than {LONGEST} characters")
    open_anchors: list[str | None] = []  # of the collections that have begun
    nested: set[str] = set()  # anchors of collections with collections in them
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if getattr(event, "tag", None) is not None:
            raise StrictYamlError("不接受标签", "a tag is not taken", mark=event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            nested.update(anchor for anchor in open_anchors if anchor is not None)
            open_anchors.append(event.anchor)
            if len(open_anchors) > _DEEPEST:
                zh, en = f"嵌套超过 {_DEEPEST} 层", f"is nested deeper than {_DEEPEST}"
                raise StrictYamlError(zh, en, mark=event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, yaml.AliasEvent) and event.anchor in {*nested, *open_anchors}:
            zh, en = "别名只可代表简单值", "an alias stands for a value without further parts only"
            raise StrictYamlError(zh, en, mark=event.start_mark)
