"""Every order type at every vendor, through the API, the engine and the sandbox, to its end: filed and refused.

All orders run at once in one deployment, each of a company of its own. An order that the regulator's record does not
fit is refused by it, with its code; the record afterwards is what domain.md 2.2 says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import httpx
import pytest
from rehearsal.processes import until
from rehearsal.world import VENDORS, World, world

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.filing.v1 import task_service_pb2 as tasks
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_cli.demo.sandbox import national_record
from beianhub_core.planner.profiles import channel as planned_channel
from beianhub_core.planner.rules import Rules
from beianhub_core.planner.vocabulary import Order as PlannedOrder
from beianhub_core.rulebook import load_rulebook
from beianhub_sdk.testing.samples import sample

TYPES: Final = [res.OrderType.Name(number).removeprefix("ORDER_TYPE_") for number in res.OrderType.values() if number]
UNSUPPORTED: Final[dict[str, set[str]]] = {
    "tencent": {"MIGRATE_SERVICE", "CLAIM"},
    "aliyun": {"MIGRATE_SERVICE", "TRANSFER_ACCOUNT"},
    "huawei": set(),
}
NEW_MOBILE: Final = "13900139000"
OLD_IP: Final = "203.0.113.10"
NEW_IP: Final = "203.0.113.20"
_TAKERS: Final = 1000  # what a taker's number is away from its giver's
ENDS: Final = {res.ORDER_STATE_FILED, res.ORDER_STATE_PROVIDER_REJECTED, res.ORDER_STATE_REGULATOR_REJECTED}


@dataclass(frozen=True)
class Case:
    """One order: ``fits`` says whether the regulator's record fits it."""

    vendor: str
    kind: str
    fits: bool
    number: int

    @property
    def id(self) -> str:
        """Of the subject and of the order."""
        return f"{self.vendor}-{self.kind}-{'filed' if self.fits else 'refused'}".lower().replace("_", "-")

    @property
    def licence(self) -> str:
        """The subject's licence number."""
        return f"京ICP备2025{self.number:06d}号"

    @property
    def taker(self) -> Case:
        """The company that takes the service of a migration."""
        return replace(self, number=self.number + _TAKERS)

    @property
    def service(self) -> str:
        """The id of the service that the order is about."""
        return "second" if self.kind == "ADD_SERVICE" else "main"


def cases(*, supported: bool = True) -> list[Case]:
    """All of them, numbered."""
    everything = enumerate(product(VENDORS, TYPES, (True, False)), 1)
    found = [Case(vendor, kind, fits, number) for number, (vendor, kind, fits) in everything]
    return [case for case in found if (case.kind not in UNSUPPORTED[case.vendor]) is supported]


