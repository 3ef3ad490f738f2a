"""What happens on the wire: the raw request, scripted faults, and connections that are cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from starlette.responses import Response

from beianhub_sandbox.model import Behaviour, Scenario
from beianhub_sandbox.problems import Problem, Refused
from beianhub_sandbox.signatures import SignedRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

TRANSPORT = "beianhub_sandbox.transport"
"""The ASGI scope key under which `app.SandboxApp` leaves the connection's transport."""


class ConnectionCut(Exception):  # noqa: N818  not an error: the script wants it
    """The connection is gone; nobody waits for an answer."""


async def signed_request(request: Request) -> SignedRequest:
    """The request as signature verification needs it."""
    return SignedRequest(
        method=request.method,
        path=request.scope["raw_path"].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
    )


async def with_fault(
    fault: Scenario | None, request: Request, hang_seconds: float, answer: Callable[[], Response]
) -> Response:
    """Answer the request as the script wants it; None is an ordinary day.

    Raises:
        Refused: THROTTLED or INTERNAL, for the vendor to say in its own words.
        ConnectionCut: there is no connection left to answer on.
    """
    if fault is None:
        return answer()
    if fault.behaviour is Behaviour.RESET_BEFORE_ACCEPT:
        cut(request)
        raise ConnectionCut
    if fault.behaviour is Behaviour.THROTTLE_429:
        wait = fault.seconds or 1.0
        raise Refused(Problem.THROTTLED, f"{wait:g}", retry_after=wait)
    if fault.behaviour is Behaviour.SLOW:
        await asyncio.sleep(fault.seconds)
        return answer()
    if fault.behaviour is Behaviour.HTTP_500 and not fault.after_accept:
        raise Refused(Problem.INTERNAL)
    response = answer()
    if fault.behaviour is Behaviour.HTTP_500:
        raise Refused(Problem.INTERNAL)
    if fault.behaviour is Behaviour.TIMEOUT_AFTER_ACCEPT:
        await _hang(request, fault.seconds or hang_seconds)
        raise ConnectionCut
    return response


def cut(request: Request) -> None:
    """Reset the connection (RST), without an answer; nothing to do if the caller has gone."""
    transport: asyncio.Transport = request.scope[TRANSPORT]
    if transport.is_closing():
        return
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _hang(request: Request, seconds: float) -> None:
    """Keep silent until the caller gives up or the time is over, then cut the connection."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    cut(request)
