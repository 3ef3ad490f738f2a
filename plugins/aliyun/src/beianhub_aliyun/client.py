"""One signed request to Aliyun's filing API, and what its answer means."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from beianhub_aliyun.form import ENTRIES
from beianhub_aliyun.signing import sign
from beianhub_aliyun.vocabulary import ID, error_class
from beianhub_sdk import HttpRequest, UnknownOutcomeError
from beianhub_sdk.forms import mentioned
from beianhub_sdk.vendor import ErrorClass, blocker, failure, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_sdk import Call, HttpResponse

VERSION: Final = "2026-01-01"
_OK = 200
_CLIENT_ERRORS = range(400, 500)
_THROTTLED = 429


def send(call: Call, action: str, body: bytes, version: str = VERSION) -> Mapping[str, Any]:
    """Sends one action of a product's ``version`` and returns its answer.

    Raises:
        PluginError: classed by the vendor's code; anything that is no answer of the API leaves the outcome unknown.
    """
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Acs-Action": action,
        "X-Acs-Version": version,
    }
    url = call.assignment.account.endpoint.rstrip("/") + "/"
    request = HttpRequest("POST", url, headers, body)
    answer = call.http.send(sign(request, call.credential, call.now, _nonce(call, action, body)))
    content = _content(answer)
    if answer.status == _OK and isinstance(content, dict):
        return content
    raise _failure(call, answer, content)


def ask(call: Call, action: str, *, version: str = VERSION, **parameters: str) -> Mapping[str, Any]:
    """:func:`send` with parameters for a body."""
    return send(call, action, urlencode(parameters).encode(), version)


def _nonce(call: Call, action: str, body: bytes) -> str:
    """Another for every attempt, and the same under simulation: made of what tells two requests apart."""
    task = call.assignment.task
    parts = (call.credential.access_key_id, action, task.name, str(task.epoch), call.now.isoformat())
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + body).hexdigest()[:32]


def _content(answer: HttpResponse) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _failure(call: Call, answer: HttpResponse, content: Any) -> Exception:
    if answer.status == _THROTTLED:
        return failure(ErrorClass.THROTTLED, retry_after=_retry_after(answer))
    if answer.status not in _CLIENT_ERRORS or not isinstance(content, dict) or "Code" not in content:
        return UnknownOutcomeError("MALFORMED_ANSWER" if answer.status == _OK else f"HTTP_{answer.status}")
    code = str(content["Code"])
    kind = error_class(code)
    findings = _findings(call, code, str(content.get("Message", ""))) if kind is ErrorClass.REJECTED else []
    return failure(kind, retry_after=_retry_after(answer), findings=findings)


def _retry_after(answer: HttpResponse) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0


def _findings(call: Call, code: str, message: str) -> list[Finding]:
    """One finding per field that the code names, such as `InvalidServerIp.Malformed`; else one with the message."""
    fields = mentioned(ENTRIES, code) if code.startswith(("Missing", "Invalid")) else []
    return [
        blocker(
            "PROVIDER_FIELD_REFUSED",
            f"阿里云不接受“{entry.label}”",
            f"Aliyun refuses the field {entry.key} ({code}).",
            path=entry.finding_path,
            rule=f"{ID}:{code}",
        )
        for entry in fields
    ] or [refusal("PROVIDER_REJECTED", ID, code, message, call.assignment)]
