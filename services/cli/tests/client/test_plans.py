"""``beianhub plan`` through a gateway: for a subject of ours, and applied."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from .conftest import API, SAMPLES, Command

SITUATION = """
situation:
  contact: {phone_reachable: true, email: true, matches_old_provider: true}
  site: {opens: true, footer_ok: true}
wish: CHANGE_SUBJECT
change: [ADDRESS, SERVICE_NAME]
"""
VALUES = "profile: {address: 浦东新区演示路5号}\nservice: {title: 演示网络新平台}\n"


@pytest.fixture
def situation(tmp_path: Path) -> str:
    file = tmp_path / "situation.yaml"
    file.write_text(SITUATION, "utf-8")
    return str(file)


@pytest.fixture
def values(tmp_path: Path) -> str:
    file = tmp_path / "values.yaml"
    file.write_text(VALUES, "utf-8")
    return str(file)


def test_the_record_answers_what_the_file_leaves_out(beianhub: Command, situation: str) -> None:
    """By itself the plan asks where the subject is filed; with the subject it knows, in the same three parts."""
    alone = beianhub.ok("plan", "-f", situation)
    ours = beianhub.ok("plan", "-f", situation, "--subject", "yanshi-wangluo")
    assert list(alone) == list(ours) == ["steps", "findings", "questions"]
    assert "subject.filed_at" in {q["path"] for q in alone["questions"]}
    assert "subject.filed_at" not in {q["path"] for q in ours["questions"]}
    orders = [(s["order_type"], s["provider"]) for s in ours["steps"] if s["kind"] == "ORDER"]
    assert orders == [("CHANGE_SUBJECT", "tencent"), ("CHANGE_SERVICE", "tencent")]


def test_a_plan_is_applied_and_shows_what_waits_for_what(beianhub: Command, situation: str, values: str) -> None:
    """All orders are drafts, linked; the list and the order itself name what each waits for, and Submit refuses it."""
    chosen = ("--apply", "--subject", "yanshi-wangluo", "--account", "tencent-main", "--values", values)
    repeat = ("--submit-when-released", "--request-id", str(uuid.uuid4()))
    made = beianhub.ok("plan", "-f", situation, *chosen, *repeat)
    first, second = (order["name"].rpartition("/")[2] for order in made["orders"])
    assert [step["order"].rpartition("/")[2] for step in made["steps"] if step["order"]] == [first, second]
    assert made["orders"][1]["change"]["paths"] == ["service.title"]
    assert beianhub.ok("plan", "-f", situation, *chosen, *repeat) == made

    table = beianhub.run("order", "list", "--subject", "yanshi-wangluo").stdout
    assert "waits for" in table
    assert table.count(first) == 2
    shown = beianhub.run("order", "get", second).stdout
    assert first in shown
    assert "submitted by itself" in shown
    assert beianhub.fails(4, "order", "submit", second)["reason"] == "WAITS_FOR_ORDER"
    beianhub.ok("order", "abandon", first)
    held = beianhub.ok("order", "get", second)
    assert [finding["code"] for finding in held["findings"]] == ["ORDER_BEFORE_ENDED"]
    beianhub.ok("order", "abandon", second)


def test_a_plan_with_an_open_question_is_not_applied(beianhub: Command, values: str) -> None:
    """Exit code 4, and the question by its field; nothing is drafted."""
    before = beianhub.ok("order", "list", "--all")["orders"]
    chosen = ("--apply", "--subject", "yanshi-wangluo", "--account", "tencent-main", "--values", values)
    file = SITUATION.replace("phone_reachable: true, ", "")
    error = beianhub.fails(4, "plan", "-f", "-", *chosen, stdin=file.encode())
    assert error["reason"] == "PLAN_HAS_QUESTIONS"
    assert "plan.situation.contact.phone_reachable" in json.dumps(error)
    assert beianhub.ok("order", "list", "--all")["orders"] == before


def test_what_cannot_be_asked_for(beianhub: Command, situation: str) -> None:
    """To apply names a subject; the gateway plans by its own rules; a domain is one of the subject's."""
    assert beianhub.run("plan", "-f", situation, "--apply").exit_code == 2
    assert beianhub.run("plan", "-f", situation, "--subject", "yanshi-wangluo", "--pack", "x.yaml").exit_code == 2
    named = ("--subject", "yanshi-wangluo", "--domain", "no-such.com")
    assert beianhub.fails(4, "plan", "-f", situation, *named)["reason"] == "SERVICE_NOT_FOUND"
    assert beianhub.run("plan", "-f", "-", "--subject", "yanshi-wangluo", stdin=b"wish: [").exit_code == 4


