"""``beianhub rules``, without any gateway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from beianhub_cli import rules
from beianhub_core.rulebook import load_rulebook

APP = typer.Typer()
rules.register(APP)
HEAD = 'pack: {id: own, version: "1", as_of: "2027", title: 自有}\n'
RULES = 'rules:\n- {source: [ours], as_of: "2027", values: {phone_check.calls: 3}}\n'


@APP.callback()
def _root() -> None:
    """The root, so that ``rules`` stays a command of its own."""


def run(*arguments: str) -> Result:
    """Runs the command."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(APP, ["rules", *arguments])


def ok(*arguments: str) -> Any:
    """What it prints as JSON."""
    result = run(*arguments, "-o", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def fails(code: int, *arguments: str) -> Any:
    """The error that it prints as JSON."""
    result = run(*arguments, "-o", "json")
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    return json.loads(result.stderr)["error"]


@pytest.fixture
def pack(tmp_path: Path) -> str:
    """A pack that changes one rule."""
    path = tmp_path / "own.yaml"
    path.write_text(HEAD + RULES, encoding="utf-8")
    return str(path)


def test_list() -> None:
    """A listing has every rule and every pack; facts narrow it, long names of provinces are understood."""
    everything = ok("list")
    assert len(everything["rules"]) == len(load_rulebook().list())
    assert [p["id"] for p in everything["packs"]][-1] == "provinces"
    henan = ok("list", "--province", "河南省", "--nature", "individual")["rules"]
    assert {r["scope"].get("province", "河南") for r in henan} == {"河南"}
    assert {r["id"] for r in ok("list", "--id", "withdrawable", "--provider", "aliyun")["rules"]} >= {
        "withdrawable.draft"
    }
    assert ok("list", "--order-type", "cancel_access", "--id", "sms.required")["rules"][0]["value"] is False


def test_show() -> None:
    """A rule is shown with its source, its date, and why other sources were not chosen."""
    (rule,) = ok("show", "shell.add_directly", "--province", "四川")
    assert (rule["value"], rule["source"], rule["as_of"]) == (True, ["HW-KB doc_0037"], "2026")
    assert "S1.5" in rule["conflicts_with"]
    assert all(other["reason_not_chosen"] for other in rule["alternatives"])
    assert len(ok("show", "shell.add_directly")) == 13  # nationwide, eleven provinces, and Henan


@pytest.mark.parametrize("form", ["table", "yaml"])
def test_forms(form: str) -> None:
    """Tables are for people, YAML is for both."""
    result = run("show", "serve_from", "--provider", "tencent", "-o", form)
    assert result.exit_code == 0
    for word in ("APPROVAL", "S1.21", "S0.2", "SUBMISSION", "2018"):
        assert word in result.stdout
    if form == "yaml":
        assert yaml.safe_load(result.stdout)[0]["id"] == "serve_from"


def test_diff(pack: str) -> None:
    """A pack is compared with the built-in rules."""
    (change,) = ok("diff", pack)
    assert (change["id"], change["scope"], change["change"]) == ("phone_check.calls", {}, "changed")
    assert (change["before"]["value"], change["after"]["value"]) == (2, 3)
    assert "changed" in run("diff", pack).stdout
    (rule,) = ok("show", "phone_check.calls", "--pack", pack)
    assert (rule["value"], rule["pack"]) == (3, "own")
    assert "own" in run("list", "--pack", pack, "--id", "phone_check").stdout


def test_a_wrong_pack(tmp_path: Path) -> None:
    """Every problem of a pack is told at once, with exit code 4."""
    path = tmp_path / "wrong.yaml"
    path.write_text(HEAD + "rules:\n- {scope: {province: 火星}, values: {phone_check.calls: x}}\n", encoding="utf-8")
    for command in (["diff", str(path)], ["list", "--pack", str(path)]):
        findings = fails(4, *command)["findings"]
        assert {f["code"] for f in findings} == {"UNKNOWN_PROVINCE", "SOURCE_MISSING", "DATE_MISSING", "WRONG_TYPE"}
        assert all(f["path"].startswith("wrong.yaml: rules[0]") for f in findings)
    shown = run("diff", str(path))
    assert shown.exit_code == 4
    assert "火星" in shown.stderr
    assert "Traceback" not in shown.output


@pytest.mark.parametrize(
    ("code", "reason", "arguments"),
    [
        (3, "RULE_UNKNOWN", ["show", "nothing"]),
        (3, "RULE_SILENT", ["show", "suffix.allowed", "--province", "海南"]),
        (2, "OPTION_UNKNOWN", ["list", "--province", "火星"]),
        (2, "OPTION_UNKNOWN", ["list", "--nature", "COMPANY"]),
        (2, "OPTION_UNKNOWN", ["show", "serve_from", "--order-type", "MOVE"]),
        (4, "PACK_UNREADABLE", ["diff", "no-such-file.yaml"]),
    ],
)
def test_mistakes(code: int, reason: str, arguments: list[str]) -> None:
    """A mistake ends with its exit code and a remedy."""
    error = fails(code, *arguments)
    assert error["reason"] == reason
    assert all(f["suggestion"] for f in error["findings"])


def test_the_packs_of_a_configuration_hold_for_their_tenant(tmp_path: Path) -> None:
    """A pack for all holds for every tenant, a tenant's own for it alone; the list names the pack of each rule."""
    pack, config = tmp_path / "own.yaml", tmp_path / "beianhub.toml"
    pack.write_text(HEAD + RULES, encoding="utf-8")
    config.write_text(f'[rules.tenants.acme]\npacks = ["{pack}"]\n', encoding="utf-8")
    own = ok("list", "--id", "phone_check.calls", "--config", str(config), "--tenant", "acme")
    (rule,) = [each for each in own["rules"] if each["id"] == "phone_check.calls" and not each["scope"]]
    assert (rule["value"], rule["pack"]) == (3, "own")
    assert "own" not in {each["id"] for each in ok("list", "--config", str(config), "--tenant", "other")["packs"]}


def test_a_bad_pack_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    """The file, the place in it, the rule's id and the remedy are told."""
    pack, config = tmp_path / "bad.yaml", tmp_path / "beianhub.toml"
    pack.write_text(HEAD + RULES.replace("calls: 3", "calls: three"), encoding="utf-8")
    config.write_text(f'[rules]\npacks = ["{pack}"]\n', encoding="utf-8")
    told = json.dumps(fails(2, "list", "--config", str(config)), ensure_ascii=False)
    assert "bad.yaml: rules[0].values.phone_check.calls" in told
    assert "Correct the value" in told
