"""The commands against a real gateway over SQLite."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
import yaml

from beianhub_sdk.testing.samples import uscc

from .conftest import SAMPLES, Command


def test_import_again_changes_nothing(beianhub: Command) -> None:
    """A portfolio that is imported again is unchanged, whole."""
    report = beianhub.ok("subject", "import", str(SAMPLES / "portfolio.csv"))
    assert len(report["unchanged"]) == 5
    assert report["created"] == report["failed"] == []


def test_record_keeps_what_the_file_said_with_masks(beianhub: Command) -> None:
    """A filed subject has its numbers and its access; personal data comes back masked."""
    subject = beianhub.ok("subject", "get", "yanshi-wangluo")
    assert subject["licence_number"] == "沪ICP备2021000123号"
    assert subject["services"][0]["accesses"][0]["provider"] == "tencent"
    assert "*" in subject["profile"]["principal"]["full_name"]


def test_mistakes_are_named_by_row_and_column_and_good_rows_go_in(beianhub: Command) -> None:
    """A malformed row is reported with row and column, and the good rows are imported all the same."""
    result = beianhub.run("subject", "import", str(SAMPLES / "portfolio-mistakes.csv"), "-o", "json")
    assert result.exit_code == 4
    report = json.loads(result.stdout)
    assert [s["name"].rpartition("/")[2] for s in report["created"]] == ["zhengque-yi", "zhengque-er"]
    places = [(f["row"], f["column"], f["finding"]["code"]) for f in report["failed"]]
    assert places == [
        (3, "负责人证件号码", "CERTIFICATE_NUMBER_CHECK_DIGIT"),
        (4, "性质", "CELL_NOT_A_CHOICE"),
        (5, "域名", "DOMAIN_NOT_REGISTRABLE"),
        (6, "证件号码", "NUMBER_MANGLED"),
        (7, "主体ID", "SUBJECT_ID_INVALID"),
        (8, "", "CELL_COUNT"),
        (9, "负责人手机", "MOBILE_INVALID"),
        (11, "域名", "DOMAIN_IS_IP"),
        (12, "主办单位名称", "CONTRADICTS_ROW"),
    ]
    assert "吴正确" not in result.output
    assert "1380000010" not in result.output


def test_a_corrected_row_is_added_to_its_subject(beianhub: Command, tmp_path: Path) -> None:
    """Importing a corrected file adds the site that failed before, and nothing twice."""
    header, shili, *_, caigou = (SAMPLES / "portfolio.csv").read_text("utf-8-sig").splitlines()
    own = shili.replace("shili-keji", "gaizheng").replace("91110108012345671W", uscc(7))
    site = caigou.replace("cankao-maoyi", "gaizheng").replace("参考贸易,", ",")
    file = tmp_path / "portfolio.csv"
    file.write_text("\n".join([header, own, site.replace("cankao-caigou.com", "10.0.0.1")]), "gb18030")
    first = beianhub.run("subject", "import", str(file), "-o", "json")
    assert first.exit_code == 4
    assert [fault["row"] for fault in json.loads(first.stdout)["failed"]] == [3]
    file.write_text("\n".join([header, own, site.replace("cankao-caigou.com", "gaizheng.cn")]), "gb18030")
    (subject,) = beianhub.ok("subject", "import", str(file))["extended"]
    assert [service["domains"] for service in subject["services"]] == [["gaizheng.com"], ["gaizheng.cn"]]
    assert len(beianhub.ok("subject", "import", str(file))["unchanged"]) == 1


def portfolio(folder: Path, count: int, name: str, *changes: tuple[str, str]) -> Path:
    """A file of ``count`` subjects of their own, with changes of what is written."""
    header, first, *_ = (SAMPLES / "portfolio.csv").read_text("utf-8-sig").splitlines()
    lines = [
        first.replace("shili-keji", f"{name}-{n}").replace("91110108012345671W", uscc(10 * count + n))
        for n in range(count)
    ]
    text = "\n".join([header, *lines])
    for old, new in changes:
        text = text.replace(old, new)
    file = folder / "portfolio.csv"
    file.write_text(text, "utf-8")
    return file


def test_an_import_shows_what_differs_before_it_changes_anything(beianhub: Command, tmp_path: Path) -> None:
    """--dry-run makes nothing; a row that differs is named with row, column and both values, and needs --update."""
    file = portfolio(tmp_path, 2, "piliang")
    assert len(beianhub.ok("subject", "import", str(file), "--dry-run")["created"]) == 2
    assert beianhub.run("subject", "get", "piliang-0").exit_code == 3
    beianhub.ok("subject", "import", str(file))
    portfolio(
        tmp_path,
        2,
        "piliang",
        ("海淀区示例路1号", "海淀区示例路2号"),
        ("示例科技官方网站,piliang-1", "示例科技新网站,piliang-1"),
    )
    for options in (["--dry-run"], []):
        result = beianhub.run("subject", "import", str(file), *options, "-o", "json")
        assert result.exit_code == 4
        report = json.loads(result.stdout)
        assert {(f["row"], f["column"], f["finding"]["code"]) for f in report["failed"]} == {
            (2, "通信地址", "DIFFERS"),
            (3, "通信地址", "DIFFERS"),
            (3, "网站名称", "DIFFERS"),
        }
        assert {d["theirs"] for d in report["differences"]} == {"***", "示例科技新网站"}
    shown = beianhub.run("subject", "import", str(file), "--dry-run")
    assert "示例科技新网站" in shown.stdout
    assert "示例路2号" not in shown.output
    assert len(beianhub.ok("subject", "import", str(file), "--update")["updated"]) == 2
    assert len(beianhub.ok("subject", "import", str(file))["unchanged"]) == 2


def test_an_import_that_changes_much_needs_force(beianhub: Command, tmp_path: Path) -> None:
    """Of ten subjects that are there three may change, four need --force; refused, nothing changed."""
    beianhub.ok("subject", "import", str(portfolio(tmp_path, 10, "daliang")))
    four = [(f"示例科技官方网站,daliang-{n}.com", f"示例科技新网站,daliang-{n}.com") for n in range(4)]
    file = portfolio(tmp_path, 10, "daliang", *four)
    error = beianhub.fails(4, "subject", "import", str(file), "--update")
    assert error["reason"] == "TOO_MANY_DIFFERENCES"
    assert beianhub.ok("subject", "get", "daliang-0")["services"][0]["title"] == "示例科技官方网站"
    portfolio(tmp_path, 10, "daliang", *four[:3])
    assert len(beianhub.ok("subject", "import", str(file), "--update")["updated"]) == 3
    portfolio(tmp_path, 10, "daliang")
    assert len(beianhub.ok("subject", "import", str(file), "--update")["updated"]) == 3
    portfolio(tmp_path, 10, "daliang", *four)
    assert len(beianhub.ok("subject", "import", str(file), "--update", "--force")["updated"]) == 4


def test_orders_apply_once(beianhub: Command) -> None:
    """Orders of a file are drafted by their ids; the same file again leaves them as they are."""
    first = beianhub.ok("order", "apply", "-f", str(SAMPLES / "orders.yaml"))
    assert {entry["result"] for entry in first} == {"created"}
    again = beianhub.ok("order", "apply", "-f", str(SAMPLES / "orders.yaml"))
    assert {entry["result"] for entry in again} == {"unchanged"}
    listed = beianhub.ok("order", "list", "--subject", "shili-keji", "--page-size", "1", "--all")
    assert [o["type"] for o in listed["orders"]][:2] == ["ORDER_TYPE_FIRST_FILING", "ORDER_TYPE_ADD_ACCESS"]


def test_a_second_order_in_flight_is_refused(beianhub: Command) -> None:
    """One order of a subject is under way at a time: the second answers 4 with the regulator's reason."""
    options = ["--subject", "cankao-maoyi", "--type", "首次备案", "--ip", "203.0.113.1", "--domain"]
    beianhub.ok("order", "create", *options, "cankao-maoyi.com", "--account", "huawei-main", "--id", "one", "--submit")
    beianhub.ok("order", "create", *options, "cankao-caigou.com", "--account", "tencent-main", "--id", "two")
    check = beianhub.run("order", "check", "two", "-o", "json")
    assert check.exit_code == 4
    assert json.loads(check.stdout)["findings"][0]["code"] == "SUBJECT_HAS_ORDER_IN_FLIGHT"
    error = beianhub.fails(4, "order", "submit", "two")
    assert error["reason"] == "SUBJECT_HAS_ORDER_IN_FLIGHT"
    assert error["findings"][0]["source"] == ["MIIT-V3 1003", "HW-KB doc_0152"]
    several = beianhub.fails(4, "order", "submit", "two", "one")
    assert {finding["code"] for finding in several["findings"]} == {"SUBJECT_HAS_ORDER_IN_FLIGHT", "SUBMITTED_ALREADY"}


