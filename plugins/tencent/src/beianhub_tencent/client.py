"""One signed request to Tencent's filing API, and what its answer means."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from beianhub_sdk import HttpRequest, RefusedError, UnknownOutcomeError
from beianhub_sdk.forms import mentioned
from beianhub_sdk.vendor import ErrorClass, blocker, failure, refusal
from beianhub_tencent.form import ENTRIES
from beianhub_tencent.signing import sign
from beianhub_tencent.vocabulary import ID, error_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_sdk import Call, HttpResponse

VERSION: Final = "2026-01-01"
_OK = 200
_THROTTLED = 429
_FIELD_ERRORS = frozenset({"MissingParameter", "UnknownParameter", "InvalidParameterValue", "InvalidParameter"})
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)秒")


def send(call: Call, action: str, body: bytes) -> Mapping[str, Any]:
    """Sends one action and returns the content of its ``Response``.

    Raises:
        PluginError: classed by the vendor's code; anything that is no answer of the API leaves the outcome unknown.
    """
    headers = {"Content-Type": "application/json", "X-TC-Action": action, "X-TC-Version": VERSION}
    url = call.assignment.account.endpoint.rstrip("/") + "/"
    request = HttpRequest("POST", url, headers, body)
    answer = call.http.send(sign(request, call.credential, call.now))
    content = _content(answer)
    error = content.get("Error")
    if error is None:
        return content
    raise _failure(call, str(error.get("Code", "")), str(error.get("Message", "")))


def ask(call: Call, action: str, **parameters: str) -> Mapping[str, Any]:
    """:func:`send` with parameters for a body."""
    return send(call, action, json.dumps(parameters, ensure_ascii=False).encode())


def _content(answer: HttpResponse) -> Mapping[str, Any]:
    if answer.status == _THROTTLED:
        raise RefusedError("THROTTLED")
    try:
        content = json.loads(answer.body)["Response"] if answer.status == _OK else None
    except (ValueError, LookupError, TypeError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("Error"), dict | None):
        raise UnknownOutcomeError("MALFORMED_ANSWER" if answer.status == _OK else f"HTTP_{answer.status}")
    return content


def _failure(call: Call, code: str, message: str) -> Exception:
    kind = error_class(code)
    seconds = _SECONDS.search(message)
    findings = _findings(call, code, message) if kind is ErrorClass.REJECTED else []
    return failure(kind, retry_after=float(seconds[1]) if seconds else 0.0, findings=findings)


def _findings(call: Call, code: str, message: str) -> list[Finding]:
    """One finding per field that the message names; else one with the message."""
    fields = mentioned(ENTRIES, message) if code in _FIELD_ERRORS else []
    return [
        blocker(
            "PROVIDER_FIELD_REFUSED",
            f"腾讯云不接受“{entry.label}”",
            f"Tencent refuses the field {entry.key} ({code}).",
            path=entry.finding_path,
            rule=f"{ID}:{code}",
        )
        for entry in fields
    ] or [refusal("PROVIDER_REJECTED", ID, code, message, call.assignment)]
