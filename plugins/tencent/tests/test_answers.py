"""Tencent's answers, classed: what is surely not done, what is a definite no, and what nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import PluginError, RefusedError, RejectedError, UnknownOutcomeError
from beianhub_sdk.testing import answered
from beianhub_tencent.provider import TencentProvider
from beianhub_tencent.status import read
from beianhub_tencent.vocabulary import STATUSES


def error(code: str, message: str = "") -> bytes:
    return json.dumps({"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "1"}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (200, error("RequestLimitExceeded"), RefusedError, "THROTTLED"),
        (200, error("RequestLimitExceeded.UinLimitExceeded"), RefusedError, "THROTTLED"),
        (429, b"", RefusedError, "THROTTLED"),
        (200, error("AuthFailure.SignatureFailure"), RefusedError, "CREDENTIAL"),
        (200, error("UnauthorizedOperation"), RefusedError, "CREDENTIAL"),
        (200, error("InvalidAction"), RefusedError, "CONFIGURATION"),
        (200, error("MissingParameter", "缺少参数：Domain"), RejectedError, "PROVIDER_REJECTED"),
        (200, error("FailedOperation.Whatever"), RejectedError, "PROVIDER_REJECTED"),
        (200, error("InvalidParameter.ClientTokenMismatch"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (200, error("InternalError.DbError"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (200, error("NeverHeardOf"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (200, b"", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b"[]", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b'{"Response": {"Error": "?"}}', UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b'{"Response": {"RequestId": "1"}}', UnknownOutcomeError, "MALFORMED_ANSWER"),
        (302, b"", UnknownOutcomeError, "HTTP_302"),
        (502, b"<html>Bad Gateway</html>", UnknownOutcomeError, "HTTP_502"),
    ],
)
def test_an_answer_is_classed(status: int, body: bytes, expected: type[PluginError], code: str) -> None:
    """Only what the vendor says in so many words counts as done or not done."""
    with pytest.raises(expected) as caught:
        TencentProvider().withdraw(answered(status, body))
    assert caught.value.code == code


def test_every_field_in_a_message_is_named() -> None:
    """`SitePrincipalName` is not `PrincipalName`, although its name holds it."""
    call = answered(200, error("InvalidParameterValue", "参数取值错误：SitePrincipalName、ServerIp"))
    with pytest.raises(RejectedError) as caught:
        TencentProvider().submit(call)
    assert {finding.path for finding in caught.value.findings} == {"service.principal.full_name", "ips"}


def test_a_message_without_a_field_is_kept_without_personal_data() -> None:
    """The vendor's words help a person; the person's number in them must not get into events."""
    call = answered(200, error("FailedOperation", "手机13800000009已被张示例使用，备案号京ICP备2025000001号"))
    with pytest.raises(RejectedError) as caught:
        TencentProvider().submit(call)
    (finding,) = caught.value.findings
    assert finding.message_zh == "手机***已被***使用，备案号京ICP备2025000001号"
    assert finding.rule == "tencent:FailedOperation"


@pytest.mark.parametrize("endpoint", ["https://vendor.example.com/tencent", "https://vendor.example.com/tencent/"])
def test_an_endpoint_may_lack_its_last_slash(endpoint: str) -> None:
    """People write addresses both ways; the signed path is the vendor's."""
    call = answered(500, b"", endpoint)
    with pytest.raises(UnknownOutcomeError):
        TencentProvider().withdraw(call)
    assert call.http.sent[0].url == "https://vendor.example.com/tencent/"


def view(status: int, sms: int = 0, live: int = 0) -> dict[str, Any]:
    return {
        "IcpOrderId": "1",
        "Status": status,
        "StatusName": "某状态",
        "RejectInfo": {"Source": "管局", "Code": "1005", "Reason": "域名冲突"},
        "IcpNumber": "京ICP备2026000001号-1",
        "OrganizerIcpNumber": "京ICP备2026000001号",
        "LiveCheckStatus": live,
        "SmsVerify": {"Status": sms, "Deadline": "2026-01-02 08:00:00" if sms else "", "Mobiles": []},
    }


@pytest.mark.parametrize("status", STATUSES)
def test_every_known_word_has_a_state(status: int) -> None:
    """Numbers come with an order once it is filed, reasons once it is returned."""
    result = read(view(status), answered(200, b"").assignment)
    assert result.state == STATUSES[status]
    assert bool(result.service_licence_number) == (result.state == pb.ORDER_STATE_FILED)
    assert bool(result.findings) == (status in {2, 7})


@pytest.mark.parametrize("status", [99, "6", None])
def test_an_unknown_word_has_none(status: object) -> None:
    """It changes nothing, whatever else the answer shows."""
    result = read(view(6) | {"Status": status}, answered(200, b"").assignment)
    assert result.state == pb.ORDER_STATE_UNSPECIFIED
    assert not result.service_licence_number


def test_the_bureau_s_review_begins_after_the_sms() -> None:
    """等待管局审核 before the SMS is answered is not the bureau's review yet (S3.11)."""
    waiting, passed = (read(view(5, sms=sms), answered(200, b"").assignment) for sms in (1, 2))
    assert (waiting.state, passed.state) == (pb.ORDER_STATE_READY_TO_SUBMIT, pb.ORDER_STATE_REGULATOR_REVIEW)
    assert waiting.verifications[0].deadline.ToJsonString() == "2026-01-02T00:00:00Z"
