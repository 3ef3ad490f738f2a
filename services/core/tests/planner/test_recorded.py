"""What a record tells a plan, and what it leaves open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.planner import Situation, Wish, plan
from beianhub_core.planner.contradictions import contradictions
from beianhub_core.planner.recorded import recorded
from beianhub_core.planner.situation import Contact, Domain, Server, Service, Site
from beianhub_core.planner.vocabulary import State
from beianhub_core.rulebook import load_rulebook

TODAY = date(2026, 6, 1)
SUBJECT = "tenants/acme/subjects/s1"
SERVICE = f"{SUBJECT}/services/w1"


def record(**service: Any) -> Record:
    """A filed subject in Henan with one website, which Tencent holds unless said otherwise."""
    made = Record(subject=res.Subject(name=SUBJECT, state=res.SUBJECT_STATE_FILED))
    made.subject.profile.province, made.subject.profile.nature = "河南", res.NATURE_ENTERPRISE
    given = {"state": res.SERVICE_STATE_FILED, "domains": ["example.com"], **service}
    one = made.subject.services.add(name=SERVICE, kind=res.SERVICE_KIND_WEBSITE, **given)
    if one.state == res.SERVICE_STATE_FILED:
        one.accesses.add(provider="tencent", state=res.ACCESS_STATE_ACTIVE)
    return made


def order(state: int, *facets: tuple[int, int]) -> res.Order:
    shown = [res.Verification(kind=kind, state=how) for kind, how in facets]
    return res.Order(name="tenants/acme/orders/o1", type=res.ORDER_TYPE_ADD_ACCESS, state=state, verifications=shown)


def test_an_empty_record_knows_nothing_but_the_day() -> None:
    """Unknown facts stay None: of an empty record there is only what the caller said."""
    assert recorded(Record(), "", "", TODAY) == Situation(today=TODAY)


def test_a_filed_website_is_known_with_its_accesses() -> None:
    """State, holders, domain and province are the record's; the server's address and the site's state are nobody's."""
    given = recorded(record(), SERVICE, "aliyun", TODAY)

    assert given.subject.model_dump(mode="json", exclude_none=True) == {
        "nature": "ENTERPRISE",
        "province": "河南",
        "filed": True,
        "filed_at": ["tencent"],
        "services": 1,
        "status": "NORMAL",
        "other_sites": {},
    }
    assert given.service == Service(
        kind="WEBSITE", filed=True, filed_at=["tencent"], status="NORMAL", order_in_flight=False
    )
    assert given.domain == Domain(name="example.com", filed=True)
    assert given.domains_on_service == 1
    assert (given.server, given.site, given.contact) == (Server(provider="aliyun"), Site(), Contact())
    assert contradictions(given) == []


def test_an_unfiled_services_domain_may_be_filed_elsewhere() -> None:
    """Whether the domain of a service that was never filed is filed under somebody else is not known (S4.7)."""
    given = recorded(record(state=res.SERVICE_STATE_NOT_FILED), SERVICE, "tencent", TODAY)
    assert (given.service.filed, given.domain.filed) == (False, None)
    assert given.subject.services is None


def test_a_filed_service_without_a_known_access_is_held_by_somebody() -> None:
    """Only the state NO_ACCESS says that nobody holds it; an import may not have named the provider."""
    somewhere, nowhere = record(), record(state=res.SERVICE_STATE_NO_ACCESS)
    somewhere.subject.services[0].ClearField("accesses")
    known = recorded(somewhere, SERVICE, "tencent", TODAY)
    assert (known.service.filed_at, known.subject.filed_at) == (None, None)
    assert recorded(nowhere, SERVICE, "tencent", TODAY).service.filed_at == []


def test_a_pending_or_cancelled_access_does_not_hold_the_service() -> None:
    """An access counts from its filing to its end."""
    given = record()
    given.subject.services[0].accesses.add(provider="aliyun", state=res.ACCESS_STATE_PENDING)
    given.subject.services[0].accesses.add(provider="huawei", state=res.ACCESS_STATE_CANCELLED)
    assert recorded(given, SERVICE, "aliyun", TODAY).service.filed_at == ["tencent"]


FACE, SMS = res.VERIFICATION_KIND_FACE, res.VERIFICATION_KIND_MIIT_SMS
WAITING, PASSED, EXPIRED = (
    res.VERIFICATION_STATE_WAITING,
    res.VERIFICATION_STATE_PASSED,
    res.VERIFICATION_STATE_EXPIRED,
)


@pytest.mark.parametrize(
    ("shown", "state", "passed"),
    [
        (order(res.ORDER_STATE_PROVIDER_REVIEW), State.PROVIDER_REVIEW, (None, None)),
        (order(res.ORDER_STATE_PROVIDER_REVIEW, (FACE, WAITING)), State.IDENTITY_CHECK, (False, None)),
        (order(res.ORDER_STATE_READY_TO_SUBMIT, (FACE, PASSED), (SMS, WAITING)), State.SMS_PENDING, (True, False)),
        (order(res.ORDER_STATE_REGULATOR_REVIEW, (SMS, PASSED)), State.REGULATOR_REVIEW, (None, True)),
        (order(res.ORDER_STATE_PROVIDER_REJECTED, (SMS, EXPIRED)), State.SMS_TIMEOUT, (None, False)),
        (order(res.ORDER_STATE_FILED), State.FILED, (None, None)),
    ],
)
def test_an_order_is_as_far_as_its_facets_say(
    shown: res.Order, state: State, passed: tuple[bool | None, bool | None]
) -> None:
    """A waiting SMS or identity check is a phase of its own, as what may be withdrawn depends on it."""
    given = record()
    given.orders.append(shown)
    found = recorded(given, SERVICE, "tencent", TODAY).subject.order
    assert found is not None
    assert (found.state, found.identity_passed, found.sms_answered) == (state, *passed)


def test_the_order_in_flight_comes_before_a_newer_draft() -> None:
    """Drafts hold nothing; one that is being sent holds the subject, and how far it came is not known."""
    given = record()
    given.orders.append(order(res.ORDER_STATE_DRAFT))
    assert recorded(given, SERVICE, "tencent", TODAY).subject.order is None
    given.orders[0].submission.state = res.Submission.STATE_IN_DOUBT
    given.orders.append(order(res.ORDER_STATE_DRAFT))
    found = recorded(given, SERVICE, "tencent", TODAY).subject.order
    assert found is not None
    assert found.state is State.UNKNOWN


def test_a_plan_from_a_record_asks_for_what_the_record_does_not_hold() -> None:
    """To serve a filed domain from another provider is an access, with questions for what only its people know."""
    answer = plan(recorded(record(), SERVICE, "aliyun", TODAY), Wish.SERVE_DOMAIN, (), load_rulebook())
    assert [step.order_type for step in answer.steps if step.order_type] == ["ADD_ACCESS"]
    assert {"server.region", "contact.phone_reachable", "domain.holder_matches"} <= {q.path for q in answer.questions}


def test_what_is_known_of_the_domain_is_not_asked_for() -> None:
    """Its last day, its holder and its real name; what nobody has entered stays unknown."""
    told = res.DomainRegistration(domain="example.com", expires_on="2026-07-01", holder_matches=False)
    given = recorded(record(registrations=[told]), SERVICE, "aliyun", TODAY)
    assert given.domain == Domain(name="example.com", filed=True, expires_on=date(2026, 7, 1), holder_matches=False)
    answer = plan(given, Wish.SERVE_DOMAIN, [], load_rulebook())
    assert {"DOMAIN_EXPIRES_SOON", "HOLDER_MISMATCH"} <= {found.code for found in answer.findings}
    asked = {question.path for question in answer.questions}
    assert "domain.real_name_verified" in asked
    assert asked.isdisjoint({"domain.expired", "domain.holder_matches"})
