"""Each remedy speaks to both readers: Chinese first, then English, in one text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"suggestion", "remedy"}
SOURCES = sorted(
    path
    for folder in ("gateway/src", "plugins/*/src", "services/*/src")
    for source in ROOT.glob(folder)
    for path in source.rglob("*.py")
)
BOTH = re.compile(r"[\u4e00-\u9fff].* / [^\u4e00-\u9fff]*[A-Za-z`{]")


def text(node: ast.expr) -> str | None:
    """The literal, with {} for what is filled in; None where the text is made elsewhere."""
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.JoinedStr(values=parts):
            return "".join(text(part) or "{}" for part in parts)
    return None


def makers(trees: dict[Path, ast.Module]) -> dict[str, set[int]]:
    """The functions that take a remedy, and at which place."""
    found: dict[str, set[int]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg not in {"self", "cls"}]
                for name in NAMES.intersection(names):
                    found.setdefault(node.name, set()).add(names.index(name))
    return found


def remedies(tree: ast.Module, places: dict[str, set[int]]) -> Iterator[tuple[int, str]]:
    """Each remedy that is written out, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and "_log." not in ast.unparse(node.func):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [word.value for word in node.keywords if word.arg in NAMES]
            given += [node.args[place] for place in places.get(name, ()) if place < len(node.args)]
            yield from ((value.lineno, found) for value in given if (found := text(value)) and found != "{} / {}")


def test_each_remedy_is_in_chinese_then_english() -> None:
    """A text such as “请更正。 / Correct it.” says the same to whoever reads it, in each distribution."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
    places = makers(trees)
    written = [(path, *found) for path, tree in trees.items() for found in remedies(tree, places)]
    assert {path.relative_to(ROOT).parts[0] for path, *_ in written} == {"gateway", "plugins", "services"}
    wrong = [f"{path.relative_to(ROOT)}:{line}: {said}" for path, line, said in written if not BOTH.search(said)]
    assert not wrong, "\n".join(wrong)
