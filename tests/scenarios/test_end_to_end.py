"""Scenarios played to their ends: the planner's orders, filed through API, engine, vendors and regulator in sequence.

Each company starts as its scenario says, here and in the national record. Afterwards its unified record is what the
scenario's file expects and what the regulator has, each order is once in the vendors' ledgers, and the record is the
fold of its events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from rehearsal.playing import Play, play_all, times
from rehearsal.world import VENDORS, World, world

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import strict_yaml

FOLDER: Final = Path(__file__).parent
SCENARIOS: Final = {path.stem: strict_yaml.load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yaml")}
PLAYED: Final = sorted(stem for stem, scenario in SCENARIOS.items() if "end_to_end" in scenario)
SECONDS: Final = 300.0
pytestmark = pytest.mark.timeout(420)  # the first test waits for all plays


@dataclass(frozen=True)
class Ended:
    """All plays at their ends, what went wrong with any, and the world that they left."""

    world: World
    plays: dict[str, Play]
    failures: dict[str, BaseException]
    submitted: dict[str, int]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """Every scenario that is to be played, played side by side in one deployment."""
    people_answer = {"BEIANHUB_SANDBOX__SMS_MODE": "manual"}
    with (
        world(tmp_path_factory.mktemp("scenarios"), environment=people_answer) as made,
        httpx.Client(base_url=made.sandbox.url, timeout=60, trust_env=False) as http,
    ):
        for vendor in VENDORS:
            second = res.Account(provider=vendor, endpoint="http://127.0.0.1:9/", credential=vendor)
            request = admin.CreateAccountRequest(parent=made.api.parent, account=second, account_id=f"{vendor}-second")
            made.api.call(made.api.admin.CreateAccount, request)
        plays = {stem: Play(made, http, stem, number, SCENARIOS[stem]) for number, stem in enumerate(PLAYED, 1)}
        failures = play_all(list(plays.values()), SECONDS)
        yield Ended(made, plays, failures, times(made))


@pytest.fixture
def play(ended: Ended, stem: str) -> Play:
    """The scenario's play, which came to its end."""
    if stem in ended.failures:
        raise AssertionError(f"{ended.plays[stem].log}") from ended.failures[stem]
    return ended.plays[stem]


def number(before: str, after: str) -> str:
    """What became of a licence number."""
    if not after:
        return "none"
    return "kept" if before == after else "new"


def found(play: Play) -> dict[str, Any]:
    """The unified record in the words of a scenario's file."""
    record, past = play.record(), play.company.subject
    before = {service.name: service.licence_number for service in past.services}
    return {
        "state": res.SubjectState.Name(record.state).removeprefix("SUBJECT_STATE_"),
        "number": number(past.licence_number, record.licence_number),
        "services": {
            service.name.rpartition("/")[2]: {
                "state": res.ServiceState.Name(service.state).removeprefix("SERVICE_STATE_"),
                "number": number(before[service.name], service.licence_number),
                "domains": [domain.replace(f"scene{play.company.number}", "example") for domain in service.domains],
                "accesses": {
                    access.provider: res.AccessState.Name(access.state).removeprefix("ACCESS_STATE_")
                    for access in service.accesses
                },
            }
            for service in record.services
        },
    }


def filed(record: res.Subject) -> dict[str, set[str]]:
    """The filed services' numbers, each with the providers whose access counts."""
    gone = (res.SERVICE_STATE_NOT_FILED, res.SERVICE_STATE_CANCELLED)
    return {
        service.licence_number: {a.provider for a in service.accesses if a.state == res.ACCESS_STATE_ACTIVE}
        for service in record.services
        if service.state not in gone
    }


@pytest.mark.parametrize("stem", PLAYED)
def test_the_record_is_what_the_scenario_expects(play: Play, stem: str) -> None:
    """Its orders end as expected, in the plan's sequence, and leave the expected record: states, numbers, accesses."""
    expected = SCENARIOS[stem]["end_to_end"]
    assert play.log == expected["orders"]
    assert found(play) == expected["record"]
    refused = expected.get("instead", {}).get("refused")
    assert refused is None or refused in play.refusals


@pytest.mark.parametrize("stem", PLAYED)
def test_the_regulator_has_the_same(play: Play, stem: str) -> None:
    """The unified record has the numbers and the accesses that the national record has."""
    public = play.regulator()
    theirs = {one["number"]: {access["provider"] for access in one["accesses"]} for one in public.get("services", [])}
    record = play.record()
    assert filed(record) == theirs, stem
    assert not public or public["number"] == record.licence_number


@pytest.mark.parametrize("stem", PLAYED)
def test_each_order_is_at_its_vendor_once(ended: Ended, play: Play, stem: str) -> None:
    """An order that went out is once in the ledger of all vendors; one that was refused here is in none."""
    sent = {order_id: bool(play.api.order(order_id).provider_order_id) for order_id in play.ids}
    assert sent == {order_id: ended.submitted[order_id] == 1 for order_id in play.ids}, stem


def test_the_records_are_the_folds_of_their_events(ended: Ended) -> None:
    """``beianhub audit`` finds no record that differs from the fold of its events."""
    audit = ended.world.api.audit()
    assert audit.records == len(PLAYED)
    assert not audit.unequal


def test_enough_scenarios_file_and_some_are_refused() -> None:
    """At least 25 scenarios end with something filed, at each provider; others are refused by us or the regulator."""
    ends = {stem: SCENARIOS[stem]["end_to_end"]["orders"] for stem in PLAYED}
    filing = {stem: end for stem, end in ends.items() if any(line.endswith("FILED") for line in end)}
    assert len(filing) >= 25
    assert {line.split()[1] for end in filing.values() for line in end} == set(VENDORS)
    assert sum("instead" in SCENARIOS[stem]["end_to_end"] for stem in PLAYED) >= 5
