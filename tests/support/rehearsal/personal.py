"""The personal data of the sample portfolio, and where it may not be."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from typing import Final

from rehearsal.processes import ROOT

_PERSONAL: Final = (
    "负责人姓名",
    "负责人证件号码",
    "负责人手机",
    "应急电话",
    "邮箱",
    "通信地址",
    "网站负责人姓名",
    "网站负责人证件号码",
    "网站负责人手机",
)


def values() -> set[str]:
    """Every name, number, phone, address and e-mail of a person in the portfolio."""
    with (ROOT / "samples" / "portfolio.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row[column] for row in rows for column in _PERSONAL}
    # An individual is a person: so are the certificate and the name of the subject.
    individuals = [row for row in rows if row["性质"] == "个人"]
    return (found | {row[column] for row in individuals for column in ("主办单位名称", "证件号码")}) - {""}


def _spellings(value: str) -> list[bytes]:
    """The ways in which a value may be written: as it is, in JSON, in UTF-16, and in hexadecimal digits."""
    escaped = json.dumps(value)[1:-1]
    return [value.encode(), escaped.encode(), value.encode("utf-16-le"), value.encode().hex().encode()]


def leaks(places: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """(place, value) of whatever personal data is found in the bytes of a place."""
    wanted = [(value, spelling) for value in sorted(values()) for spelling in _spellings(value)]
    return sorted(
        {(place, value) for place, content in places.items() for value, spelling in wanted if spelling in content}
    )
