"""Drift from end to end: a provider's copy changes behind our back, is shown, changes nothing, and is taken over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from rehearsal.processes import beianhub, until
from rehearsal.world import VENDORS, World, world

from beianhub.filing.v1 import access_service_pb2 as access
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.filing.v1 import task_service_pb2 as tasks
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.drift_pb2 import Drift
from beianhub.resources.v1.task_pb2 import Task

NUMBERS = dict(zip(VENDORS, (11, 12, 13), strict=True))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A deployment with a company that each vendor has filed."""
    with world(tmp_path_factory.mktemp("drift")) as running:
        for vendor, number in NUMBERS.items():
            running.draft(vendor, vendor, running.subject(number))
            running.submit(vendor)
        for vendor in VENDORS:
            running.api.until_state(vendor, res.ORDER_STATE_FILED)
        yield running


def behind_our_back(made: World, vendor: str, **change: object) -> None:
    """Somebody changes what is filed of the vendor's company, and nobody tells us."""
    url = f"{made.sandbox.url}/sandbox/records/shop{NUMBERS[vendor]}.cn"
    httpx.patch(url, json=change, timeout=60, trust_env=False).raise_for_status()


def detected(made: World, vendor: str) -> list[Drift]:
    """What reading the vendor's account finds."""
    api = made.api
    request = subjects.DetectDriftRequest(parent=api.parent, accounts=[f"{api.parent}/accounts/{vendor}"])
    (task,) = api.call(api.subjects.DetectDrift, request).tasks
    named = tasks.GetTaskRequest(name=task.name)
    until(lambda: api.call(api.tasks.GetTask, named).state == Task.STATE_DONE, 60, f"{vendor} is read")
    listed = subjects.ListDriftsRequest(parent=api.parent, provider=vendor)
    return list(api.call(api.subjects.ListDrifts, listed).drifts)


def applied(made: World, drift: Drift) -> res.Subject:
    """The subject after it."""
    answer: res.Subject = made.api.call(made.api.subjects.ApplyDrift, subjects.ApplyDriftRequest(name=drift.name))
    return answer


def record(made: World, vendor: str) -> res.Subject:
    """Our record of the vendor's company."""
    name = f"{made.api.parent}/subjects/company-{NUMBERS[vendor]}"
    found: res.Subject = made.api.call(made.api.subjects.GetSubject, subjects.GetSubjectRequest(name=name))
    return found


def command(made: World, *arguments: str) -> Any:
    """What the command prints as JSON, after it ended well."""
    done = beianhub(*arguments, *made.config, "-o", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_change_behind_our_back_is_shown_and_applied_on_demand(made: World, vendor: str) -> None:
    """Read as each vendor signs it: what went its way does not differ; what somebody changed is named with both values
    and the time; the record changes with apply alone, and the audit holds.
    """
    assert detected(made, vendor) == []
    before = record(made, vendor)
    behind_our_back(made, vendor, name="示例改名商店")
    (drift,) = detected(made, vendor)
    (difference,) = drift.differences
    assert (difference.path, difference.ours, difference.theirs) == ("service.title", "示例商店", "示例改名商店")
    assert (drift.subject, drift.HasField("read_time")) == (before.name, True)
    assert record(made, vendor) == before
    assert applied(made, drift).services[0].title == "示例改名商店"
    *_, event = made.api.events(before.name)
    assert (event.drift_applied.drift, event.drift_applied.account) == (drift.name, drift.account)
    assert detected(made, vendor) == []
    assert made.api.audit().unequal == 0


def test_an_access_that_somebody_cancelled_is_no_longer_served(made: World) -> None:
    """Until the drift is applied CheckAccess says yes; afterwards no. By the command, as an operator does it."""
    behind_our_back(made, "aliyun", providers=[])

    def verdict() -> int:
        request = access.CheckAccessRequest(parent=made.api.parent, domain="shop12.cn", provider="aliyun")
        return int(made.api.call(made.api.access.CheckAccess, request).verdict)

    (drift,) = command(made, "drift", "detect", "--account", "aliyun", "--wait")["drifts"]
    assert drift["kind"] == "KIND_MISSING_AT_PROVIDER"
    assert verdict() == access.ACCESS_VERDICT_YES
    command(made, "drift", "apply", drift["name"])
    until(lambda: verdict() == access.ACCESS_VERDICT_NO, 20, "no longer served")
    assert record(made, "aliyun").services[0].state == res.SERVICE_STATE_NO_ACCESS
    assert made.api.audit().unequal == 0


def test_no_name_of_a_person_is_kept(made: World) -> None:
    """The vendors' lists name people; neither events nor drifts nor logs have one."""
    behind_our_back(made, "huawei", name="示例再改名", sponsor="北京示例改名科技有限公司")
    kept = str(detected(made, "huawei")).encode().decode("unicode_escape").encode("latin-1").decode("utf-8")
    assert "示例再改名" in kept
    for vendor in VENDORS:
        kept += "".join(
            event.SerializeToString().decode("utf-8", "replace") for event in made.api.events(record(made, vendor).name)
        )
    kept += made.running.err.read_text("utf-8") + made.running.out.read_text("utf-8")
    assert "张示例" not in kept
    assert "李示例" not in kept
