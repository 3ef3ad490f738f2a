"""A customer's site, as the host fetches it for a verifier.

Its address is whatever a stranger registered, so that a plugin never asks for it itself: the host's fetcher goes to
public addresses alone, and keeps to limits of size, time and redirects. A request carries neither credentials nor
cookies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from beianhub_sdk.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Mapping

_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_META_WITHIN: Final = 4096
_ENCODINGS: Final = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **{name: name for name in ("big5", "utf-16", "iso-8859-1")},
}
"""Others are read as UTF-8: Python also has codecs that a hostile page could keep busy for hours."""
_SUCCESS: Final = 2


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """An answer of any final status. ``url`` is where the redirects ended, ``address`` who answered there; header names
    are lower-case, and ``body`` is decompressed.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""

    @property
    def opens(self) -> bool:
        """Whether a visitor sees a page: an answer of 2xx."""
        return self.status // 100 == _SUCCESS

    @property
    def text(self) -> str:
        """The body in its declared encoding, by the header first and the page's own word next, else UTF-8."""
        declared = _HEADER.search(self.headers.get("content-type", ""))
        own = _META.search(self.body[:_META_WITHIN])
        name = declared[1] if declared else own[1].decode("ascii", "ignore") if own else "utf-8"
        return self.body.decode(_ENCODINGS.get(name.lower(), "utf-8"), "replace")


class FetchError(PluginError):
    """There is no page. Only the three classes below are raised."""


class FetchRefusedError(FetchError):
    """The host does not go there, and no byte left: a name or address that is not public, another scheme or port,
    credentials in the URL, or a rehearsal, whose domains are invented.
    """


class NoSuchNameError(FetchError):
    """The name has no address, as far as this machine can see."""


class FetchFailedError(FetchError):
    """The network, the time, the size or the site's answer stood in the way; it says nothing about the site's state."""


class Fetch(Protocol):
    """Fetches a page with GET."""

    def __call__(self, url: str) -> FetchedPage:
        """The page behind an absolute ``http`` or ``https`` URL.

        Raises:
            FetchError: one of its three classes.
        """
        ...


def refuse(url: str) -> FetchedPage:
    """The :class:`Fetch` of a host that lets its plugins visit nobody."""
    del url
    raise FetchRefusedError("FETCH_NOT_OFFERED")
