"""One signed request to Huawei's filing API, and what its answer means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from beianhub_huawei.form import ENTRIES
from beianhub_huawei.signing import sign
from beianhub_huawei.vocabulary import ERRORS, ID
from beianhub_sdk import HttpRequest, UnknownOutcomeError
from beianhub_sdk.vendor import ErrorClass, blocker, failure, reading, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_sdk import Call, HttpResponse

_BASE = "v1/icp"
_SUCCESS = range(200, 300)
_CLIENT_ERRORS = range(400, 500)
_THROTTLED = 429


def send(call: Call, method: str, *path: str, body: bytes = b"", **query: str) -> Mapping[str, Any]:
    """Sends one request to a resource, its path in parts, and returns the answer.

    Raises:
        PluginError: classed by the vendor's code; anything that is no answer of the API leaves the outcome unknown.
    """
    url = "/".join((call.assignment.account.endpoint.rstrip("/"), _BASE, *(quote(part, safe="~") for part in path)))
    url += f"?{urlencode(query, quote_via=quote)}" if query else ""
    request = HttpRequest(method, url, {"Content-Type": "application/json"}, body)
    answer = call.http.send(sign(request, call.credential, call.now))
    content = _content(answer)
    if answer.status in _SUCCESS and isinstance(content, dict):
        return content
    raise _failure(call, answer, content)


def _content(answer: HttpResponse) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _failure(call: Call, answer: HttpResponse, content: Any) -> Exception:
    if answer.status == _THROTTLED:
        return failure(ErrorClass.THROTTLED, retry_after=_retry_after(answer))
    if answer.status not in _CLIENT_ERRORS or not isinstance(content, dict) or "error_code" not in content:
        return UnknownOutcomeError("MALFORMED_ANSWER" if answer.status in _SUCCESS else f"HTTP_{answer.status}")
    kind = ERRORS.get(str(content["error_code"]), ErrorClass.UNKNOWN)
    findings = _findings(call, content) if kind is ErrorClass.REJECTED else []
    return failure(kind, retry_after=_retry_after(answer), findings=findings)


def _retry_after(answer: HttpResponse) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0


def _findings(call: Call, content: Mapping[str, Any]) -> list[Finding]:
    """One finding per field of `details`; else one with the message."""
    code = str(content["error_code"])
    with reading():
        named = {str(detail["field"]) for detail in content.get("details", ())}
    return [
        blocker(
            "PROVIDER_FIELD_REFUSED",
            f"华为云不接受“{entry.label}”",
            f"Huawei refuses the field {entry.key} ({code}).",
            path=entry.finding_path,
            rule=f"{ID}:{code}",
        )
        for entry in ENTRIES
        if entry.key in named
    ] or [refusal("PROVIDER_REJECTED", ID, code, str(content.get("error_msg", "")), call.assignment)]
