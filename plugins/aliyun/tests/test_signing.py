"""ACS3-HMAC-SHA256, known answers of the vendor's own SDK (alibabacloud-tea-openapi 0.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from beianhub_aliyun.signing import sign
from beianhub_sdk import Credential, HttpRequest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Credential("AKEXAMPLE", "secret-example")
REQUEST = HttpRequest(
    "POST",
    "https://beian.example.com/",
    {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Acs-Action": "QueryAccess",
        "X-Acs-Version": "2026-01-01",
    },
    b"DomainName=%E7%A4%BA%E4%BE%8B.cn",
)
SIGNATURE = "961c2b9fbbce00f4e7d5fc55f7c673eb521521f3278cd28e0eac6740ce6ea28b"


def test_the_sdk_s_answer() -> None:
    """The same request, key, time and nonce give the SDK's header."""
    signed = sign(REQUEST, KEY, NOW, "nonce-example")
    assert signed.headers["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=AKEXAMPLE,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;"
        f"x-acs-date;x-acs-signature-nonce;x-acs-version,Signature={SIGNATURE}"
    )
    assert signed.headers["x-acs-date"] == "2026-01-01T00:00:00Z"


def test_a_nonce_makes_another_signature() -> None:
    """The vendor takes a nonce once, so that an attempt is signed with one of its own."""
    assert SIGNATURE not in sign(REQUEST, KEY, NOW, "another").headers["authorization"]


def test_a_query_is_signed_sorted() -> None:
    """The order of the query's parameters does not matter, their values do."""
    urls = [f"https://beian.example.com/?{query}" for query in ("a=1&b=2", "b=2&a=1", "a=1&b=3")]
    first, second, third = (sign(replace(REQUEST, url=url), KEY, NOW, "n").headers["authorization"] for url in urls)
    assert first == second != third