def test_wait_ends_where_an_operator_is_needed(beianhub: Command) -> None:
    """`--wait` returns when an order needs a person, and says so on standard error."""
    options = [
        "--subject",
        "zhang-yangben",
        "--type",
        "FIRST_FILING",
        "--ip",
        "203.0.113.9",
        "--account",
        "huawei-main",
    ]
    result = beianhub.run("order", "create", *options, "--id", "waited", "--submit", "--wait", "-o", "json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["submission"]["channel"] == "CHANNEL_CONSOLE"
    assert "handoff list" in result.stderr
    assert beianhub.ok("order", "withdraw", "waited")["state"] == "ORDER_STATE_WITHDRAWN"


def test_wait_has_an_end(beianhub: Command) -> None:
    """`--wait-timeout` ends the wait with exit code 6; the order goes on."""
    options = [
        "--subject",
        "fanli-dianzi",
        "--type",
        "FIRST_FILING",
        "--ip",
        "203.0.113.9",
        "--account",
        "tencent-main",
    ]
    error = beianhub.fails(
        6, "order", "create", *options, "--id", "slow", "--submit", "--wait", "--wait-timeout", "0.3"
    )
    assert error["reason"] == "STILL_UNDER_WAY"
    assert beianhub.ok("order", "get", "slow")["submission"]["state"] == "STATE_QUEUED"


def test_access_answers_by_exit_code(beianhub: Command) -> None:
    """A domain that may be served ends with 0; one that may not with 7, and says why."""
    yes = beianhub.ok("access", "check", "www.yanshi-wangluo.com", "--provider", "tencent")
    assert yes["verdict"] == "ACCESS_VERDICT_YES"
    no = beianhub.run("access", "check", "yanshi-wangluo.com", "-p", "tencent", "-p", "aliyun", "-o", "json")
    assert no.exit_code == 7
    assert [a["reason"] for a in json.loads(no.stdout)] == ["ACCESS_REASON_ACTIVE", "ACCESS_REASON_NO_ACCESS"]
    assert beianhub.fails(3, "access", "check", "yanshi-wangluo.com", "-p", "nobody")["code"] == "NOT_FOUND"


def test_watch_shows_subjects_too(beianhub: Command) -> None:
    """--subjects shows each record, masked, in a line; of one subject or one customer only that one's."""
    *lines, complete = beianhub.run("watch", "--subjects", "--snapshot").stdout.splitlines()
    listed = beianhub.ok("subject", "list", "--all")["subjects"]
    assert len(lines) == len(listed) > 4
    for line, one in zip(lines, listed, strict=True):
        assert all(part in line for part in (one["profile"]["title"], one["licence_number"], "snapshot"))
    assert any("张*" in line and "yangben-biji.cn" in line for line in lines)
    assert "snapshot complete" in complete
    for option in (["--subject", "shili-keji"], ["--customer", "示例集团"]):
        only = beianhub.run("watch", "--subjects", "--snapshot", *option, "-o", "json").stdout.splitlines()
        names = [json.loads(line)["subject"]["name"] for line in only[:-1]]
        assert "tenants/main/subjects/shili-keji" in names
        assert len(names) < len(lines)


def test_watch_refuses_a_type_of_event_that_is_none(beianhub: Command) -> None:
    """A mistyped type is no silent watch: it ends with 4, and says which there are; a type is taken in any spelling."""
    error = beianhub.fails(4, "watch", "--type", "order_filled")
    assert (error["reason"], error["findings"][0]["path"]) == ("EVENT_TYPE_UNKNOWN", "event_types[0]")
    assert beianhub.run("watch", "--type", "ORDER-FILED", "--snapshot").exit_code == 0
    for wrong in (["--customer", "x"], ["--since", "TOKEN", "--snapshot"]):
        assert beianhub.run("watch", *wrong).exit_code == 2


def test_watch_goes_on_from_its_token(beianhub: Command) -> None:
    """A snapshot ends with a token that a later watch takes."""
    lines = beianhub.run("watch", "--snapshot", "-o", "json").stdout.splitlines()
    assert json.loads(lines[-1])["snapshot_complete"]
    assert beianhub.fails(4, "watch", "--since", "bm9ib2R5")["reason"] == "RESUME_TOKEN_MALFORMED"


def test_request_id_repeats_a_command(beianhub: Command) -> None:
    """The same command with the same request id is done once; with another body it is refused."""
    repeat = (
        "order",
        "create",
        "--subject",
        "yanshi-wangluo",
        "--type",
        "ADD_ACCESS",
        "--request-id",
        str(uuid.uuid4()),
    )
    first = beianhub.ok(*repeat, "--account", "aliyun-main", "--ip", "203.0.113.7")
    assert beianhub.ok(*repeat, "--account", "aliyun-main", "--ip", "203.0.113.7")["name"] == first["name"]
    assert beianhub.run(*repeat, "--account", "huawei-main", "--ip", "203.0.113.7").exit_code == 4


def test_a_cancellation_repeats_its_number(beianhub: Command) -> None:
    """What cancels is refused without the licence number that it gives up; the check says which it is."""
    options = ("--subject", "yanshi-wangluo", "--type", "注销主体", "--account", "tencent-main", "--id", "the-end")
    assert not beianhub.ok("order", "create", *options)["service"]
    found = beianhub.ok("order", "check", "the-end")["findings"]
    (asked,) = [each for each in found if each["code"] == "CONFIRMATION_REQUIRED"]
    assert "沪ICP备2021000123号" in asked["suggestion"]
    for wrong in ((), ("--confirm", "yes")):
        assert beianhub.fails(4, "order", "submit", "the-end", *wrong)["reason"] == "CONFIRMATION_REQUIRED"
    beianhub.fails(2, "order", "submit", "the-end", "another", "--confirm", "沪ICP备2021000123号")
    beianhub.fails(2, "order", "submit", "the-end", "another", "--override", "SUFFIX_REFUSED")
    beianhub.fails(4, "order", "submit", "the-end", "--override", "SUFFIX_REFUSED")
    sent = beianhub.ok("order", "submit", "the-end", "--confirm", "沪ICP备2021000123号")
    assert sent["submission"]["generation"] == 1
    assert beianhub.ok("order", "withdraw", "the-end")["state"] == "ORDER_STATE_WITHDRAWN"


def test_documents_come_and_go(beianhub: Command, tmp_path: Path) -> None:
    """A document is uploaded in chunks, listed and deleted."""
    file = tmp_path / "licence.png"
    file.write_bytes(b"\x89PNG" * 40_000)
    made = beianhub.ok("document", "upload", str(file), "--subject", "shili-keji", "--purpose", "BUSINESS_LICENCE")
    assert made["size_bytes"] == "160000"
    assert made["content_type"] == "image/png"
    id_ = made["name"].rpartition("/")[2]
    assert beianhub.ok("document", "get", id_, "--subject", "shili-keji") == made
    assert beianhub.run("document", "delete", id_, "--subject", "shili-keji").exit_code == 0
    assert beianhub.ok("document", "list", "--subject", "shili-keji")["documents"] == []


def test_subject_is_created_and_updated_from_yaml(beianhub: Command) -> None:
    """A subject's YAML may use short and Chinese enum names; an update touches what the file has, and no more."""
    person = {
        "full_name": "何示例",
        "certificate": {"type": "居民身份证", "number": "11010519491231002X"},
        "mobile": 13800000077,
    }
    profile = {
        "title": "何示例",
        "nature": "individual",
        "province": "北京",
        "city": "北京",
        "certificate": person["certificate"],
        "address": "示例路7号",
        "principal": person,
    }
    text = yaml.safe_dump({"profile": profile}, allow_unicode=True).encode()
    beianhub.ok("subject", "create", "-f", "-", "--id", "he-shili", stdin=text)
    changed = beianhub.ok("subject", "update", "he-shili", "-f", "-", stdin="profile: {city: 通州}".encode())
    assert changed["profile"]["city"] == "通州"
    history = beianhub.ok("subject", "history", "he-shili")
    assert history["events"][1]["subject_updated"]["paths"] == ["profile.city"]
    error = beianhub.fails(4, "subject", "update", "he-shili", "-f", "-", stdin=b"profile: {citi: x, nature: y}")
    assert [(f["path"], f["code"]) for f in error["findings"]] == [
        ("profile.citi", "UNKNOWN_FIELD"),
        ("profile.nature", "WRONG_VALUE"),
    ]


def test_keys_have_roles(beianhub: Command) -> None:
    """A viewer's key reads and may not write (5); a revoked one is nobody's (5)."""
    made = beianhub.ok("key", "create", "--role", "viewer")
    secret, id_ = made["secret"], made["api_key"]["name"].rpartition("/")[2]
    assert beianhub.ok("subject", "list", "--domain", "shili-keji.com", key=secret)["subjects"]
    assert beianhub.fails(5, "order", "submit", "one", key=secret)["reason"] == "ROLE_NOT_ALLOWED"
    beianhub.ok("key", "revoke", id_)
    assert beianhub.fails(5, "subject", "list", key=secret)["code"] == "UNAUTHENTICATED"
    assert secret not in beianhub.run("key", "list").output


def test_another_tenant_is_not_to_be_seen(beianhub: Command) -> None:
    """A key of another tenant is refused by permission, not by an empty answer."""
    assert beianhub.fails(5, "subject", "list", key="other")["reason"] == "FOREIGN_TENANT"


def test_plugins_are_listed_with_channels_and_reasons(beianhub: Command) -> None:
    """The list shows the channel of each operation and order type, and why a plugin is quarantined."""
    shown = beianhub.run("plugin", "list").stdout
    assert "no such module" in shown
    assert "QUARANTINED" in shown
    assert "CONSOLE" in shown


def test_a_plugins_rules_are_listed_where_the_gateway_is_asked(beianhub: Command, tmp_path: Path) -> None:
    """`rules` shows the packs of the plugins on demand, and `plugin get` that there is one."""
    (rule,) = beianhub.ok("rules", "show", "phone_check.calls", "--plugins", "--province", "北京")
    assert (rule["value"], rule["pack"], rule["source"]) == (3, "house", ["ours"])
    assert beianhub.ok("rules", "list", "--plugins")["packs"][-1]["id"] == "house"
    assert "house" not in {pack["id"] for pack in beianhub.ok("rules", "list")["packs"]}
    assert "house" in beianhub.ok("plugin", "get", "house")["rule_pack"]
    assert "yes" in beianhub.run("plugin", "get", "house").stdout
    four = tmp_path / "four.yaml"
    pack = beianhub.ok("plugin", "get", "house")["rule_pack"].replace("house", "four").replace("s: 3", "s: 4")
    four.write_text(pack, encoding="utf-8")
    changed = beianhub.ok("rules", "diff", str(four), "--plugins")
    assert {(each["before"]["value"], each["after"]["value"]) for each in changed if not each["scope"]} == {(3, 4)}
    assert beianhub.fails(5, "rules", "list", "--plugins", key="nobody")["reason"] == "API_KEY_INVALID"


def test_a_shared_plugin_is_not_one_tenants_to_switch(beianhub: Command) -> None:
    """Where several tenants share a plugin, none of them may disable or enable it for the others."""
    for verb in ("disable", "enable"):
        assert beianhub.fails(4, "plugin", verb, "aliyun")["reason"] == "PLUGIN_SHARED"


def test_tasks_and_handoffs_are_listed(beianhub: Command) -> None:
    """Open tasks are shown with their order; a hand-off that no plugin has prepared is not there to be claimed."""
    tasks = beianhub.ok("task", "list", "--kind", "HANDOFF", "--state", "OPEN")["tasks"]
    assert tasks
    name = tasks[0]["name"]
    assert beianhub.ok("handoff", "list")["handoffs"] == []
    error = beianhub.fails(4, "handoff", "claim", name, "--as", "wang", "--purpose", "提交备案")
    assert error["reason"] == "HANDOFF_NOT_READY"
    assert beianhub.ok("task", "retry", name)["name"] == name
    assert beianhub.ok("task", "give-up", name, "--reason", "换接入商")["state"] == "STATE_CLOSED"


def test_audit_is_equal(beianhub: Command) -> None:
    """After all of that, every record equals the fold of its events."""
    report = beianhub.ok("audit")
    assert report["equal"]
    assert int(report["records"]) >= 5


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ["order", "get"]),
        (2, ["order", "list", "--state", "nowhere"]),
        (2, ["subject", "list", "--server", "nonsense"]),
        (2, ["order", "submit", "one", "--request-id", "not-a-uuid"]),
        (3, ["subject", "get", "nobody"]),
        (3, ["order", "get", "nothing"]),
        (4, ["subject", "get", "NOT AN ID"]),
        (4, ["subject", "list", "--page-token", "bm9ib2R5"]),
        (2, ["subject", "create", "-f", "/nonexistent.yaml"]),
        (6, ["subject", "list", "--timeout", "0.001"]),
        (6, ["subject", "list", "--server", "127.0.0.1:1"]),
    ],
)
def test_exit_codes(beianhub: Command, code: int, arguments: list[str]) -> None:
    """Each kind of failure has its exit code, and standard output stays empty."""
    result = beianhub.run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr


