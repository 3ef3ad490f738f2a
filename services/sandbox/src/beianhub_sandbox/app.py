"""The ASGI application: every system of the sandbox under one port."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from beianhub_sandbox import admin, console, miit
from beianhub_sandbox.sandbox import Sandbox
from beianhub_sandbox.vendors import aliyun, huawei, tencent
from beianhub_sandbox.web import http_problem
from beianhub_sandbox.wire import TRANSPORT, ConnectionCut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from beianhub_sandbox.settings import Settings


class SandboxApp(Starlette):
    """Starlette, which also hands the connection's transport to the scripts that cut connections."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's message; a cut connection gets no answer."""
        # uvicorn's `send` is a method of its request cycle, which owns the transport; ASGI has no other way.
        scope[TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)
        with contextlib.suppress(ConnectionCut):
            await super().__call__(scope, receive, send)


def create_app(settings: Settings) -> Starlette:
    """The application with its own ledger; its lifespan runs the ticker and closes the state file."""
    sandbox = Sandbox(settings)
    parts = (tencent, aliyun, huawei, console, miit, admin)
    app = SandboxApp(
        routes=[route for part in parts for route in part.routes(sandbox)],
        exception_handlers={HTTPException: http_problem},
        lifespan=lambda _app: _lifespan(sandbox),
    )
    app.router.redirect_slashes = False
    app.state.sandbox = sandbox
    return app


@contextlib.asynccontextmanager
async def _lifespan(sandbox: Sandbox) -> AsyncIterator[None]:
    ticker = asyncio.create_task(sandbox.run())
    try:
        yield
    finally:
        ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticker
        await sandbox.close()
