"""TC3-HMAC-SHA256, known answers of the vendor's own SDK (tencentcloud-sdk-python-common 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from beianhub_sdk import Credential, HttpRequest
from beianhub_tencent.signing import sign

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Credential("AKIDEXAMPLE", "secret-example")
REQUEST = HttpRequest(
    "POST",
    "https://ba.example.com/",
    {"Content-Type": "application/json", "X-TC-Action": "DescribeIcpAccess"},
    b'{"Domain": "\\u793a\\u4f8b.cn"}',
)
SIGNATURE = "12d8c0abeaa4c44d478e1b46f78476e34fe3ed8d8e04f107a07e9a09385f5063"


def test_the_sdk_s_answer() -> None:
    """The same request, key and time give the SDK's header."""
    signed = sign(REQUEST, KEY, NOW)
    assert signed.headers["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2026-01-01/ba/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={SIGNATURE}"
    )
    assert signed.headers["X-TC-Timestamp"] == "1767225600"
    assert (signed.headers["X-TC-Action"], signed.body) == ("DescribeIcpAccess", REQUEST.body)


def test_a_default_port_is_not_signed() -> None:
    """HTTP clients leave a scheme's own port out of the Host header, and any other in it."""
    assert sign(replace(REQUEST, url="https://ba.example.com:443/"), KEY, NOW).headers["Host"] == "ba.example.com"
    assert sign(replace(REQUEST, url="http://127.0.0.1:8080/"), KEY, NOW).headers["Host"] == "127.0.0.1:8080"


def test_the_body_is_signed() -> None:
    """Another body needs another signature."""
    assert SIGNATURE not in sign(replace(REQUEST, body=b"{}"), KEY, NOW).headers["Authorization"]
