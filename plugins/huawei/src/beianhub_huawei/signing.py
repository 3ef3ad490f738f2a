"""SDK-HMAC-SHA256, Huawei Cloud's request signature (checked against the vendor's own SDK in tests/contract)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from beianhub_sdk import Credential, HttpRequest

ALGORITHM = "SDK-HMAC-SHA256"
_PORTS = {"http": 80, "https": 443}


def sign(request: HttpRequest, credential: Credential, now: datetime) -> HttpRequest:
    """The request with its ``host``, ``x-sdk-date`` and ``authorization``.

    ``now`` is UTC. Signed are the path (with a slash at its end, even where the request has none), the query, the body
    and every header of the request; no nonce is part of this scheme.
    """
    url = urlsplit(request.url)
    headers = {
        **{name.lower(): value for name, value in request.headers.items()},
        "host": url.netloc if url.port != _PORTS[url.scheme] else str(url.hostname),
        "x-sdk-date": f"{now:%Y%m%dT%H%M%SZ}",
    }
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    digest = hashlib.sha256(request.body).hexdigest()
    canonical = f"{request.method}\n{_path(url.path)}\n{_sorted(url.query)}\n{lines}\n{signed}\n{digest}"
    text = f"{ALGORITHM}\n{headers['x-sdk-date']}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(credential.access_key_secret.encode(), text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{ALGORITHM} Access={credential.access_key_id}, SignedHeaders={signed}, Signature={signature}"
    )
    return replace(request, headers=headers)


def _path(path: str) -> str:
    return quote(unquote(path).rstrip("/") + "/", safe="/~")


def _sorted(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
