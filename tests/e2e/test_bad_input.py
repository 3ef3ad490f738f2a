"""Bad input through a real gateway: each mistake is named with its rule, place and remedy, and changes nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from rehearsal import ledger
from rehearsal.api import Api, Refusal
from rehearsal.processes import ROOT, beianhub, until
from rehearsal.world import World, world

from beianhub.filing.v1 import access_service_pb2 as access
from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_sdk.testing.samples import sample

INVALID = grpc.StatusCode.INVALID_ARGUMENT


class Desk(World):
    """A deployment with two companies; the first has an order under way, which waits for an operator."""

    def refused(self, method: Any, request: Any) -> Refusal:
        return self.api.refused(method, request)

    def create(self, subject: res.Subject, request_id: str = "") -> Any:
        return subjects.CreateSubjectRequest(parent=self.api.parent, subject=subject, request_id=request_id)

    def known(self, number: int) -> res.Subject:
        name = f"{self.api.parent}/subjects/company-{number}"
        found: res.Subject = self.api.call(self.api.subjects.GetSubject, subjects.GetSubjectRequest(name=name))
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The deployment, at rest."""
    with world(tmp_path_factory.mktemp("bad-input")) as made:
        api = made.api
        account = res.Account(provider="huawei", submission_channel=res.CHANNEL_CONSOLE)
        request = admin.CreateAccountRequest(parent=api.parent, account=account, account_id="console")
        api.call(api.admin.CreateAccount, request)
        first = made.subject(1)
        made.subject(2)
        made.draft("under-way", "console", first)
        made.draft("second", "tencent", first)
        made.submit("under-way")
        until(api.handoffs, 30, "the hand-off is prepared")
        yield Desk(**vars(made))


@pytest.fixture
def unchanged(desk: Desk) -> Iterator[None]:
    """Nothing in the store differs after the test, and the records are still the folds of their events."""
    before = ledger.state(desk.directory)
    yield
    assert ledger.state(desk.directory) == before
    assert desk.api.audit().equal


def mistyped_id_number(desk: Desk) -> Refusal:
    """The last digit of a person's ID number is not what GB 11643 computes."""
    given = sample(11).subject
    number = given.profile.principal.certificate.number
    given.profile.principal.certificate.number = number[:-1] + ("1" if number[-1] != "1" else "2")
    return desk.refused(desk.api.subjects.CreateSubject, desk.create(given))


def sub_domain(desk: Desk) -> Refusal:
    """A host's name where a registrable domain is filed."""
    given = sample(12).subject
    given.services[0].domains[0] = "www.shop12.cn"
    return desk.refused(desk.api.subjects.CreateSubject, desk.create(given))


def private_ip(desk: Desk) -> Refusal:
    """An address of a local network."""
    request = desk.order("private", "tencent", desk.known(2))
    request.order.ips[:] = ["203.0.113.1", "192.168.1.10"]
    return desk.refused(desk.api.orders.CreateOrder, request)


def unknown_provider(desk: Desk) -> Refusal:
    """An account at a provider that no plugin serves."""
    request = admin.CreateAccountRequest(parent=desk.api.parent, account=res.Account(provider="qcloud"))
    return desk.refused(desk.api.admin.CreateAccount, request)


def unknown_provider_asked(desk: Desk) -> Refusal:
    """A question about a provider that no plugin serves."""
    request = access.CheckAccessRequest(parent=desk.api.parent, domain="shop1.cn", provider="qcloud")
    return desk.refused(desk.api.access.CheckAccess, request)


def second_order_in_flight(desk: Desk) -> Refusal:
    """The regulator takes one order of a subject at a time (MIIT-V3 1003)."""
    request = orders.SubmitOrderRequest(name=f"{desk.api.parent}/orders/second")
    return desk.refused(desk.api.orders.SubmitOrder, request)


def token_of_another_query(desk: Desk) -> Refusal:
    """A page token that another listing gave."""
    page = subjects.ListSubjectsRequest(parent=desk.api.parent, page_size=1)
    token = desk.api.call(desk.api.subjects.ListSubjects, page).next_page_token
    assert token
    request = subjects.ListSubjectsRequest(parent=desk.api.parent, page_size=1, customer="x", page_token=token)
    return desk.refused(desk.api.subjects.ListSubjects, request)


def missing_key(desk: Desk) -> Refusal:
    """Nobody says who is calling."""
    with Api(desk.said["grpc"], "") as anonymous:
        return anonymous.refused(anonymous.subjects.CreateSubject, desk.create(sample(13).subject))


def wrong_key(desk: Desk) -> Refusal:
    """A key that nobody made."""
    with Api(desk.said["grpc"], "bh_nobody") as stranger:
        return stranger.refused(stranger.subjects.CreateSubject, desk.create(sample(13).subject))


CASES: list[tuple[Callable[[Desk], Refusal], grpc.StatusCode, str, str]] = [
    (mistyped_id_number, INVALID, "CERTIFICATE_NUMBER_CHECK_DIGIT", "subject.profile.principal.certificate.number"),
    (sub_domain, INVALID, "DOMAIN_NOT_REGISTRABLE", "subject.services[0].domains[0]"),
    (private_ip, INVALID, "IP_NOT_PUBLIC", "order.ips[1]"),
    (unknown_provider, grpc.StatusCode.NOT_FOUND, "UNKNOWN_PROVIDER", "account.provider"),
    (unknown_provider_asked, grpc.StatusCode.NOT_FOUND, "UNKNOWN_PROVIDER", "provider"),
    (second_order_in_flight, grpc.StatusCode.FAILED_PRECONDITION, "SUBJECT_HAS_ORDER_IN_FLIGHT", "order"),
    (token_of_another_query, INVALID, "PAGE_TOKEN_MISMATCH", "page_token"),
    (missing_key, grpc.StatusCode.UNAUTHENTICATED, "API_KEY_MISSING", "authorization"),
    (wrong_key, grpc.StatusCode.UNAUTHENTICATED, "API_KEY_INVALID", "authorization"),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("mistake", "code", "reason", "path"), CASES, ids=lambda one: getattr(one, "__name__", None))
