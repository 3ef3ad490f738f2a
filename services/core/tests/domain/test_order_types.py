"""Each order type: what it needs, and what its approval does to the record (domain.md 2.2)."""

from __future__ import annotations

import pytest

from beianhub.events.v1.record_pb2 import Record
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Plugin, Withdrawal
from beianhub.resources.v1.task_pb2 import TASK_KIND_HANDOFF, TASK_KIND_SUBMIT, TaskOutcome
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import preconditions, withdrawing
from beianhub_core.domain.cancelling import confirmation
from beianhub_core.domain.evolve import fold
from beianhub_core.errors import BeianhubError

from .support import SERVICE, SUBJECT, Bench

SECOND = f"{SUBJECT}/services/w2"
NUMBER = "京ICP备2026000001号"


def filed(*, second: bool = False, province: str = "北京") -> Bench:
    """A filed subject: one service with accesses at Tencent and Aliyun, and perhaps one that is not filed yet."""
    bench = Bench()
    subject = res.Subject(name=SUBJECT, licence_number=NUMBER, vault_ref="v1")
    subject.profile.province = province
    service = subject.services.add(name=SERVICE, title="示例网站", domains=["a.com", "b.com"])
    service.licence_number = f"{NUMBER}-1"
    for provider in ("tencent", "aliyun"):
        service.accesses.add(provider=provider, account=f"tenants/acme/accounts/{provider}", ips=["203.0.113.7"])
    if second:
        subject.services.add(name=SECOND, title="第二网站", domains=["c.org"])
    bench.run(cmd.CreateSubject(subject))
    return bench


def draft(bench: Bench, kind: int, name: str = "o1", **fields: object) -> str:
    """A draft at Tencent for the first service."""
    order = res.Order(
        **{
            "name": f"tenants/acme/orders/{name}",
            "subject": SUBJECT,
            "service": SERVICE,
            "type": kind,
            "account": "tenants/acme/accounts/tencent",
            "provider": "tencent",
            "ips": ["203.0.113.9"],
            **fields,
        }
    )
    bench.run(cmd.CreateOrder(order))
    return order.name


def record(bench: Bench) -> Record:
    assert bench.record is not None
    return bench.record


def codes(bench: Bench, order: str) -> set[str]:
    return {finding.code for finding in preconditions.check(record(bench), bench.order(order))}


def submit(bench: Bench, order: str) -> None:
    bench.run(cmd.SubmitOrder(order, confirmation(record(bench), bench.order(order))))
    bench.pass_prechecks()


def approve(bench: Bench, order: str, service_number: str = "") -> Record:
    submit(bench, order)
    accepted = TaskOutcome.Accepted(provider_order_id=order, provider_status="初审中")
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=accepted)
    bench.status(order, res.ORDER_STATE_FILED, "已备案", service_licence_number=service_number)
    assert fold(bench.events) == bench.record
    return record(bench)


def change(**service: object) -> res.OrderChange:
    return res.OrderChange(service=res.Service(**service), paths=["service.title"], vault_ref="v2", base_ref="v1")


def test_add_service_gets_the_next_number_and_an_access() -> None:
    """新增网站: the new service takes the next number of the subject's sequence, and an access (HW-KB doc_0115)."""
    bench = filed(second=True)
    after = approve(bench, draft(bench, res.ORDER_TYPE_ADD_SERVICE, service=SECOND), f"{NUMBER}-2")
    service = after.subject.services[1]
    assert (service.state, service.licence_number) == (res.SERVICE_STATE_FILED, f"{NUMBER}-2")
    assert [(a.provider, a.state) for a in service.accesses] == [("tencent", res.ACCESS_STATE_ACTIVE)]
    assert after.subject.licence_number == NUMBER


def test_a_filed_service_is_not_added_again() -> None:
    """新增网站 needs a filed subject, and a service that is not filed (domain.md 2.3)."""
    bench = filed()
    assert "SERVICE_ALREADY_FILED" in codes(bench, draft(bench, res.ORDER_TYPE_ADD_SERVICE))
    fresh = Bench()
    fresh.create_subject()
    assert "SUBJECT_NOT_FILED" in codes(fresh, draft(fresh, res.ORDER_TYPE_ADD_SERVICE))


