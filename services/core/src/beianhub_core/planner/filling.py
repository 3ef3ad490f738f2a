"""What was said, filled up with what the record knows; nothing that was said is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_WHOLE: Final = frozenset({"order"})
"""What is said or not as one: an order that is half somebody's and half the record's is none."""


def filled(said: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of ``said`` and, where it is silent, of ``known``; both as plain values by the situation's fields."""
    result = {**known, **said}
    for key in said.keys() & known.keys() - _WHOLE:
        if isinstance(said[key], Mapping) and isinstance(known[key], Mapping):
            result[key] = filled(said[key], known[key])
    return result
