"""From a pack's mapping to its statements. Every problem is told; nothing is corrected or left out silently.

A pack is ``{pack: {id, version, as_of, title}, definitions: {…}, rules: [block, …]}``. A block is what one source says
under one scope: ``{scope, source: [label, …], as_of, values: {rule id: value, …}}``, where each field of the scope may
be a list; ``since``, ``until``, ``official``, ``rejected``, ``preferred``, ``severity``, ``zh``, ``en`` and ``do`` are
optional.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from beianhub.resources.v1.resources_pb2 import OrderType
from beianhub_core.rulebook.definitions import expected, fits
from beianhub_core.rulebook.model import NATURES, SCOPE_FIELDS, SEVERITIES, UNIT, Definition, Scope, Statement
from beianhub_core.rulebook.problems import Problems
from beianhub_core.rules.provinces import BY_NAME

# Those of the architecture, and what the messages know beyond them.
ORDER_TYPES: Final = frozenset(
    [
        "FIRST_FILING",
        "ADD_SERVICE",
        "ADD_ACCESS",
        "CHANGE_SUBJECT",
        "CHANGE_SERVICE",
        "CHANGE_ACCESS",
        "CANCEL_SUBJECT",
        "CANCEL_SERVICE",
        "CANCEL_ACCESS",
        "MIGRATE_SERVICE",
        "TRANSFER_ACCOUNT",
        "CLAIM",
    ]
) | frozenset(name.removeprefix("ORDER_TYPE_") for name in OrderType.keys()[1:])
_PROVIDER: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_YEAR: Final = re.compile(r"(19|20)\d\d")
_TEXTS: Final = {
    "rejected": "rejected",
    "preferred": "preferred",
    "zh": "message_zh",
    "en": "message_en",
    "do": "suggestion",
}
_BLOCK: Final = {"scope", "source", "as_of", "values", "since", "until", "official", "severity", *_TEXTS}
_PACK: Final = ("id", "version", "as_of", "title")


def is_date(text: Any, *, year: bool = False) -> bool:
    """Whether it is YYYY-MM-DD, or with ``year`` YYYY."""
    if not isinstance(text, str):
        return False
    if year and _YEAR.fullmatch(text):
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_head(document: Mapping[str, Any], problems: Problems) -> dict[str, str]:
    """The pack's own facts, as texts."""
    for name in sorted(set(document) - {"pack", "definitions", "rules"}):
        problems.add(
            "UNKNOWN_FIELD",
            name,
            "未知字段",
            "is not a known field",
            "已知字段：pack、definitions、rules。 / Known: pack, definitions, rules.",
        )
    head = document.get("pack")
    if not isinstance(head, dict):
        problems.add(
            "PACK_HEAD_MISSING",
            "pack",
            "缺少规则包信息",
            "the pack says nothing of itself",
            f"写明 {_PACK}。 / Give {_PACK}.",
        )
        return dict.fromkeys(_PACK, "")
    for name in sorted(set(head) - set(_PACK)):
        problems.add(
            "UNKNOWN_FIELD",
            f"pack.{name}",
            "未知字段",
            "is not a known field",
            f"已知字段：{_PACK}。 / Known: {_PACK}.",
        )
    for name in _PACK:
        if not isinstance(head.get(name), str) or not head[name].strip():
            problems.add(
                "PACK_HEAD_MISSING",
                f"pack.{name}",
                "应为文字",
                "must be a text",
                '加引号：“1.0”。 / Give it in quotes: "1.0".',
            )
    if isinstance(head.get("as_of"), str) and not is_date(head["as_of"], year=True):
        _bad_date("pack.as_of", problems)
    return {name: str(head.get(name, "")) for name in _PACK}


def check_blocks(
    raw: Any, pack: str, definitions: Mapping[str, Definition], problems: Problems, *, override: bool = False
) -> list[Statement]:
    """The statements of all blocks that are right."""
    if not isinstance(raw, list):
        problems.add(
            "RULES_MISSING",
            "rules",
            "应为列表",
            "must be a list of blocks",
            "参照内置规则包。 / See the built-in packs.",
        )
        return []
    made: list[Statement] = []
    for number, block in enumerate(raw):
        made += check_block(block, f"rules[{number}]", pack, definitions, problems, override=override)
    _check_duplicates(made, problems)
    return made


def check_block(
    block: Any, path: str, pack: str, definitions: Mapping[str, Definition], problems: Problems, *, override: bool
) -> Iterator[Statement]:
    """The statements of one block, for each of its scopes and values."""
    if not isinstance(block, dict):
        problems.add(
            "BLOCK_WRONG",
            path,
            "应为映射",
            "must be a mapping",
            "写明 scope、source、as_of 和 values。 / Give scope, source, as_of and values.",
        )
        return
    for name in sorted(set(block) - _BLOCK):
        problems.add(
            "UNKNOWN_FIELD",
            f"{path}.{name}",
            "未知字段",
            "is not a known field",
            f"已知字段：{sorted(_BLOCK)}。 / Known: {sorted(_BLOCK)}.",
        )
    scopes = _check_scope(block.get("scope", {}), f"{path}.scope", problems)
    before = len(problems.found)
    _check_origin(block, path, problems)
    _check_rest(block, path, problems)
    values = dict(_check_values(block.get("values"), f"{path}.values", definitions, problems))
    if len(problems.found) > before:
        return
    common = {field: block[name] for name, field in _TEXTS.items() if name in block}
    common |= {name: block[name] for name in ("since", "until", "official", "severity") if name in block}
    for scope, (id_, value) in itertools.product(scopes, values.items()):
        yield Statement(id_, scope, value, tuple(block["source"]), block["as_of"], pack, override=override, **common)


