"""``beianhub risks`` and ``beianhub notice``: what can go wrong after a filing."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, choice, command
from beianhub_cli.client.errors import Exit

app = typer.Typer(help="Rectification notices (整改通知) on the record.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Adds ``risks`` to the root."""
    command(
        root,
        "risks",
        examples=[
            "beianhub risks",
            "beianhub risks --subject shili-keji -o json",
            "beianhub risks --severity BLOCKER --exit-code    # exit code 7 if there is one",
            "beianhub risks --kind 空壳网站 --kind FOOTER_WRONG --customer 示例集团 --all",
        ],
    )(risks)


async def risks(
    session: Session,
    *,
    subject: Annotated[str, typer.Option(help="Only this subject's.")] = "",
    customer: Annotated[str, typer.Option(help="Only this customer's.")] = "",
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only of this kind; may be repeated.")] = None,
    severity: Annotated[str, typer.Option(help="Only what weighs at least so much: INFO, WARNING or BLOCKER.")] = "",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 7 if a risk is shown, else with 0.")] = False,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List what can go wrong after the filing (风险), of one subject or of all, with what to do and until when."""
    kinds = [cast("res.RiskKind.ValueType", choice(res.RiskKind.DESCRIPTOR, word, "kind")) for word in kind or ()]
    request = pb.ListRisksRequest(
        parent=session.parent,
        page_size=page_size,
        page_token=page_token,
        subject=session.name("subjects", subject) if subject else "",
        customer=customer,
        kinds=kinds,
    )
    if severity:
        request.severity = cast("res.Severity.ValueType", choice(res.Severity.DESCRIPTOR, severity, "severity"))
    answer = await session.page(session.connection.subjects.ListRisks, request, pb.ListRisksResponse, every=every)
    session.show(answer)
    if exit_code and answer.risks:
        raise typer.Exit(Exit.NO)


@command(
    app,
    "report",
    mutates=True,
    examples=[
        "beianhub notice report shili-keji --kind FOOTER_NUMBER --due 2026-12-01 --service www --provider aliyun"
    ],
)
async def report(
    session: Session,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject's id or full name.")],
    *,
    kind: Annotated[str, typer.Option(help="What it is about, such as FOOTER_LINK or 空壳网站.")],
    due: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Its last day in China, if it names one.")] = "",
    service: Annotated[str, typer.Option(help="The service that it is about; the whole subject if not given.")] = "",
    provider: Annotated[str, typer.Option(help="Who sent it.")] = "",
    reference: Annotated[str, typer.Option(help="How the sender knows it, such as its number; no names.")] = "",
) -> None:
    """Put a rectification notice (整改通知) on the record. It is a risk, with its date, until it is resolved.

    The same notice once more takes over its date.
    """
    name = session.name("subjects", subject)
    notice = res.Notice(
        kind=cast("res.NoticeKind.ValueType", choice(res.NoticeKind.DESCRIPTOR, kind, "kind")),
        service=service if "/" in service or not service else f"{name}/services/{service}",
        provider=provider,
        reference=reference,
        due_date=due,
    )
    request = pb.ReportNoticeRequest(parent=name, notice=notice)
    session.show(await session.connection.call(session.connection.subjects.ReportNotice, request))


@command(
    app,
    "resolve",
    mutates=True,
    examples=["beianhub notice resolve tenants/default/subjects/shili-keji/notices/01a2…", "beianhub subject get S"],
)
async def resolve(
    session: Session,
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help="Its full name, or SUBJECT/NOTICE.")],
) -> None:
    """Take a notice off the record: it was met, or taken back (办结)."""
    subject, _, id_ = notice.partition("/")
    name = notice if notice.startswith("tenants/") else f"{session.parent}/subjects/{subject}/notices/{id_}"
    request = pb.ResolveNoticeRequest(name=name)
    session.show(await session.connection.call(session.connection.subjects.ResolveNotice, request))