MOVE = """
situation:
  contact: {phone_reachable: true}
  domain: {holder_matches: true}
wish: MOVE_SERVICE_TO_SUBJECT
"""
FILED = (
    ("qianchu-keji", "迁出科技有限公司", "91110000600037341L", "qianchu-keji.com", "冀ICP备2021000201号"),
    ("qianru-keji", "迁入科技有限公司", "914403001922038216", "qianru-keji.com", "冀ICP备2021000202号"),
)


@pytest.fixture
def movers(beianhub: Command) -> None:
    """Two companies of Hebei, filed through Huawei; the second has an account of its own there."""
    lines = [(SAMPLES / "portfolio.csv").read_text("utf-8-sig").splitlines()[0]]
    for subject, title, code, domain, number in FILED:
        person = "张迁移,11010519491231002X,13800000021,13900000021,zhang@example.com"
        where = f"示例集团,{subject},{title},企业,河北,石家庄市,统一社会信用代码,{code},长安区示例路1号"
        lines.append(f"{where},{person},{title[:4]}官方网站,{domain},,,,{number},{number}-1,华为云")
    beianhub.ok("subject", "import", "-", stdin="\n".join(lines).encode())
    if "huawei-second" not in json.dumps(beianhub.ok("account", "list")):
        beianhub.ok("account", "create", "huawei-second", "--provider", "huawei", "--channel", "CONSOLE", *API)


@pytest.mark.usefixtures("movers")
def test_a_migration_is_drafted_to_the_named_subject(beianhub: Command, tmp_path: Path) -> None:
    """The target's record is asked, as the subject's is, and the draft names it with its account."""
    file = tmp_path / "move.yaml"
    file.write_text(MOVE, "utf-8")
    chosen = ("plan", "-f", str(file), "--subject", "qianchu-keji", "--account", "huawei-main")
    assert "target.nature" in {each["path"] for each in beianhub.ok(*chosen)["questions"]}
    planned = beianhub.ok(*chosen, "--target-subject", "qianru-keji")
    assert "target.nature" not in {each["path"] for each in planned["questions"]}
    assert [(each["order_type"], each["provider"]) for each in planned["steps"]] == [("MIGRATE_SERVICE", "huawei")]
    moves = ("--target-subject", "qianru-keji", "--target-account", "huawei-second")
    (order,) = beianhub.ok(*chosen, "--apply", *moves)["orders"]
    assert order["type"] == "ORDER_TYPE_MIGRATE_SERVICE"
    assert order["target_subject"].endswith("/subjects/qianru-keji")
    assert order["target_account"].endswith("/accounts/huawei-second")
    beianhub.ok("order", "abandon", order["name"].rpartition("/")[2])


@pytest.mark.usefixtures("movers")
def test_a_target_that_is_none_is_told(beianhub: Command) -> None:
    """No target, the subject itself, nobody, and another tenant's: each by its field, with its own exit code."""
    chosen = ("plan", "-f", "-", "--subject", "qianchu-keji", "--apply", "--account", "huawei-main")
    for code, target, reason in (
        (4, "", "TARGET_SUBJECT_REQUIRED"),
        (4, "qianchu-keji", "TARGET_SUBJECT_WRONG"),
        (3, "nobody", "TARGET_SUBJECT_NOT_FOUND"),
        (5, "tenants/other/subjects/qianru-keji", "FOREIGN_TENANT"),
    ):
        error = beianhub.fails(code, *chosen, "--target-subject", target, stdin=MOVE.encode())
        assert error["reason"] == reason
        assert "plan.target_subject" in json.dumps(error)
    alone = beianhub.run("plan", "-f", "-", "--target-subject", "qianru-keji", stdin=MOVE.encode())
    assert alone.exit_code == 2
