"""Masks of personal data (个人信息), found by the proto option ``(beianhub.resources.v1.personal_data)``. Pure.

A mask is a fixed point of its own function, so that masking twice changes nothing, and a value that merely contains
a star is not taken for a mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, TypeVar

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from beianhub.resources.v1 import options_pb2
from beianhub.resources.v1.options_pb2 import PersonalData
from beianhub.resources.v1.resources_pb2 import NATURE_INDIVIDUAL
from beianhub_core.rules.provinces import province_prefix

M = TypeVar("M", bound=Message)

STAR: Final = "*"
_STARS: Final = "***"
_WHOLE_CERTIFICATE: Final = 15  # resident IDs, credit codes and old registration numbers; passports are shorter
_MOBILE_DIGITS: Final = 11
_SHORT: Final = 6
_ADDRESS_PREFIX: Final = 3


def _keep(value: str, head: int, tail: int) -> str:
    """``value`` with stars in place of all but its ends, as long as before."""
    return value[:head] + STAR * (len(value) - head - tail) + value[len(value) - tail :]


def mask_name(value: str) -> str:
    """张三丰 → 张*: the length of a name stays hidden too."""
    return value[:1] + STAR


def mask_certificate_number(value: str) -> str:
    """First three and last two characters of a long number; one and one of a short one; none of a stump."""
    if len(value) >= _WHOLE_CERTIFICATE:
        return _keep(value, 3, 2)
    return _keep(value, 1, 1) if len(value) > _SHORT else STAR * len(value)


def mask_phone(value: str) -> str:
    """13800000001 → 138****0001."""
    if len(value) >= _MOBILE_DIGITS:
        return _keep(value, 3, 4)
    return _keep(value, 0, 2) if len(value) > _SHORT else STAR * len(value)


def mask_email(value: str) -> str:
    """zhang@example.com → z***@example.com."""
    local, at, domain = value.rpartition("@")
    return local[:1].strip(STAR) + _STARS + at + domain if at else _STARS


def mask_address(value: str) -> str:
    """北京市海淀区… → 北京市***; an address that starts with no province shows nothing."""
    return (value[:_ADDRESS_PREFIX].rstrip(STAR) if province_prefix(value) else "") + _STARS


_MASKS: Final[dict[PersonalData.ValueType, Callable[[str], str]]] = {
    options_pb2.PERSONAL_DATA_PERSON_NAME: mask_name,
    options_pb2.PERSONAL_DATA_CERTIFICATE_NUMBER: mask_certificate_number,
    options_pb2.PERSONAL_DATA_PHONE: mask_phone,
    options_pb2.PERSONAL_DATA_EMAIL: mask_email,
    options_pb2.PERSONAL_DATA_ADDRESS: mask_address,
    options_pb2.PERSONAL_DATA_SUBJECT_NAME: mask_name,
}


def is_masked(value: str) -> bool:
    """Whether ``value`` is what one of the masks leaves; "" is not."""
    return STAR in value and any(masked(value) == value for masked in _MASKS.values())


class _Slot(NamedTuple):
    """A personal-data field of one message, with the path that leads to it."""

    message: Message
    name: str
    kind: PersonalData.ValueType
    path: str

    @property
    def values(self) -> list[str]:
        """What it holds; a plain field holds one."""
        held = getattr(self.message, self.name)
        return [held] if isinstance(held, str) else list(held)

    def put(self, values: Sequence[str]) -> None:
        """Replaces what the field holds."""
        if isinstance(getattr(self.message, self.name), str):
            setattr(self.message, self.name, values[0])
        else:
            getattr(self.message, self.name)[:] = values

    def masks(self) -> list[str]:
        """What masks would leave of the values."""
        masked = _MASKS[self.kind]
        return [masked(value) if value else value for value in self.values]


@cache
def _holders(descriptor: Descriptor) -> tuple[tuple[str, PersonalData.ValueType], ...]:
    """The fields of personal data with their kind, and, with UNSPECIFIED, those that lead to some."""
    return tuple(
        (field.name, kind)
        for field in descriptor.fields
        if (kind := field.GetOptions().Extensions[options_pb2.personal_data])
        or (field.message_type is not None and _holders(field.message_type))
    )


def _children(message: Message, name: str) -> Iterator[tuple[str, Message]]:
    """The messages that the field holds, each with its index: "", "[0]" or "[key]"."""
    held = getattr(message, name)
    if isinstance(held, Message):
        if message.HasField(name):
            yield "", held
    elif isinstance(held, Mapping):
        yield from ((f"[{key}]", held[key]) for key in held)
    else:
        yield from ((f"[{index}]", child) for index, child in enumerate(held))


def _applies(message: Message, kind: PersonalData.ValueType) -> bool:
    """Whether a field of this kind is personal here: a subject's name is so for an individual only."""
    by_nature = kind == options_pb2.PERSONAL_DATA_SUBJECT_NAME
    return not by_nature or getattr(message, "nature", NATURE_INDIVIDUAL) == NATURE_INDIVIDUAL


