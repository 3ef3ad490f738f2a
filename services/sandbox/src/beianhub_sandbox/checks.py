"""Arithmetic of certificate numbers, phones, addresses and domains, as the regulator applies it."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime

from beianhub_sandbox.clock import BEIJING

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_MODULUS = 31
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LABEL = r"(?!-)[a-z0-9\-一-鿿]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+", re.IGNORECASE)


def is_resident_id(number: str) -> bool:
    """GB 11643: 18 characters, a real birth date, the right check character."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        return False
    try:
        datetime.strptime(number[6:14], "%Y%m%d").replace(tzinfo=BEIJING)
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % len(_ID_CHECKS)] == number[-1]


def is_uscc(number: str) -> bool:
    """GB 32100: a unified social credit code (统一社会信用代码) with the right check character."""
    if not re.fullmatch(rf"[{_USCC_ALPHABET}]{{18}}", number):
        return False
    total = sum(
        _USCC_ALPHABET.index(character) * weight for character, weight in zip(number, _USCC_WEIGHTS, strict=False)
    )
    return _USCC_ALPHABET[(_USCC_MODULUS - total % _USCC_MODULUS) % _USCC_MODULUS] == number[-1]


def is_mobile(number: str) -> bool:
    """A mainland mobile number without a country code."""
    return _MOBILE.fullmatch(number) is not None


def is_domain(name: str) -> bool:
    """At least two labels of letters, digits, hyphens or Chinese characters."""
    return _DOMAIN.fullmatch(name) is not None


def is_ip(text: str) -> bool:
    """An IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_private_ip(text: str) -> bool:
    """10/8, 172.16/12, 192.168/16 and the like are never filed (S2); documentation ranges may be."""
    address = ipaddress.ip_address(text)
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
    return any(address in ipaddress.ip_network(network) for network in networks)
