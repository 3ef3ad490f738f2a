"""`kill -9` while a service migrates (网站迁移): both subjects tell the same story, and the vendor has one order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from rehearsal.api import Api
from rehearsal.processes import kill, serving, until
from rehearsal.stage import Sandbox, audited
from rehearsal.world import World, world

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.demo.sandbox import national_record
from beianhub_sdk.testing.samples import sample

ORDER = "m1"
NUMBERS = {"giver": "京ICP备2025000001号", "taker": "京ICP备2025000002号"}


def company(made: World, name: str, number: int, account: str) -> res.Subject:
    """A filed company with a site at Huawei, in an account of its own; the regulator knows it."""
    given = sample(number).subject
    given.licence_number = NUMBERS[name]
    site = given.services[0]
    site.name = f"{made.api.parent}/subjects/{name}/services/site"
    site.licence_number = f"{NUMBERS[name]}-1"
    site.accesses.add(provider="huawei", ips=["203.0.113.10"], account=f"{made.api.parent}/accounts/{account}")
    httpx.post(f"{made.sandbox.url}/sandbox/records", json=national_record(given), timeout=60).raise_for_status()
    request = subjects.CreateSubjectRequest(parent=made.api.parent, subject=given, subject_id=name)
    created: res.Subject = made.api.call(made.api.subjects.CreateSubject, request)
    return created


def submit(made: World) -> None:
    """Drafts the migration and submits it."""
    account = res.Account(provider="huawei", endpoint=f"{made.sandbox.url}/huawei/", credential="huawei")
    account.submission_channel = res.CHANNEL_API
    request = admin.CreateAccountRequest(parent=made.api.parent, account=account, account_id="huawei-second")
    made.api.call(made.api.admin.CreateAccount, request)
    giver = company(made, "giver", 1, "huawei")
    taker = company(made, "taker", 2, "huawei-second")
    order = res.Order(
        subject=giver.name,
        service=giver.services[0].name,
        type=res.ORDER_TYPE_MIGRATE_SERVICE,
        account=f"{made.api.parent}/accounts/huawei",
        target_subject=taker.name,
        target_account=f"{made.api.parent}/accounts/huawei-second",
    )
    made.api.call(
        made.api.orders.CreateOrder, orders.CreateOrderRequest(parent=made.api.parent, order=order, order_id=ORDER)
    )
    made.submit(ORDER)


def is_held(_made: World) -> bool:
    """Both subjects are held, and nothing is known to be sent."""
    return True


def is_accepted(made: World) -> bool:
    """The vendor has the order."""
    return made.api.order(ORDER).submission.state == res.Submission.STATE_ACCEPTED


def has_moved_there(made: World) -> bool:
    """The regulator has moved the service, and our side may not know it yet."""
    answer = httpx.get(f"{made.sandbox.url}/miit/records", params={"domain": "shop1.cn"}, timeout=60)
    return any(one["number"] == NUMBERS["taker"] for one in answer.json()["records"])


def record(api: Api, name: str) -> res.Subject:
    request = subjects.GetSubjectRequest(name=f"{api.parent}/subjects/{name}")
    found: res.Subject = api.call(api.subjects.GetSubject, request)
    return found


def kinds(api: Api, name: str) -> list[str]:
    """The events of a subject's stream that a migration makes."""
    found = [str(event.WhichOneof("payload")) for event in api.events(f"{api.parent}/subjects/{name}")]
    return [kind for kind in found if kind.startswith(("migration_", "service_", "order_filed"))]


@pytest.mark.parametrize("moment", [is_held, is_accepted, has_moved_there])
def test_a_migration_rides_over_a_killed_server(tmp_path: Path, moment: Callable[[World], Any]) -> None:
    """Killed between submit, acceptance and report and started again, the service is under the target, once."""
    with world(tmp_path) as made:
        submit(made)
        until(lambda: moment(made), 60, str(moment.__doc__))
        kill(made.running.process.pid)
        made.running.wait(60)
        with (
            serving(tmp_path, "up", "--sandbox", *made.config) as (process, said),
            Api.of(made.directory, said["grpc"]) as api,
            closing(Sandbox(said["sandbox"])) as sandbox,
        ):
            filed = api.until_state(ORDER, res.ORDER_STATE_FILED)
            giver, taker = record(api, "giver"), record(api, "taker")
            assert (giver.state, len(giver.services)) == (res.SUBJECT_STATE_SHELL, 0)
            assert [one.licence_number for one in taker.services] == [f"{NUMBERS['taker']}-{n}" for n in (1, 2)]
            assert filed.target_service == taker.services[1].name
            assert kinds(api, "giver") == ["service_migrated_out", "order_filed"]
            assert kinds(api, "taker") == [
                "migration_held",
                "migration_held",
                "service_migrated_in",
                "migration_released",
            ]
            assert set(sandbox.times_submitted().values()) == {1}
            assert audited(made.config)["equal"]
            assert process.stop() == 0
