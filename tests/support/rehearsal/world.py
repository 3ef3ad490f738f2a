"""``beianhub up --sandbox`` with an account at each vendor's interface, and customers as a test wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.demo.setting import prepare
from beianhub_sdk.testing.samples import sample
from rehearsal.api import Api
from rehearsal.processes import Running, serving
from rehearsal.stage import Sandbox

VENDORS: Final = ("tencent", "aliyun", "huawei")


@dataclass(frozen=True)
class World:
    """A deployment that serves, its owner's API, and the sandbox in it."""

    directory: Path
    config: tuple[str, str]
    running: Running
    said: dict[str, Any]
    api: Api
    sandbox: Sandbox

    def subject(self, number: int) -> res.Subject:
        """A new, invented company with one website, ``shop{number}.cn``."""
        given = sample(number).subject
        request = subjects.CreateSubjectRequest(parent=self.api.parent, subject=given, subject_id=f"company-{number}")
        made: res.Subject = self.api.call(self.api.subjects.CreateSubject, request)
        return made

    def order(self, order_id: str, vendor: str, subject: res.Subject) -> orders.CreateOrderRequest:
        """What asks for the draft of a first filing of the subject's website."""
        order = res.Order(
            subject=subject.name,
            service=subject.services[0].name,
            account=f"{self.api.parent}/accounts/{vendor}",
            type=res.ORDER_TYPE_FIRST_FILING,
            ips=["203.0.113.10"],
        )
        return orders.CreateOrderRequest(parent=self.api.parent, order=order, order_id=order_id)

    def draft(self, order_id: str, vendor: str, subject: res.Subject) -> res.Order:
        """The draft of a first filing of the subject's website."""
        made: res.Order = self.api.call(self.api.orders.CreateOrder, self.order(order_id, vendor, subject))
        return made

    def submit(self, order_id: str) -> res.Order:
        """Submits an order, or submits it again."""
        request = orders.SubmitOrderRequest(name=f"{self.api.parent}/orders/{order_id}")
        made: res.Order = self.api.call(self.api.orders.SubmitOrder, request)
        return made


@contextmanager
def world(
    directory: Path,
    *,
    trusted: Sequence[str] = (*VENDORS, "verification"),
    drain: float = 0.2,
    environment: Mapping[str, str] | None = None,
) -> Iterator[World]:
    """The deployment, for as long as the block runs; ``drain`` in seconds."""
    pace = {"poll_interval": 0.8, "signature_validity": 1.0, "visibility_delay": 1.0, "call_timeout": 1.0}
    engine = {"lease_seconds": 10.0, "overrides": dict.fromkeys(VENDORS, pace), "trusted": list(trusted)}
    setting = prepare(directory / "world", people=None, gateways=1, more={"engine": engine})
    more = {**(environment or {}), "BEIANHUB_GATEWAY__DRAIN_SECONDS": str(drain)}
    config = ("--config", str(setting.config_file))
    with (
        serving(directory, "up", "--sandbox", *config, name="up", more=more) as (process, said),
        Api.of(setting.directory, said["grpc"]) as api,
        closing(Sandbox(said["sandbox"])) as sandbox,
    ):
        for vendor in VENDORS:
            endpoint = f"{sandbox.url}/{vendor}/"
            account = res.Account(
                provider=vendor, endpoint=endpoint, credential=vendor, submission_channel=res.CHANNEL_API
            )
            request = admin.CreateAccountRequest(parent=api.parent, account=account, account_id=vendor)
            api.call(api.admin.CreateAccount, request)
        yield World(setting.directory, config, process, said, api, sandbox)
