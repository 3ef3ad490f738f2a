"""Dataclasses to and from JSON documents."""

from __future__ import annotations

import dataclasses
import json
import types
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> str:
    """A dataclass as JSON text."""
    return json.dumps(dataclasses.asdict(value), ensure_ascii=False)


def decode(kind: type[T], text: str) -> T:
    """The dataclass `kind` from the text that `encode` wrote."""
    result: T = _build(kind, json.loads(text))
    return result


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    if get_origin(kind) is types.UnionType:
        inner = next(item for item in get_args(kind) if item is not types.NoneType)
        return None if value is None else _build(inner, value)
    if get_origin(kind) is list:
        return [_build(get_args(kind)[0], item) for item in value]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value