class Stage:
    """The deployment, and what happens in it."""

    def __init__(self, made: World) -> None:
        self.world = made
        self.api = made.api

    def subject(self, case: Case) -> res.Subject:
        """The company: filed, with an access where the type is about one, and a second service where it adds one."""
        given = sample(case.number).subject
        main = given.services[0]
        main.name = f"{self.api.parent}/subjects/{case.id}/services/main"
        if case.kind != "FIRST_FILING":
            given.licence_number = case.licence
            main.licence_number = f"{case.licence}-1"
            other = "aliyun" if case.vendor == "tencent" else "tencent"
            provider = other if case.kind == "ADD_ACCESS" else case.vendor
            access = main.accesses.add(provider=provider, ips=[OLD_IP])
            access.account = "" if case.kind == "CLAIM" else f"{self.api.parent}/accounts/{provider}"
        self._tell_regulator(case, given)
        if case.kind == "ADD_SERVICE":
            second = given.services.add(kind=res.SERVICE_KIND_WEBSITE, title="示例第二网站")
            second.name = f"{self.api.parent}/subjects/{case.id}/services/second"
            second.domains.append(f"second{case.number}.cn")
            second.principal.CopyFrom(main.principal)
        if case.kind == "MIGRATE_SERVICE":
            self._taker(case.taker)
        request = subjects.CreateSubjectRequest(parent=self.api.parent, subject=given, subject_id=case.id)
        made: res.Subject = self.api.call(self.api.subjects.CreateSubject, request)
        return made

    def _taker(self, case: Case) -> None:
        """A company of its own, filed, with a site in the vendor's second account; the regulator knows it."""
        given = sample(case.number).subject
        given.licence_number = case.licence
        main = given.services[0]
        main.licence_number = f"{case.licence}-1"
        main.name = f"{self.api.parent}/subjects/{case.id}-taker/services/main"
        main.accesses.add(
            provider=case.vendor, ips=[OLD_IP], account=f"{self.api.parent}/accounts/{case.vendor}-second"
        )
        self.post("/sandbox/records", national_record(given))
        request = subjects.CreateSubjectRequest(parent=self.api.parent, subject=given, subject_id=f"{case.id}-taker")
        self.api.call(self.api.subjects.CreateSubject, request)

    def _tell_regulator(self, case: Case, given: res.Subject) -> None:
        """Puts the company into the national record where that makes the order fit, or makes a first filing not fit."""
        record = national_record(given)
        if case.kind == "FIRST_FILING":
            record |= {"number": case.licence, "services": []}
        if case.fits is (case.kind != "FIRST_FILING"):
            self.post("/sandbox/records", record)

    def draft(self, case: Case, subject: res.Subject) -> res.Order:
        """The order, drafted."""
        order = res.Order(
            subject=subject.name,
            type=res.OrderType.Value(f"ORDER_TYPE_{case.kind}"),
            account=f"{self.api.parent}/accounts/{case.vendor}",
            ips=[NEW_IP],
        )
        if case.kind not in {"CHANGE_SUBJECT", "CANCEL_SUBJECT", "TRANSFER_ACCOUNT"}:
            order.service = f"{subject.name}/services/{case.service}"
        if case.kind == "CHANGE_SUBJECT":
            order.change.profile.principal.mobile = NEW_MOBILE
            order.change.paths.append("profile.principal.mobile")
        if case.kind == "CHANGE_SERVICE":
            order.change.service.title = "示例新名称"
        if case.kind == "MIGRATE_SERVICE":
            order.target_subject = f"{subject.name}-taker"
        if case.kind in {"TRANSFER_ACCOUNT", "MIGRATE_SERVICE"}:
            order.target_account = f"{self.api.parent}/accounts/{case.vendor}-second"
        request = orders.CreateOrderRequest(parent=self.api.parent, order=order, order_id=case.id)
        made: res.Order = self.api.call(self.api.orders.CreateOrder, request)
        return made

    def submit(self, case: Case) -> None:
        """Submits it, with what the check asks to be repeated."""
        name = f"{self.api.parent}/orders/{case.id}"
        found = self.api.call(self.api.orders.CheckOrder, orders.CheckOrderRequest(name=name)).findings
        asked = [f.suggestion.split('"')[1] for f in found if f.code == "CONFIRMATION_REQUIRED"]
        request = orders.SubmitOrderRequest(name=name, confirmation="".join(asked))
        self.api.call(self.api.orders.SubmitOrder, request)

    def offline(self, case: Case, what: str, state: res.OrderState.ValueType) -> res.Order:
        """A cancellation of the case's subject that a person hands in at the bureau, and reports to be in ``state``."""
        order_id, subject = f"{case.id}-{what}", f"{self.api.parent}/subjects/{case.id}"
        order = res.Order(
            subject=subject, type=res.ORDER_TYPE_CANCEL_SUBJECT, account=f"{self.api.parent}/accounts/{case.vendor}"
        )
        request = orders.CreateOrderRequest(parent=self.api.parent, order=order, order_id=order_id)
        made = self.api.call(self.api.orders.CreateOrder, request)
        submit = orders.SubmitOrderRequest(name=made.name, confirmation=case.licence)
        sent = self.api.call(self.api.orders.SubmitOrder, submit)
        assert sent.submission.channel == res.CHANNEL_CONSOLE
        task = until(lambda: [one.name for one in self.api.handoffs() if one.task.order == made.name], 60, "the form")[
            0
        ]
        claim = tasks.ClaimHandoffRequest(name=task, assignee="tester", purpose="rehearsal")
        fields = {field.key: field.value for field in self.api.call(self.api.tasks.ClaimHandoff, claim).fields}
        assert case.licence in fields.values()
        done = tasks.CompleteHandoffRequest(name=task, provider_order_id=f"receipt-{what}-{case.number}")
        self.api.call(self.api.tasks.CompleteHandoff, done)
        report = orders.ReportProgressRequest(name=made.name, state=state)
        reported: res.Order = self.api.call(self.api.orders.ReportProgress, report)
        return reported

    def record(self, case: Case, suffix: str = "") -> res.Subject:
        """The unified record as it now is."""
        name = f"{self.api.parent}/subjects/{case.id}{suffix}"
        found: res.Subject = self.api.call(self.api.subjects.GetSubject, subjects.GetSubjectRequest(name=name))
        return found

    def regulator(self, case: Case) -> dict[str, Any]:
        """The company in the public record, {} where there is none."""
        number = sample(case.number).subject.profile.certificate.number
        found = self.get(f"/miit/records?certificate_number={number}")["records"]
        return dict(found[0]) if found else {}

    def form(self, case: Case, order: res.Order) -> str:
        """What the vendor was sent."""
        key = {"X-Console-Operator": "tester"}
        answer = httpx.get(
            f"{self.world.sandbox.url}/{case.vendor}/console/orders/{order.provider_order_id}", headers=key, timeout=10
        )
        return str(answer.raise_for_status().json()["form"])

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.world.sandbox.url}{path}", timeout=60).raise_for_status().json()

    def post(self, path: str, document: Any) -> None:
        httpx.post(f"{self.world.sandbox.url}{path}", json=document, timeout=60).raise_for_status()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A deployment in which every order is under way."""
    with world(tmp_path_factory.mktemp("order-types")) as made:
        stage = Stage(made)
        for vendor in VENDORS:
            account = res.Account(
                provider=vendor,
                submission_channel=res.CHANNEL_API,
                endpoint="http://127.0.0.1:9/",  # nobody is called there: accesses are only handed over to it
                credential=vendor,
            )
            request = admin.CreateAccountRequest(parent=made.api.parent, account=account, account_id=f"{vendor}-second")
            made.api.call(made.api.admin.CreateAccount, request)
        for case in cases():
            stage.draft(case, stage.subject(case))
            stage.submit(case)
        yield stage


# --- what the record is afterwards (domain.md 2.2) --------------------------------------------------------------------

Expect = Callable[[Stage, Case, res.Subject], None]


def service_of(case: Case, subject: res.Subject) -> res.Service:
    return next(service for service in subject.services if service.name.endswith(f"/{case.service}"))


def accesses(service: res.Service) -> dict[str, tuple[str, list[str], str]]:
    """Provider → state, addresses, account's id."""
    return {
        a.provider: (res.AccessState.Name(a.state).removeprefix("ACCESS_STATE_"), list(a.ips), a.account.split("/")[-1])
        for a in service.accesses
    }


