"""The reseller's YAML of orders: what is to be filed, in a few words each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from beianhub.resources.v1.resources_pb2 import Finding, OrderType, Subject
from beianhub_cli.client import words
from beianhub_cli.client.errors import local_failure, several
from beianhub_core.domain.preconditions import WHOLE_SUBJECT
from beianhub_core.findings import blocker
from beianhub_core.rules.domains import canonical_domain

_TARGETS: Final = ("target_account", "target_subject")
_TEXTS: Final = ("id", "subject", "type", "account", "service", "domain", *_TARGETS, "planned_date", "confirm")
_MAPPINGS: Final = ("change",)
_LISTS: Final = ("ips", "documents")
_REQUIRED: Final = ("subject", "type", "account")


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """One order as written: ``subject``, ``account``, ``service`` and ``documents`` by id or full name; the service may
    be given by one of its domains instead. ``target_account`` and ``target_subject`` are where a transfer or a
    migration goes. ``change`` is an OrderChange as JSON, ``planned_date`` the day on which it takes effect; ``confirm``
    repeats what a destructive order gives up.
    """

    subject: str
    type: OrderType.ValueType
    account: str
    id: str = ""
    service: str = ""
    domain: str = ""
    ips: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    target_account: str = ""
    target_subject: str = ""
    planned_date: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)
    confirm: str = ""


def read_orders(document: object, name: str) -> list[OrderEntry]:
    """The orders of a document: a list, one order alone, or a mapping with the list under ``orders``.

    Raises:
        CommandError: with every mistake, each by its path.
    """
    entries = document.get("orders", [document]) if isinstance(document, Mapping) else document
    if not isinstance(entries, list) or not entries:
        raise local_failure(
            "NO_ORDERS",
            name,
            "文件中没有订单",
            "holds no list of orders",
            "请参见 samples/orders.yaml。 / See samples/orders.yaml.",
        )
    findings = [finding for i, entry in enumerate(entries) for finding in _check(entry, f"orders[{i}]")]
    findings += _repeated(entries)
    if findings:
        raise several(findings)
    return [_entry(entry) for entry in entries]


def find_service(subject: Subject, entry: OrderEntry, path: str = "domain") -> str:
    """The name of the service that the entry means: the one given, the one with its domain, or the only one; "" where
    the order is about the whole subject.

    Raises:
        CommandError: the subject has none such, or several and none is named.
    """
    if entry.type in WHOLE_SUBJECT and not entry.domain and not entry.service:
        return ""
    if entry.service:
        return entry.service if "/" in entry.service else f"{subject.name}/services/{entry.service}"
    if entry.domain:
        domain = canonical_domain(entry.domain)
        found = [service.name for service in subject.services if domain in service.domains]
    else:
        found = [service.name for service in subject.services]
    if len(found) == 1:
        return found[0]
    domains = ", ".join(domain for service in subject.services for domain in service.domains)
    raise local_failure(
        "SERVICE_AMBIGUOUS" if found else "SERVICE_NOT_FOUND",
        path,
        "主体有多个服务，请指定" if found else "主体下没有此域名的服务",
        "the subject has several services" if found else "the subject has no such service",
        f"请用域名指明其一：{domains or '（没有）'}。 / Name one by its domain: {domains or 'it has none'}.",
    )


def _check(entry: object, path: str) -> Iterator[Finding]:
    if not isinstance(entry, Mapping):
        yield _wrong(
            path,
            "应为键值对",
            "must be a mapping",
            "请写成 `subject: …`、`type: …` 等。 / Write `subject: …`, `type: …` and so on.",
        )
        return
    for key, value in entry.items():
        if key not in (*_TEXTS, *_LISTS, *_MAPPINGS):
            known = ", ".join((*_TEXTS, *_LISTS, *_MAPPINGS))
            yield _wrong(
                f"{path}.{key}",
                "没有此字段",
                "there is no such field",
                f"请使用其中之一：{known}。 / Use one of {known}.",
            )
        elif key in _TEXTS and not isinstance(value, str):
            yield _wrong(f"{path}.{key}", "应为单个值", "must be a single value", "请只写一个值。 / Write one value.")
        elif key in _MAPPINGS and not isinstance(value, Mapping):
            yield _wrong(
                f"{path}.{key}",
                "应为键值对",
                "must be a mapping",
                "请写成 `profile: …` 或 `service: …`。 / Write `profile: …` or `service: …`.",
            )
        elif key in _LISTS and not _is_texts(value):
            yield _wrong(f"{path}.{key}", "应为列表", "must be a list", "请写成 [a, b]。 / Write [a, b].")
    for key in _REQUIRED:
        if not entry.get(key):
            yield _wrong(f"{path}.{key}", "缺少此字段", "is missing", "请补充。 / Add it.")
    kind = entry.get("type")
    if isinstance(kind, str) and kind and words.number_of(OrderType.DESCRIPTOR, kind) is None:
        choices = ", ".join(words.known(OrderType.DESCRIPTOR))
        yield _wrong(
            f"{path}.type",
            "没有此订单类型",
            "is no type of order",
            f"请使用其中之一：{choices}。 / Use one of {choices}.",
        )


def _repeated(entries: list[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for i, entry in enumerate(entries):
        id_ = entry.get("id") if isinstance(entry, Mapping) else None
        if isinstance(id_, str) and id_ in seen:
            yield _wrong(
                f"orders[{i}].id",
                "订单 ID 重复",
                "is there twice",
                "请为每个订单取不同的 id。 / Give each order an id of its own.",
            )
        seen.add(id_ if isinstance(id_, str) and id_ else f"#{i}")


def _entry(entry: Mapping[str, Any]) -> OrderEntry:
    kind = words.number_of(OrderType.DESCRIPTOR, entry["type"])
    values = {key: value for key, value in entry.items() if key != "type"}
    return OrderEntry(type=OrderType.ValueType(kind or 0), **values)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _wrong(path: str, zh: str, en: str, remedy: str) -> Finding:
    return blocker("ORDER_ENTRY_INVALID", path, zh, en, remedy)
