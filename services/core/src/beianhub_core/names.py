"""Resource names, in the style of Google's AIP-122: made and taken apart here only."""

from __future__ import annotations

import re
from typing import Final

from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker

ID: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def tenant_name(tenant: str) -> str:
    """``tenants/{tenant}``."""
    return f"tenants/{tenant}"


def child(parent: str, collection: str, id_: str) -> str:
    """``{parent}/{collection}/{id}``."""
    return f"{parent}/{collection}/{id_}"


def subject_name(tenant: str, subject: str) -> str:
    """``tenants/{tenant}/subjects/{subject}``."""
    return f"tenants/{tenant}/subjects/{subject}"


def order_name(tenant: str, order: str) -> str:
    """``tenants/{tenant}/orders/{order}``."""
    return f"tenants/{tenant}/orders/{order}"


def task_name(tenant: str, task: str) -> str:
    """``tenants/{tenant}/tasks/{task}``."""
    return f"tenants/{tenant}/tasks/{task}"


def last(name: str) -> str:
    """The last id of a name; "" of ""."""
    return name.rpartition("/")[2]


def parse(name: str, pattern: str, path: str) -> tuple[str, ...]:
    """The ids in ``name``, which must look like ``pattern`` with its ``{}`` filled in.

    >>> parse("tenants/a/orders/b", "tenants/{}/orders/{}", "name")
    ('a', 'b')

    Raises:
        BeianhubError: INVALID with reason ``MALFORMED_NAME``, naming the field ``path``.
    """
    parts, wanted = name.split("/"), pattern.split("/")
    if len(parts) != len(wanted) or any(w not in ("{}", p) for p, w in zip(parts, wanted, strict=True)):
        raise malformed(path, pattern)
    ids = tuple(p for p, w in zip(parts, wanted, strict=True) if w == "{}")
    if not all(ID.fullmatch(i) for i in ids):
        raise malformed(path, pattern)
    return ids


def malformed(path: str, pattern: str) -> BeianhubError:
    """The error of a name that does not look like ``pattern``."""
    shape = pattern.replace("{}", "…")
    finding = blocker(
        "MALFORMED_NAME",
        path,
        f"资源名称应为 {shape}",
        f"must look like {shape}, with ids of lower-case letters, digits and hyphens",
        "请使用服务器给出的名称。 / Use the name that the server gave.",
        rule="AIP-122",
    )
    return BeianhubError(ErrorKind.INVALID, "MALFORMED_NAME", [finding])