def first_filing(stage: Stage, case: Case, subject: res.Subject) -> None:
    """New subject number, service -1, first access."""
    service = service_of(case, subject)
    assert subject.state == res.SUBJECT_STATE_FILED
    assert service.licence_number == f"{subject.licence_number}-1"
    assert accesses(service) == {case.vendor: ("ACTIVE", [NEW_IP], case.vendor)}
    assert stage.regulator(case)["number"] == subject.licence_number


def add_service(stage: Stage, case: Case, subject: res.Subject) -> None:
    """New service with the next number, new access; the subject's number stays."""
    service = service_of(case, subject)
    assert subject.licence_number == case.licence
    assert service.licence_number == f"{case.licence}-2"
    assert accesses(service) == {case.vendor: ("ACTIVE", [NEW_IP], case.vendor)}
    assert [one["number"] for one in stage.regulator(case)["services"]] == [f"{case.licence}-1", f"{case.licence}-2"]


def add_access(stage: Stage, case: Case, subject: res.Subject) -> None:
    """New access only; the number is unchanged."""
    service = service_of(case, subject)
    assert (service.licence_number, len(service.accesses)) == (f"{case.licence}-1", 2)
    assert accesses(service)[case.vendor] == ("ACTIVE", [NEW_IP], case.vendor)
    assert len(stage.regulator(case)["services"][0]["accesses"]) == 2


def change_subject(_stage: Stage, case: Case, subject: res.Subject) -> None:
    """The subject's fields; everything else as it was."""
    assert subject.profile.principal.mobile == "139****9000"
    assert accesses(service_of(case, subject)) == {case.vendor: ("ACTIVE", [OLD_IP], case.vendor)}


def change_service(stage: Stage, case: Case, subject: res.Subject) -> None:
    """The service's fields; everything else as it was."""
    service = service_of(case, subject)
    assert (service.title, service.licence_number) == ("示例新名称", f"{case.licence}-1")
    assert service.principal.mobile.startswith("137")
    assert stage.regulator(case)["services"][0]["name"] == "示例新名称"


def change_access(stage: Stage, case: Case, subject: res.Subject) -> None:
    """The access's addresses."""
    assert accesses(service_of(case, subject)) == {case.vendor: ("ACTIVE", [NEW_IP], case.vendor)}
    assert stage.regulator(case)["services"][0]["accesses"] == [{"provider": case.vendor, "ips": [NEW_IP]}]


def cancel_subject(stage: Stage, case: Case, subject: res.Subject) -> None:
    """Subject and all services void."""
    service = service_of(case, subject)
    assert subject.state == res.SUBJECT_STATE_CANCELLED
    assert service.state == res.SERVICE_STATE_CANCELLED
    assert accesses(service)[case.vendor][0] == "CANCELLED"
    assert stage.regulator(case) == {}


