"""Aliyun's answers, classed: what is surely not done, what is a definite no, and what nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_aliyun.provider import AliyunProvider
from beianhub_aliyun.status import read
from beianhub_aliyun.vocabulary import STATUSES
from beianhub_sdk import PluginError, RefusedError, RejectedError, UnknownOutcomeError
from beianhub_sdk.testing import answered


def error(code: str, message: str = "") -> bytes:
    return json.dumps({"Code": code, "Message": message, "RequestId": "1"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (429, error("Throttling.User"), RefusedError, "THROTTLED"),
        (400, error("Throttling.Api"), RefusedError, "THROTTLED"),
        (429, b"", RefusedError, "THROTTLED"),
        (400, error("SignatureDoesNotMatch"), RefusedError, "CREDENTIAL"),
        (404, error("InvalidAccessKeyId.NotFound"), RefusedError, "CREDENTIAL"),
        (403, error("Forbidden.RAM"), RefusedError, "CREDENTIAL"),
        (404, error("InvalidAction.NotFound"), RefusedError, "CONFIGURATION"),
        (400, error("MissingDomainName"), RejectedError, "PROVIDER_REJECTED"),
        (400, error("OrderStatusNotSupport"), RejectedError, "PROVIDER_REJECTED"),
        (400, error("SignatureNonceUsed"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (400, error("IdempotentParameterMismatch"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (400, error("NeverHeardOf"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (500, error("InternalError"), UnknownOutcomeError, "HTTP_500"),
        (404, b"not found", UnknownOutcomeError, "HTTP_404"),
        (200, b"", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b"[]", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b'{"RequestId": "1"}', UnknownOutcomeError, "MALFORMED_ANSWER"),
        (302, b"", UnknownOutcomeError, "HTTP_302"),
    ],
)
def test_an_answer_is_classed(status: int, body: bytes, expected: type[PluginError], code: str) -> None:
    """Only what the vendor says in so many words counts as done or not done."""
    with pytest.raises(expected) as caught:
        AliyunProvider().withdraw(answered(status, body))
    assert caught.value.code == code


@pytest.mark.parametrize(("header", "seconds"), [("3", 3), ("1.5", 1.5), ("soon", 0), ("", 0)])
def test_a_throttle_names_its_delay(header: str, seconds: float) -> None:
    """Retry-After in seconds; anything else leaves the delay to the host."""
    with pytest.raises(RefusedError) as caught:
        AliyunProvider().withdraw(answered(429, error("Throttling.User"), retry_after=header))
    assert caught.value.retry_after == seconds


def test_the_field_in_a_code_is_named() -> None:
    """`WebsiteLeaderName` is not `LeaderName`, although its name holds it."""
    call = answered(400, error("InvalidWebsiteLeaderName.Malformed"))
    with pytest.raises(RejectedError) as caught:
        AliyunProvider().submit(call)
    assert [finding.path for finding in caught.value.findings] == ["service.principal.full_name"]


def test_attempts_have_nonces_of_their_own() -> None:
    """The vendor takes a nonce once; under simulation the same attempt has the same."""
    headers = []
    for epoch in (1, 1, 2):
        call = answered(200, b'{"OrderNo": "1", "OrderStatus": "REVOKED"}')
        call.assignment.task.epoch = epoch
        AliyunProvider().withdraw(call)
        headers.append(call.http.sent[0].headers["x-acs-signature-nonce"])
    assert headers[0] == headers[1] != headers[2]


@pytest.mark.parametrize("endpoint", ["https://vendor.example.com/aliyun", "https://vendor.example.com/aliyun/"])
def test_an_endpoint_may_lack_its_last_slash(endpoint: str) -> None:
    """People write addresses both ways; the signed path is the vendor's."""
    call = answered(500, b"", endpoint)
    with pytest.raises(UnknownOutcomeError):
        AliyunProvider().withdraw(call)
    assert call.http.sent[0].url == "https://vendor.example.com/aliyun/"


def view(word: object, sms: str = "NONE") -> dict[str, Any]:
    return {
        "OrderNo": "1",
        "OrderStatus": word,
        "RecordNumber": "京ICP备2026000001号-1",
        "SponsorRecordNumber": "京ICP备2026000001号",
        "FailSource": "MIIT",
        "FailCode": "1005",
        "FailReason": "域名冲突",
        "VerifyStatus": "NOT_REQUIRED",
        "SmsStatus": sms,
        "SmsDeadline": "2026-01-02T00:00:00.000Z" if sms != "NONE" else "",
    }


@pytest.mark.parametrize("word", STATUSES)
def test_every_known_word_has_a_state(word: str) -> None:
    """Numbers come with an order once it is filed, reasons once it is returned."""
    result = read(view(word), answered(200, b"").assignment)
    assert result.state == STATUSES[word]
    assert bool(result.service_licence_number) == (result.state == pb.ORDER_STATE_FILED)
    assert bool(result.findings) == (word in {"FIRST_REVIEW_FAILED", "MIIT_REJECTED"})


def test_the_bureau_s_review_begins_after_the_sms() -> None:
    """The order is not at the bureau before the SMS is answered (S3.11)."""
    waiting, passed = (read(view("MIIT_REVIEW", sms), answered(200, b"").assignment) for sms in ("WAITING", "PASSED"))
    assert (waiting.state, passed.state) == (pb.ORDER_STATE_READY_TO_SUBMIT, pb.ORDER_STATE_REGULATOR_REVIEW)
    assert waiting.verifications[0].deadline.ToJsonString() == "2026-01-02T00:00:00Z"
