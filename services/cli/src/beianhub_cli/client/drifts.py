"""``beianhub drift``: where a provider's copy of a filing differs from our record, and taking it over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Final

import typer

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.filing.v1 import task_service_pb2
from beianhub.resources.v1.drift_pb2 import Drift
from beianhub.resources.v1.task_pb2 import Task
from beianhub_cli.client import words
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, command
from beianhub_cli.client.errors import Exit, local_failure
from beianhub_cli.client.output import Grid, Report, plain
from beianhub_cli.client.views import moment, table
from beianhub_core.names import last

app = typer.Typer(help="Drifts (漂移) between our record and a provider's copy.", no_args_is_help=True)
DriftId = Annotated[str, typer.Argument(metavar="DRIFT", help="The drift's id or full name.")]
_UNDER_WAY: Final = (Task.STATE_OPEN, Task.STATE_CLAIMED)
_PAUSE: Final = 0.3


@command(
    app,
    "detect",
    examples=["beianhub drift detect --wait", "beianhub drift detect --account aliyun-main", "beianhub drift list"],
)
async def detect(
    session: Session,
    *,
    account: Annotated[list[str] | None, typer.Option(help="Only this account, may be repeated.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all is read, then list the drifts.")] = False,
    patience: Annotated[
        float, typer.Option(min=0.0, help="With --wait: seconds to wait at most; 0 is no end.")
    ] = 120.0,
) -> None:
    """Have the accounts' filings read from their providers (读取接入商备案信息) and compared; nothing is changed.

    It answers at once with a task for each account that can be read, and says why of the others.
    """
    names = [session.name("accounts", one) for one in account or ()]
    request = pb.DetectDriftRequest(parent=session.parent, accounts=names)
    answer = await session.connection.call(session.connection.subjects.DetectDrift, request)
    if not wait:
        tables = [table(answer.tasks, "readings")] + ([table(answer.findings, "not read")] if answer.findings else [])
        session.screen.show(Report(plain(answer), tables))
        return
    for finding in answer.findings:
        session.screen.note(f"{last(finding.path)} is not read: {finding.message_en}", "yellow")
    await _ended(session, answer.tasks, patience)
    every = pb.ListDriftsRequest(parent=session.parent)
    _show(session, await session.page(session.connection.subjects.ListDrifts, every, pb.ListDriftsResponse, every=True))


@command(app, "list", examples=["beianhub drift list", "beianhub drift list --subject shili-keji -o json"])
async def list_(
    session: Session,
    *,
    subject: Annotated[str, typer.Option(help="Only this subject's.")] = "",
    provider: Annotated[str, typer.Option(help="Only this provider's, such as aliyun.")] = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List what the last reading of each account found and nobody has applied, field by field."""
    request = pb.ListDriftsRequest(
        parent=session.parent,
        page_size=page_size,
        page_token=page_token,
        subject=session.name("subjects", subject) if subject else "",
        provider=provider,
    )
    _show(
        session, await session.page(session.connection.subjects.ListDrifts, request, pb.ListDriftsResponse, every=every)
    )


@command(app, "get", examples=["beianhub drift get 0198…"])
async def get(session: Session, drift: DriftId) -> None:
    """Show one drift."""
    request = pb.GetDriftRequest(name=session.name("drifts", drift))
    found = await session.connection.call(session.connection.subjects.GetDrift, request)
    session.screen.show(Report(plain(found), [_grid([found])]))


@command(app, "apply", mutates=True, examples=["beianhub drift apply 0198…"])
async def apply(session: Session, drift: DriftId) -> None:
    """Take the provider's values over into our record (以接入商为准), of the fields marked yes; shows what it is then.

    Refused while an order of the subject is in flight, and when the record has changed there since the reading.
    """
    request = pb.ApplyDriftRequest(name=session.name("drifts", drift))
    session.show(await session.connection.call(session.connection.subjects.ApplyDrift, request))


async def _ended(session: Session, tasks: Sequence[Task], patience: float) -> None:
    """Waits until every reading has ended. Raises CommandError where one was refused, or is not done in time."""
    waiting = {task.name for task in tasks}
    failed: list[Task] = []
    try:
        async with asyncio.timeout(patience or None):
            with session.screen.err.status(f"reading {len(waiting)} account(s)"):
                while waiting:
                    for name in sorted(waiting):
                        request = task_service_pb2.GetTaskRequest(name=name)
                        task = await session.connection.call(session.connection.tasks.GetTask, request)
                        waiting -= {name} if task.state not in _UNDER_WAY else set()
                        failed += [task] if task.state == Task.STATE_CLOSED else []
                    await asyncio.sleep(_PAUSE if waiting else 0)
    except TimeoutError:
        raise _unread("READING_UNDER_WAY", "尚未读完", "is not read yet", waiting, Exit.UNAVAILABLE) from None
    if failed:
        reasons = {f"{last(task.account)}: {task.last_error}" for task in failed}
        raise _unread("READING_REFUSED", "接入商拒绝读取", "was refused by its provider", reasons, Exit.INVALID)


def _unread(code: str, zh: str, en: str, which: Iterable[str], exit_: Exit) -> Exception:
    listed = ", ".join(sorted(which))
    return local_failure(
        code,
        "account",
        f"{zh}：{listed}",
        f"{en}: {listed}",
        "请查看 beianhub task list。 / See beianhub task list.",
        exit_,
    )


def _show(session: Session, answer: pb.ListDriftsResponse) -> None:
    session.screen.show(Report(plain(answer), [_grid(answer.drifts)]))
    if answer.next_page_token:
        session.screen.note(f"more: --page-token {answer.next_page_token}, or --all")


def _grid(drifts: Iterable[Drift]) -> Grid:
    """One row a difference."""
    header = ("drift", "subject", "provider", "what", "field", "record", "provider's copy", "applies", "read")
    rows = [
        (
            last(drift.name),
            last(drift.subject) or drift.licence_number,
            drift.provider,
            words.say(Drift.Kind.DESCRIPTOR, drift.kind),
            " ".join(part for part in (last(each.service), each.path) if part),
            each.ours,
            each.theirs,
            "yes" if each.authoritative else "",
            moment(drift.read_time),
        )
        for drift in drifts
        for each in drift.differences
    ]
    return Grid(header, rows)