def cancel_service(stage: Stage, case: Case, subject: res.Subject) -> None:
    """The service void; it was the last, so the subject is a shell."""
    assert subject.state == res.SUBJECT_STATE_SHELL
    assert service_of(case, subject).state == res.SERVICE_STATE_CANCELLED
    assert stage.regulator(case)["services"] == []


def cancel_access(stage: Stage, case: Case, subject: res.Subject) -> None:
    """The access removed; the number stays."""
    service = service_of(case, subject)
    assert (service.state, service.licence_number) == (res.SERVICE_STATE_NO_ACCESS, f"{case.licence}-1")
    assert accesses(service)[case.vendor][0] == "CANCELLED"
    assert stage.regulator(case)["services"][0]["accesses"] == []


def transfer_account(stage: Stage, case: Case, subject: res.Subject) -> None:
    """The regulator's record unchanged, the access in the other account."""
    assert accesses(service_of(case, subject)) == {case.vendor: ("ACTIVE", [OLD_IP], f"{case.vendor}-second")}
    assert stage.regulator(case)["services"][0]["number"] == f"{case.licence}-1"


def claim(stage: Stage, case: Case, subject: res.Subject) -> None:
    """Nothing at the regulator; the access in the account."""
    assert accesses(service_of(case, subject)) == {case.vendor: ("ACTIVE", [NEW_IP], case.vendor)}
    assert stage.regulator(case)["services"][0]["number"] == f"{case.licence}-1"


def migrate_service(stage: Stage, case: Case, subject: res.Subject) -> None:
    """The service under the other subject with its next number and its access; the source is a shell."""
    assert (subject.state, len(subject.services)) == (res.SUBJECT_STATE_SHELL, 0)
    taker = stage.record(case, "-taker")
    kept, moved = taker.services
    assert [kept.licence_number, moved.licence_number] == [f"{case.taker.licence}-1", f"{case.taker.licence}-2"]
    assert (taker.licence_number, moved.state) == (case.taker.licence, res.SERVICE_STATE_FILED)
    assert list(moved.domains) == [f"shop{case.number}.cn"]
    assert accesses(moved) == {case.vendor: ("ACTIVE", [OLD_IP], f"{case.vendor}-second")}
    assert stage.regulator(case)["services"] == []
    assert [one["number"] for one in stage.regulator(case.taker)["services"]] == [
        kept.licence_number,
        moved.licence_number,
    ]


EXPECT: Final[dict[str, Expect]] = {
    "FIRST_FILING": first_filing,
    "ADD_SERVICE": add_service,
    "ADD_ACCESS": add_access,
    "CHANGE_SUBJECT": change_subject,
    "CHANGE_SERVICE": change_service,
    "CHANGE_ACCESS": change_access,
    "CANCEL_SUBJECT": cancel_subject,
    "CANCEL_SERVICE": cancel_service,
    "CANCEL_ACCESS": cancel_access,
    "TRANSFER_ACCOUNT": transfer_account,
    "CLAIM": claim,
    "MIGRATE_SERVICE": migrate_service,
}


@pytest.mark.parametrize("case", [case for case in cases() if case.fits], ids=lambda case: case.id)
def test_filed(stage: Stage, case: Case) -> None:
    """An order that the regulator approves changes the record as domain.md 2.2 says, and nothing else."""
    order = stage.api.until(case.id, lambda order: order.state in ENDS)
    assert order.state == res.ORDER_STATE_FILED, order
    EXPECT[case.kind](stage, case, stage.record(case))


@pytest.mark.parametrize("case", [case for case in cases() if not case.fits], ids=lambda case: case.id)
def test_refused(stage: Stage, case: Case) -> None:
    """An order that the regulator's record does not fit comes back with its code and a remedy; the record stays."""
    order = stage.api.until(case.id, lambda order: order.state in ENDS)
    own = case.kind in {"TRANSFER_ACCOUNT", "CLAIM"}
    assert order.state == (res.ORDER_STATE_PROVIDER_REJECTED if own else res.ORDER_STATE_REGULATOR_REJECTED), order
    (finding,) = order.findings
    assert finding.rule == ("MIIT-V3 1003" if case.kind == "FIRST_FILING" else "MIIT-V3 1016")
    assert finding.suggestion
    stage.api.call(stage.api.orders.AbandonOrder, orders.AbandonOrderRequest(name=order.name))
    subject = stage.record(case)
    service = service_of(case, subject)
    assert subject.profile.principal.mobile.startswith("138")
    assert service.title != "示例新名称"
    if case.kind in {"FIRST_FILING", "ADD_SERVICE"}:
        assert service.state == res.SERVICE_STATE_NOT_FILED
        assert not service.accesses
    else:
        assert subject.state == res.SUBJECT_STATE_FILED
        assert service.state == res.SERVICE_STATE_FILED
        assert [ips for _, ips, _ in accesses(service).values()] == [[OLD_IP]]


