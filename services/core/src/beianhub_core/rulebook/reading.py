"""Reading a pack's file: strict YAML, in which nothing is guessed and no key may stand twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from beianhub_core.rulebook.problems import Problems

_LIMIT: Final = 4_000_000  # characters; our largest pack has a fortieth of it
_DEPTH: Final = 20
_TAG: Final = "tag:yaml.org,2002:"
_KEPT: Final = (f"{_TAG}float", f"{_TAG}null")


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which dates, "yes", "010" and "12:30" stay text, and keys are unique texts."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own
        seen: set[str] = set()
        for key, _value in node.value:
            if key.tag != "tag:yaml.org,2002:str" or key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value!r} is no text or stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# Only true and false are booleans, and only decimal digits a whole number.
for _kind, _pattern, _firsts in (("bool", "true|false", "tf"), ("int", "-?(?:0|[1-9][0-9]*)", "-0123456789")):
    for _first in _firsts:
        _Loader.yaml_implicit_resolvers.setdefault(_first, []).append((_TAG + _kind, re.compile(f"(?:{_pattern})$")))


def read(path: Path, problems: Problems) -> dict[str, Any]:
    """The file's mapping; an empty one, with the problems added, where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not UTF-8"
        problems.add(
            "PACK_UNREADABLE", "", f"规则包无法读取：{reason}", f"the pack cannot be read: {reason}", "Check the file."
        )
        return {}
    return parse(text, problems)


def parse(text: str, problems: Problems) -> dict[str, Any]:
    """The mapping that ``text`` holds; an empty one, with the problems added, where it holds none."""
    try:
        _refuse_tricks(text)
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from the safe loader
    except (yaml.YAMLError, ValueError) as error:
        _add_syntax(error, problems)
        return {}
    if isinstance(document, dict):
        return document
    problems.add(
        "PACK_NOT_A_MAPPING",
        "",
        "规则包应为键值映射",
        "a pack is a mapping with `pack` and `rules`",
        "See the built-in packs.",
    )
    return {}


def _refuse_tricks(text: str) -> None:
    """Raises yaml.YAMLError for what would make a small file large or deep."""
    if len(text) > _LIMIT:
        raise yaml.YAMLError(f"longer than {_LIMIT} characters")
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH or isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(
                f"nested deeper than {_DEPTH}, or an alias: line {getattr(event.start_mark, 'line', 0) + 1}"
            )


def _add_syntax(error: Exception, problems: Problems) -> None:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    where = f"line {mark.line + 1}" if mark is not None else ""
    problems.add("PACK_SYNTAX", where, f"YAML 语法错误：{reason}", f"not valid YAML: {reason}", "Correct the line.")