def test_change_and_access_come_before_a_new_service() -> None:
    """变更 before 新增, 接入 before 新增 (HW-KB doc_0015, doc_0016): drafted ones are pointed at."""
    bench = filed(second=True)
    draft(bench, res.ORDER_TYPE_CHANGE_SERVICE, "c", change=change(title="新名"))
    draft(bench, res.ORDER_TYPE_ADD_ACCESS, "a")
    found = codes(bench, draft(bench, res.ORDER_TYPE_ADD_SERVICE, "n", service=SECOND))
    assert {"CHANGE_BEFORE_ADD", "ACCESS_BEFORE_ADD"} <= found


def test_a_change_is_taken_over_when_it_is_filed() -> None:
    """变更网站: the record keeps the old values and the vault's entry until the order is filed."""
    bench = filed()
    order = draft(bench, res.ORDER_TYPE_CHANGE_SERVICE, change=change(title="新名", domains=["a.com", "b.com"]))
    assert record(bench).subject.services[0].title == "示例网站"
    after = approve(bench, order)
    service = after.subject.services[0]
    assert (service.title, after.subject.vault_ref) == ("新名", "v2")
    assert service.licence_number == f"{NUMBER}-1"
    assert len(service.accesses) == 2


def test_a_change_of_the_subject_may_name_no_service() -> None:
    """变更主体 is about the whole subject."""
    bench = filed()
    wanted = res.OrderChange(paths=["profile.address"], vault_ref="v2", base_ref="v1")
    wanted.profile.province = "北京"
    wanted.profile.address = "北京*"
    after = approve(bench, draft(bench, res.ORDER_TYPE_CHANGE_SUBJECT, service="", change=wanted))
    assert after.subject.profile.address == "北京*"
    assert after.subject.services[0].title == "示例网站"


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (["profile.certificate.number"], "CERTIFICATE_NOT_CHANGEABLE"),
        (["profile.province"], "CROSS_PROVINCE_CHANGE"),
        (["profile.title"], "SUBJECT_RENAMED"),
        ([], "CHANGE_REQUIRED"),
    ],
)
def test_what_a_change_cannot_change(paths: list[str], code: str) -> None:
    """变更 leaves certificate and province alone (HW-KB doc_0195, MIIT-V3 1046), and has to change something."""
    bench = filed()
    wanted = res.OrderChange(paths=paths, base_ref="v1")
    assert code in codes(bench, draft(bench, res.ORDER_TYPE_CHANGE_SUBJECT, change=wanted))


@pytest.mark.parametrize(
    ("domains", "refused"), [(["a.com"], False), (["a.com", "x.com"], True), ([], True), (["x.com", "a.com"], True)]
)
def test_domains_are_only_deleted(domains: list[str], refused: bool) -> None:  # noqa: FBT001 - a table's column
    """In a change domains may only be deleted (ALI-2019, TC-DOC; HW-KB doc_0194)."""
    bench = filed()
    wanted = res.OrderChange(service=res.Service(domains=domains), paths=["service.domains"], base_ref="v1")
    order = draft(bench, res.ORDER_TYPE_CHANGE_SERVICE, change=wanted)
    assert ("DOMAINS_ONLY_DELETED" in codes(bench, order)) is refused


def test_a_change_of_outdated_data_is_refused() -> None:
    """A change was made from the values of its day; once they are others it is drafted anew."""
    bench = filed()
    order = draft(bench, res.ORDER_TYPE_CHANGE_SERVICE, change=change(title="新名"))
    subject = res.Subject()
    subject.CopyFrom(record(bench).subject)
    subject.vault_ref = "v9"
    bench.run(cmd.UpdateSubject(subject, ("profile",)))
    assert "CHANGE_OUTDATED" in codes(bench, order)


