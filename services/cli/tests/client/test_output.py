"""What a command writes, and where."""

from __future__ import annotations

import json

import grpc
import pytest
import yaml

from beianhub.filing.v1.subject_service_pb2 import ListSubjectsResponse
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.task_pb2 import Task
from beianhub_cli.client import views, words
from beianhub_cli.client.errors import CommandError, Exit, Failure, exit_of
from beianhub_cli.client.messages import fill, load_yaml
from beianhub_cli.client.orders_file import OrderEntry, find_service, read_orders
from beianhub_cli.client.output import Format, Report, Screen, plain
from beianhub_core.findings import blocker

FAILURE = Failure(
    Exit.INVALID,
    "INVALID_ARGUMENT",
    "IP_NOT_PUBLIC",
    "order.ips[0]: is not public",
    (blocker("IP_NOT_PUBLIC", "order.ips[0]", "不是公网地址", "is not public", "Use it.", source=("S2",)),),
)
SUBJECT = res.Subject(name="tenants/main/subjects/a", profile=res.SubjectProfile(title="示例[bold]公司\x1b[31m"))


@pytest.mark.parametrize("form", list(Format))
def test_result_and_notes_are_apart(form: Format, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output holds the result and nothing else, without colours where there is no terminal."""
    screen = Screen(form)
    screen.note("under way")
    screen.show(Report(plain(SUBJECT), views.grids(SUBJECT)))
    written = capsys.readouterr()
    assert "\x1b" not in written.out + written.err or form is Format.JSON
    assert "under way" not in written.out
    assert "under way" in written.err
    if form is Format.TABLE:
        assert "示例[bold]公司\N{REPLACEMENT CHARACTER}[31m" in written.out
    else:
        document = json.loads(written.out) if form is Format.JSON else yaml.safe_load(written.out)
        assert document["profile"]["nature"] == "NATURE_UNSPECIFIED"
        assert document["licence_number"] == ""


def test_failure_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads path, both languages, remedy and source."""
    Screen().fail(FAILURE)
    shown = capsys.readouterr().err
    for part in ("IP_NOT_PUBLIC", "order.ips[0]", "不是公网地址", "is not public", "Use it.", "S2"):
        assert part in shown


def test_failure_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """With JSON every line of standard error is JSON, with YAML the whole of it is YAML."""
    for form in (Format.JSON, Format.YAML):
        screen = Screen(form)
        screen.note("first\nsecond")
        screen.fail(FAILURE)
        written = capsys.readouterr().err
        last = written.splitlines()[-1] if form is Format.JSON else written
        error = (json.loads(last) if form is Format.JSON else yaml.safe_load(written))["error"]
        assert error["exit_code"] == 4
        assert error["findings"][0]["source"] == ["S2"]


@pytest.mark.parametrize("code", list(grpc.StatusCode))
def test_every_code_has_an_exit(code: grpc.StatusCode) -> None:
    """Each gRPC code but OK ends a command with an exit code of the documented ones, and never with 0 or 7."""
    assert exit_of(code) in {Exit.OTHER, Exit.NOT_FOUND, Exit.INVALID, Exit.DENIED, Exit.UNAVAILABLE}


@pytest.mark.parametrize(
    "enum", [res.OrderState, res.OrderType, res.Nature, res.CertificateType, res.VerificationKind, Task.State]
)
def test_words_go_both_ways(enum: type[res.OrderState]) -> None:
    """Every value is found again by its short, full and Chinese name; unspecified is no word."""
    for value in enum.DESCRIPTOR.values[1:]:
        said = words.say(enum.DESCRIPTOR, value.number)
        for word in (*said.split(" ")[-1:], value.name, value.name.lower()):
            assert words.number_of(enum.DESCRIPTOR, word) == value.number
        assert words.number_of(enum.DESCRIPTOR, said.split(" ")[0]) in (value.number, None)
    assert words.number_of(enum.DESCRIPTOR, "UNSPECIFIED") is None
    assert words.number_of(enum.DESCRIPTOR, "") is None


def test_an_empty_listing_says_none() -> None:
    """A listing without items is a table that says so."""
    (grid,) = views.grids(ListSubjectsResponse())
    assert grid.rows == []


def test_a_document_keeps_numbers_whole() -> None:
    """An ID number or a phone in YAML is a text: it loses no digit, and no leading zero."""
    subject = res.Subject()
    text = b"profile: {certificate: {number: 110105194912310021}, principal: {mobile: 0013800000001}}"
    paths = fill(subject, load_yaml(text, "s"), "s")
    assert paths == ["profile.certificate.number", "profile.principal.mobile"]
    assert subject.profile.certificate.number == "110105194912310021"
    assert subject.profile.principal.mobile == "0013800000001"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (b"[1]", [""]),
        (b"profile: x", ["profile"]),
        (b"services: {}", ["services"]),
        (b"services: [{domains: [[a]], kind: zhang}]", ["services[0].domains[0]", "services[0].kind"]),
        (b"costumer: a", ["costumer"]),
        (b"create_time: {seconds: soon}", ["create_time.seconds"]),
    ],
)
def test_a_document_is_refused_with_every_mistake(text: bytes, paths: list[str]) -> None:
    """All mistakes come at once, by their paths, and none quotes a value."""
    with pytest.raises(CommandError) as caught:
        fill(res.Subject(), load_yaml(text, "s"), "s")
    assert [finding.path for finding in caught.value.failure.findings] == paths
    assert "zhang" not in str(caught.value.failure)


