"""The three vendors' request signatures, verified: TC3, ACS3 and SDK-HMAC-SHA256 (domain.md 6.4; TRIED).

Each `verify_*` returns the access key id, or raises `Refused` with UNSIGNED, UNKNOWN_KEY, STALE or
BAD_SIGNATURE. The signature is compared before the time, as a stale but otherwise right one is worth a
clearer answer.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from beianhub_sandbox.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
TENCENT_SERVICE = "ba"


@dataclass(frozen=True)
class SignedRequest:
    """A request as it came: header names in lower case, path and query still encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Keys:
    """What a vendor verifies with: secrets by access key id, the present time, the validity in seconds."""

    secrets: Mapping[str, str]
    now: float
    validity: float

    def secret(self, key_id: str) -> str:
        """The secret of a key, or `Refused` UNKNOWN_KEY."""
        if key_id not in self.secrets:
            raise Refused(Problem.UNKNOWN_KEY, key_id)
        return self.secrets[key_id]

    def check(self, expected: str, given: str, signed_at: float) -> None:
        """Refuse a signature that is wrong, or right but too old or from the future."""
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise Refused(Problem.BAD_SIGNATURE)
        if abs(self.now - signed_at) > self.validity:
            raise Refused(Problem.STALE)


def verify_tc3(request: SignedRequest, keys: Keys) -> str:
    """TC3-HMAC-SHA256: scope `<UTC date>/ba/tc3_request`; content-type and host must be signed."""
    parts = _parts(request, "TC3-HMAC-SHA256")
    key_id, _, scope = parts["Credential"].partition("/")
    signed_at = _unix(request.headers.get("x-tc-timestamp", ""))
    date = datetime.fromtimestamp(signed_at, UTC).strftime("%Y-%m-%d")
    names = _signed(parts, {"content-type", "host"})
    if scope != f"{date}/{TENCENT_SERVICE}/tc3_request":
        raise Refused(Problem.BAD_SIGNATURE, "credential scope")
    unsigned = request.headers.get("x-tc-content-sha256") == UNSIGNED_PAYLOAD
    payload = UNSIGNED_PAYLOAD if unsigned else _sha256(request.body)
    canonical = _canonical(request, request.path, request.query, names, payload)
    text = f"TC3-HMAC-SHA256\n{int(signed_at)}\n{scope}\n{_sha256(canonical.encode())}"
    key = f"TC3{keys.secret(key_id)}".encode()
    for step in (date, TENCENT_SERVICE, "tc3_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    keys.check(hmac.digest(key, text.encode(), "sha256").hex(), parts["Signature"], signed_at)
    return key_id


def verify_acs3(request: SignedRequest, keys: Keys) -> str:
    """ACS3-HMAC-SHA256: every x-acs-* header and host must be signed, the body by x-acs-content-sha256."""
    parts = _parts(request, "ACS3-HMAC-SHA256")
    needed = {name for name in request.headers if name.startswith("x-acs-")} | {"host"}
    names = _signed(parts, needed | {"x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"})
    digest = request.headers.get("x-acs-content-sha256", "")
    if digest != _sha256(request.body):
        raise Refused(Problem.BAD_SIGNATURE, "x-acs-content-sha256")
    canonical = _canonical(request, request.path, _sorted_query(request.query), names, digest)
    text = f"ACS3-HMAC-SHA256\n{_sha256(canonical.encode())}"
    secret = keys.secret(parts["Credential"]).encode()
    signed_at = _moment(request.headers.get("x-acs-date", ""), "%Y-%m-%dT%H:%M:%SZ")
    keys.check(hmac.digest(secret, text.encode(), "sha256").hex(), parts["Signature"], signed_at)
    return parts["Credential"]


def verify_sdk(request: SignedRequest, keys: Keys) -> str:
    """SDK-HMAC-SHA256: the canonical URI ends in a slash even where the path does not; the body is signed."""
    parts = _parts(request, "SDK-HMAC-SHA256")
    names = _signed(parts, {"host", "x-sdk-date"})
    path = "/".join(quote(unquote_to_bytes(segment), safe="~") for segment in request.path.split("/"))
    query = _sorted_query(request.query)
    canonical = _canonical(request, path.rstrip("/") + "/", query, names, _sha256(request.body))
    stamp = request.headers["x-sdk-date"]
    text = f"SDK-HMAC-SHA256\n{stamp}\n{_sha256(canonical.encode())}"
    secret = keys.secret(parts["Access"]).encode()
    signed_at = _moment(stamp, "%Y%m%dT%H%M%SZ")
    keys.check(hmac.digest(secret, text.encode(), "sha256").hex(), parts["Signature"], signed_at)
    return parts["Access"]


def callback_signature(secret: str, timestamp: str, body: str) -> str:
    """What a vendor puts on its callbacks: hex HMAC-SHA256 over `timestamp + "." + body`."""
    return hmac.digest(secret.encode(), f"{timestamp}.{body}".encode(), "sha256").hex()


def _parts(request: SignedRequest, algorithm: str) -> dict[str, str]:
    """`Credential`/`Access`, `SignedHeaders` and `Signature` of the Authorization header."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    parts = dict(re.findall(r"(\w+)=([^,\s]+)", rest))
    owner = "Access" if algorithm == "SDK-HMAC-SHA256" else "Credential"
    if scheme != algorithm or not {owner, "SignedHeaders", "Signature"} <= parts.keys():
        raise Refused(Problem.UNSIGNED, algorithm)
    return parts


def _signed(parts: Mapping[str, str], needed: set[str]) -> list[str]:
    names = parts["SignedHeaders"].lower().split(";")
    if not needed <= set(names):
        raise Refused(Problem.BAD_SIGNATURE, f"unsigned headers: {', '.join(sorted(needed - set(names)))}")
    return names


def _canonical(request: SignedRequest, path: str, query: str, names: list[str], payload: str) -> str:
    missing = [name for name in names if name not in request.headers]
    if missing:
        raise Refused(Problem.BAD_SIGNATURE, f"signed but absent: {', '.join(missing)}")
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    return f"{request.method}\n{path}\n{query}\n{headers}\n{';'.join(names)}\n{payload}"


def _sorted_query(query: str) -> str:
    """Sorted and percent-encoded anew; latin-1 keeps every byte as it came."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True, encoding="latin-1"))
    return "&".join(
        "=".join(quote(part, safe="~", encoding="latin-1") for part in (name, value)) for name, value in pairs
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unix(text: str) -> float:
    if not re.fullmatch(r"\d{1,11}", text):
        raise Refused(Problem.UNSIGNED, "X-TC-Timestamp")
    return float(text)


def _moment(text: str, layout: str) -> float:
    try:
        return datetime.strptime(text, layout).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refused(Problem.STALE, text) from None
