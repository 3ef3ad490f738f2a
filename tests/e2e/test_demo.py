"""The demonstration on this machine, embedded, as a new user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rehearsal.processes import beianhub
from rehearsal.stage import STORY

MINUTE = 60


def test_it_ends_well_within_a_minute(undisturbed: Any) -> None:
    """The story ends with exit code 0 in under a minute, and every order of it is filed."""
    assert undisturbed.seconds < MINUTE
    orders = [order for subject in undisturbed.records["subjects"] for order in subject["orders"]]
    assert {order["name"].rpartition("/")[2] for order in orders} == STORY
    assert {order["state"] for order in orders} == {"FILED"}
    assert {order["channel"] for order in orders} == {"API", "CONSOLE"}


def test_it_ends_with_one_record_over_three_providers(undisturbed: Any) -> None:
    """One subject has one licence number, whatever number of providers serves it, and access is answered by it."""
    shili = undisturbed.records["subjects"][0]
    (site,) = shili["services"]
    assert site["licence_number"] == f"{shili['licence_number']}-1"
    assert site["accesses"] == {"tencent": "ACTIVE", "aliyun": "CANCELLED", "huawei": "ACTIVE"}
    answers = undisturbed.records["access"]["shili-keji.com"]
    assert {answer["before"].split()[0] for answer in answers.values()} == {"NO"}
    after = {provider: answer["after"].split()[0] for provider, answer in answers.items()}
    assert after == {"tencent": "YES", "aliyun": "NO", "huawei": "YES"}


def test_standard_output_has_the_records_alone(undisturbed: Any) -> None:
    """With -o json the whole of standard output is one JSON document; the story is told on standard error."""
    printed = undisturbed.demo.running.out.read_text(encoding="utf-8")
    document, end = json.JSONDecoder().raw_decode(printed)
    assert set(document) == {"subjects", "access"}
    assert not printed[end:].strip()
    assert "首次备案" in undisturbed.demo.running.err.read_text(encoding="utf-8")


def test_a_second_run_starts_clean(undisturbed: Any) -> None:
    """A run in the directory of an earlier one clears it, and gives the same records."""
    again = beianhub("demo", "-o", "json", "--directory", str(undisturbed.demo.directory))
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == undisturbed.records


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Where something else lies, the demonstration refuses to begin, and clears nothing."""
    (tmp_path / "beianhub.db").write_text("precious", encoding="utf-8")
    refused = beianhub("demo", "-o", "json", "--directory", str(tmp_path))
    assert refused.returncode == 4
    assert refused.stdout == ""
    assert (tmp_path / "beianhub.db").read_text(encoding="utf-8") == "precious"