def _check_scope(raw: Any, path: str, problems: Problems) -> list[Scope]:
    if not isinstance(raw, dict):
        problems.add(
            "SCOPE_WRONG",
            path,
            "应为映射",
            "must be a mapping",
            f"写 {SCOPE_FIELDS} 中的若干项，或不写。 / Give some of {SCOPE_FIELDS}, or leave it out.",
        )
        return []
    for name in sorted(set(raw) - set(SCOPE_FIELDS)):
        problems.add(
            "UNKNOWN_FIELD",
            f"{path}.{name}",
            "未知字段",
            "is not a known field",
            f"已知字段：{SCOPE_FIELDS}。 / Known: {SCOPE_FIELDS}.",
        )
    axes = []
    for name in SCOPE_FIELDS:
        given = raw.get(name, "")
        values = given if isinstance(given, list) else [given]
        right = [value for value in values if name not in raw or _check_place(name, value, f"{path}.{name}", problems)]
        axes.append(right)
    return [Scope(*parts) for parts in itertools.product(*axes)]


def _check_place(name: str, value: Any, path: str, problems: Problems) -> bool:
    known = {"province": BY_NAME, "nature": (*NATURES, UNIT), "order_type": ORDER_TYPES}.get(name)
    text = value if isinstance(value, str) else ""
    if text in known if known is not None else _PROVIDER.fullmatch(text):
        return True
    options = ", ".join(sorted(known)) if known is not None else "the plugin's id, such as tencent"
    code = f"UNKNOWN_{name.upper()}"
    problems.add(
        code,
        path,
        f"{value!r} 无法识别",
        f"{value!r} is not known",
        f"请用其中之一：{options}。 / Use one of: {options}.",
    )
    return False


def _check_origin(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    source = block.get("source")
    if not (isinstance(source, list) and source and all(isinstance(s, str) and s.strip() for s in source)):
        problems.add(
            "SOURCE_MISSING",
            f"{path}.source",
            "规则没有来源",
            "a rule needs its source",
            '写成列表，如 ["S1.5"]。 / Give a list, such as ["S1.5"].',
        )
    if not is_date(block.get("as_of"), year=True):
        code = "DATE_MISSING" if "as_of" not in block else "DATE_WRONG"
        _bad_date(f"{path}.as_of", problems, code)


def _check_rest(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    for name in ("since", "until"):
        if name in block and not is_date(block[name]):
            _bad_date(f"{path}.{name}", problems)
    if "official" in block and not isinstance(block["official"], bool):
        problems.add(
            "WRONG_TYPE", f"{path}.official", "应为 true 或 false", "must be true or false", "请更正。 / Correct it."
        )
    if "severity" in block and block["severity"] not in SEVERITIES:
        problems.add(
            "SEVERITY_UNKNOWN",
            f"{path}.severity",
            "未知级别",
            "is no severity",
            f"请用 {SEVERITIES} 之一。 / Use one of {SEVERITIES}.",
        )
    for name in _TEXTS:
        if name in block and not (isinstance(block[name], str) and block[name].strip()):
            problems.add(
                "WRONG_TYPE",
                f"{path}.{name}",
                "应为文字",
                "must be a text",
                "请写明，或不写。 / Write one, or leave it out.",
            )


def _check_values(
    raw: Any, path: str, definitions: Mapping[str, Definition], problems: Problems
) -> Iterator[tuple[str, Any]]:
    if not isinstance(raw, dict) or not raw:
        problems.add(
            "VALUES_MISSING",
            path,
            "缺少取值",
            "the block says nothing",
            "写成 `规则编号: 取值`。 / Write `rule id: value`.",
        )
        return
    for id_, value in raw.items():
        definition = definitions.get(id_)
        if definition is None:
            problems.add(
                "UNKNOWN_RULE_ID",
                f"{path}.{id_}",
                "未定义的规则编号",
                "no such rule is defined",
                "在 `definitions` 中定义。 / Define it under `definitions`.",
            )
        elif not fits(value, definition):
            form = expected(definition)
            problems.add(
                "WRONG_TYPE", f"{path}.{id_}", f"取值应为 {form}", f"must be: {form}", "更正取值。 / Correct the value."
            )
        else:
            yield id_, value


def _check_duplicates(made: list[Statement], problems: Problems) -> None:
    """One source says one thing: where it contradicts itself, one of its two statements is marked as rejected."""
    seen: set[Any] = set()
    for each in made:
        key = (each.id, each.scope, each.source, each.as_of, each.since, bool(each.rejected))
        if key in seen:
            where = " ".join(each.scope.document().values())
            problems.add(
                "DUPLICATE_RULE",
                f"{each.id} [{where}]",
                f"来源 {each.source} 对同一规则有两条陈述",
                f"the source {each.source} states it twice",
                "保留一条，或用 `rejected` 说明另一条为何不算。 / "
                "Keep one, or say with `rejected` why the other does not count.",
            )
        seen.add(key)


def _bad_date(path: str, problems: Problems, code: str = "DATE_WRONG") -> None:
    problems.add(
        code,
        path,
        "缺少日期或格式错误",
        "needs a date",
        '写 "YYYY-MM-DD" 或 "YYYY"，加引号。 / Write "YYYY-MM-DD" or "YYYY", in quotes.',
    )
