"""Reads a situation's YAML (JSON is YAML): no key twice, no aliases, nothing but plain values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


class NotYamlError(ValueError):
    """The text is no YAML that we take: ``where`` is its line, ``reason`` what is wrong there."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it open
            raise yaml.constructor.ConstructorError(None, None, "an alias is not allowed", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """The base class's method, refusing a key that stands twice: the later one would win silently."""
        seen: set[object] = set()
        for key, _value in node.value:
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def load(text: str) -> Any:
    """The document. Raises NotYamlError."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it derives from SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}" if mark is not None else "file"
        raise NotYamlError(where, error.problem or "malformed") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise NotYamlError("file", str(error)[:200] or type(error).__name__) from None
