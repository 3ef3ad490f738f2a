"""Licence numbers in the text of a page, and the links that they are in: lenient in reading, exact in comparing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from beianhub_verification.pages import Page

_PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕陇青宁新"
_DASHES: Final = re.compile("[‐‑‒–—―−－_]")
_NUMBER: Final = re.compile(
    rf"(?P<province>[{_PROVINCES}]) ?ICP ?[备備] ?(?P<serial>[0-9]{{10}}|[0-9]{{8}})(?![0-9]) ?号?"
    r"(?: ?- ?(?P<suffix>[1-9][0-9]{0,5}[AXK]?)(?![0-9A-Z]))?"
)
_LONGEST_TEXT: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a subject, or with a ``suffix`` such as ``1`` or ``2A`` of a service (domain facts 1.2)."""

    province: str
    serial: str
    suffix: str = ""

    @property
    def subject(self) -> Number:
        """The subject's."""
        return Number(self.province, self.serial)

    def __str__(self) -> str:
        """The canonical spelling."""
        return f"{self.province}ICP备{self.serial}号" + (f"-{self.suffix}" if self.suffix else "")


def numbers(text: str) -> list[Number]:
    """Every number in a text, in order: blanks, width, case and dashes do not count, 号 may be missing or come last.

    >>> [str(number) for number in numbers("© 2020 滇ICP备09010050-5号 陕ICP备 13007681号")]
    ['滇ICP备09010050号-5', '陕ICP备13007681号']
    """
    plain = _DASHES.sub("-", " ".join(unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).split())).upper()
    return [Number(m["province"], m["serial"], m["suffix"] or "") for m in _NUMBER.finditer(plain)]


def shown(page: Page) -> dict[Number, str]:
    """The numbers that a page shows, each with the address that it is linked to, "" without a link."""
    found = dict.fromkeys(numbers(" ".join(page.text)), "")
    for href, words in page.links:
        for number in numbers(" ".join(words)) if words else ():
            if not is_portal(found.get(number, "")):
                found[number] = href
    return found


def is_portal(href: str) -> bool:
    """Whether a link leads to MIIT's own site by https (S4.35), and not to one whose name only begins like it."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    return parts.scheme == "https" and parts.hostname == "beian.miit.gov.cn"