def test_the_subject_stays_while_its_change_is_under_way() -> None:
    """What the filing will overwrite is not changed meanwhile."""
    bench = filed()
    order = draft(bench, res.ORDER_TYPE_CHANGE_SERVICE, change=change(title="新名"))
    submit(bench, order)
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="1"))
    with pytest.raises(BeianhubError, match="CHANGE_UNDER_WAY"):
        bench.run(cmd.UpdateSubject(record(bench).subject, ("profile",)))


def test_change_access_sets_the_addresses_of_the_own_access_only() -> None:
    """变更接入: the provider's own addresses; the other provider's stay (S0.6, MIIT-V3 1047)."""
    bench = filed()
    after = approve(bench, draft(bench, res.ORDER_TYPE_CHANGE_ACCESS))
    ips = {access.provider: list(access.ips) for access in after.subject.services[0].accesses}
    assert ips == {"tencent": ["203.0.113.9"], "aliyun": ["203.0.113.7"]}


def test_cancel_service_leaves_the_others_and_then_a_shell() -> None:
    """注销网站: others stay (S0.13); after the last one the subject is a shell (S3.19)."""
    bench = filed(second=True)
    approve(bench, draft(bench, res.ORDER_TYPE_ADD_SERVICE, "n", service=SECOND), f"{NUMBER}-2")
    after = approve(bench, draft(bench, res.ORDER_TYPE_CANCEL_SERVICE, "c1"))
    assert after.subject.state == res.SUBJECT_STATE_FILED
    assert after.subject.services[0].state == res.SERVICE_STATE_CANCELLED
    assert after.subject.services[1].state == res.SERVICE_STATE_FILED
    after = approve(bench, draft(bench, res.ORDER_TYPE_CANCEL_SERVICE, "c2", service=SECOND))
    assert after.subject.state == res.SUBJECT_STATE_SHELL
    assert {a.state for s in after.subject.services for a in s.accesses} == {res.ACCESS_STATE_CANCELLED}


def test_cancel_subject_voids_everything_and_it_may_be_filed_anew() -> None:
    """注销主体: number and sites are void (S0.10); subject and domains may be filed anew, with new numbers (S0.11)."""
    bench = filed()
    after = approve(bench, draft(bench, res.ORDER_TYPE_CANCEL_SUBJECT, "c", service=""))
    assert after.subject.state == res.SUBJECT_STATE_CANCELLED
    assert after.subject.services[0].state == res.SERVICE_STATE_CANCELLED
    after = approve(bench, draft(bench, res.ORDER_TYPE_FIRST_FILING, "f"), "京ICP备2026000002号-1")
    assert after.subject.services[0].licence_number == "京ICP备2026000002号-1"


def test_a_shell_is_cancelled_offline() -> None:
    """空壳主体 has no provider: an operator follows the bureau's own cancellation (HW-KB doc_0037)."""
    bench = filed()
    approve(bench, draft(bench, res.ORDER_TYPE_CANCEL_SERVICE, "c1"))
    order = draft(bench, res.ORDER_TYPE_CANCEL_SUBJECT, "c2", service="")
    assert "SHELL_CANCELLED_OFFLINE" in codes(bench, order)
    submit(bench, order)
    task = bench.task(TASK_KIND_HANDOFF)
    bench.run(cmd.CompleteHandoff(task.name, "receipt-1", ""))
    status = TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status="已注销")
    bench.run(cmd.ReportProgress(order, status))
    assert record(bench).subject.state == res.SUBJECT_STATE_CANCELLED


DESTRUCTIVE = [
    (res.ORDER_TYPE_CANCEL_SUBJECT, NUMBER),
    (res.ORDER_TYPE_CANCEL_SERVICE, f"{NUMBER}-1"),
    (res.ORDER_TYPE_CANCEL_ACCESS, f"{NUMBER}-1"),
]


