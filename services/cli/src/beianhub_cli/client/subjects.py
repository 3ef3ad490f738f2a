"""``beianhub subject``: subjects with their services, the reseller's portfolio, and the history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.field_mask_pb2 import FieldMask
from rich.progress import Progress

from beianhub.filing.v1 import subject_service_pb2 as pb
from beianhub.resources.v1.resources_pb2 import DomainRegistration, Subject
from beianhub_cli.client.command import AllPages, PageSize, PageToken, Session, command
from beianhub_cli.client.errors import Exit, local_failure
from beianhub_cli.client.importing import Mode, import_portfolio
from beianhub_cli.client.messages import fill, load_yaml, read_bytes
from beianhub_cli.client.portfolio import parse
from beianhub_core.rules.domains import canonical_domain

app = typer.Typer(help="Subjects (主体) with their services: the unified filing record.", no_args_is_help=True)
SubjectId = Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject's id or full name.")]
SubjectFile = Annotated[Path, typer.Option("--file", "-f", help="The subject as YAML or JSON; - is stdin.")]


@command(
    app,
    "create",
    mutates=True,
    examples=["beianhub subject create -f subject.yaml --id shili-keji", "cat s.json | beianhub subject create -f -"],
)
async def create(
    session: Session,
    *,
    file: SubjectFile,
    id_: Annotated[str, typer.Option("--id", help="The subject's id; the server chooses one if not given.")] = "",
) -> None:
    """Create a subject (新建主体) from a file with the fields of Subject: customer, profile, services.

    Enum values may be short (ENTERPRISE) or Chinese (企业). A file of `subject get -o yaml` shows the form.
    """
    subject = Subject()
    fill(subject, load_yaml(read_bytes(file), str(file)), str(file))
    request = pb.CreateSubjectRequest(parent=session.parent, subject=subject, subject_id=id_)
    session.show(await session.connection.call(session.connection.subjects.CreateSubject, request))


@command(app, "get", examples=["beianhub subject get shili-keji", "beianhub subject get shili-keji -o json"])
async def get(session: Session, subject: SubjectId) -> None:
    """Show the unified record of a subject, with masks for personal data."""
    request = pb.GetSubjectRequest(name=session.name("subjects", subject))
    session.show(await session.connection.call(session.connection.subjects.GetSubject, request))


@command(app, "list", examples=["beianhub subject list --customer 示例集团", "beianhub subject list --domain a.com"])
async def list_(
    session: Session,
    *,
    customer: Annotated[str, typer.Option(help="Only this customer's.")] = "",
    domain: Annotated[str, typer.Option(help="Only the subject with this domain.")] = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """List subjects in order of creation."""
    request = pb.ListSubjectsRequest(
        parent=session.parent, page_size=page_size, page_token=page_token, customer=customer, domain=domain
    )
    session.show(
        await session.page(session.connection.subjects.ListSubjects, request, pb.ListSubjectsResponse, every=every)
    )


@command(
    app,
    "update",
    mutates=True,
    examples=[
        "beianhub subject update shili-keji -f change.yaml",
        "beianhub subject update shili-keji -f change.yaml --mask profile.address",
    ],
)
async def update(
    session: Session,
    subject: SubjectId,
    *,
    file: SubjectFile,
    mask: Annotated[str, typer.Option(help="Paths to change, by commas; those in the file if not given.")] = "",
    etag: Annotated[str, typer.Option(help="Only if the subject is still the one that was read.")] = "",
) -> None:
    """Change a subject's data (修改主体): only the fields in the file.

    A service in the file with a `name` replaces that service whole; one without is added.
    """
    changed = Subject()
    paths = fill(changed, load_yaml(read_bytes(file), str(file)), str(file))
    changed.name = session.name("subjects", subject)
    changed.etag = etag
    given = [path.strip() for path in mask.split(",") if path.strip()]
    request = pb.UpdateSubjectRequest(subject=changed, update_mask=FieldMask(paths=given or paths))
    session.show(await session.connection.call(session.connection.subjects.UpdateSubject, request))


@command(
    app,
    "import",
    mutates=True,
    examples=[
        "beianhub subject import samples/portfolio.csv",
        "beianhub subject import 客户清单.csv --dry-run -o json",
        "beianhub subject import 客户清单.csv --update",
    ],
)
async def import_(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8 or GB 18030; one row per site; - is stdin.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Take over what differs from the record.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also if it changes more than 30 % of the subjects that are there.")
    ] = False,
) -> None:
    """Import a portfolio (导入客户清单). Good rows go in; each mistake is named with row and column; exit code 4 then.

    Running it again changes nothing, or adds the rows that were corrected or are new. A row that differs from the
    record is shown field by field and changes nothing, unless you say --update; an empty cell says nothing.
    """
    portfolio = parse(read_bytes(file))
    for note in portfolio.notes:
        session.screen.note(note, "yellow")
    with Progress(console=session.screen.err, transient=True) as progress:
        bar = progress.add_task("importing", total=len(portfolio.entries))
        imported = await import_portfolio(
            session.connection,
            session.parent,
            portfolio,
            Mode(update=update, force=force, dry_run=dry_run),
            lambda done: progress.advance(bar, done),
        )
    session.screen.show(imported.report())
    if dry_run:
        session.screen.note("a dry run: nothing was changed", "yellow")
    if imported.faults:
        rows = len({fault.row for fault in imported.faults})
        session.screen.note(f"{rows} row(s) were not imported; correct them and import the file again", "yellow")
        raise typer.Exit(Exit.INVALID)


@command(app, "history", examples=["beianhub subject history shili-keji --all"])
async def history(
    session: Session,
    subject: SubjectId,
    *,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    every: AllPages = False,
) -> None:
    """Show a subject's events, oldest first (历史)."""
    request = pb.ListEventsRequest(parent=session.name("subjects", subject), page_size=page_size, page_token=page_token)
    session.show(
        await session.page(session.connection.subjects.ListEvents, request, pb.ListEventsResponse, every=every)
    )