def _slots(message: Message, prefix: str = "") -> Iterator[_Slot]:
    """The set personal-data fields at and below ``message``."""
    for name, kind in _holders(message.DESCRIPTOR):
        if not kind:
            for index, child in _children(message, name):
                yield from _slots(child, f"{prefix}{name}{index}.")
        elif getattr(message, name) and _applies(message, kind):
            yield _Slot(message, name, kind, prefix + name)


def mask(message: M) -> M:
    """Masks every personal-data field of ``message`` in place, and returns it.

    Fields that this version does not know are dropped: nobody can tell what they hold.
    """
    message.DiscardUnknownFields()
    for slot in list(_slots(message)):
        slot.put(slot.masks())
    return message


def contains_personal_data(message: Message) -> list[str]:
    """Paths, such as ``services[0].principal.mobile``, whose values are not masked."""
    return [slot.path for slot in _slots(message) if slot.values != slot.masks()]


def masked_paths(message: Message) -> list[str]:
    """Paths of personal-data fields that carry a mask instead of a value."""
    return [slot.path for slot in _slots(message) if any(is_masked(value) for value in slot.values)]


@cache
def personal_paths(descriptor: Descriptor) -> frozenset[str]:
    """Every personal-data path below a message type, without indexes, such as ``services.principal.mobile``."""
    paths: set[str] = set()
    for name, kind in _holders(descriptor):
        below = None if kind else descriptor.fields_by_name[name].message_type
        paths |= {f"{name}.{path}" for path in personal_paths(below)} if below else {name}
    return frozenset(paths)


def reveal(masked: M, plain: M, paths: Iterable[str]) -> M:
    """Copies the values of exactly the named personal-data paths from ``plain`` into ``masked``, and returns it.

    Elements of repeated fields are paired by their ``name`` where the plain ones have names, by position otherwise.

    Raises:
        ValueError: a path is no personal-data field of the message.
    """
    wanted = frozenset(paths)
    unknown = wanted - personal_paths(masked.DESCRIPTOR)
    if unknown:
        raise ValueError(f"not personal data of {masked.DESCRIPTOR.full_name}: {', '.join(sorted(unknown))}")
    for path in wanted:
        _copy(masked, plain, path.split("."))
    return masked


def _copy(masked: Message, plain: Message, steps: Sequence[str]) -> None:
    """Copies the field at the end of ``steps``."""
    if len(steps) == 1:
        held = getattr(plain, steps[0])
        if isinstance(held, str):
            setattr(masked, steps[0], held)
        else:
            getattr(masked, steps[0])[:] = held
        return
    for target, source in _pairs(masked, plain, steps[0]):
        _copy(target, source, steps[1:])


def _pairs(masked: Message, plain: Message, name: str) -> Iterator[tuple[Message, Message]]:
    """The sub-messages that both hold in the field ``name``."""
    targets, sources = getattr(masked, name), getattr(plain, name)
    if isinstance(targets, Message):
        if masked.HasField(name) and plain.HasField(name):
            yield targets, sources
        return
    named = {source.name: source for source in sources if getattr(source, "name", "")}
    if named:
        yield from ((target, named[target.name]) for target in targets if target.name in named)
    else:
        yield from zip(targets, sources, strict=False)
