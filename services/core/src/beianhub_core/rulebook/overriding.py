"""A tenant's own word on rules: ``{rule id: {value, scope, source, as_of}}``, or a list of those for one id.

Choosing a value that another source already states needs only ``value``: the source and the date are that source's, as
with ``{"serve_from": {"value": "SUBMISSION"}}``, which takes S0.2. Anything else names its own source and date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from beianhub_core.rulebook.model import Statement
from beianhub_core.rulebook.problems import Problems


def override_blocks(
    overrides: Mapping[str, Any], statements: Sequence[Statement], problems: Problems
) -> list[dict[str, Any]]:
    """The overrides as blocks of a pack."""
    blocks = []
    for id_, given in overrides.items():
        for number, each in enumerate(given if isinstance(given, list) else [given]):
            if isinstance(each, Mapping) and "value" in each:
                blocks.append(_block(id_, each, statements))
            else:
                problems.add(
                    "OVERRIDE_WRONG",
                    f"{id_}[{number}]",
                    "应为含 value 的映射",
                    "must be a mapping with a value",
                    "写成 {value: …, source: […], as_of: …}。 / Write {value: …, source: […], as_of: …}.",
                )
    return blocks


def _block(id_: str, given: Mapping[str, Any], statements: Sequence[Statement]) -> dict[str, Any]:
    known = [s for s in statements if s.id == id_ and s.value == given["value"] and given["value"] is not None]
    origin: dict[str, Any] = {}
    if known:
        newest = max(known, key=lambda s: s.as_of)
        origin = {"source": list(newest.source), "as_of": newest.as_of}
    rest = {name: value for name, value in given.items() if name != "value"}
    return {**origin, **rest, "values": {id_: given["value"]}}