@command(
    app,
    "domain",
    mutates=True,
    examples=["beianhub subject domain shili-keji shili-keji.com --expires 2028-05-01 --holder-matches --real-name"],
)
async def domain_(
    session: Session,
    subject: SubjectId,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="One of the subject's domains.")],
    *,
    expires: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Its last day (域名到期日).")] = "",
    holder_matches: Annotated[
        bool | None, typer.Option(help="Whether its holder is the subject, or one whom the province admits.")
    ] = None,
    real_name: Annotated[bool | None, typer.Option(help="Whether its holder's real name is verified.")] = None,
) -> None:
    """Say what is known of a domain's registration (域名注册), such as its last day after a renewal."""
    name = session.name("subjects", subject)
    known = await session.connection.call(session.connection.subjects.GetSubject, pb.GetSubjectRequest(name=name))
    told = DomainRegistration(domain=canonical_domain(domain) or domain, expires_on=expires)
    if holder_matches is not None:
        told.holder_matches = holder_matches
    if real_name is not None:
        told.real_name_verified = real_name
    request = pb.ReportRegistrationRequest(parent=_service_of(known, told.domain), registration=told)
    session.show(await session.connection.call(session.connection.subjects.ReportRegistration, request))


def _service_of(subject: Subject, domain: str) -> str:
    """The name of the service with the domain. Raises CommandError."""
    found = next((service.name for service in subject.services if domain in service.domains), "")
    if found:
        return found
    domains = "、".join(each for service in subject.services for each in service.domains)
    raise local_failure(
        "SERVICE_NOT_FOUND",
        "domain",
        "主体下没有此域名的服务",
        "the subject has no service with this domain",
        f"写明其中一个域名：{domains or '无'}。 / Name one of its domains: {domains or 'it has none'}.",
    )
