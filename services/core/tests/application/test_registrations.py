"""What is known of a domain's registration, reported by itself."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.application import sealing
from beianhub_core.errors import BeianhubError, ErrorKind

from .conftest import PERSON, reason


async def told(
    desk: Any, service: str, caller: Any = None, request_id: str = "", **known: Any
) -> res.DomainRegistration:
    registration = res.DomainRegistration(**{"domain": "Shop0.com", **known})
    request = pb.ReportRegistrationRequest(parent=service, registration=registration, request_id=request_id)
    answer: res.DomainRegistration = await desk.app.subjects.report_registration(caller or desk.owner, request)
    return answer


async def test_a_renewal_is_reported_by_itself(both_desks: Any) -> None:
    """The domain's new last day takes the place of the old one; what is not said stays, and people's values too."""
    desk = both_desks
    service = (await desk.subject()).services[0].name
    await told(desk, service, expires_on="2098-05-01", holder_matches=True)
    answer = await told(desk, service, expires_on="2099-05-01")
    assert answer == res.DomainRegistration(domain="shop0.com", expires_on="2099-05-01", holder_matches=True)
    record = await desk.app.store.record("acme", "s0")
    assert list(record.subject.services[0].registrations) == [answer]
    assert [d.time.ToJsonString() for d in record.subject.deadlines] == ["2099-05-01T16:00:00Z"]
    plain = await sealing.unseal(desk.app.core, "acme", record.subject)
    assert plain.services[0].principal.mobile == PERSON["mobile"]


async def test_a_repeated_report_is_one(desk: Any) -> None:
    """The same request once more answers the same, and appends nothing."""
    service = (await desk.subject()).services[0].name
    key = str(uuid.uuid4())
    first = await told(desk, service, request_id=key, expires_on="2099-05-01")
    version = (await desk.app.store.record("acme", "s0")).version
    assert await told(desk, service, request_id=key, expires_on="2099-05-01") == first
    assert (await desk.app.store.record("acme", "s0")).version == version


@pytest.mark.parametrize(
    ("known", "path", "why"),
    [
        ({"domain": "other.com"}, "registration.domain", "REGISTRATION_OF_OTHER_DOMAIN"),
        ({"expires_on": "2099/05/01"}, "registration.expires_on", "DOMAIN_EXPIRY_FORMAT"),
    ],
)
async def test_a_mistake_is_named_where_it_is(desk: Any, known: dict[str, str], path: str, why: str) -> None:
    """Another domain, or a day that is none, is refused, and the record stays."""
    service = (await desk.subject()).services[0].name
    with pytest.raises(BeianhubError) as caught:
        await told(desk, service, **known)
    assert [(found.path, found.code) for found in caught.value.findings] == [(path, why)]
    assert (await desk.app.store.record("acme", "s0")).version == 1


async def test_what_is_not_there_or_another_customer_s_is_not_found(desk: Any) -> None:
    """Neither is told apart from the other."""
    service = (await desk.subject(customer="blue")).services[0].name
    for name, caller in ((f"{service}x", desk.owner), (service, desk.limited("red"))):
        with pytest.raises(BeianhubError) as caught:
            await told(desk, name, caller, expires_on="2099-05-01")
        assert caught.value.kind is ErrorKind.NOT_FOUND, reason(caught)