@pytest.mark.parametrize(("kind", "token"), DESTRUCTIVE)
def test_destruction_is_confirmed_by_repeating_what_is_given_up(kind: int, token: str) -> None:
    """A destructive order goes out only with the number that it gives up; the check says which, and what follows."""
    bench = filed()
    order = draft(bench, kind)
    (asked,) = [f for f in preconditions.check(record(bench), bench.order(order)) if f.code == "CONFIRMATION_REQUIRED"]
    assert f'"{token}"' in asked.suggestion
    assert asked.source
    for wrong in ("", "yes", token + " "):
        with pytest.raises(BeianhubError, match="CONFIRMATION_REQUIRED"):
            bench.run(cmd.SubmitOrder(order, wrong))
    bench.run(cmd.SubmitOrder(order, token))


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (res.ORDER_TYPE_CANCEL_SUBJECT, "MIIT-V3 1042"),
        (res.ORDER_TYPE_CANCEL_SERVICE, "MIIT-V3 1043"),
        (res.ORDER_TYPE_CANCEL_ACCESS, "MIIT-V3 1032"),
        (res.ORDER_TYPE_CHANGE_ACCESS, "MIIT-V3 1017"),
    ],
)
def test_no_order_beside_a_cancellation_or_a_change(kind: int, source: str) -> None:
    """While one runs no other is taken; the finding names the regulator's own code (MIIT-V3 1017, 1042, 1043)."""
    bench = filed()
    submit(bench, draft(bench, kind, "first"))
    other = draft(bench, res.ORDER_TYPE_CANCEL_SERVICE, "second")
    with pytest.raises(BeianhubError, match="SUBJECT_HAS_ORDER_IN_FLIGHT") as caught:
        bench.run(cmd.SubmitOrder(other, f"{NUMBER}-1"))
    assert source in caught.value.findings[0].source


@pytest.mark.parametrize(
    "kind",
    [
        res.ORDER_TYPE_CHANGE_SUBJECT,
        res.ORDER_TYPE_CHANGE_SERVICE,
        res.ORDER_TYPE_CHANGE_ACCESS,
        res.ORDER_TYPE_CANCEL_SUBJECT,
        res.ORDER_TYPE_CANCEL_SERVICE,
        res.ORDER_TYPE_CANCEL_ACCESS,
        res.ORDER_TYPE_TRANSFER_ACCOUNT,
    ],
)
def test_a_provider_acts_on_its_own_accesses_only(kind: int) -> None:
    """Another provider than one with an access is refused (MIIT-V3 1047)."""
    bench = filed()
    order = draft(bench, kind, provider="huawei", account="tenants/acme/accounts/huawei", change=change(title="新名"))
    assert "NO_ACCESS_AT_PROVIDER" in codes(bench, order)


def test_transfer_changes_the_account_and_nothing_at_the_regulator() -> None:
    """备案迁移: the provider's accesses go to the other account; numbers and the other provider stay (doc_0199)."""
    bench = filed()
    target = "tenants/acme/accounts/tencent-2"
    after = approve(bench, draft(bench, res.ORDER_TYPE_TRANSFER_ACCOUNT, service="", target_account=target))
    accounts = {access.provider: access.account for access in after.subject.services[0].accesses}
    assert accounts == {"tencent": target, "aliyun": "tenants/acme/accounts/aliyun"}
    assert after.subject.services[0].licence_number == f"{NUMBER}-1"


def test_claim_makes_the_access_appear() -> None:
    """认领备案: the access shows with its account; the number stays (HW-KB doc_0198)."""
    bench = filed()
    account = "tenants/acme/accounts/huawei"
    bench.accounts[account] = res.Account(name=account, provider="aliyun", submission_channel=res.CHANNEL_API)
    order = draft(bench, res.ORDER_TYPE_CLAIM, provider="huawei", account=account, ips=[])
    assert not codes(bench, order)
    after = approve(bench, order)
    access = after.subject.services[0].accesses[2]
    assert (access.provider, access.account, access.state) == ("huawei", account, res.ACCESS_STATE_ACTIVE)
    again = draft(bench, res.ORDER_TYPE_CLAIM, "again", provider="huawei", account=account)
    assert "ACCESS_EXISTS" in codes(bench, again)


