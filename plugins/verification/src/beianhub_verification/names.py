"""How a domain name is written: ASCII, in lower case, label by label (RFC 1123, RFC 5891)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

import tldextract

if TYPE_CHECKING:
    from tldextract.tldextract import ExtractResult

_SHORTEST, _LONGEST = 4, 128  # MIIT-V3 Ym_xx
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE | re.ASCII)


@cache
def _extractor() -> tldextract.TLDExtract:
    """On the public suffix list that tldextract brings along: nothing is fetched, nothing is written."""
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)


def split(domain: str) -> ExtractResult:
    """Sub-domain, domain and public suffix of an ASCII name."""
    return _extractor()(domain)


def is_address(text: str) -> bool:
    """Whether it is an IP address, in any spelling: a name whose last label is a number is read as one (WHATWG URL)."""
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return bool(_NUMBER.fullmatch(text.rpartition(".")[2]))
    return True


def is_ascii_name(text: str) -> bool:
    """Whether it is a name of at least two labels in its ASCII form, as long as the regulator takes."""
    labels = text.split(".")
    return _SHORTEST <= len(text) <= _LONGEST and len(labels) > 1 and all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    if not _LABEL.fullmatch(label):
        return False
    return label[2:4] != "--" or _is_a_label(label)


def _is_a_label(label: str) -> bool:
    """Whether an ``xn--`` label decodes to a Unicode one that encodes to it again (RFC 5891, 5.3)."""
    if not label.startswith("xn--"):
        return False
    try:
        text = label[4:].encode().decode("punycode")
        again = text.encode("punycode").decode()
    except UnicodeError:
        return False
    return not text.isascii() and again == label[4:] and unicodedata.is_normalized("NFC", text)


def ascii_form(text: str) -> str:
    """The ASCII form of a name typed in Unicode or in capitals; "" where there is none."""
    typed = unicodedata.normalize("NFKC", text.strip()).replace("。", ".").rstrip(".").lower()
    try:
        name = typed.encode("idna").decode()
        same = name.encode().decode("idna") == typed  # IDNA 2008 keeps characters that Python's older codec replaces
    except UnicodeError:
        return ""
    return name if same and is_ascii_name(name) else ""
