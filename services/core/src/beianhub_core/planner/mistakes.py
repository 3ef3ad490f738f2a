"""What cannot be read in a document, told field by field: the schema's complaints in words, with a remedy."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from beianhub_core.planner.answer import Finding, Severity
from beianhub_core.planner.situation import Document
from beianhub_core.planner.wording import path_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMA_OF: Final = "2026-11-22"
_CODES: Final = {"extra_forbidden": "UNKNOWN_FIELD", "missing": "MISSING"}
_FIELDS_BELOW: Final = ("应为映射", "must be a mapping of fields", "在其下写各字段。", "Write its fields below it.")
# By pydantic's type of error: what is wrong, and the remedy, in Chinese and English; filled with the error's context.
_TEXTS: Final = {
    "extra_forbidden": (
        "没有此字段",
        "is no field of a situation",
        "删除该字段，或改为：{near}。",
        "Remove it, or spell it as one of: {near}.",
    ),
    "missing": ("缺少", "is missing", "请说明意愿。", "Say what is wished."),
    "none_of": ("取值无效", "is none of its values", "取值为：{choices}。", "Use one of {choices}."),
    "no_date": ("不是日期", "is no date", "写成 YYYY-MM-DD，如 2026-03-02。", "Write YYYY-MM-DD, as 2026-03-02."),
    "bool_type": (
        "应为 true 或 false",
        "must be true or false",
        "写 true 或 false，不加引号；或不写。",
        "Write true or false without quotes, or leave it out.",
    ),
    "int_type": ("应为整数", "must be a whole number", "写整数，不加引号。", "Write a whole number without quotes."),
    "greater_than_equal": ("不能为负", "must not be negative", "写 0 或以上的数。", "Write 0 or more."),
    "less_than_equal": ("数太大", "is too large", "不超过 {le}。", "Write {le} or less."),
    "list_type": ("应为列表", "must be a list", "写成 [ … ]。", "Write [ … ]."),
    "too_long": ("项太多", "has too many items", "不超过 {max_length} 项。", "Write {max_length} items or fewer."),
    "string_too_long": (
        "太长",
        "is too long",
        "不超过 {max_length} 个字符。",
        "Write {max_length} characters or fewer.",
    ),
    "string_type": ("应为文字", "must be text", "写文字。", "Write text."),
    "string_pattern_mismatch": (
        "不是接入商的代号",
        "is no provider's id",
        "写小写字母、数字和连字符，如 tencent、aliyun、huawei。",
        "Write lower-case letters, digits and hyphens, as tencent, aliyun or huawei.",
    ),
    "model_type": _FIELDS_BELOW,
    "model_attributes_type": _FIELDS_BELOW,
}
_OTHER: Final = ("取值无效", "has no value of the schema", "使用规定的取值。", "Use one of the values of the schema.")


def explained(error: Mapping[str, Any]) -> Finding:
    """The finding for one of pydantic's errors about a Document; no value is quoted, since it may be personal data."""
    path = ".".join(str(part) for part in error["loc"]).removeprefix("situation.")
    context = {"near": _near(error["loc"]), **error.get("ctx", {})}
    zh, en, do_zh, do_en = (text.format_map(context) for text in _TEXTS.get(error["type"], _OTHER))
    return mistake(_CODES.get(error["type"], "INVALID_VALUE"), path, zh, en, f"{do_zh} / {do_en}")


def mistake(code: str, path: str, zh: str, en: str, suggestion: str) -> Finding:
    """A finding of the schema's; the path is told in words, too."""
    name = path_name(path)
    where = f"{name}（{path}）" if name else path
    return Finding(
        code,
        Severity.BLOCKER,
        path,
        f"{where}：{zh}" if where else zh,
        f"{path}: {en}" if path else en,
        suggestion,
        "planner.schema",
        ("planner schema",),
        as_of=_SCHEMA_OF,
    )


def _near(path: tuple[Any, ...]) -> str:
    """The fields that the misspelt one may have meant: the nearest ones, otherwise all that stand there."""
    kind: Any = Document
    for name in path[:-1]:
        annotation = kind.model_fields[name].annotation if name in kind.model_fields else None
        kind = next(
            (each for each in (annotation, *getattr(annotation, "__args__", ())) if _has_fields(each)), Document
        )
    return ", ".join(difflib.get_close_matches(str(path[-1]), list(kind.model_fields)) or kind.model_fields)


def _has_fields(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_fields")
