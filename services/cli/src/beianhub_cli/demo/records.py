"""The end of the story: the unified records, as people read them and as machines compare them."""

from __future__ import annotations

import re
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from beianhub.filing.v1 import order_service_pb2, subject_service_pb2
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.demo.story import PROVIDERS, Story

_PAGE: Final = 1000


async def gather(story: Story) -> dict[str, Any]:
    """Each subject's record and orders, and the answers of CheckAccess before and after.

    Times and vendors' order numbers are left out: two runs of the story give the same records.
    """
    connection = story.connection
    subjects = []
    for subject_id in story.rows:
        name = f"{story.parent}/subjects/{subject_id}"
        get = subject_service_pb2.GetSubjectRequest(name=name)
        subject = await story.call(connection.subjects.GetSubject, get)
        listed = order_service_pb2.ListOrdersRequest(parent=story.parent, subject=name, page_size=_PAGE)
        orders = (await story.call(connection.orders.ListOrders, listed)).orders
        subjects.append({**_subject(subject), "orders": [_order(order) for order in orders]})
    return {"subjects": subjects, "access": story.answers}


def _subject(subject: res.Subject) -> dict[str, Any]:
    return {
        "name": subject.name,
        "customer": subject.customer,
        "title": subject.profile.title,
        "licence_number": subject.licence_number,
        "state": _word(res.SubjectState.Name(subject.state)),
        "services": [
            {
                "name": service.name,
                "title": service.title,
                "domains": list(service.domains),
                "licence_number": service.licence_number,
                "state": _word(res.ServiceState.Name(service.state)),
                "accesses": {access.provider: _word(res.AccessState.Name(access.state)) for access in service.accesses},
            }
            for service in subject.services
        ],
    }


def _order(order: res.Order) -> dict[str, Any]:
    return {
        "name": order.name,
        "type": _word(res.OrderType.Name(order.type)),
        "provider": order.provider,
        "channel": _word(res.Channel.Name(order.submission.channel)),
        "state": _word(res.OrderState.Name(order.state)),
        "generation": order.submission.generation,
    }


async def histories(story: Story) -> dict[str, list[str]]:
    """The names of each subject's events, in order. How many there are depends on what a poll happens to see."""
    found = {}
    for subject_id in story.rows:
        name = f"{story.parent}/subjects/{subject_id}"
        asked = subject_service_pb2.ListEventsRequest(parent=name, page_size=_PAGE)
        events = (await story.call(story.connection.subjects.ListEvents, asked)).events
        found[name] = [str(event.WhichOneof("payload")) for event in events]
    return found


def _word(name: str) -> str:
    return re.sub(r"^(SUBJECT|SERVICE|ACCESS|ORDER)_(STATE|TYPE)_|^CHANNEL_", "", name)


def show(final: dict[str, Any], history: dict[str, list[str]]) -> None:
    """Prints the records and their histories for a person."""
    console = Console(highlight=False)
    for subject in final["subjects"]:
        console.print(_tree(subject, history[subject["name"]]))
    console.print(_access_table(final["access"]))


def _tree(subject: dict[str, Any], history: list[str]) -> Tree:
    tree = Tree(f"[bold]{subject['title']}[/bold]  {subject['licence_number'] or '未备案'}  {subject['state']}")
    for service in subject["services"]:
        number = service["licence_number"] or "未备案"
        branch = tree.add(f"{service['title']}  {', '.join(service['domains'])}  {number}  {service['state']}")
        for provider, state in service["accesses"].items():
            branch.add(f"接入 {provider}: {state}")
    orders = tree.add("订单 orders")
    for order in subject["orders"]:
        orders.add(f"{order['name'].rpartition('/')[2]}  {order['type']} @ {order['provider']}: {order['state']}")
    numbered = ", ".join(f"[dim]{version}[/dim] {kind}" for version, kind in enumerate(history, 1))
    tree.add(f"事件历史 event history: {numbered}")
    return tree


def _access_table(answers: dict[str, dict[str, dict[str, str]]]) -> Table:
    table = Table("域名 domain", *PROVIDERS, title="可否上线 CheckAccess: before → after")
    for domain, by_provider in answers.items():
        cells = [f"{by_provider[p].get('before', '')} → {by_provider[p].get('after', '')}" for p in PROVIDERS]
        table.add_row(domain, *cells)
    return table
