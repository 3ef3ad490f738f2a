"""ACS3-HMAC-SHA256, Alibaba Cloud's request signature (checked against the vendor's own SDK in tests/contract)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from beianhub_sdk import Credential, HttpRequest

ALGORITHM = "ACS3-HMAC-SHA256"
_PORTS = {"http": 80, "https": 443}


def sign(request: HttpRequest, credential: Credential, now: datetime, nonce: str) -> HttpRequest:
    """The request with its ``host``, date, nonce, content hash and ``Authorization``.

    ``now`` is UTC; the vendor takes a ``nonce`` once. Signed are the path, the query, the body and every
    header of the request.
    """
    url = urlsplit(request.url)
    digest = hashlib.sha256(request.body).hexdigest()
    headers = {
        **{name.lower(): value for name, value in request.headers.items()},
        "host": url.netloc if url.port != _PORTS[url.scheme] else str(url.hostname),
        "x-acs-content-sha256": digest,
        "x-acs-date": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
    }
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    canonical = f"{request.method}\n{url.path or '/'}\n{_sorted(url.query)}\n{lines}\n{signed}\n{digest}"
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(credential.access_key_secret.encode(), text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{ALGORITHM} Credential={credential.access_key_id},SignedHeaders={signed},Signature={signature}"
    )
    return replace(request, headers=headers)


def _sorted(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
