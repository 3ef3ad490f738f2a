"""A plan of three orders, from one wish: applied through the API, and filed one after the other by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import httpx
import pytest
from rehearsal.processes import until
from rehearsal.world import World, world

from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.demo.sandbox import national_record
from beianhub_sdk.testing.samples import sample

LICENCE: Final = "粤ICP备2025000901号"
IP: Final = "203.0.113.20"
NEW_ADDRESS: Final = "示例大道901号"
NEW_TITLE: Final = "示例新名称"
KINDS: Final = [res.ORDER_TYPE_ADD_ACCESS, res.ORDER_TYPE_CHANGE_SUBJECT, res.ORDER_TYPE_CHANGE_SERVICE]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything in one process, with the sandbox."""
    with world(tmp_path_factory.mktemp("plans")) as made:
        yield made


def company(made: World) -> res.Subject:
    """A company of Guangdong, filed through Tencent; the regulator knows it."""
    given = sample(901).subject
    given.profile.province, given.profile.city, given.licence_number = "广东", "广州", LICENCE
    service = given.services[0]
    service.name = f"{made.api.parent}/subjects/planned/services/main"
    service.licence_number = f"{LICENCE}-1"
    service.accesses.add(provider="tencent", ips=["203.0.113.10"], account=f"{made.api.parent}/accounts/tencent")
    httpx.post(f"{made.sandbox.url}/sandbox/records", json=national_record(given), timeout=60).raise_for_status()
    request = subjects.CreateSubjectRequest(parent=made.api.parent, subject=given, subject_id="planned")
    created: res.Subject = made.api.call(made.api.subjects.CreateSubject, request)
    return created


def wish(subject: res.Subject) -> orders.PlanRequest:
    """To be served from Aliyun too, where address and title differ; what the record does not know is said."""
    request = orders.PlanRequest(subject=subject.name, service=subject.services[0].name)
    request.parent = subject.name.partition("/subjects/")[0]
    request.wish = planning.WISH_SERVE_DOMAIN
    said = request.situation
    said.server.provider, said.server.ip, said.server.region = "aliyun", IP, planning.SERVER_REGION_MAINLAND
    said.access_differences.values.extend([planning.CHANGE_FIELD_ADDRESS, planning.CHANGE_FIELD_SERVICE_NAME])
    said.service.commercial = said.domain.expired = False
    said.service.pre_approval.SetInParent()  # in no category
    said.domain.expires_on = "2099-12-31"
    said.domain.holder_matches = said.domain.real_name_verified = said.filing_password_known = True
    said.contact.phone_reachable = said.contact.matches_old_provider = said.contact.email = True
    said.site.opens = said.site.footer_ok = True
    return request


def test_a_plan_of_three_orders_reaches_its_end_by_itself(deployment: World) -> None:
    """Only the first is submitted by anybody: each other waits, is released when the one before it is filed, and goes
    out with what that one left. The record ends as the wish has it, and the regulator's too.
    """
    api, subject = deployment.api, company(deployment)
    plan = api.call(api.orders.Plan, wish(subject)).plan
    assert [step.order_type for step in plan.steps if step.kind == planning.PlanStep.KIND_ORDER] == KINDS

    request = orders.ApplyPlanRequest(plan=wish(subject), submit_when_released=True)
    request.accounts.append(f"{api.parent}/accounts/aliyun")
    request.new_values.profile.address = NEW_ADDRESS
    request.new_values.service.title = NEW_TITLE
    request.new_values.paths.extend(["profile.address", "service.title"])
    answer = api.call(api.orders.ApplyPlan, request)
    names = [order.name for order in answer.orders]
    assert [order.type for order in answer.orders] == KINDS
    assert [list(order.waits_for) for order in answer.orders] == [[], names[:1], names[1:2]]
    refused = api.refused(api.orders.SubmitOrder, orders.SubmitOrderRequest(name=names[1]))
    assert refused.findings[0].code == "WAITS_FOR_ORDER"

    api.call(api.orders.SubmitOrder, orders.SubmitOrderRequest(name=names[0]))
    until(lambda: [o.state for o in api.listed()] == [res.ORDER_STATE_FILED] * 3, 90, "all three are filed")

    after = api.call(api.subjects.GetSubject, subjects.GetSubjectRequest(name=subject.name))
    (service,) = after.services
    assert {a.provider: list(a.ips) for a in service.accesses} == {"tencent": ["203.0.113.10"], "aliyun": [IP]}
    assert (service.title, service.licence_number) == (NEW_TITLE, f"{LICENCE}-1")
    record = httpx.get(
        f"{deployment.sandbox.url}/miit/records?certificate_number={sample(901).subject.profile.certificate.number}",
        timeout=60,
    ).json()["records"][0]
    assert record["services"][0]["name"] == NEW_TITLE
    kinds = [event.WhichOneof("payload") for event in api.events(subject.name)]
    assert kinds.count("order_released") == 2
    filed = [index for index, kind in enumerate(kinds) if kind == "order_filed"]
    assert [kinds[index + 1] for index in filed[:2]] == ["order_released"] * 2
    assert "order_held" not in kinds


def test_the_records_are_the_folds_of_their_events(deployment: World) -> None:
    """Released and sent by a timer: every record equals the fold of its history."""
    audit = deployment.api.audit()
    assert audit.records
    assert not audit.unequal
