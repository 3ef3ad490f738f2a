"""Reads a situation's YAML (JSON is YAML): no key twice, aliases of plain values only, no tags."""

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


def _is_flat(node: Any) -> bool:
    """Whether the node is whole and holds scalars only, as what a program writes twice: nothing grows from it."""
    if not isinstance(node, yaml.CollectionNode):
        return True  # a scalar, or an anchor that does not exist, which PyYAML says itself
    parts = [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
    return node.end_mark is not None and all(isinstance(part, yaml.ScalarNode) for part in parts)


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it open
            if not _is_flat(self.anchors.get(event.anchor)):
                problem = "an alias stands for a value without further parts only"
                raise yaml.constructor.ConstructorError(None, None, problem, event.start_mark)
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
