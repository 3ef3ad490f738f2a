"""Every situation in this folder, put to the planner: what its sources say must be in the answer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from beianhub_core import strict_yaml
from beianhub_core.planner import Answer, plan_document
from beianhub_core.rulebook import load_rulebook

FOLDER: Final = Path(__file__).parent
SCENARIOS: Final = sorted(FOLDER.glob("*.yaml"))
EXPECTATIONS: Final = {"orders", "steps", "findings", "questions", "mentions", "absent"}
ABSENCES: Final = {"steps", "findings", "questions", "severities"}


def load(path: Path) -> dict[str, Any]:
    return dict(strict_yaml.load(path.read_text(encoding="utf-8")))


def name(step: dict[str, Any]) -> str:
    return str(step["order_type"] or step["action"])


def fits(wanted: Any, found: Any) -> bool:
    """Whether everything wanted is in what was found: lists as subsets, mappings by their keys."""
    if isinstance(wanted, dict):
        return all(key in found and fits(value, found[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        return all(any(fits(each, other) for other in found) for each in wanted)
    return bool(wanted == found)


def in_order(wanted: Iterable[Any], found: list[Any]) -> bool:
    """Whether the wanted items are among the found ones in this order."""
    rest = iter(found)
    return all(any(fits(each, other) for other in rest) for each in wanted)


def readable(answer: Answer) -> dict[str, Any]:
    """The answer, with the names of steps instead of their ids."""
    document = answer.document()
    names = {step["id"]: name(step) for step in document["steps"]}
    for step in document["steps"]:
        step["name"] = name(step)
        step["after"] = [names[before] for before in step["after"]]
    return document


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_planner_answers_as_the_sources_say(path: Path) -> None:
    """The steps, findings and questions of a scenario are in the answer, and nothing that it excludes."""
    scenario = load(path)
    answer = readable(plan_document(scenario, load_rulebook()))
    expected = scenario["expect"]
    assert set(expected) <= EXPECTATIONS
    orders = [step["order_type"] for step in answer["steps"] if step["kind"] == "ORDER"]
    assert orders == expected.get("orders", orders)
    wanted = [{"name": each} if isinstance(each, str) else each for each in expected.get("steps", [])]
    assert in_order(wanted, answer["steps"]), (wanted, answer["steps"])
    for finding in expected.get("findings", []):
        assert fits([finding], answer["findings"]), (finding, answer["findings"])
    for words in expected.get("mentions", []):
        assert words in str(answer["steps"]), words
    asked = {question["path"] for question in answer["questions"]}
    assert set(expected.get("questions", [])) <= asked, asked
    check_absent(expected.get("absent", {}), answer, asked)


def check_absent(absent: dict[str, list[str]], answer: dict[str, Any], asked: set[str]) -> None:
    assert set(absent) <= ABSENCES
    assert not {step["name"] for step in answer["steps"]} & set(absent.get("steps", []))
    assert not {f["code"] for f in answer["findings"]} & set(absent.get("findings", []))
    blocked = [f["code"] for f in answer["findings"] if f["severity"] in absent.get("severities", [])]
    assert not blocked
    assert not asked & set(absent.get("questions", []))


def test_there_are_eighty_situations_with_their_sources() -> None:
    """At least 80 situations, each with a title, at least one source and an expectation."""
    scenarios = [load(path) for path in SCENARIOS]
    assert len(scenarios) >= 80
    assert all(s["title"] and s["source"] and s["expect"] for s in scenarios)


def test_the_scenarios_cover_every_wish() -> None:
    """Each wish is wished at least once."""
    wishes = {load(path)["wish"] for path in SCENARIOS}
    assert wishes >= {
        "SERVE_DOMAIN",
        "CHANGE_SERVER_IP",
        "CHANGE_SUBJECT",
        "CHANGE_SERVICE",
        "REMOVE_DOMAIN",
        "LEAVE_PROVIDER",
        "CLOSE_SERVICE",
        "CLOSE_SUBJECT",
        "MOVE_SERVICE_TO_SUBJECT",
        "END_ORDER",
        "RESUBMIT",
        "ANSWER_NOTICE",
    }
