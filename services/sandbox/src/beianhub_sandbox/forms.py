"""Reading a vendor's form: its own field names and codes into an `Application`, refusing what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from beianhub_sandbox import checks
from beianhub_sandbox.model import Application, OrderType
from beianhub_sandbox.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REFERENCE = "reference"
CLIENT_TOKEN = "client_token"  # noqa: S105  a field's key
CALLBACK = "callback_url"
ORDER_TYPE = "order_type"
ENVELOPE = frozenset({REFERENCE, CLIENT_TOKEN, CALLBACK, ORDER_TYPE})
"""Keys that belong to the request and not to the application."""

_SUBJECT = frozenset({"name", "nature", "certificate_type", "certificate_number", "province"})
_PRINCIPAL = frozenset({"principal_name", "principal_mobile", "principal_id"})
_SITE = frozenset({"service_name", "domain", "ips"})
_EXISTING = frozenset({"certificate_number", "licence_number"})

REQUIRED: Mapping[OrderType, frozenset[str]] = {
    OrderType.FIRST_FILING: _SUBJECT | _PRINCIPAL | _SITE,
    OrderType.ADD_SERVICE: _EXISTING | _SITE,
    OrderType.ADD_ACCESS: _EXISTING | {"domain", "ips"},
    OrderType.CHANGE_SUBJECT: _EXISTING,
    OrderType.CHANGE_SERVICE: _EXISTING | {"domain"},
    OrderType.CHANGE_ACCESS: _EXISTING | {"domain", "ips"},
    OrderType.CANCEL_SUBJECT: _EXISTING,
    OrderType.CANCEL_SERVICE: _EXISTING | {"domain"},
    OrderType.CANCEL_ACCESS: _EXISTING | {"domain"},
    OrderType.TRANSFER_ACCOUNT: _EXISTING | {"target_account"},
    OrderType.CLAIM: _EXISTING | {"domain"},
    OrderType.MIGRATE_SERVICE: _EXISTING
    | {"domain", "target_account", "target_name", "target_certificate", "target_licence"},
}
"""What each order type must carry, by neutral key."""


@dataclass(frozen=True)
class FormField:
    """One field of a vendor's form; `name` may be a dotted path; `codes` are the vendor's codes -> ours."""

    name: str
    key: str
    title: str
    codes: Mapping[Any, str] = field(default_factory=dict)


def read(form: Mapping[str, Any], fields: tuple[FormField, ...], required: frozenset[str] = frozenset()) -> Application:
    """The application in a form; `required` are neutral keys.

    Raises:
        Refused: MISSING with every absent field's vendor name, else INVALID with every malformed one's.
    """
    values = {item.key: at_path(form, item.name) for item in fields if item.key not in ENVELOPE}
    names = {item.key: item.name for item in fields}
    missing = tuple(names[key] for key in names if key in required and values[key] in (None, "", []))
    if missing:
        raise Refused(Problem.MISSING, fields=missing)
    neutral, invalid = _translate(values, fields)
    if invalid:
        raise Refused(Problem.INVALID, fields=invalid)
    return Application(**neutral)


def read_envelope(form: Mapping[str, Any], fields: tuple[FormField, ...]) -> dict[str, str]:
    """Reference, client token and callback URL; Refused INVALID unless the URL is on 127.0.0.1."""
    names = {item.key: item.name for item in fields if item.key in ENVELOPE}
    values = {key: str(at_path(form, name) or "") for key, name in names.items() if key != ORDER_TYPE}
    url = values.get(CALLBACK, "")
    if url and not _is_local(url):
        raise Refused(Problem.INVALID, "callbacks go to http://127.0.0.1 only", fields=(names[CALLBACK],))
    return values


def at_path(form: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    value: Any = form
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _translate(values: Mapping[str, Any], fields: tuple[FormField, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    neutral: dict[str, Any] = {}
    invalid: list[str] = []
    for item in fields:
        value = values.get(item.key)
        if value in (None, "", []):
            continue
        if item.codes:
            value = _decoded(item, value)
        elif item.key == "ips":
            value = _addresses(value)
        elif isinstance(value, str):
            value = value.strip()
        if value is None or not _CHECKS.get(item.key, _is_text)(value):
            invalid.append(item.name)
        neutral[item.key] = value
    return neutral, tuple(invalid)


def _decoded(item: FormField, value: Any) -> str | None:
    """Our word for a vendor's code; a form body knows no numbers, so `4` and `"4"` mean the same."""
    known = {str(code): word for code, word in item.codes.items()}
    return known.get(str(value))


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname == "127.0.0.1"


def _addresses(value: Any) -> list[str]:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _are_addresses(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and checks.is_ip(item) for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _matches(check: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and check(value)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "domain": _matches(checks.is_domain),
    "ips": _are_addresses,
    "principal_mobile": _matches(checks.is_mobile),
    "manager_mobile": _matches(checks.is_mobile),
}
