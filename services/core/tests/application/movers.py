"""Two filed companies of one tenant, and what moves a service from the first to the second."""

from __future__ import annotations

from typing import Any

from beianhub.filing.v1 import admin_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core.application import sealing

from .conftest import PARENT, Desk, enterprise, provider

NUMBERS = ("京ICP备2026000001号", "京ICP备2026000002号")
MOVED = f"{NUMBERS[1]}-2"


class Movers:
    """Two filed companies at ``sim``, each with its own account, and an order that moves the first one's site."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.subjects: list[res.Subject] = []

    async def set_up(self, customers: tuple[str, str] = ("", "")) -> None:
        await self.desk.app.admin.register_plugins([_asking()])
        for number, customer in enumerate(customers):
            account = res.Account(
                provider="sim", submission_channel=res.CHANNEL_API, credential="c", endpoint="http://127.0.0.1:9/"
            )
            request = admin_service_pb2.CreateAccountRequest(parent=PARENT, account_id=f"sim-{number}", account=account)
            await self.desk.app.admin.create_account(self.desk.owner, request)
            given = enterprise(number)
            given.customer = customer
            given.licence_number = NUMBERS[number]
            given.services[0].licence_number = f"{NUMBERS[number]}-1"
            given.services[0].name = f"{PARENT}/subjects/s{number}/services/main"
            given.services[0].principal.mobile = f"1370000000{number}"
            given.services[0].accesses.add(provider="sim", account=f"{PARENT}/accounts/sim-{number}", ips=["8.8.8.8"])
            create = subject_service_pb2.CreateSubjectRequest(parent=PARENT, subject=given, subject_id=f"s{number}")
            self.subjects.append(await self.desk.app.subjects.create_subject(self.desk.owner, create))

    async def draft(self, **fields: Any) -> str:
        fields = {"target_subject": self.subjects[1].name, "target_account": f"{PARENT}/accounts/sim-1"} | fields
        return await self.desk.draft(
            self.subjects[0], account="sim-0", order_id="m1", type=res.ORDER_TYPE_MIGRATE_SERVICE, ips=[], **fields
        )

    async def accepted(self) -> str:
        name = await self.draft()
        await self.desk.submit(name)
        (assignment,) = await self.desk.claim()
        await self.desk.pin(assignment.task)
        await self.desk.report(assignment.task, accepted=task_pb2.TaskOutcome.Accepted(provider_order_id="V-1"))
        return name

    async def filed(self) -> str:
        name = await self.accepted()
        (query,) = await self.desk.claim()
        await self.desk.report(query.task, status=filing())
        return name

    async def plain(self, number: int) -> res.Subject:
        """The values that the vault has for the record as it now is."""
        record = await self.desk.app.subjects.record(self.desk.owner, f"{PARENT}/subjects/s{number}", "name")
        return await sealing.unseal(self.desk.app.core, "acme", record.subject)


def filing() -> task_pb2.TaskOutcome.Status:
    """What the vendor shows of the migration that went through."""
    return task_pb2.TaskOutcome.Status(
        state=res.ORDER_STATE_FILED,
        provider_status="已备案",
        subject_licence_number=NUMBERS[1],
        service_licence_number=MOVED,
    )


def _asking() -> Any:
    """The provider, which asks for the target's values too."""
    plugin = provider("sim")
    plugin.personal_data.extend(["target.profile.certificate.number", "target.profile.principal.mobile"])
    return plugin
