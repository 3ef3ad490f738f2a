"""Licence numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beianhub.resources.v1 import resources_pb2 as r
from beianhub_core.rules.licence import LicenceNumber, check_service_licence, check_subject_licence, parse_licence
from beianhub_core.rules.provinces import BY_ABBREVIATION, PROVINCES, canonical_province

WEBSITE, APP = r.SERVICE_KIND_WEBSITE, r.SERVICE_KIND_APP


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("京ICP备12345678号", "京ICP备12345678号"),
        ("陇ICP备19001358号-1", "陇ICP备19001358号-1"),
        ("蜀ICP备2026007879号-1", "蜀ICP备2026007879号-1"),
        ("滇ICP备2020009854号", "滇ICP备2020009854号"),
        ("滇ICP备09010050-5号", "滇ICP备09010050号-5"),
        ("陕ICP备12000810-2号", "陕ICP备12000810号-2"),
        ("陕ICP备 13007681号", "陕ICP备13007681号"),
        ("京icp备12345678", "京ICP备12345678号"),
        ("京ＩＣＰ備１２３４５６７８號-2A".replace("號", "号"), "京ICP备12345678号-2A"),
        ("京ICP备12345678号－3X", "京ICP备12345678号-3X"),
        ("京ICP备12345678号—4K", "京ICP备12345678号-4K"),
        ("粤B2-20090059", "粤B2-20090059"),
        ("粤B2-20090059-1626X", "粤B2-20090059-1626X"),
        ("京ICP证030173号-1", "京ICP证030173号-1"),
    ],
)
def test_every_spelling_prints_canonically(text: str, canonical: str) -> None:
    """Old and careless spellings are read, and one is printed."""
    assert str(parse_licence(text)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "ICP备12345678号", "川ICP备12345678号", "京ICP备1234567号", "京ICP备12345678号-0", "京ICP备12345678号-1B"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    """四川 is 蜀 and not 川; serials have 8 or 10 digits; suffixes start at 1."""
    assert parse_licence(text) is None


def test_parts() -> None:
    """The letter tells the kind of service, and the stem is the subject's number."""
    licence = parse_licence("粤ICP备2026000001号-2A")
    assert licence is not None
    assert (licence.kind, licence.sequence, licence.province_name) == (APP, 2, "广东")
    assert str(licence.subject) == "粤ICP备2026000001号"


@given(
    st.sampled_from(sorted(BY_ABBREVIATION)),
    st.from_regex(r"[0-9]{8}|[0-9]{10}", fullmatch=True, alphabet="0123456789"),
    st.one_of(st.none(), st.integers(1, 999)),
    st.sampled_from([1, 2, 3, 4]),
)
def test_what_is_printed_is_read_back(province: str, serial: str, sequence: int | None, kind: int) -> None:
    """Printing and parsing are inverse."""
    known = r.ServiceKind.ValueType(kind) if sequence else WEBSITE
    licence = LicenceNumber(province, "ICP备", serial, sequence, known)
    assert parse_licence(str(licence)) == licence


def test_checks() -> None:
    """A subject's number has no suffix, a service's has one with its own letter, and both share the stem."""
    assert check_subject_licence("", "p") == check_service_licence("", "p", WEBSITE, "") == []
    assert check_subject_licence("京ICP备12345678号", "p") == []
    assert [f.code for f in check_subject_licence("京ICP备12345678号-1", "p")] == ["LICENCE_NUMBER_OF_SERVICE"]
    assert [f.code for f in check_subject_licence("京ICP", "p")] == ["LICENCE_NUMBER_FORMAT"]
    assert check_service_licence("京ICP备12345678号-1", "p", WEBSITE, "京ICP备12345678号") == []
    found = check_service_licence("京ICP备12345678号-1", "p", APP, "京ICP备87654321号")
    assert [f.code for f in found] == ["LICENCE_NUMBER_KIND", "LICENCE_NUMBER_SUBJECT"]
    assert [f.code for f in check_service_licence("京ICP备12345678号", "p", APP, "")] == ["LICENCE_NUMBER_FORMAT"]


def test_provinces() -> None:
    """There are 31 bureaus with distinct abbreviations and codes, and long names are understood."""
    assert len(PROVINCES) == len(BY_ABBREVIATION) == len({p.code for p in PROVINCES}) == 31
    assert "".join(p.abbreviation for p in PROVINCES if p.name in "四川贵州云南陕西甘肃西藏") == "蜀黔滇藏陕陇"
    assert [canonical_province(t) for t in ("广西壮族自治区", "北京市", " 广东省 ", "香港")] == [
        "广西",
        "北京",
        "广东",
        "",
    ]
