"""``beianhub task``: the work of plugins, as an operator sees it."""

from __future__ import annotations

from typing import Annotated

import typer

from beianhub.filing.v1 import task_service_pb2 as pb
from beianhub.resources.v1.task_pb2 import Task, TaskKind
from beianhub_cli.client import words
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, choice, command

app = typer.Typer(help="Tasks of plugins (任务).", no_args_is_help=True)
TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The task's id or full name.")]
_KINDS = ", ".join(words.known(TaskKind.DESCRIPTOR))
_STATES = ", ".join(words.known(Task.State.DESCRIPTOR))


@command(app, "list", examples=["beianhub task list --state OPEN --kind SUBMIT"])
async def list_(
    session: Session,
    *,
    kind: Annotated[list[str] | None, typer.Option(help=f"Only of this kind, may be repeated: {_KINDS}.")] = None,
    state: Annotated[list[str] | None, typer.Option(help=f"Only in this state, may be repeated: {_STATES}.")] = None,
    order: Annotated[str, typer.Option(help="Only this order's.")] = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List tasks in order of creation, with their last error."""
    request = pb.ListTasksRequest(
        parent=session.parent,
        page_size=page_size,
        page_token=page_token,
        kinds=[TaskKind.ValueType(choice(TaskKind.DESCRIPTOR, word, "kind")) for word in kind or ()],
        states=[Task.State.ValueType(choice(Task.State.DESCRIPTOR, word, "state")) for word in state or ()],
        order=session.name("orders", order) if order else "",
    )
    session.show(await session.page(session.connection.tasks.ListTasks, request, pb.ListTasksResponse, every=every))


@command(app, "retry", mutates=True, examples=["beianhub task retry 0198…"])
async def retry(session: Session, task: TaskId) -> None:
    """Make an open task due at once, whatever its back-off."""
    request = pb.RetryTaskRequest(name=session.name("tasks", task))
    session.show(await session.connection.call(session.connection.tasks.RetryTask, request))


@command(app, "give-up", mutates=True, examples=['beianhub task give-up 0198… --reason "供应商已停用该账号"'])
async def give_up(
    session: Session, task: TaskId, *, reason: Annotated[str, typer.Option(help="Why; no personal data.")]
) -> None:
    """Give an open task up and return its order; not possible while its outcome at the vendor is in doubt."""
    request = pb.GiveUpTaskRequest(name=session.name("tasks", task), reason=reason)
    session.show(await session.connection.call(session.connection.tasks.GiveUpTask, request))
