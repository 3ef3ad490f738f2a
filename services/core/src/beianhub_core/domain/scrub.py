"""Free text from outside, made fit for events and rows: bounded, and without the numbers that name a person.

Fields that are declared as personal data carry masks and are checked elsewhere. Here are those that hold words of a
vendor, a plugin or an operator, who may put anything into them. What has a shape is masked: resident IDs (GB 11643),
credit codes (GB 32100), mobile and landline numbers, e-mail addresses. Names have none; whoever writes the words is
told to leave them out. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from beianhub_core.findings import blocker

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Finding

M = TypeVar("M", bound=Message)

LONGEST_TEXT: Final = 1000
LONGEST_WORD: Final = 100
MOST_FINDINGS: Final = 100
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_DAY: Final = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SHAPES: Final = (
    re.compile(rf"(?<![0-9A-Za-z])[1-9]\d{{5}}{_DAY}\d{{3}}[0-9Xx](?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}(?![0-9A-Za-z])"),
    re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"),
    re.compile(r"(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"),
    # Only from where a word begins: tried from each of its characters, a word of 50 KB without "@" takes half a minute.
    re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII),
)
# Numbers by which the vendor, the regulator or we know something; addresses to open; codes.
_KEPT: Final = re.compile(
    r"name|link|order|task|service|code|path|rule|as_of|source|provider_order_id|\w+_licence_number|\w+_provider_id"
)


def scrub(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text with stars in place of whatever looks like personal data, cut to ``longest`` characters."""
    for shape in _SHAPES:
        text = shape.sub(_stars, text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def short(text: str) -> str:
    """A word rather than a text: a vendor's status, an operator's name."""
    return scrub(text, LONGEST_WORD)


def looks_personal(path: str) -> Finding:
    """What refuses a word of the caller's own at ``path`` that :func:`short` would not leave as it is."""
    return blocker(
        "LOOKS_PERSONAL",
        path,
        "过长，或疑似含有个人信息",
        "it is too long, or looks like personal data",
        f"只填编号或不含姓名的简短说明，{LONGEST_WORD} 字以内。 / "
        f"Give a number or a few words without names, within {LONGEST_WORD} characters.",
    )


def code(reason: str) -> str:
    """A reason that is a code, such as "TIMEOUT"; anything else could carry a value and becomes "UNSPECIFIED"."""
    return reason if not reason or _CODE.fullmatch(reason) else "UNSPECIFIED"


def clean(message: M) -> M:
    """Scrubs every free text at and below ``message`` in place, and returns it."""
    for field, value in message.ListFields():
        if field.name == "findings":
            del value[MOST_FINDINGS:]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for child in [value] if isinstance(value, Message) else value:
                clean(child)
        elif field.type == FieldDescriptor.TYPE_STRING and not _KEPT.fullmatch(field.name):
            rule: Callable[[str], str] = short if field.name == "provider_status" else scrub
            if isinstance(value, str):
                setattr(message, field.name, rule(value))
            else:
                value[:] = [rule(each) for each in value]
    return message


def _stars(match: re.Match[str]) -> str:
    """Ends stay, so that whoever knows the number can tell which it was."""
    found = match.group()
    return f"{found[:3]}{'*' * max(len(found) - 5, 1)}{found[-2:]}"
