"""The command: plans by itself, or over the API for a subject of ours, whose plan it can apply."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from beianhub_cli.client.command import Session, command
from beianhub_cli.client.errors import Exit, several
from beianhub_cli.client.output import Report, Screen
from beianhub_cli.config import load
from beianhub_cli.plan.files import read_request
from beianhub_cli.plan.through import Wanted, apply_plan, show_plan
from beianhub_cli.plan.views import grids
from beianhub_core.domain.periods import BEIJING
from beianhub_core.planner import Answer, Request, plan
from beianhub_core.rulebook import PackError, Rulebook, load_rulebook

_EXAMPLES: Final = (
    "beianhub plan -f situation.yaml -o json",
    "beianhub plan -f situation.yaml --subject shili-keji",
    "beianhub plan -f situation.yaml --apply --subject shili-keji --account aliyun-main --submit-when-released",
    "beianhub plan -f move.yaml --apply --subject shili-keji --target-subject yanshi-wangluo --account huawei-main",
)

File = Annotated[str, typer.Option("--file", "-f", help="The situation and the wish, as YAML or JSON; - reads stdin.")]
Packs = Annotated[list[Path] | None, typer.Option("--pack", help="One more rule pack, loaded after the built-in ones.")]


def register(app: typer.Typer) -> None:
    """Adds ``plan``."""
    command(app, "plan", mutates=True, examples=_EXAMPLES, at_home=_plan_at_home)(plan_file)


async def plan_file(  # noqa: PLR0913 - each parameter is an option of the command
    session: Session,
    *,
    file: File,
    pack: Packs = None,  # noqa: ARG001 - the gateway plans by its own rules
    subject: Annotated[str, typer.Option(help="A subject of ours: what its record knows need not be said.")] = "",
    service: Annotated[str, typer.Option(help="With --subject: the service's id.")] = "",
    domain: Annotated[str, typer.Option(help="With --subject: one of the service's domains, in place of its id.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Draft the plan's orders, linked, all or none.")] = False,
    account: Annotated[
        list[str] | None, typer.Option(help="With --apply: where to file; one for each provider of the plan.")
    ] = None,
    values: Annotated[
        Path | None, typer.Option(help="With --apply: what a change is to make of it: profile and service, as YAML.")
    ] = None,
    ip: Annotated[list[str] | None, typer.Option(help="With --apply: a server's public address.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="With --apply: a document's id.")] = None,
    target_subject: Annotated[
        str,
        typer.Option(help="With --subject: of MOVE_SERVICE_TO_SUBJECT, the subject of ours that takes the service."),
    ] = "",
    target_account: Annotated[
        str,
        typer.Option(
            help="With --apply: of TRANSFER_ACCOUNT, and of MIGRATE_SERVICE where the target's record names none, the "
            "account to go to."
        ),
    ] = "",
    submit_when_released: Annotated[
        bool, typer.Option("--submit-when-released", help="With --apply: what waits goes out once it is released.")
    ] = False,
) -> None:
    """Plan the orders (备案订单) that fulfil a wish: steps in sequence, findings with their sources, questions.

    The file holds `situation`, `wish` and, where something changes, `change`. Without --subject no gateway is needed.
    A plan with a blocker is a plan, too, and ends with 0; only an input that cannot be read ends with 4. Where the
    situation does not say today's date, it is today's in China.

    With --apply the plan's orders are drafted, unless something stands against it or decides about them and is not
    known. Each waits for those before it; submit the first with `beianhub order submit`.
    """
    wanted = Wanted(
        request=_readable(session.screen, file),
        subject=subject,
        service=service,
        domain=domain,
        accounts=account or [],
        values=values,
        ips=ip or [],
        documents=document or [],
        target_subject=target_subject,
        target_account=target_account,
        submit_when_released=submit_when_released,
    )
    await (apply_plan if apply else show_plan)(session, wanted)


def _plan_at_home(
    screen: Screen,
    *,
    config: Path | None,
    file: str,
    pack: list[Path] | None,
    subject: str,
    target_subject: str,
    apply: bool,
    **_: Any,
) -> bool:
    """Plans without a gateway; not where the record is to be asked, or changed."""
    if apply and not subject:
        raise typer.BadParameter("is required with --apply", param_hint="--subject")
    if target_subject and not subject:
        raise typer.BadParameter("is required with --target-subject", param_hint="--subject")
    if subject and pack:
        raise typer.BadParameter("is for a plan without --subject: the gateway has its own rules", param_hint="--pack")
    if subject:
        return False
    book = _book(pack or [])
    request = _readable(screen, file)
    calendar = load(config).calendar.calendar()
    answer = plan(_dated(request), request.wish, request.change, book, calendar)
    screen.show(Report(answer.document(), grids(answer)))
    return True


def _readable(screen: Screen, file: str) -> Request:
    """The request; of one that cannot be read the findings are shown, and the command ends."""
    request = read_request(file)
    if isinstance(request, Answer):
        screen.show(Report(request.document(), grids(request)))
        raise typer.Exit(Exit.INVALID)
    return request


def _dated(request: Request) -> Any:
    situation = request.situation
    if situation.today is not None:
        return situation
    return situation.model_copy(update={"today": datetime.now(UTC).astimezone(BEIJING).date()})


def _book(packs: list[Path]) -> Rulebook:
    try:
        return load_rulebook(packs)
    except PackError as error:
        raise several(error.findings) from None
