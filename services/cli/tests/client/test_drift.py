"""``beianhub drift`` against a gateway without an engine: what it asks for, lists and refuses."""

from __future__ import annotations

from .conftest import Command


def test_detect_answers_at_once_with_what_to_watch(beianhub: Command) -> None:
    """A task for each account that can be read; one of a vendor without an API says why, with the source."""
    answer = beianhub.ok("drift", "detect")
    read = {task["account"].rpartition("/")[2] for task in answer["tasks"]}
    assert read == {"tencent-main", "aliyun-main"}
    assert {task["kind"] for task in answer["tasks"]} == {"TASK_KIND_LIST_FILINGS"}
    (finding,) = answer["findings"]
    assert (finding["path"].rpartition("/")[2], finding["code"]) == ("huawei-main", "CHANNEL_UNSUPPORTED")
    assert "S4.28" in finding["source"]
    assert beianhub.ok("drift", "detect")["tasks"] == answer["tasks"]
    listed = beianhub.ok("task", "list", "--kind", "LIST_FILINGS")["tasks"]
    assert {task["name"] for task in listed} == {task["name"] for task in answer["tasks"]}


def test_one_account_that_cannot_be_read_is_an_error(beianhub: Command) -> None:
    """Asked for by name it is refused, with the way round it."""
    error = beianhub.fails(4, "drift", "detect", "--account", "huawei-main")
    assert error["reason"] == "CHANNEL_UNSUPPORTED"
    assert "import" in error["findings"][0]["suggestion"]
    assert beianhub.run("drift", "detect", "--account", "nobody").exit_code == 3


def test_waiting_has_an_end(beianhub: Command) -> None:
    """Nobody reads here: after the patience it ends with 6, and the reading goes on."""
    error = beianhub.fails(6, "drift", "detect", "--account", "aliyun-main", "--wait", "--patience", "0.5")
    assert error["reason"] == "READING_UNDER_WAY"


def test_nothing_read_is_an_empty_list(beianhub: Command) -> None:
    """And what is not there is not found."""
    assert beianhub.ok("drift", "list")["drifts"] == []
    assert beianhub.ok("drift", "list", "--subject", "shili-keji", "--provider", "aliyun", "--all")["drifts"] == []
    for verb in ("get", "apply"):
        assert beianhub.run("drift", verb, "0198").exit_code == 3


def test_a_viewer_reads_and_does_not_ask(beianhub: Command) -> None:
    """Reading drifts is a viewer's; having accounts read and applying are an operator's."""
    secret = beianhub.ok("key", "create", "--role", "VIEWER")["secret"]
    assert beianhub.run("drift", "list", key=secret).exit_code == 0
    assert beianhub.run("drift", "detect", key=secret).exit_code == 5
    assert beianhub.run("drift", "apply", "0198", key=secret).exit_code == 5
