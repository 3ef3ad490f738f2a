"""Huawei's answers, classed: what is surely not done, what is a definite no, and what nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_huawei.provider import HuaweiProvider
from beianhub_huawei.status import read
from beianhub_huawei.vocabulary import STATUSES
from beianhub_sdk import PluginError, RefusedError, RejectedError, UnknownOutcomeError
from beianhub_sdk.testing import answered


def error(code: str, *fields: str) -> bytes:
    return json.dumps({"error_code": code, "error_msg": "", "details": [{"field": name} for name in fields]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (429, error("APIG.0308"), RefusedError, "THROTTLED"),
        (429, b"", RefusedError, "THROTTLED"),
        (401, error("APIG.0301"), RefusedError, "CREDENTIAL"),
        (404, error("APIG.0101"), RefusedError, "CONFIGURATION"),
        (400, error("ICP.0001", "service.domain"), RejectedError, "PROVIDER_REJECTED"),
        (409, error("ICP.0409"), RejectedError, "PROVIDER_REJECTED"),
        (400, error("ICP.9999"), UnknownOutcomeError, "PROVIDER_ERROR"),
        (400, b'{"error_code": "ICP.0001", "details": [7]}', UnknownOutcomeError, "MALFORMED_ANSWER"),
        (500, error("ICP.0500"), UnknownOutcomeError, "HTTP_500"),
        (404, b"not found", UnknownOutcomeError, "HTTP_404"),
        (200, b"", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b"[]", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (200, b"{}", UnknownOutcomeError, "MALFORMED_ANSWER"),
        (302, b"", UnknownOutcomeError, "HTTP_302"),
    ],
)
def test_an_answer_is_classed(status: int, body: bytes, expected: type[PluginError], code: str) -> None:
    """Only what the vendor says in so many words counts as done or not done."""
    with pytest.raises(expected) as caught:
        HuaweiProvider().withdraw(answered(status, body))
    assert caught.value.code == code


def test_every_field_of_the_details_is_named() -> None:
    """Huawei names all wrong fields at once."""
    call = answered(400, error("ICP.0002", "principal.mobile", "service.principal.mobile"))
    with pytest.raises(RejectedError) as caught:
        HuaweiProvider().submit(call)
    paths = [finding.path for finding in caught.value.findings]
    assert paths == ["profile.principal.mobile", "service.principal.mobile"]


def test_corrected_data_is_put_to_its_order() -> None:
    """A number that the vendor gave is a path's part, whatever is in it; the body goes as it was pinned."""
    call = answered(200, b'{"order_id": "a/b", "status": "\xe5\xb7\xb2\xe4\xbf\xae\xe6\x94\xb9"}')
    call.assignment.order.provider_order_id = "a/b"
    call.assignment.request = b"pinned"
    HuaweiProvider().submit(call)
    (request,) = call.http.sent
    assert (request.method, request.url) == ("PUT", "https://vendor.example.com/v1/icp/orders/a%2Fb")
    assert request.body == b"pinned"


@pytest.mark.parametrize("endpoint", ["https://vendor.example.com/huawei", "https://vendor.example.com/huawei/"])
def test_an_endpoint_may_lack_its_last_slash(endpoint: str) -> None:
    """People write addresses both ways; the signed path is the vendor's."""
    call = answered(500, b"", endpoint)
    with pytest.raises(UnknownOutcomeError):
        HuaweiProvider().withdraw(call)
    assert call.http.sent[0].url == "https://vendor.example.com/huawei/v1/icp/orders/1"


def view(word: object, sms: str = "none") -> dict[str, Any]:
    return {
        "order_id": "1",
        "status": word,
        "record_number": "京ICP备2026000001号-1",
        "subject_record_number": "京ICP备2026000001号",
        "reject": {"by": "管局", "code": "1005", "message": "域名冲突"},
        "verification": {"status": "not_required"},
        "sms_verification": {"status": sms, "deadline": "2026-01-02T00:00:00.000Z" if sms != "none" else None},
    }


@pytest.mark.parametrize("word", STATUSES)
def test_every_known_word_has_a_state(word: str) -> None:
    """Numbers come with an order once it is filed, reasons once it is returned."""
    result = read(view(word), answered(200, b"").assignment)
    assert result.state == STATUSES[word]
    assert bool(result.service_licence_number) == (result.state == pb.ORDER_STATE_FILED)
    assert bool(result.findings) == (word in {"接入商审核为待修改", "初审驳回", "管局驳回"})


def test_the_bureau_s_review_begins_after_the_sms() -> None:
    """待管局审核 is shown from the SMS on (doc_0188); until it is answered the order is not at the bureau."""
    waiting, passed = (read(view("待管局审核", sms), answered(200, b"").assignment) for sms in ("waiting", "passed"))
    assert (waiting.state, passed.state) == (pb.ORDER_STATE_READY_TO_SUBMIT, pb.ORDER_STATE_REGULATOR_REVIEW)
    assert waiting.verifications[0].deadline.ToJsonString() == "2026-01-02T00:00:00Z"
