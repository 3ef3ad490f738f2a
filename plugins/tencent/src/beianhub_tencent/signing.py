"""TC3-HMAC-SHA256, Tencent Cloud's request signature (checked against the vendor's own SDK in tests/contract)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from beianhub_sdk import Credential, HttpRequest

ALGORITHM = "TC3-HMAC-SHA256"
SERVICE = "ba"
_PORTS = {"http": 80, "https": 443}


def sign(request: HttpRequest, credential: Credential, now: datetime) -> HttpRequest:
    """The request with its ``Host``, ``X-TC-Timestamp`` and ``Authorization``.

    ``request`` must carry a ``Content-Type``; ``now`` is UTC. Content type, host, path and body are signed, as the
    vendor's SDK does; no nonce is part of this scheme.
    """
    url = urlsplit(request.url)
    host = url.netloc if url.port != _PORTS[url.scheme] else str(url.hostname)
    timestamp = int(now.timestamp())
    scope = f"{now:%Y-%m-%d}/{SERVICE}/tc3_request"
    canonical = (
        f"{request.method}\n{url.path or '/'}\n{url.query}\n"
        f"content-type:{request.headers['Content-Type']}\nhost:{host}\n\n"
        f"content-type;host\n{hashlib.sha256(request.body).hexdigest()}"
    )
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{credential.access_key_secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    added = {
        "Host": host,
        "X-TC-Timestamp": str(timestamp),
        "Authorization": (
            f"{ALGORITHM} Credential={credential.access_key_id}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}"
        ),
    }
    return replace(request, headers={**request.headers, **added})
