"""Certificate numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from beianhub.resources.v1 import resources_pb2 as r
from beianhub_core.rules.certificates import (
    _USCC_ALPHABET,
    check_certificate,
    organization_check,
    resident_id_check,
    uscc_check,
)

TODAY = date(2026, 3, 1)
ID, USCC, PASSPORT = r.CERTIFICATE_TYPE_RESIDENT_ID, r.CERTIFICATE_TYPE_USCC, r.CERTIFICATE_TYPE_PASSPORT


def codes(type_: r.CertificateType.ValueType, number: str, valid_until: str = "") -> list[str]:
    certificate = r.Certificate(type=type_, number=number, valid_until=valid_until)
    return [found.code for found in check_certificate(certificate, "c", TODAY)]


def with_check(digits: str) -> str:
    return digits + resident_id_check(digits)


@pytest.mark.parametrize(
    ("type_", "number"),
    [
        (ID, "11010519491231002X"),
        (ID, "11010519491231002x"),
        (ID, with_check("81000019900101001")),  # 港澳台居民居住证
        (ID, with_check("91110019900101001")),  # foreigners' permanent residence card
        (USCC, "91110000600037341L"),
        (USCC, "914403001922038216"),
        (USCC, "91330106673959654P"),
        (PASSPORT, "E12345678"),
    ],
)
def test_valid_numbers_pass(type_: r.CertificateType.ValueType, number: str) -> None:
    """The official vectors pass, and so do IDs that start with 8 and 9."""
    assert codes(type_, number) == []


def test_a_code_may_start_with_letters() -> None:
    """Credit codes of other registries, such as N2, start with a letter."""
    organization = "MA123456"
    stem = "N2110000" + organization + organization_check(organization)
    assert codes(USCC, stem + uscc_check(stem)) == []


@pytest.mark.parametrize(
    ("type_", "number", "expected"),
    [
        (ID, "110105491231002", ["CERTIFICATE_NUMBER_LENGTH"]),
        (ID, "110105194912310021", ["CERTIFICATE_NUMBER_CHECK_DIGIT"]),
        (ID, with_check("11010519490230002"), ["CERTIFICATE_NUMBER_DATE"]),
        (ID, with_check("11010520261231002"), ["CERTIFICATE_NUMBER_DATE"]),  # born tomorrow
        (ID, "01010519491231002X", ["CERTIFICATE_NUMBER_CHARACTERS"]),
        (ID, "1101051949123100ＡX", ["CERTIFICATE_NUMBER_CHARACTERS"]),
        (ID, "", ["CERTIFICATE_NUMBER_REQUIRED"]),
        (USCC, "110000600037341", ["CERTIFICATE_NUMBER_LENGTH"]),
        (USCC, "91110000600037341A", ["CERTIFICATE_NUMBER_CHECK_DIGIT"]),
        (USCC, "9111000060003734IL", ["CERTIFICATE_NUMBER_CHARACTERS"]),
        (PASSPORT, "E-1", ["CERTIFICATE_NUMBER_CHARACTERS"]),
        (r.CERTIFICATE_TYPE_UNSPECIFIED, "", ["CERTIFICATE_TYPE_REQUIRED", "CERTIFICATE_NUMBER_REQUIRED"]),
    ],
)
def test_each_mistake_has_its_own_code(type_: r.CertificateType.ValueType, number: str, expected: list[str]) -> None:
    """Length, characters, date and check digit are told apart."""
    assert codes(type_, number) == expected


def test_several_mistakes_are_told_at_once() -> None:
    """A wrong date and a wrong check digit are two findings."""
    assert codes(ID, "110105194902300021") == ["CERTIFICATE_NUMBER_DATE", "CERTIFICATE_NUMBER_CHECK_DIGIT"]


def test_the_inner_organization_code_is_checked_by_itself() -> None:
    """A code whose last character is right may still hold a wrong organization code (GB 11714)."""
    stem = "91110000600037342"
    assert codes(USCC, stem + uscc_check(stem)) == ["CERTIFICATE_NUMBER_ORGANIZATION_CODE"]


@pytest.mark.parametrize(
    ("valid_until", "expected"),
    [
        ("", []),
        ("长期", []),
        ("2026-05-31", []),
        ("2026-03-01", ["CERTIFICATE_EXPIRES_WITHIN_3_MONTHS"]),
        ("2026-05-30", ["CERTIFICATE_EXPIRES_WITHIN_3_MONTHS"]),
        ("2026-02-28", ["CERTIFICATE_EXPIRED"]),
        ("2026-13-01", ["CERTIFICATE_VALID_UNTIL_FORMAT"]),
    ],
)
def test_validity(valid_until: str, expected: list[str]) -> None:
    """An expired certificate blocks; one with three months or less left is a warning; 长期 is neither."""
    assert codes(ID, "11010519491231002X", valid_until) == expected


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_any_wrong_digit_of_a_resident_id_is_found(position: int, digit: str) -> None:
    """One wrong digit never passes: GB 11643 finds every single one."""
    number = "11010519491231002X"
    assume(number[position] != digit)
    assert codes(ID, number[:position] + digit + number[position + 1 :])


@given(
    st.sampled_from(["91110000600037341L", "914403001922038216"]), st.integers(0, 17), st.sampled_from(_USCC_ALPHABET)
)
def test_any_wrong_character_of_a_credit_code_is_found(code: str, position: int, character: str) -> None:
    """One wrong character never passes: GB 32100 finds every single one."""
    assume(code[position] != character)
    assert codes(USCC, code[:position] + character + code[position + 1 :])


@given(st.integers(0, 15))
def test_two_swapped_digits_are_found(position: int) -> None:
    """Swapped neighbours are found as well."""
    number = "110105194912310021"[:17]
    number += resident_id_check(number)
    assume(number[position] != number[position + 1])
    swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    assert codes(ID, swapped)


@given(st.text(max_size=24), st.sampled_from([ID, USCC, PASSPORT]))
def test_no_text_is_quoted_or_breaks_the_check(number: str, type_: r.CertificateType.ValueType) -> None:
    """Any text gets findings or none, and no finding quotes a number."""
    certificate = r.Certificate(type=type_, number=number)
    found = check_certificate(certificate, "c", TODAY)
    assert len(number.strip()) < 4 or not any(number in str(each) for each in found)
