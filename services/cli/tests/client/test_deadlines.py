"""``beianhub deadlines`` against a real gateway, and deadlines in the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.views import cells_of, grids

from .conftest import Command


def test_what_is_due_is_listed_by_time(beianhub: Command) -> None:
    """A drafted order's idle limit is listed with its source and order, page by page, and cut by --before."""
    for order, domain in (("first", "shili-keji.com"), ("second", "shili-shop.com")):
        arguments = ("--subject", "shili-keji", "--type", "FIRST_FILING", "--account", "tencent-main")
        beianhub.run("order", "create", *arguments, "--domain", domain, "--ip", "8.8.8.8", "--id", order)
    rows = beianhub.ok("deadlines", "--subject", "shili-keji")["deadlines"]
    assert rows
    assert {row["deadline"]["kind"] for row in rows} == {"IDLE"}
    assert rows[0]["deadline"]["source"] == ["TC-DOC"]
    assert beianhub.ok("deadlines", "--all", "--page-size", "1")["deadlines"] == beianhub.ok("deadlines")["deadlines"]
    later = (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%d")
    assert beianhub.ok("deadlines", "--subject", "shili-keji", "--before", later).get("deadlines", []) == []
    table = beianhub.run("deadlines").stdout
    assert "订单闲置 IDLE" in table
    assert "44 d" in table
    assert beianhub.fails(3, "deadlines", "--subject", "nobody")["reason"] == "SUBJECT_NOT_FOUND"


def test_a_deadline_that_is_met_is_completed_by_its_name(beianhub: Command) -> None:
    """The listing has the name; done is done, and the deadline of an order has no name to complete."""
    beianhub.ok("notice", "report", "shili-keji", "--kind", "CONTENT", "--due", "2099-01-01")
    rows = beianhub.ok("deadlines", "--subject", "shili-keji")["deadlines"]
    (name,) = [row["name"] for row in rows if row["deadline"]["kind"] == "RECTIFICATION"]
    assert {row.get("name", "") for row in rows if row["deadline"]["kind"] == "IDLE"} == {""}
    short = f"shili-keji/{name.rpartition('/')[2]}"
    assert short in beianhub.run("deadlines", "--subject", "shili-keji").stdout
    done = beianhub.ok("deadline", "complete", short, "--note", "整改完毕")
    assert (done["name"], done["deadline"]["state"]) == (name, "DEADLINE_STATE_DONE")
    assert beianhub.ok("subject", "get", "shili-keji")["notices"] == []
    assert beianhub.fails(3, "deadline", "complete", name)["reason"] == "DEADLINE_NOT_FOUND"


def test_tries_of_the_sms_are_told_of_an_order_that_the_provider_has(beianhub: Command) -> None:
    """A draft has no SMS whose wrong tries could be counted."""
    told = ("--state", "READY_TO_SUBMIT", "--sms-wrong-tries", "3", "--sms-resends", "1")
    assert beianhub.fails(4, "order", "report-progress", "first", *told)["reason"] == "NOT_AT_PROVIDER"


@pytest.mark.parametrize(
    ("ahead", "left"),
    [
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(hours=2, minutes=30, seconds=30), "2 h 30 min"),
        (timedelta(days=-2), "2 d 0 h overdue"),
    ],
)
def test_what_is_left(ahead: timedelta, left: str) -> None:
    """The time until it passes, or since then; a provisional one says so, and so does its state."""
    deadline = res.Deadline(kind="REGULATOR_REVIEW", provisional=True, state=res.DEADLINE_STATE_NEAR, source=["S2.22"])
    deadline.time.FromDatetime(datetime.now(UTC) + ahead)
    cells = dict(cells_of(deadline))
    assert cells["left"] == left
    assert cells["deadline"] == "管局审核 REGULATOR_REVIEW"
    assert cells["time"].endswith("provisional (暂定)")
    assert (cells["state"], cells["source"]) == ("将到 NEAR", "S2.22")


def test_a_subject_shows_its_deadlines() -> None:
    """Beside its services and accesses, with the field that each is about."""
    path = "profile.certificate.valid_until"
    subject = res.Subject(deadlines=[res.Deadline(kind="CERTIFICATE", path=path)])
    (shown,) = [grid for grid in grids(subject) if grid.title == "deadlines"]
    assert list(shown.rows[0][:2]) == ["证件有效期 CERTIFICATE", path]
