"""What a visitor sees of a page: its text, and its links with theirs.

The standard library's parser takes hours over some 100 KB that a hostile site may serve; this reader passes once over
any text. It knows no more of HTML than the checks need: what scripts, styles and comments hold is not seen.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG: Final = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_SILENT: Final = {
    name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "template", "noscript", "textarea")
}
_LONGEST_TAG: Final = 4096
_ATTRIBUTES: Final = {
    name: re.compile(rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
    for name in ("href", "name", "content")
}


@dataclass(slots=True)
class Page:
    """``text`` in pieces, as the markup cuts it; ``links`` with the address and the pieces of each."""

    text: list[str] = field(default_factory=list)
    links: list[tuple[str, list[str]]] = field(default_factory=list)
    title: str = ""
    description: str = ""


def read(source: str) -> Page:
    """The page as it was served; any text is one."""
    page, link, in_title = Page(), None, False
    for tag, closes, content in _pieces(source):
        if tag == "a":
            link = None if closes else _open_link(page, content)
        elif tag == "meta" and _attribute(content, "name").lower() == "description":
            page.description = _attribute(content, "content")
        elif not tag and in_title:
            page.title += _plain(content)
        elif not tag:
            words = _plain(content)
            page.text.append(words)
            if link is not None:
                link.append(words)
        if tag:
            in_title = tag == "title" and not closes
    return page


def _open_link(page: Page, content: str) -> list[str]:
    words: list[str] = []
    page.links.append((_attribute(content, "href"), words))
    return words


def _pieces(source: str) -> Iterator[tuple[str, bool, str]]:
    """Tags with their attributes, and texts as "" with theirs, in order; each character is looked at a few times."""
    place = 0
    while place < len(source):
        start = source.find("<", place)
        if start < 0:
            start = len(source)
        if start > place:
            yield "", False, source[place:start]
        place = start + 1
        matched = _TAG.match(source, place)
        if matched:
            end = _or_all(source, source.find(">", matched.end()))
            yield matched[2].lower(), bool(matched[1]), source[matched.end() : min(end, matched.end() + _LONGEST_TAG)]
            place = _after_silence(source, "" if matched[1] else matched[2].lower(), end + 1)
        elif source.startswith("!--", place):
            place = _or_all(source, source.find("-->", place)) + 3
        elif source.startswith(("!", "?", "/"), place):
            place = _or_all(source, source.find(">", place)) + 1
        elif place <= len(source):
            yield "", False, source[start:place]


def _after_silence(source: str, tag: str, place: int) -> int:
    """Where the content of a script and the like ends; elsewhere the place itself."""
    if tag not in _SILENT:
        return place
    end = _SILENT[tag].search(source, place)
    return end.start() if end else len(source)


def _or_all(source: str, found: int) -> int:
    return len(source) if found < 0 else found


def _attribute(content: str, name: str) -> str:
    found = _ATTRIBUTES[name].search(content)
    return _plain(found[1] or found[2] or found[3] or "") if found else ""


def _plain(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a character's number of thousands of digits
        return text
