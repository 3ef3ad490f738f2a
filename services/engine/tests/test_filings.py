"""What a plugin's list of filings, or its failure to give one, makes of the reading's task."""

from __future__ import annotations

from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import TASK_KIND_LIST_FILINGS, TASK_PHASE_SEND, Task
from beianhub_engine import outcomes
from beianhub_sdk import (
    FiledService,
    FiledSubject,
    NotSentError,
    PluginError,
    RefusedError,
    RejectedError,
    UnknownOutcomeError,
)

READING = Task(kind=TASK_KIND_LIST_FILINGS, phase=TASK_PHASE_SEND)


def test_a_list_is_reported_whole() -> None:
    """Also an empty one, and one that comes as it is read."""
    service = FiledService("示例商店", "京ICP备2026000001号-1", ["a.cn"], principal_name="张示例")
    subject = FiledSubject("京ICP备2026000001号", "北京示例科技有限公司", res.NATURE_ENTERPRISE, "张示例", [service])
    (reported,) = outcomes.filings(iter([subject])).filings.subjects
    assert (reported.licence_number, reported.services[0].domains[:]) == ("京ICP备2026000001号", ["a.cn"])
    assert reported.services[0].kind == res.SERVICE_KIND_WEBSITE
    assert outcomes.filings([]).WhichOneof("outcome") == "filings"


@pytest.mark.parametrize(
    "given",
    [None, 5, [None], ["京ICP备2026000001号"], [FiledSubject("1", "2", services=["a.cn"])]],
)
def test_what_is_no_list_is_no_empty_one(given: Any) -> None:
    """What is missing from a list counts as not there: anything else than a list is the plugin's mistake."""
    with pytest.raises(TypeError):
        outcomes.filings(given)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RejectedError("PROVIDER_REJECTED", [res.Finding(code="PROVIDER_REJECTED")]), "rejected"),
        (RefusedError("THROTTLED", 7), "retry"),
        (NotSentError("CONNECT"), "retry"),
        (UnknownOutcomeError("MALFORMED_ANSWER"), "retry"),
    ],
)
def test_a_definite_no_ends_a_reading_and_all_else_repeats_it(error: PluginError, outcome: str) -> None:
    """A read changes nothing and may be made again; where the vendor does not admit the account that is in vain."""
    assert outcomes.of_error(error, READING).WhichOneof("outcome") == outcome
