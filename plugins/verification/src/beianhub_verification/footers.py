"""Licence numbers in the text of a page, and the links that they are in: lenient in reading, exact in comparing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

_PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕陇青宁新"
_DASHES: Final = re.compile("[‐‑‒–—―−－_]")
_NUMBER: Final = re.compile(
    rf"(?P<province>[{_PROVINCES}]) ?ICP ?[备備] ?(?P<serial>[0-9]{{10}}|[0-9]{{8}})(?![0-9]) ?号?"
    r"(?: ?- ?(?P<suffix>[1-9][0-9]{0,5}[AXK]?)(?![0-9A-Z]))?"
)
_SILENT: Final = frozenset({"script", "style", "template", "noscript"})
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


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: its numbers, each with the address that it is linked to, "" without a link."""

    numbers: dict[Number, str]
    title: str
    description: str


def read(html: str) -> Shown:
    """Reads the page as it was served; what its scripts would add is not seen."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = dict.fromkeys(numbers(" ".join(reader.text)), "")
    for href, words in reader.links:
        for number in numbers(" ".join(words)):
            if not is_portal(found.get(number, "")):
                found[number] = href
    return Shown(found, "".join(reader.title).strip(), reader.description)


def is_portal(href: str) -> bool:
    """Whether a link leads to MIIT's own site by https (S4.35), and not to one whose name only begins like it."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    return parts.scheme == "https" and parts.hostname == "beian.miit.gov.cn"


class _Reader(HTMLParser):
    """Gathers visible text, links with their text, title and description."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.title: list[str] = []
        self.links: list[tuple[str, list[str]]] = []
        self.description = ""
        self._silent = 0
        self._link: list[str] | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "a":
            self._link = []
            self.links.append((given.get("href", ""), self._link))
        elif tag == "meta" and given.get("name", "").lower() == "description":
            self.description = given.get("content", "")
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            self._link = None
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._silent:
            self.text.append(data)
            if self._link is not None:
                self._link.append(data)
