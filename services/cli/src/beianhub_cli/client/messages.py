"""From YAML or JSON written by people to messages: every mistake at once, by its path, and no value quoted."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_cli.client import words
from beianhub_cli.client.errors import Exit, local_failure, several
from beianhub_core.findings import blocker
from beianhub_core.strict_yaml import StrictYamlError, load_texts

_LARGEST_FILE: Final = 16 * 1024 * 1024
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_INTEGERS: Final = frozenset(
    {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT32}
)


def read_bytes(path: Path) -> bytes:
    """The file's content; ``-`` is standard input.

    Raises:
        CommandError: it cannot be read, or is larger than 16 MiB.
    """
    try:
        content = sys.stdin.buffer.read(_LARGEST_FILE + 1) if str(path) == "-" else _start_of(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise local_failure(
            "FILE_UNREADABLE",
            str(path),
            f"文件无法读取：{reason}",
            f"cannot be read: {reason}",
            "请检查路径。 / Check the path.",
            Exit.USAGE,
        ) from None
    if len(content) > _LARGEST_FILE:
        raise local_failure(
            "FILE_TOO_LARGE",
            str(path),
            "文件超过 16 MiB",
            "is larger than 16 MiB",
            "请拆分为多个文件。 / Split it into several files.",
        )
    return content


def _start_of(path: Path) -> bytes:
    """No more than is needed to see that it is too much: a device has no end."""
    with path.open("rb") as file:
        return file.read(_LARGEST_FILE + 1)


def load_yaml(content: bytes, name: str) -> Any:
    """The document in the file: mappings, lists and texts. Numbers stay texts, so that an ID number stays whole.

    Raises:
        CommandError: it is no YAML that :mod:`beianhub_core.strict_yaml` takes (JSON is YAML, too).
    """
    try:
        return load_texts(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise local_failure(
            "NOT_UTF8", name, "文件应为 UTF-8 编码", "is not UTF-8", "请另存为 UTF-8。 / Save it as UTF-8."
        ) from None
    except StrictYamlError as error:
        place = f"{name}:{error.line}:{error.column}" if error.line else name
        # The parser's own words, in ``detail``, may quote the text, which may be personal data.
        raise local_failure("NOT_YAML", place, error.zh, error.en, "请更正该行。 / Correct the line.") from None


def fill(message: Message, document: object, name: str) -> list[str]:
    """Sets the message's fields from the document, and returns the paths that were set.

    Raises:
        CommandError: with every mistake; ``name`` says where the document came from.
    """
    reader = _Reader()
    reader.message(message, document, "")
    if reader.findings:
        raise several(reader.findings)
    if not reader.paths:
        raise local_failure(
            "EMPTY_DOCUMENT",
            name,
            "文件没有内容",
            "says nothing",
            "请查看该命令的 --help。 / See the command's --help.",
        )
    return reader.paths


class _Reader:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.paths: list[str] = []

    def message(self, message: Message, document: object, path: str) -> None:
        if not isinstance(document, Mapping):
            self._wrong(path, "应为键值对", "must be a mapping of fields")
            return
        fields: Mapping[str, Any] = message.DESCRIPTOR.fields_by_name
        for key, value in document.items():
            at = f"{path}.{key}" if path else str(key)
            if key not in fields:
                self._unknown(at, str(key), fields)
            elif fields[key].is_repeated:
                self._list(message, fields[key], value, at)
            else:
                self._one(message, fields[key], value, at)

    def _list(self, message: Message, field: FieldDescriptor, value: object, path: str) -> None:
        if not isinstance(value, list):
            self._wrong(path, "应为列表", "must be a list")
            return
        self.paths.append(path)
        before = len(self.paths)
        target = getattr(message, field.name)
        for index, element in enumerate(value):
            at = f"{path}[{index}]"
            if field.message_type is not None:
                self.message(target.add(), element, at)
            else:
                target.extend(self._scalar(field, element, at))
        del self.paths[before:]  # a field mask names a list as a whole

    def _one(self, message: Message, field: FieldDescriptor, value: object, path: str) -> None:
        if field.message_type is not None:
            below = getattr(message, field.name)
            below.SetInParent()
            self.message(below, value, path)
            return
        self.paths.append(path)
        for scalar in self._scalar(field, value, path):
            setattr(message, field.name, scalar)

    def _scalar(self, field: FieldDescriptor, value: object, path: str) -> Iterator[Any]:
        """The value, or none after a finding."""
        if not isinstance(value, str):
            self._wrong(path, "应为单个值", "must be a single value")
        elif field.enum_type is not None:
            number = words.number_of(field.enum_type, value)
            if number is None:
                choices = ", ".join(words.known(field.enum_type))
                self._wrong(path, f"应为 {choices} 之一", f"must be one of {choices}")
            else:
                yield number
        elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            yield value
        elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL and value.lower() in _TRUE | _FALSE:
            yield value.lower() in _TRUE
        elif field.cpp_type in _INTEGERS and value.removeprefix("-").isdecimal():
            yield int(value)
        else:
            self._wrong(path, "值的类型不对", "has a value of the wrong type")

    def _unknown(self, path: str, key: str, fields: Mapping[str, object]) -> None:
        near = difflib.get_close_matches(key, list(fields), n=1)
        remedy = (
            f"是否指 {near[0]}？ / Did you mean {near[0]}?"
            if near
            else f"请使用其中之一：{'、'.join(fields)}。 / Use one of {', '.join(fields)}."
        )
        self.findings.append(blocker("UNKNOWN_FIELD", path, "没有此字段", "there is no such field", remedy))

    def _wrong(self, path: str, zh: str, en: str) -> None:
        self.findings.append(
            blocker(
                "WRONG_VALUE", path, zh, en, "请更正；参见该命令的 --help。 / Correct it; see the command's --help."
            )
        )