def test_a_migration_names_where_the_service_goes(beianhub: Command, tmp_path: Path) -> None:
    """网站迁移: options and file say the same; without a target subject there is no such order."""
    api = ("--provider", "huawei", "--channel", "CONSOLE", "--credential", "c", "--endpoint", "http://127.0.0.1:9/")
    beianhub.ok("account", "create", "huawei-target", *api)
    entry = {
        "id": "move",
        "subject": "yanshi-wangluo",
        "type": "网站迁移",
        "account": "huawei-main",
        "target_account": "huawei-target",
        "target_subject": "shili-keji",
    }
    options = [part for key, value in entry.items() for part in (f"--{key.replace('_', '-')}", value)]
    order = beianhub.ok("order", "create", *options)
    assert order["target_subject"].endswith("/subjects/shili-keji")
    file = tmp_path / "orders.yaml"
    file.write_text(yaml.safe_dump([entry], allow_unicode=True), encoding="utf-8")
    (applied,) = beianhub.ok("order", "apply", "-f", str(file))
    assert applied["result"] == "unchanged"
    assert "shili-keji" in beianhub.run("order", "get", "move").output
    assert beianhub.fails(4, "order", "create", *options[2:-2])["reason"] == "TARGET_SUBJECT_WRONG"


def test_a_notice_is_a_risk_until_it_is_resolved(beianhub: Command) -> None:
    """A reported notice is listed with its date; with `--exit-code` a listed risk answers 7, and none 0."""
    options = ["--kind", "未悬挂备案号", "--due", "2020-01-01", "--provider", "tencent", "--reference", "ZG-7"]
    assert "notice" in beianhub.run("notice", "report", "yanshi-wangluo", *options).stderr  # no such kind
    options[1] = "备案号未悬挂"
    notice = beianhub.ok("notice", "report", "yanshi-wangluo", *options)
    mine = ["risks", "--subject", "yanshi-wangluo", "--kind", "整改通知"]
    (risk,) = beianhub.ok(*mine)["risks"]
    assert (risk["due_date"], risk["notice"], risk["wish"]) == ("2020-01-01", notice["name"], "ANSWER_NOTICE")
    assert risk["finding"]["severity"] == "SEVERITY_BLOCKER"
    shown = beianhub.run(*mine, "--severity", "BLOCKER", "--exit-code")
    assert shown.exit_code == 7
    assert "整改通知 NOTICE_DUE" in shown.stdout
    assert beianhub.run(*mine, "-o", "yaml").exit_code == 0
    assert "整改通知" in beianhub.run("subject", "get", "yanshi-wangluo").stdout
    short = f"yanshi-wangluo/{notice['name'].rpartition('/')[2]}"
    assert beianhub.ok("notice", "resolve", short)["reference"] == "ZG-7"
    assert beianhub.run(*mine, "--exit-code").exit_code == 0
    assert beianhub.fails(3, "notice", "resolve", short)["reason"] == "NOTICE_NOT_FOUND"


def test_a_notice_keeps_no_personal_data(beianhub: Command) -> None:
    """A reference that looks like a phone number is refused, and nowhere repeated."""
    options = ["--kind", "CONTACT", "--reference", "call 13800000001"]
    result = beianhub.run("notice", "report", "yanshi-wangluo", *options, "-o", "json")
    assert result.exit_code == 4
    assert "LOOKS_PERSONAL" in result.stderr
    assert "13800000001" not in result.stderr


def test_risks_are_paged(beianhub: Command) -> None:
    """A page names the next, and `--all` brings every risk once."""
    for kind in ("CONTENT", "RESOURCE", "MATERIAL"):
        beianhub.ok("notice", "report", "yanshi-wangluo", "--kind", kind)
    first = beianhub.ok("risks", "--page-size", "2")
    assert len(first["risks"]) == 2
    everything = beianhub.ok("risks", "--page-size", "2", "--all")["risks"]
    assert len({risk["name"] for risk in everything}) == len(everything) >= 3
    second = beianhub.ok("risks", "--page-size", "2", "--page-token", first["next_page_token"])
    assert second["risks"] == everything[2:4]