@pytest.mark.parametrize("case", [c for c in cases() if c.fits and c.kind.startswith("CHANGE_S")], ids=lambda c: c.id)
def test_the_vendor_gets_the_new_values(stage: Stage, case: Case) -> None:
    """A change order's form holds the new values; the order itself shows masks and exactly what changes."""
    order = stage.api.until(case.id, lambda order: order.state in ENDS)
    wanted, path = {
        "CHANGE_SUBJECT": (NEW_MOBILE, "profile.principal.mobile"),
        "CHANGE_SERVICE": ("示例新名称", "service.title"),
    }[case.kind]
    assert wanted in stage.form(case, order)
    assert list(order.change.paths) == [path]
    assert NEW_MOBILE not in str(order)


@pytest.mark.parametrize("case", [c for c in cases(supported=False) if c.fits], ids=lambda case: case.id)
def test_unsupported(stage: Stage, case: Case) -> None:
    """What a vendor has no order for its capability says, with a source; nothing can be sent."""
    plugins = stage.api.call(stage.api.admin.ListPlugins, admin.ListPluginsRequest()).plugins
    (plugin,) = [p for p in plugins if p.name == f"plugins/{case.vendor}" and p.state == Plugin.STATE_READY]
    kind = res.OrderType.Value(f"ORDER_TYPE_{case.kind}")
    lines = [line for line in plugin.capabilities if line.order_type == kind]
    assert {line.channel for line in lines} == {res.CHANNEL_UNSUPPORTED}
    assert all(line.source for line in lines)
    stage.draft(case, stage.subject(case))
    refusal = stage.api.refused(
        stage.api.orders.SubmitOrder, orders.SubmitOrderRequest(name=f"{stage.api.parent}/orders/{case.id}")
    )
    assert refusal.findings[-1].code == "CHANNEL_UNSUPPORTED"
    assert list(refusal.findings[-1].source) == list(lines[0].source)


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.fits and case.kind == "CANCEL_SERVICE"], ids=lambda case: case.id
)
def test_a_shell_is_cancelled_at_the_bureau(stage: Stage, case: Case) -> None:
    """空壳主体注销: no provider has it, so that a person files it offline (HW-KB doc_0037), also where the account has
    an interface; refused, the subject stays a shell, and approved it is cancelled.
    """
    stage.api.until(case.id, lambda order: order.state == res.ORDER_STATE_FILED)
    refused = stage.offline(case, "refused", res.ORDER_STATE_REGULATOR_REJECTED)
    assert refused.returned_by == res.RETURNED_BY_BUREAU
    stage.api.call(stage.api.orders.AbandonOrder, orders.AbandonOrderRequest(name=refused.name))
    assert stage.record(case).state == res.SUBJECT_STATE_SHELL
    assert stage.offline(case, "filed", res.ORDER_STATE_FILED).state == res.ORDER_STATE_FILED
    assert stage.record(case).state == res.SUBJECT_STATE_CANCELLED


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_planner_says_what_the_plugin_says(stage: Stage, vendor: str) -> None:
    """A plan's channel of an order is the one of a real account, which the plugin's capability names."""
    plugins = stage.api.call(stage.api.admin.ListPlugins, admin.ListPluginsRequest()).plugins
    (plugin,) = [one for one in plugins if one.name == f"plugins/{vendor}"]
    real: dict[str, str] = {}
    for line in plugin.capabilities:
        if line.operation == res.OPERATION_SUBMIT and line.channel != res.CHANNEL_API:
            name = res.OrderType.Name(line.order_type).removeprefix("ORDER_TYPE_")
            real[name] = res.Channel.Name(line.channel).removeprefix("CHANNEL_")
    rules = Rules(load_rulebook(), "", "", None)
    assert {kind: planned_channel(rules, PlannedOrder[kind], vendor) for kind in TYPES} == real


def test_the_records_are_the_folds_of_their_events(stage: Stage) -> None:
    """After everything, each record equals the fold of its history."""
    for case in cases():
        stage.api.until(case.id, lambda order: order.state in ENDS | {res.ORDER_STATE_ABANDONED})
    audit = stage.api.audit()
    assert audit.records
    assert not audit.unequal
