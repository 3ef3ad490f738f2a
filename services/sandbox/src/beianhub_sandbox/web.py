"""Small helpers for the unsigned JSON routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; HTTP 400 otherwise."""
    try:
        document = json.loads(await request.body() or b"{}")
    except ValueError:
        raise HTTPException(400, "the body is not JSON") from None
    if not isinstance(document, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return document


async def http_problem(_request: Request, problem: Exception) -> Response:
    """An HTTPException as JSON."""
    if not isinstance(problem, HTTPException):
        raise problem
    return JSONResponse({"error": problem.detail}, problem.status_code)
