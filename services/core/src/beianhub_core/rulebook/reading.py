"""Reading a pack's file: strict YAML, in which nothing is guessed and no key may stand twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from beianhub_core.rulebook.problems import Problems
from beianhub_core.strict_yaml import StrictYamlError, load


def read(path: Path, problems: Problems) -> dict[str, Any]:
    """The file's mapping; an empty one, with the problems added, where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not UTF-8"
        problems.add(
            "PACK_UNREADABLE",
            "",
            f"规则包无法读取：{reason}",
            f"the pack cannot be read: {reason}",
            "检查文件。 / Check the file.",
        )
        return {}
    return parse(text, problems)


def parse(text: str, problems: Problems) -> dict[str, Any]:
    """The mapping that ``text`` holds; an empty one, with the problems added, where it holds none."""
    try:
        document = load(text)
    except StrictYamlError as error:
        _add_syntax(error, problems)
        return {}
    if isinstance(document, dict):
        return document
    problems.add(
        "PACK_NOT_A_MAPPING",
        "",
        "规则包应为键值映射",
        "a pack is a mapping with `pack` and `rules`",
        "参照内置规则包。 / See the built-in packs.",
    )
    return {}


def _add_syntax(error: StrictYamlError, problems: Problems) -> None:
    zh, en = error.texts
    problems.add(
        "PACK_SYNTAX",
        error.place,
        f"规则包不可读：{zh}",
        f"the pack cannot be read: {en}",
        "更正该行。 / Correct the line.",
    )
