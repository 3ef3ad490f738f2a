"""Masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub.events.v1 import events_pb2
from beianhub.resources.v1 import resources_pb2 as r
from beianhub.resources.v1 import task_pb2
from beianhub_core.vault import contains_personal_data, is_masked, mask, personal, reveal

MASKS = list(personal._MASKS.values())


def copy(subject: r.Subject) -> r.Subject:
    result = r.Subject()
    result.CopyFrom(subject)
    return result


def test_mask_shows_only_what_tells_people_apart(subject: r.Subject) -> None:
    """A mask keeps the family name, the ends of numbers, the mail's domain and the province, and nothing more."""
    person = mask(subject).services[0].principal
    assert person.full_name == "张*"
    assert person.certificate.number == "110*************2X"
    assert person.certificate.address == "北京市***"
    assert person.mobile == "138****0001"
    assert person.emergency_phone == "010*****5678"
    assert person.email == "z***@example.com"
    assert subject.profile.address == "北京市***"
    assert subject.profile.certificate.number == "911*************1L"


def test_a_units_name_is_public_and_an_individuals_is_not(subject: r.Subject) -> None:
    """The subject's title is masked for an individual only."""
    assert mask(copy(subject)).profile.title == "示例科技有限公司"
    subject.profile.nature = r.NATURE_INDIVIDUAL
    assert mask(subject).profile.title == "示*"


def test_public_fields_stay(subject: r.Subject) -> None:
    """Domains, titles of services and names of resources are no personal data."""
    service = mask(subject).services[0]
    assert (service.title, list(service.domains), service.kind) == ("示例商店", ["example.com"], 1)


def test_what_a_newer_client_sent_is_dropped(subject: r.Subject) -> None:
    """Fields that this version does not know may hold anything, so a mask leaves none of them."""
    tagged = subject.SerializeToString() + b"\xf2\x3f\x06secret"  # field 1022, length 6
    unknown = r.Subject.FromString(tagged)
    assert b"secret" in unknown.SerializeToString()
    assert b"secret" not in mask(unknown).SerializeToString()


def test_guard_names_each_unmasked_path(subject: r.Subject) -> None:
    """An event with a value is found with the path of each; a masked one passes."""
    event = events_pb2.Event(subject_created=events_pb2.SubjectCreated(subject=subject))
    found = contains_personal_data(event)
    assert "subject_created.subject.services[0].principal.mobile" in found
    assert "subject_created.subject.profile.certificate.number" in found
    assert "subject_created.subject.profile.title" not in found
    assert contains_personal_data(mask(event)) == []


def test_a_star_in_a_value_does_not_pass_for_a_mask(subject: r.Subject) -> None:
    """A value that merely holds a star is still masked, and still found."""
    subject.profile.principal.full_name = "张*三丰"
    assert "profile.principal.full_name" in contains_personal_data(subject)
    assert mask(subject).profile.principal.full_name == "张*"


@pytest.mark.parametrize("value", ["张*", "138****0001", "z***@example.com", "北京市***", "***", "911*************1L"])
def test_is_masked_knows_every_mask(value: str) -> None:
    """What a mask leaves is told from a value."""
    assert is_masked(value)


@pytest.mark.parametrize("value", ["", "张三", "13800000001", "zhang@example.com", "张*三丰先生啊"])
def test_is_masked_takes_no_value_for_a_mask(value: str) -> None:
    """A value is not taken for a mask."""
    assert not is_masked(value)


@given(st.sampled_from(MASKS), st.text(st.characters(codec="utf-8"), min_size=1))
def test_masking_twice_changes_nothing(masked: object, value: str) -> None:
    """Each mask is idempotent, for any text."""
    assert callable(masked)
    assert masked(masked(value)) == masked(value)


@given(st.sampled_from(MASKS), st.text(st.sampled_from("0123456789张李王abcX"), min_size=2))
def test_no_mask_shows_a_whole_value(masked: object, value: str) -> None:
    """A value never survives its mask, and at least a third of a long one is hidden."""
    assert callable(masked)
    shown = masked(value).replace("*", "")
    assert value not in masked(value)
    assert len(shown) <= len(value) * 2 / 3


def test_reveal_copies_exactly_the_named_fields(subject: r.Subject) -> None:
    """A plugin gets the fields that its manifest names, and masks elsewhere."""
    masked = reveal(mask(copy(subject)), subject, ["profile.principal.mobile", "services.principal.full_name"])
    assert masked.profile.principal.mobile == "13800000001"
    assert masked.services[0].principal.full_name == "张三丰"
    assert masked.services[0].principal.mobile == "138****0001"
    assert sorted(contains_personal_data(masked)) == ["profile.principal.mobile", "services[0].principal.full_name"]


def test_reveal_pairs_services_by_name(subject: r.Subject) -> None:
    """A service gets its own principal's values, whatever the order, and another's never."""
    plain = copy(subject)
    other = plain.services.add(name="tenants/acme/subjects/s1/services/w0")
    other.principal.mobile = "13900000002"
    plain.services.reverse()
    masked = reveal(mask(copy(subject)), plain, ["services.principal.mobile"])
    assert masked.services[0].principal.mobile == "13800000001"


def test_reveal_works_below_an_assignment(subject: r.Subject) -> None:
    """Paths of a plugin's manifest start at its assignment."""
    plain = task_pb2.TaskAssignment(subject=subject, service=subject.services[0])
    masked = task_pb2.TaskAssignment.FromString(plain.SerializeToString())
    reveal(mask(masked), plain, ["subject.profile.principal.email", "service.principal.mobile"])
    assert contains_personal_data(masked) == ["subject.profile.principal.email", "service.principal.mobile"]


def test_reveal_refuses_what_is_no_personal_data(subject: r.Subject) -> None:
    """A path that names no personal-data field is a mistake of the manifest, told by name."""
    with pytest.raises(ValueError, match=r"profile\.principal\.shoe_size"):
        reveal(subject, subject, ["profile.principal.shoe_size"])