@pytest.mark.parametrize("text", [b"a: [", b"\xff\xfe", b"a: b: c"])
def test_what_is_not_yaml_is_refused(text: bytes) -> None:
    """A file that cannot be read as YAML says where it ends being YAML, and quotes nothing."""
    with pytest.raises(CommandError) as caught:
        load_yaml(text, "file.yaml")
    assert "file.yaml" in caught.value.failure.findings[0].path


def test_orders_of_a_file() -> None:
    """An order names its subject, type and account, and its service by a domain."""
    (entry,) = read_orders({"subject": "a", "type": "接入备案", "account": "x", "domain": "A.com"}, "f")
    assert entry == OrderEntry("a", res.ORDER_TYPE_ADD_ACCESS, "x", domain="A.com")
    subject = res.Subject(name="s", services=[res.Service(name="s/1", domains=["a.com"]), res.Service(name="s/2")])
    assert find_service(subject, entry) == "s/1"
    assert find_service(subject, OrderEntry("a", res.ORDER_TYPE_ADD_ACCESS, "x", service="2")) == "s/services/2"
    for missing in (OrderEntry("a", res.ORDER_TYPE_ADD_ACCESS, "x"), OrderEntry("a", 1, "x", domain="b.com")):
        with pytest.raises(CommandError):
            find_service(subject, missing)


def test_an_order_of_the_whole_subject_names_no_service() -> None:
    """变更主体, 注销主体 and 备案迁移 are about the subject; a change is written as the API has it."""
    document = {"subject": "a", "type": "变更主体", "account": "x", "change": {"profile": {"address": "示例路2号"}}}
    (entry,) = read_orders(document, "f")
    assert entry.change == {"profile": {"address": "示例路2号"}}
    subject = res.Subject(name="s", services=[res.Service(name="s/1"), res.Service(name="s/2")])
    assert not find_service(subject, entry)
    with pytest.raises(CommandError):
        read_orders(document | {"change": "address"}, "f")


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ([], ["f"]),
        (["x"], ["orders[0]"]),
        ([{"subject": "a"}], ["orders[0].type", "orders[0].account"]),
        ([{"subject": "a", "type": "FILE", "account": "x"}], ["orders[0].type"]),
        ([{"subject": "a", "type": "ADD_ACCESS", "account": "x", "ips": "1.1.1.1"}], ["orders[0].ips"]),
        ([{"subject": "a", "type": "ADD_ACCESS", "account": "x", "ip": []}], ["orders[0].ip"]),
        ([{"subject": "a", "type": "ADD_ACCESS", "account": "x", "id": "i"}] * 2, ["orders[1].id"]),
    ],
)
def test_orders_with_mistakes(document: object, paths: list[str]) -> None:
    """Each mistake of the file is named by its path."""
    with pytest.raises(CommandError) as caught:
        read_orders(document, "f")
    assert [finding.path for finding in caught.value.failure.findings] == paths
