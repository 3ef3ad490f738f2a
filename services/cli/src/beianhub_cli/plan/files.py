"""Reads what is to be planned from a file or stdin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from beianhub_cli.client.errors import CommandError, Exit, local_failure
from beianhub_core.planner import Answer, Request, read
from beianhub_core.planner.answer import Finding, Severity
from beianhub_core.strict_yaml import StrictYamlError, load

_LARGEST: Final = 1_000_000  # bytes; a situation has a few hundred


def read_request(file: str) -> Request | Answer:
    """The request in the file, ``-`` for stdin; an answer that holds only findings where it cannot be understood.

    Raises:
        CommandError: there is no such file, or it is no text.
    """
    text = _text(file)
    try:
        return read(load(text))
    except StrictYamlError as error:
        return Answer(findings=(_not_yaml(error),))


def _not_yaml(error: StrictYamlError) -> Finding:
    zh, en = error.texts
    return Finding(
        "NOT_YAML",
        Severity.BLOCKER,
        error.place or "file",
        f"文件不可读：{zh}",
        f"the file cannot be read: {en}",
        "更正文件该处；每个键是文字且只出现一次，别名只用于普通取值。 / "
        "Mend the file there; every key is a text and stands once, and an alias stands for plain values only.",
        "planner.schema",
        ("YAML 1.1",),
    )


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(_LARGEST + 1) if file == "-" else _start_of(Path(file))
    except OSError as error:
        raise _unreadable(file, error.strerror or type(error).__name__) from None
    if len(raw) > _LARGEST:
        raise _unreadable(file, f"it has over {_LARGEST} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(file, "it is not UTF-8") from None


def _start_of(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(_LARGEST + 1)


def _unreadable(file: str, reason: str) -> CommandError:
    return local_failure(
        "FILE_UNREADABLE",
        "file",
        f"文件 {file} 无法读取：{reason}",
        f"{file} cannot be read: {reason}",
        "请检查。 / Check it.",
        Exit.USAGE,
    )
