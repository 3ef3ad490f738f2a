"""Plans over the API: for a subject of ours, whose record is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.filing.v1.subject_service_pb2 import GetSubjectRequest
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.errors import local_failure
from beianhub_cli.client.messages import fill, load_yaml, read_bytes
from beianhub_cli.client.output import Report, plain
from beianhub_cli.client.views import grids as order_grids
from beianhub_cli.plan.views import grids
from beianhub_core.planner import messages
from beianhub_core.rules.domains import canonical_domain

if TYPE_CHECKING:
    from beianhub_cli.client.command import Session
    from beianhub_core.planner import Request


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked on the command line: names by id or in full, ``values`` an OrderChange as a YAML file."""

    request: Request
    subject: str
    service: str = ""
    domain: str = ""
    accounts: Sequence[str] = ()
    values: Path | None = None
    ips: Sequence[str] = ()
    documents: Sequence[str] = ()
    target_subject: str = ""
    target_account: str = ""
    submit_when_released: bool = False


async def show_plan(session: Session, wanted: Wanted) -> None:
    """The plan, filled up from the record."""
    request = await _asked(session, wanted)
    answer: pb.PlanResponse = await session.connection.call(session.connection.orders.Plan, request)
    plan = messages.answer(answer.plan)
    session.screen.show(Report(plan.document(), grids(plan)))


async def apply_plan(session: Session, wanted: Wanted) -> None:
    """The plan's orders, drafted, and what is left to people."""
    name = session.name("subjects", wanted.subject)
    request = pb.ApplyPlanRequest(
        plan=await _asked(session, wanted),
        accounts=[session.name("accounts", each) for each in wanted.accounts],
        new_values=_values(wanted.values),
        ips=wanted.ips,
        documents=[each if "/" in each else f"{name}/documents/{each}" for each in wanted.documents],
        target_account=session.name("accounts", wanted.target_account) if wanted.target_account else "",
        submit_when_released=wanted.submit_when_released,
    )
    answer: pb.ApplyPlanResponse = await session.connection.call(session.connection.orders.ApplyPlan, request)
    plan = messages.answer(answer.plan)
    document: dict[str, Any] = {"orders": [plain(order) for order in answer.orders], **plan.document()}
    for step, made in zip(document["steps"], answer.plan.steps, strict=True):
        step["order"] = made.order
    session.screen.show(Report(document, [*order_grids(*answer.orders), *grids(plan)]))


async def _asked(session: Session, wanted: Wanted) -> pb.PlanRequest:
    request = pb.PlanRequest(
        parent=session.parent,
        subject=session.name("subjects", wanted.subject),
        situation=messages.situation_message(wanted.request.situation),
        wish=planning.Wish.Value(f"WISH_{wanted.request.wish}"),
        change=[planning.ChangeField.Value(f"CHANGE_FIELD_{field}") for field in wanted.request.change],
        target_subject=session.name("subjects", wanted.target_subject) if wanted.target_subject else "",
    )
    asked = GetSubjectRequest(name=request.subject)
    subject: res.Subject = await session.connection.call(session.connection.subjects.GetSubject, asked)
    request.service = _service(subject, wanted)
    return request


def _service(subject: res.Subject, wanted: Wanted) -> str:
    """The service that the wish is about: the one named, the one with its domain, or the only one; else ""."""
    if wanted.service:
        return wanted.service if "/" in wanted.service else f"{subject.name}/services/{wanted.service}"
    domain = canonical_domain(wanted.domain or wanted.request.situation.domain.name or "")
    found = [service.name for service in subject.services if domain in service.domains]
    if wanted.domain and not found:
        known = ", ".join(each for service in subject.services for each in service.domains)
        raise local_failure(
            "SERVICE_NOT_FOUND",
            "domain",
            "主体下没有此域名的服务",
            "the subject has no service with this domain",
            f"写明其中一个域名：{known or '无'}。 / Name one of its domains: {known or 'it has none'}.",
        )
    only = [service.name for service in subject.services] if not domain else []
    return next(iter(found), only[0] if len(only) == 1 else "")


def _values(file: Path | None) -> res.OrderChange:
    """The new values in the file; it names what changes by what it says."""
    change = res.OrderChange()
    if file is not None:
        change.paths[:] = fill(change, load_yaml(read_bytes(file), str(file)), str(file))
    return change
