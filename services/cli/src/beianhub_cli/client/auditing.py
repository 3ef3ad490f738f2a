"""``beianhub audit``: does every record equal the fold of its events?"""

from __future__ import annotations

from contextlib import aclosing

import typer

from beianhub.filing.v1 import admin_service_pb2 as pb
from beianhub_cli.client.command import Session, command
from beianhub_cli.client.errors import Exit
from beianhub_cli.client.output import Grid, Report, plain
from beianhub_core.names import last


def register(app: typer.Typer) -> None:
    """Adds the command to the root."""
    command(app, "audit", examples=["beianhub audit", "beianhub audit -o json"])(audit)


async def audit(session: Session) -> None:
    """Compare every record of the tenant with the fold of its events (对账). Exit code 1 if one differs."""
    request = pb.AuditRecordsRequest(parent=session.parent)
    unequal: list[pb.AuditRecordsResponse] = []
    total = pb.AuditRecordsResponse()
    stream = session.connection.stream(session.connection.admin.AuditRecords, request, bounded=True)
    with session.screen.err.status("comparing…") as status:
        async with aclosing(stream) as answers:
            async for answer in answers:
                if not answer.subject:
                    total = answer
                    continue
                status.update(f"comparing… {last(answer.subject)}")
                unequal += [] if answer.equal else [answer]
    document = {
        "records": total.records,
        "unequal": total.unequal,
        "equal": total.equal,
        "differences": [plain(each) for each in unequal],
    }
    verdict = Grid(("records", "unequal", "equal"), [(str(total.records), str(total.unequal), str(total.equal))])
    rows = [(last(each.subject), str(each.version), each.difference) for each in unequal]
    differences = [Grid(("subject", "version", "difference"), rows, "differences")] if rows else []
    session.screen.show(Report(document, [verdict, *differences]))
    if not total.equal:
        raise typer.Exit(Exit.OTHER)
