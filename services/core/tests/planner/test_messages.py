"""Situations and plans as the API carries them say what the planner's own values say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import strict_yaml
from beianhub_core.planner import Answer, Request, Wish, messages, plan, read
from beianhub_core.planner import vocabulary as words
from beianhub_core.planner.filling import filled
from beianhub_core.planner.mattering import open_questions
from beianhub_core.rulebook import load_rulebook

_SCENARIOS = Path(__file__).parents[4] / "tests" / "scenarios"
_BOOK = load_rulebook()


def requests() -> list[tuple[str, Request]]:
    """Every scenario that can be read."""
    found = [(path.stem, read(strict_yaml.load(path.read_text("utf-8")))) for path in sorted(_SCENARIOS.glob("*.yaml"))]
    return [(name, request) for name, request in found if isinstance(request, Request)]


SCENARIOS = pytest.mark.parametrize("request_", [pytest.param(each, id=name) for name, each in requests()])


@SCENARIOS
def test_a_situation_keeps_its_facts(request_: Request) -> None:
    """What was said, that a list is empty, and what nobody said, are the same after the way through a message."""
    message = planning.Situation.FromString(messages.situation_message(request_.situation).SerializeToString())
    again = read({"situation": messages.document(message), "wish": str(request_.wish)})
    assert isinstance(again, Request)
    assert again.situation == request_.situation


@SCENARIOS
def test_a_plan_keeps_its_parts(request_: Request) -> None:
    """Steps, findings and questions come out of the message as they went in."""
    answer = plan(request_.situation, request_.wish, request_.change, _BOOK)
    message = planning.Plan.FromString(messages.plan_message(answer).SerializeToString())
    assert messages.answer(message) == answer


@pytest.mark.parametrize(
    ("enum", "known"),
    [
        (planning.Wish, Wish),
        (planning.ServerRegion, words.Region),
        (planning.OrderPhase, words.State),
        (planning.ChangeField, words.Field),
        (res.OrderType, words.Order),
        (res.Nature, words.Nature),
        (res.ServiceKind, words.Kind),
    ],
    ids=lambda enum: getattr(enum, "__name__", ""),
)
def test_both_have_the_same_words(enum: Any, known: Any) -> None:
    """A word that the planner learns is one that the API can say, and the other way round."""
    assert {messages.word(enum.DESCRIPTOR, number) for number in enum.values()[1:]} == {str(each) for each in known}


def test_a_state_of_the_record_is_the_planners_status() -> None:
    """Filed and nothing else is NORMAL; an unfiled subject has no status, and one that is given is refused by name."""
    said = planning.Situation(subject=planning.Situation.Subject(status=res.SUBJECT_STATE_FILED))
    assert messages.document(said) == {"subject": {"status": "NORMAL"}}
    said.subject.status = res.SUBJECT_STATE_NOT_FILED
    refused = read({"situation": messages.document(said), "wish": "SERVE_DOMAIN"})
    assert isinstance(refused, Answer)
    assert [(f.code, f.path) for f in refused.findings] == [("INVALID_VALUE", "subject.status")]


def test_a_number_of_a_later_version_is_refused_by_name() -> None:
    """A client that knows more words than we do learns which of them we do not."""
    said = planning.Situation.FromString(
        planning.Situation(server=planning.Situation.Server(region=planning.ServerRegion.ValueType(99)))
        .SerializeToString()
    )  # fmt: skip
    refused = read({"situation": messages.document(said), "wish": "SERVE_DOMAIN"})
    assert isinstance(refused, Answer)
    assert [f.path for f in refused.findings] == ["server.region"]


def test_the_record_fills_gaps_only() -> None:
    """What is said stands, field by field; an order is said whole or not at all."""
    said = {"subject": {"filed": False, "order": {"state": "DRAFT"}}}
    known = {"today": "2026-03-02", "subject": {"filed": True, "province": "北京", "order": {"type": "CLAIM"}}}
    assert filled(said, known) == {
        "today": "2026-03-02",
        "subject": {"filed": False, "province": "北京", "order": {"state": "DRAFT"}},
    }


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("s1-10-password-not-said", ["service.pre_approval"]),  # with either password, the same orders
        ("s2-24-password-for-closing", []),
        ("s1-27-holder-not-said", ["domain.holder_matches", "service.pre_approval"]),  # a holder that differs blocks it
        ("s1-05-shell-province-unknown", ["service.order_in_flight", "subject.province"]),  # one blocks, one decides
        ("s2-20-new-ip-not-said", ["server.ip"]),  # any text may be the answer
    ],
)
def test_questions_matter_that_decide_about_orders(scenario: str, expected: list[str]) -> None:
    """A question matters where an answer changes the orders or blocks them; the others may stay open."""
    request = dict(requests())[scenario]
    answer = plan(request.situation, request.wish, request.change, _BOOK)
    assert answer.questions
    assert [q.path for q in open_questions(request, answer, _BOOK)] == expected
