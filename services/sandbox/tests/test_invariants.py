"""What holds whatever happens: the sandbox without HTTP, in virtual time, on real state files."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from beianhub_sandbox.clock import SandboxClock
from beianhub_sandbox.model import Application, Channel, Order, OrderType, Stage, Subject
from beianhub_sandbox.office import Submission
from beianhub_sandbox.problems import Refused
from beianhub_sandbox.sandbox import VOCABULARIES, Sandbox
from beianhub_sandbox.settings import Settings

AT_REGULATOR = (Stage.SMS, Stage.REGULATOR_REVIEW)
CERTIFICATES = ("91110000600037341L", "914403001922038216")
DOMAINS = ("one.cn", "two.cn", "three.cn")
VENDORS = tuple(VOCABULARIES)

submissions = st.tuples(
    st.just("submit"),
    st.sampled_from(VENDORS),
    st.sampled_from(list(OrderType)),
    st.sampled_from(CERTIFICATES),
    st.sampled_from(DOMAINS),
)
steps = st.lists(
    st.one_of(
        submissions,
        st.tuples(st.just("pass"), st.floats(0.01, 3.0)),
        st.tuples(st.just("withdraw"), st.integers(0, 20)),
        st.tuples(st.just("correct"), st.integers(0, 20)),
        st.tuples(st.just("wrong"), st.integers(0, 20)),
        st.tuples(st.just("restart")),
    ),
    max_size=40,
)


class World:
    """A sandbox whose time is a number."""

    def __init__(self, folder: str) -> None:
        self.now = 1_780_000_000.0
        self.settings = Settings(state=str(Path(folder) / "ledger.db"), sms_window=2.0)
        self.sandbox = self._open()

    def _open(self) -> Sandbox:
        return Sandbox(self.settings, SandboxClock(read=lambda: self.now))

    def run(self, step: tuple[Any, ...]) -> None:
        with contextlib.suppress(Refused):
            getattr(self, f"do_{step[0]}")(*step[1:])
        self.sandbox.advance()

    def do_submit(self, vendor: str, kind: OrderType, certificate: str, domain: str) -> None:
        filed = self.sandbox.record.service_of(domain)
        wish = Submission(vendor, "account", Channel.API, kind, application(certificate, domain), {})
        if filed:
            number = replace(wish.application, licence_number=filed[1].number)
            wish = replace(wish, application=number)
        self.sandbox.office.submit(VOCABULARIES[vendor].new_number, wish)

    def do_pass(self, seconds: float) -> None:
        self.now += seconds

    def do_withdraw(self, index: int) -> None:
        if order := self._pick(index):
            self.sandbox.office.withdraw(order)

    def do_correct(self, index: int) -> None:
        if order := self._pick(index):
            again = Submission(order.vendor, order.account, order.channel, order.order_type, order.application, {})
            self.sandbox.office.resubmit(order, again)

    def do_wrong(self, index: int) -> None:
        order = self._pick(index)
        if order and order.stage is Stage.SMS:
            self.sandbox.lifecycle.answer_sms(order, order.challenges[0], "", "")
            self.sandbox.ledger.commit()

    def do_restart(self) -> None:
        before = self.everything()
        self.sandbox.ledger.close()
        self.sandbox = self._open()
        assert self.everything() == before

    def everything(self) -> dict[str, Any]:
        ledger = self.sandbox.ledger
        orders = {order.number: order for order in ledger.all(Order)}
        return orders | {subject.certificate_number: subject for subject in ledger.all(Subject)}

    def _pick(self, index: int) -> Order | None:
        orders = self.sandbox.ledger.all(Order)
        return orders[index % len(orders)] if orders else None


def application(certificate: str, domain: str) -> Application:
    return Application(
        certificate_number=certificate,
        certificate_type="BUSINESS_LICENCE",
        name="示例公司",
        nature="ENTERPRISE",
        province="京",
        principal_name="张示例",
        principal_mobile="13800138000",
        principal_id="11010519491231002X",
        service_name="示例",
        domain=domain,
        ips=["203.0.113.1"],
    )


@settings(max_examples=60, deadline=None)
@given(steps)
def test_one_record_whatever_happens(script: list[tuple[Any, ...]]) -> None:
    """At most one order per subject and per domain is at the regulator, a domain belongs to one subject,
    and a restart finds everything as it was, however orders, time and people are mixed.
    """
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for step in script:
            world.run(step)
            flying = [item for item in world.sandbox.ledger.all(Order) if item.stage in AT_REGULATOR]
            certificates = [item.application.certificate_number for item in flying]
            assert len(certificates) == len(set(certificates))
            filed = [item.domain for one in world.sandbox.ledger.all(Subject) for item in one.services]
            assert len(filed) == len(set(filed))
            for order in world.sandbox.ledger.all(Order):
                stages = [item.stage for item in order.history]
                assert stages[-1] is order.stage
                assert [item.at for item in order.history] == sorted(item.at for item in order.history)
        world.do_restart()
        world.sandbox.ledger.close()
