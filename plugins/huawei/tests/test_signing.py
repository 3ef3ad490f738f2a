"""SDK-HMAC-SHA256, known answers of the vendor's own SDK (huaweicloudsdkcore 3.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from beianhub_huawei.signing import sign
from beianhub_sdk import Credential, HttpRequest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Credential("AKEXAMPLE", "secret-example")
REQUEST = HttpRequest(
    "GET",
    "https://icp.example.com/v1/icp/accesses?domain=%E7%A4%BA%E4%BE%8B.cn",
    {"Content-Type": "application/json"},
)
SIGNATURE = "717a9288b3f86c1d5ff2788e63d49ca6fc19de2861bd455fece8e02890b01896"


def test_the_sdk_s_answer() -> None:
    """The same request, key and time give the SDK's header."""
    signed = sign(REQUEST, KEY, NOW)
    assert signed.headers["authorization"] == (
        f"SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=content-type;host;x-sdk-date, Signature={SIGNATURE}"
    )
    assert signed.headers["x-sdk-date"] == "20260101T000000Z"


def test_a_trailing_slash_is_always_signed() -> None:
    """The canonical path ends in a slash, whether the request's does or not."""
    urls = ("https://icp.example.com/v1/icp/orders", "https://icp.example.com/v1/icp/orders/")
    first, second = (sign(replace(REQUEST, url=url), KEY, NOW).headers["authorization"] for url in urls)
    assert first == second


def test_the_body_is_signed() -> None:
    """Another body needs another signature."""
    assert SIGNATURE not in sign(replace(REQUEST, body=b"{}"), KEY, NOW).headers["authorization"]
