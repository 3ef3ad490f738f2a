"""What cases of a provider do again and again: submit, wait, listen to the vendor's callbacks."""

from __future__ import annotations

import itertools
import os
import queue
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk.call import Call, CallbackRequest
from beianhub_sdk.testing.bench import Bench, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub_sdk.provider import Accepted, FiledService, FiledSubject, OrderStatus, Provider


# Numbers of companies that nobody else uses.
numbers = itertools.count(os.getpid() * 1000)


def submit(provider: Provider, bench: Bench, assignment: TaskAssignment, **changes: Any) -> Accepted:
    """Renders the order, and submits it; the assignment then knows the vendor's number."""
    call: Call = bench.call(assignment, **changes)
    assignment.request = provider.render(assignment, provider.prepare(assignment))
    accepted = provider.submit(call)
    assignment.order.provider_order_id = accepted.provider_order_id
    return accepted


def lists_nothing(provider: Provider) -> bool:
    """Whether the vendor has no list of what is filed."""
    lines = [line for line in provider.manifest.capabilities if line.operation == pb.OPERATION_LIST_FILINGS]
    return all(line.channel != pb.CHANNEL_API for line in lines)


def filed(provider: Provider, bench: Bench, domain: str) -> list[tuple[FiledSubject, FiledService]]:
    """What the vendor's copy has of the domain."""
    filings = provider.list_filings(bench.call(TaskAssignment()))
    return [(subject, service) for subject in filings for service in subject.services if domain in service.domains]


def until(provider: Provider, bench: Bench, assignment: TaskAssignment, state: pb.OrderState.ValueType) -> OrderStatus:
    """The status, once the order is in the state."""
    status: OrderStatus = eventually(
        lambda status: status.state == state, lambda: provider.query(bench.call(assignment))
    )
    return status


def facet_of(status: OrderStatus, kind: pb.VerificationKind.ValueType) -> pb.Verification:
    """The verification of the kind."""
    return next(facet for facet in status.verifications if facet.kind == kind)


def posted(provider: Provider, bench: Bench, assignment: TaskAssignment) -> Iterator[CallbackRequest]:
    """Submits with a callback's address, and gives what the vendor posts there until the order is filed."""
    received: queue.Queue[CallbackRequest] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.put(CallbackRequest(headers, body, datetime.now(UTC)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        assignment.callback_url = f"http://127.0.0.1:{server.server_address[1]}/callback"
        submit(provider, bench, assignment)
        until(provider, bench, assignment, pb.ORDER_STATE_FILED)
        yield received.get(timeout=5)
        while not received.empty():
            yield received.get()
        server.shutdown()
