"""``beianhub plan``: from a file or stdin, without a gateway, in three forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from beianhub_cli.plan import register

SITUATION = """
situation:
  today: 2026-03-02
  subject: {nature: ENTERPRISE, province: 山东, filed: true, filed_at: [tencent], services: 1}
  service: {kind: WEBSITE, filed: true, filed_at: [tencent]}
  domain: {name: example.com, filed: true}
  server: {provider: aliyun, region: MAINLAND}
wish: SERVE_DOMAIN
"""


def run(text: str, *options: str) -> Any:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["plan", "-f", "-", *options], input=text)


def test_json_is_the_answer_with_its_three_parts() -> None:
    """The document has steps, findings and questions by their fixed names, and a plan ends with 0."""
    result = run(SITUATION, "-o", "json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(answer) == ["steps", "findings", "questions"]
    assert [step["order_type"] for step in answer["steps"] if step["kind"] == "ORDER"] == ["ADD_ACCESS"]
    assert {"id", "kind", "order_type", "action", "provider", "channel", "after", "source"} <= set(answer["steps"][0])


def test_yaml_and_json_say_the_same() -> None:
    """Both forms hold one document."""
    assert yaml.safe_load(run(SITUATION, "-o", "yaml").stdout) == json.loads(run(SITUATION, "-o", "json").stdout)


def test_json_is_taken_as_well() -> None:
    """JSON is YAML: a script may hand over either."""
    document = yaml.safe_load(SITUATION)
    document["situation"]["today"] = "2026-03-02"
    assert run(json.dumps(document), "-o", "json").stdout == run(SITUATION, "-o", "json").stdout


def test_people_get_tables() -> None:
    """The table names the order, a source, a finding in Chinese and a question."""
    shown = run(SITUATION).stdout
    assert all(word in shown for word in ("ADD_ACCESS", "S0.1", "接入备案", "server"))


def test_a_file_is_read(tmp_path: Path) -> None:
    """-f names a file, also one with a byte order mark."""
    path = tmp_path / "situation.yaml"
    path.write_text("\ufeff" + SITUATION, encoding="utf-8")
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    assert CliRunner().invoke(app, ["plan", "-f", str(path), "-o", "json"]).exit_code == 0
    assert CliRunner().invoke(app, ["plan", "-f", str(tmp_path / "none")]).exit_code == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("situation: [", "NOT_YAML"),
        ("wish: A\nwish: B", "NOT_YAML"),
        ("a: &x [[1]]\nb: *x", "NOT_YAML"),
        ("a: &x {b: *x}", "NOT_YAML"),
        ("a: *x", "NOT_YAML"),
        ("", "NOT_A_MAPPING"),
        ("situation: {colour: red}\nwish: SERVE_DOMAIN", "UNKNOWN_FIELD"),
        ("situation: {domain: {filed: true}, service: {filed: false}}\nwish: SERVE_DOMAIN", "CONTRADICTION"),
    ],
)
def test_bad_input_is_an_answer_of_findings(text: str, code: str) -> None:
    """What cannot be planned ends with 4, and says why in the same document."""
    result = run(text, "-o", "json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 4
    assert answer["steps"] == []
    assert code in [finding["code"] for finding in answer["findings"]]
    assert all(finding["suggestion"] and finding["message_zh"] for finding in answer["findings"])


def test_a_blocked_plan_is_a_plan() -> None:
    """Steps are listed under a blocker, too, and the command ends with 0."""
    blocked = SITUATION.replace("filed: true}\n  server", "filed: true, holder_matches: false}\n  server")
    result = run(blocked, "-o", "json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert "BLOCKER" in [finding["severity"] for finding in answer["findings"]]
    assert [step["action"] or step["order_type"] for step in answer["steps"]][:3] == [
        "CHANGE_DOMAIN_HOLDER",
        "WAIT_FOR_DOMAIN_DATA",
        "ADD_ACCESS",
    ]


def test_a_missing_today_is_todays() -> None:
    """The command knows the date, so it dates the steps itself."""
    answer = json.loads(run(SITUATION.replace("  today: 2026-03-02\n", ""), "-o", "json").stdout)
    assert all(any(time["date"] for time in step["deadlines"]) for step in answer["steps"])


def test_a_configured_calendar_counts_without_a_gateway(tmp_path: Path) -> None:
    """Past the library's years the plan's ends are provisional; with the file's they are not."""
    calendar, config = tmp_path / "calendar.yaml", tmp_path / "beianhub.toml"
    calendar.write_text("source: 虚构\nyears: [{year: 2027, holidays: [2027-01-01, 2027-01-04/2027-01-29]}]", "utf-8")
    config.write_text(f"[calendar]\nfile = '{calendar}'\n", "utf-8")
    late = SITUATION.replace("2026-03-02", "2026-12-31")
    before, after = (json.loads(run(late, "-o", "json", *more).stdout) for more in ([], ["--config", str(config)]))
    ends = [
        [time for step in each["steps"] for time in step["deadlines"] if time["kind"] == "PLANNED_END"][-1]
        for each in (before, after)
    ]
    assert [end["provisional"] for end in ends] == [True, False]
    assert ends[0]["date"] < ends[1]["date"]
    assert "calendar.yaml" in ends[1]["source"][0]
    codes = [{found["code"] for found in each["findings"]} for each in (before, after)]
    assert ["DEADLINE_PROVISIONAL" in each for each in codes] == [True, False]


def test_a_key_that_stands_twice_is_named_with_its_line() -> None:
    """The later one would win silently."""
    answer = json.loads(run("wish: END_ORDER\nsituation:\n  site: {opens: true, opens: false}", "-o", "json").stdout)
    (finding,) = answer["findings"]
    assert finding["path"] == "line 3"
    assert "'opens'" in finding["message_en"]