def test_a_mistake_is_named_and_changes_nothing(
    desk: Desk, mistake: Callable[[Desk], Refusal], code: grpc.StatusCode, reason: str, path: str
) -> None:
    """Its code, its reason, the field, both languages and what to do; the store is as it was."""
    told(mistake(desk), code, reason, path)


def told(refusal: Refusal, code: grpc.StatusCode, reason: str, path: str) -> None:
    """The refusal says all that a person needs."""
    assert (refusal.code, refusal.reason) == (code, reason)
    finding = next(finding for finding in refusal.findings if finding.code == reason)
    assert finding.path == path
    assert any("一" <= letter <= "鿿" for letter in finding.message_zh)
    assert finding.message_en.isascii()
    assert finding.suggestion
    if code is INVALID:
        assert path in refusal.fields


def test_a_repeated_request_id_with_another_body(desk: Desk) -> None:
    """The same request again is answered as before; another one with its id is refused, and changes nothing."""
    request = desk.create(sample(21).subject, request_id=str(uuid.uuid4()))
    first = desk.api.call(desk.api.subjects.CreateSubject, request)
    before = ledger.state(desk.directory)
    assert desk.api.call(desk.api.subjects.CreateSubject, request) == first
    request.subject.customer = "another"
    told(desk.refused(desk.api.subjects.CreateSubject, request), INVALID, "REQUEST_ID_REUSED", "request_id")
    assert ledger.state(desk.directory) == before


def test_another_tenants_key(desk: Desk) -> None:
    """A key of another tenant neither reads nor writes, whatever it names."""
    made = beianhub("init", *desk.config, "--tenant", "other")
    assert made.returncode == 0, made.stderr
    before = ledger.state(desk.directory)
    with Api(desk.said["grpc"], made.stdout.strip()) as foreign:
        listing = subjects.ListSubjectsRequest(parent=desk.api.parent)
        calls = [
            (foreign.subjects.CreateSubject, desk.create(sample(22).subject), "parent"),
            (foreign.subjects.ListSubjects, listing, "parent"),
            (foreign.orders.SubmitOrder, orders.SubmitOrderRequest(name=f"{desk.api.parent}/orders/second"), "name"),
        ]
        for method, request, path in calls:
            refusal = foreign.refused(method, request)
            told(refusal, grpc.StatusCode.PERMISSION_DENIED, "FOREIGN_TENANT", path)
    assert ledger.state(desk.directory) == before


@pytest.mark.usefixtures("unchanged")
def test_a_deadline_already_passed(desk: Desk, tmp_path: Path) -> None:
    """DEADLINE_EXCEEDED, with what to do; the subject is not there."""
    request = desk.create(sample(23).subject)
    assert desk.api.refused(desk.api.subjects.CreateSubject, request, 0).code is grpc.StatusCode.DEADLINE_EXCEEDED
    file = tmp_path / "subject.json"
    file.write_text(json.dumps({"customer": "late"}), encoding="utf-8")
    late = beianhub("subject", "create", "-f", str(file), *desk.config, "--timeout", "0.001", "-o", "json")
    assert late.returncode == 6
    error = json.loads(late.stderr.splitlines()[-1])["error"]
    assert (error["code"], error["reason"]) == ("DEADLINE_EXCEEDED", "DEADLINE_PASSED")
    (finding,) = error["findings"]
    assert finding["message_zh"]
    assert finding["message_en"]
    assert finding["suggestion"]


def test_a_malformed_row(desk: Desk) -> None:
    """A portfolio with mistakes: each names row and column in both languages, and the good rows are all there."""
    file = str(ROOT / "samples" / "portfolio-mistakes.csv")
    done = beianhub("subject", "import", file, *desk.config, "-o", "json")
    assert done.returncode == 4, done.stderr
    report = json.loads(done.stdout)
    assert [one["name"].rpartition("/")[2] for one in report["created"]] == ["zhengque-yi", "zhengque-er"]
    assert [one["row"] for one in report["failed"]] == [3, 4, 5, 6, 7, 8, 9, 11, 12]
    assert {one["column"] for one in report["failed"]} >= {"负责人证件号码", "性质", "域名", "证件号码", "负责人手机"}
    for one in report["failed"]:
        assert one["finding"]["message_zh"]
        assert one["finding"]["message_en"]
        assert one["finding"]["suggestion"]
    assert all(desk.api.has_subject(good) for good in ("zhengque-yi", "zhengque-er"))
    before = ledger.state(desk.directory)["records"]
    assert beianhub("subject", "import", file, *desk.config, "-o", "json").returncode == 4
    assert ledger.state(desk.directory)["records"] == before


def test_a_bad_row_of_the_api_does_not_hold_up_the_good_ones(desk: Desk) -> None:
    """ImportSubjects answers row by row, by the caller's own keys."""
    bad, good = sample(31).subject, sample(32).subject
    bad.profile.principal.mobile = "12345"
    rows = [subjects.ImportRow(key="7", subject=bad), subjects.ImportRow(key="8", subject=good)]
    request = subjects.ImportSubjectsRequest(parent=desk.api.parent, rows=rows)
    seven, eight = desk.api.call(desk.api.subjects.ImportSubjects, request).results
    assert (seven.key, seven.findings[0].code) == ("7", "MOBILE_INVALID")
    assert not seven.HasField("subject")
    assert eight.subject.name
