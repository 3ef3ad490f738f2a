"""A bureau's rule, from the rulebook to the vendor: it refuses, an owner overrides it, the history says who and why."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import grpc
import pytest
from rehearsal.world import VENDORS, world

from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_sdk.testing.samples import sample

WHY: Final = "管局电话确认 .org 可以备案"


def test_a_provincial_blocker_refuses_and_an_override_sends_it(tmp_path: Path) -> None:
    """Beijing does not take .org (TC-DOC 北京, S2.14): refused, then sent by the owner with a reason, and filed."""
    with world(tmp_path, trusted=VENDORS) as made:  # its verifiers would refuse the suffix once more
        given = sample(1).subject
        given.services[0].domains[:] = ["rules-of-beijing.org"]
        request = subjects.CreateSubjectRequest(parent=made.api.parent, subject=given, subject_id="org")
        subject: res.Subject = made.api.call(made.api.subjects.CreateSubject, request)
        order = made.draft("org", "tencent", subject)

        shown = made.api.call(made.api.orders.CheckOrder, orders.CheckOrderRequest(name=order.name)).findings
        (refused,) = [found for found in shown if found.severity == res.SEVERITY_BLOCKER]
        assert (refused.code, refused.rule, refused.path) == ("SUFFIX_REFUSED", "suffix.refused", "service.domains[0]")
        with pytest.raises(grpc.RpcError) as caught:
            made.submit("org")
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert made.api.order("org").state == res.ORDER_STATE_DRAFT

        override = orders.SubmitOrderRequest(name=order.name, override_reason=WHY, override_codes=[refused.code])
        made.api.call(made.api.orders.SubmitOrder, override)
        filed = made.api.until_state("org", res.ORDER_STATE_FILED)

        page = made.api.call(made.api.subjects.ListEvents, subjects.ListEventsRequest(parent=subject.name))
        (event,) = [one for one in page.events if one.HasField("order_blockers_overridden")]
        assert event.actor.startswith("key:")
        assert event.order_blockers_overridden.reason == WHY
        assert [found.code for found in event.order_blockers_overridden.findings] == ["SUFFIX_REFUSED"]
        assert [(kept.actor, kept.reason) for kept in filed.overrides] == [(event.actor, WHY)]