def test_a_lost_suffix_is_warned_of() -> None:
    """A domain whose suffix is approved no longer may never be filed again (ALI-2019): said before it is given up."""
    bench = filed(second=True)
    approve(bench, draft(bench, res.ORDER_TYPE_ADD_SERVICE, "n", service=SECOND), f"{NUMBER}-2")
    assert "SUFFIX_NOT_FILED_AGAIN" in codes(bench, draft(bench, res.ORDER_TYPE_CANCEL_SERVICE, "c", service=SECOND))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Withdrawal.ANSWER_NO, "NOT_WITHDRAWABLE"),
        (Withdrawal.ANSWER_LET_SMS_LAPSE, "LET_SMS_LAPSE"),
        (Withdrawal.ANSWER_YES, ""),
        (Withdrawal.ANSWER_UNSPECIFIED, ""),
    ],
)
def test_a_withdrawal_follows_the_providers_line(
    monkeypatch: pytest.MonkeyPatch, answer: Withdrawal.Answer.ValueType, reason: str
) -> None:
    """No is no, with the line's own source; where the sources are silent it is tried (domain.md 3.3, 11)."""
    bench = filed()
    order = draft(bench, res.ORDER_TYPE_CANCEL_SERVICE)
    submit(bench, order)
    bench.report(bench.task(TASK_KIND_SUBMIT), accepted=TaskOutcome.Accepted(provider_order_id="1"))
    line = Withdrawal(answer=answer, source=["S3.17"])
    monkeypatch.setattr(withdrawing, "answer", lambda _provider, _order: line)
    if not reason:
        assert "order_withdrawal_requested" in bench.run(cmd.WithdrawOrder(order))
        return
    with pytest.raises(BeianhubError, match=reason) as caught:
        bench.run(cmd.WithdrawOrder(order))
    assert list(caught.value.findings[0].source) == ["S3.17"]


def provider() -> Plugin:
    plugin = Plugin()
    plugin.withdrawals.add(
        phase=Withdrawal.PHASE_SMS_WAITING,
        order_types=[res.ORDER_TYPE_CANCEL_SERVICE],
        answer=Withdrawal.ANSWER_LET_SMS_LAPSE,
        source=["S3.17"],
    )
    plugin.withdrawals.add(phase=Withdrawal.PHASE_IDENTITY_PASSED, answer=Withdrawal.ANSWER_NO, source=["S1.14"])
    plugin.withdrawals.add(phase=Withdrawal.PHASE_PROVIDER_REVIEW, answer=Withdrawal.ANSWER_YES, source=["ALI-2019"])
    return plugin


@pytest.mark.parametrize(
    ("state", "facet", "kind", "answer"),
    [
        ("PROVIDER_REVIEW", None, "ADD_ACCESS", Withdrawal.ANSWER_YES),
        ("PROVIDER_REVIEW", ("FACE", "PASSED"), "ADD_ACCESS", Withdrawal.ANSWER_NO),
        ("PROVIDER_REVIEW", ("FACE", "WAITING"), "ADD_ACCESS", Withdrawal.ANSWER_YES),
        ("READY_TO_SUBMIT", ("FACE", "PASSED"), "ADD_ACCESS", Withdrawal.ANSWER_NO),
        ("READY_TO_SUBMIT", None, "ADD_ACCESS", Withdrawal.ANSWER_UNSPECIFIED),
        ("READY_TO_SUBMIT", ("MIIT_SMS", "WAITING"), "ADD_ACCESS", Withdrawal.ANSWER_UNSPECIFIED),
        ("READY_TO_SUBMIT", ("MIIT_SMS", "WAITING"), "CANCEL_SERVICE", Withdrawal.ANSWER_LET_SMS_LAPSE),
    ],
)
def test_what_can_be_withdrawn_is_the_providers_own_line(
    state: str, facet: tuple[str, str] | None, kind: str, answer: int
) -> None:
    """The finest phase that a provider has a line for decides; silence leaves it open (domain.md 3.3)."""
    order = res.Order(
        state=res.OrderState.Value(f"ORDER_STATE_{state}"), type=res.OrderType.Value(f"ORDER_TYPE_{kind}")
    )
    if facet:
        order.verifications.add(
            kind=res.VerificationKind.Value(f"VERIFICATION_KIND_{facet[0]}"),
            state=res.VerificationState.Value(f"VERIFICATION_STATE_{facet[1]}"),
        )
    assert withdrawing.answer(provider(), order).answer == answer
