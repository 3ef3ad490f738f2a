"""Which fields of a message are personal data, by the option of their declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from beianhub.resources.v1 import options_pb2
from beianhub.resources.v1.task_pb2 import TaskAssignment

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_personal(path: str) -> bool:
    """Whether a path of a TaskAssignment leads to personal data; KeyError or AttributeError if it leads nowhere."""
    message: Message = TaskAssignment()
    *parents, last = path.split(".")
    for name in parents:
        message = getattr(message, name)
    return bool(message.DESCRIPTOR.fields_by_name[last].GetOptions().Extensions[options_pb2.personal_data])


def personal_paths(message: Message, prefix: str = "") -> Iterator[str]:
    """The paths of the personal data that a message holds, outside of its lists."""
    for field, value in message.ListFields():
        if isinstance(value, Message):
            yield from personal_paths(value, f"{prefix}{field.name}.")
        elif field.GetOptions().Extensions[options_pb2.personal_data]:
            yield prefix + field.name


def put(message: Message, path: str, value: str) -> None:
    """Sets the field at a path."""
    *parents, last = path.split(".")
    for name in parents:
        message = getattr(message, name)
    setattr(message, last, value)
