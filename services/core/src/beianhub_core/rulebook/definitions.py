"""The catalogue: what each rule id means, which values it takes, and the words for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from beianhub_core.rulebook.model import SEVERITIES, Definition, Scope
from beianhub_core.rulebook.problems import Problems
from beianhub_core.rules.naming import ORDER_TYPES, PROVIDERS, PROVINCE_NAMES

_ID: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_PAIR: Final = 2
_FIELDS: Final = {"kind", "severity", "zh", "en", "do", "words", "fields"}
UNITS: Final = ("MINUTES", "HOURS", "DAYS", "WORKING_DAYS", "MONTHS")
_NATURE_WORDS: Final = {
    "UNIT": ("单位", "units"),
    "INDIVIDUAL": ("个人", "individuals"),
    "ENTERPRISE": ("企业", "enterprises"),
    "GOVERNMENT": ("政府机关", "government"),
    "INSTITUTION": ("事业单位", "institutions"),
    "SOCIAL_ORG": ("社会团体", "social organisations"),
}
_SCOPE_WORDS: Final = {**PROVINCE_NAMES, **_NATURE_WORDS, **PROVIDERS, **ORDER_TYPES}
_UNIT_WORDS: Final = {
    "MINUTES": ("分钟", "minutes"),
    "HOURS": ("小时", "hours"),
    "DAYS": ("天", "days"),
    "WORKING_DAYS": ("个工作日", "working days"),
    "MONTHS": ("个月", "months"),
}


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_range(value: Any) -> bool:
    """``{min, max, unit}`` with 0 <= min <= max."""
    return (
        isinstance(value, dict)
        and set(value) == {"min", "max", "unit"}
        and _is_integer(value["min"])
        and _is_integer(value["max"])
        and value["min"] <= value["max"]
        and value["unit"] in UNITS
    )


_SIMPLE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "text": _is_text,
    "texts": _is_list_of_texts,
    "integers": lambda value: isinstance(value, list) and bool(value) and all(map(_is_integer, value)),
    "range": _is_range,
}
KINDS: Final = (*_SIMPLE, "choice", "choices", "object")


def fits(value: Any, definition: Definition) -> bool:
    """Whether ``value`` has the form that the definition asks for; ``None`` says that a source is silent."""
    if value is None:
        return True
    if definition.kind == "choice":
        return isinstance(value, str) and value in definition.words
    if definition.kind == "choices":
        return _is_list_of_texts(value) and all(each in definition.words for each in value)
    if definition.kind == "object":
        return (
            isinstance(value, dict)
            and bool(value)
            and all(
                name in definition.fields and _SIMPLE[definition.fields[name]](part) for name, part in value.items()
            )
        )
    return _SIMPLE[definition.kind](value)


def expected(definition: Definition) -> str:
    """The form of the values, for a message."""
    if definition.words:
        return f"{definition.kind} of {', '.join(definition.words)}"
    if definition.fields:
        return "object of " + ", ".join(f"{name} ({kind})" for name, kind in definition.fields.items())
    return "{min, max, unit}" if definition.kind == "range" else definition.kind


def words_of(value: Any, definition: Definition) -> tuple[str, str]:
    """The value in Chinese and in English."""
    if value is None:
        return "来源未述", "not stated by any source"
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, list):
        pairs = [definition.words.get(each, (str(each), str(each))) for each in value]
        return "、".join(zh for zh, _ in pairs) or "无", ", ".join(en for _, en in pairs) or "none"
    if isinstance(value, dict):
        return _words_of_parts(value, definition)
    return definition.words.get(value, (str(value), str(value)))


def _words_of_parts(value: dict[str, Any], definition: Definition) -> tuple[str, str]:
    if definition.kind == "range":
        zh, en = _UNIT_WORDS[value["unit"]]
        span = f"{value['min']}" if value["min"] == value["max"] else f"{value['min']}–{value['max']}"
        return f"{span}{zh}", f"{span} {en}"
    said = [(_word(name, definition), _part(part, definition)) for name, part in value.items()]
    return "，".join(f"{name[0]} {part[0]}" for name, part in said), ", ".join(f"{n[1]} {p[1]}" for n, p in said)


def _part(part: Any, definition: Definition) -> tuple[str, str]:
    return words_of(part, definition) if isinstance(part, list | bool) else _word(part, definition)


def _word(value: Any, definition: Definition) -> tuple[str, str]:
    return definition.words.get(str(value), (str(value), str(value)))


def filled(text: str, value: Any, definition: Definition, scope: Scope, *, chinese: bool) -> str:
    """The text with ``{value}`` and ``{where}`` filled in."""
    zh, en = words_of(value, definition)
    parts = [_SCOPE_WORDS.get(part, (part, part))[not chinese] for part in scope.document().values()]
    where = ("，" if chinese else ", ").join(parts) or ("全国" if chinese else "nationwide")
    return text.replace("{value}", zh if chinese else en).replace("{where}", where)


def define(raw: Any, problems: Problems) -> dict[str, Definition]:
    """The definitions of a pack; those that are wrong are left out, with the problems added."""
    if not isinstance(raw, dict):
        problems.add(
            "DEFINITIONS_WRONG",
            "definitions",
            "应为映射",
            "must be a mapping of rule ids",
            "写成 `id: {kind: …}`。 / Write `id: {kind: …}`.",
        )
        return {}
    made = {}
    for id_, fields in raw.items():
        before = len(problems.found)
        _check(id_, fields, problems)
        if len(problems.found) == before:
            made[id_] = _made(id_, fields)
    return made


def _check(id_: str, fields: Any, problems: Problems) -> None:
    path = f"definitions.{id_}"
    if not _ID.fullmatch(id_):
        problems.add(
            "RULE_ID_WRONG",
            path,
            "规则编号格式错误",
            "is no rule id",
            "用点连接的小写词。 / Use lower-case words joined by dots.",
        )
    if not isinstance(fields, dict):
        problems.add(
            "DEFINITION_WRONG",
            path,
            "应为映射",
            "must be a mapping",
            "写明 kind、severity、zh、en 和 do。 / Give kind, severity, zh, en and do.",
        )
        return
    for name in sorted(set(fields) - _FIELDS):
        problems.add(
            "UNKNOWN_FIELD",
            f"{path}.{name}",
            "未知字段",
            "is not a known field",
            f"已知字段：{sorted(_FIELDS)}。 / Known: {sorted(_FIELDS)}.",
        )
    if fields.get("kind") not in KINDS:
        problems.add(
            "KIND_UNKNOWN",
            f"{path}.kind",
            "未知的取值类型",
            "is no kind of value",
            f"请用 {KINDS} 之一。 / Use one of {KINDS}.",
        )
    if fields.get("severity") not in SEVERITIES:
        problems.add(
            "SEVERITY_UNKNOWN",
            f"{path}.severity",
            "未知级别",
            "is no severity",
            f"请用 {SEVERITIES} 之一。 / Use one of {SEVERITIES}.",
        )
    for name in ("zh", "en", "do"):
        if not _is_text(fields.get(name)):
            problems.add("TEXT_MISSING", f"{path}.{name}", "缺少文字", "needs a text", "请写明。 / Write one.")
    _check_parts(path, fields, problems)


def _check_parts(path: str, fields: dict[str, Any], problems: Problems) -> None:
    words, parts, kind = fields.get("words"), fields.get("fields"), fields.get("kind")
    if kind in ("choice", "choices") and not words:
        problems.add(
            "WORDS_MISSING",
            f"{path}.words",
            "缺少可选值",
            "needs its values",
            "写成 `value: [中文, English]`。 / Write `value: [中文, English]`.",
        )
    if words is not None and not (isinstance(words, dict) and all(map(_is_pair, words.values()))):
        problems.add(
            "WORDS_WRONG",
            f"{path}.words",
            "应为中英文两个词",
            "needs two texts each",
            "写成 `value: [中文, English]`。 / Write `value: [中文, English]`.",
        )
    simple = (
        isinstance(parts, dict) and bool(parts) and all(isinstance(k, str) and k in _SIMPLE for k in parts.values())
    )
    if not simple and (kind == "object" or parts is not None):
        problems.add(
            "FIELDS_MISSING",
            f"{path}.fields",
            "缺少字段或类型错误",
            "needs its fields, each of a simple kind",
            f"写成 `name: kind`，类型为 {', '.join(_SIMPLE)} 之一。 / "
            f"Write `name: kind` with one of {', '.join(_SIMPLE)}.",
        )


def _is_pair(value: Any) -> bool:
    return _is_list_of_texts(value) and len(value) == _PAIR


def _made(id_: str, fields: dict[str, Any]) -> Definition:
    return Definition(
        id=id_,
        kind=fields["kind"],
        severity=fields["severity"],
        message_zh=fields["zh"],
        message_en=fields["en"],
        suggestion=fields["do"],
        words={value: (zh, en) for value, (zh, en) in fields.get("words", {}).items()},
        fields=dict(fields.get("fields", {})),
    )
