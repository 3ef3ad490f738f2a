"""Everything the sandbox knows, in memory, with its changes written to the state file."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from beianhub_sandbox import codec
from beianhub_sandbox.model import (
    Callback,
    Counter,
    Order,
    PhoneMessage,
    Scenario,
    Stage,
    Subject,
    TokenUse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub_sandbox.store import StateFile

T = TypeVar("T")

_KEYS: dict[type, str] = {
    Order: "number",
    Subject: "certificate_number",
    PhoneMessage: "identifier",
    TokenUse: "identifier",
    Callback: "identifier",
    Scenario: "identifier",
    Counter: "identifier",
}
_AT_REGULATOR = frozenset({Stage.SMS, Stage.REGULATOR_REVIEW})


class Ledger:
    """Tables of documents by key, and the indexes that the rules need.

    `put` and `remove` change memory and remember the change; `commit` makes the changes durable. Whoever
    answers a request commits first.
    """

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._tables: dict[type, dict[str, Any]] = {kind: {} for kind in _KEYS}
        self._dirty: dict[tuple[type, str], Any] = {}
        self._references: dict[tuple[str, str], list[str]] = {}
        self._in_flight: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        self._domains_of: dict[str, list[str]] = {}
        kinds = {kind.__name__: kind for kind in _KEYS}
        for name, _identifier, body in file.read():
            self._keep(codec.decode(kinds[name], body))

    def put(self, document: object) -> None:
        """Keep a new or changed document."""
        self._dirty[self._keep(document)] = document

    def remove(self, kind: type, identifier: str) -> None:
        """Forget a document."""
        gone = self._tables[kind].pop(identifier, None)
        if isinstance(gone, Subject):
            self._forget_domains(gone.certificate_number)
        self._dirty[kind, identifier] = None

    def get(self, kind: type[T], identifier: str) -> T | None:
        """The document, or None."""
        found: T | None = self._tables[kind].get(identifier)
        return found

    def all(self, kind: type[T]) -> list[T]:
        """Every document of a kind, in the order in which it first came."""
        return list(self._tables[kind].values())

    def commit(self) -> None:
        """Write what changed since the last commit."""
        if not self._dirty:
            return
        changes = list(self._dirty.items())
        self._file.write(
            [(kind.__name__, key, codec.encode(item)) for (kind, key), item in changes if item is not None],
            [(kind.__name__, key) for (kind, key), item in changes if item is None],
        )
        self._dirty = {}

    def reset(self) -> None:
        """Forget everything, on disk too."""
        self._file.clear()
        self._dirty = {}
        self._references = {}
        self._in_flight = {}
        self._domains = {}
        self._domains_of = {}
        for table in self._tables.values():
            table.clear()

    def close(self) -> None:
        """Commit and close the state file."""
        self.commit()
        self._file.close()

    def next_number(self, counter: str) -> int:
        """1, 2, 3 …, never twice, also after a restart."""
        kept = self.get(Counter, counter) or Counter(counter)
        kept.value += 1
        self.put(kept)
        return kept.value

    def orders_by_reference(self, vendor: str, reference: str) -> Iterator[Order]:
        """Orders that carry our reference, oldest first."""
        found = [self._tables[Order][number] for number in self._references.get((vendor, reference), ())]
        yield from sorted(found, key=lambda order: order.accepted_at)

    def in_flight(self, key: str) -> Order | None:
        """The order that the regulator holds for a certificate number or a domain, or None."""
        return self.get(Order, self._in_flight.get(key, ""))

    def at_regulator(self) -> list[Order]:
        """Every order that MIIT or the regulator holds now."""
        return [self._tables[Order][number] for number in dict.fromkeys(self._in_flight.values())]

    def certificate_of(self, domain: str) -> str:
        """The certificate number under which a domain is filed, or an empty string."""
        return self._domains.get(domain, "")

    def _keep(self, document: object) -> tuple[type, str]:
        kind = type(document)
        key = getattr(document, _KEYS[kind])
        if isinstance(document, Order):
            self._index(document)
        if isinstance(document, Subject):
            self._forget_domains(document.certificate_number)
            self._domains_of[document.certificate_number] = [item.domain for item in document.services]
            self._domains |= {item.domain: document.certificate_number for item in document.services}
        self._tables[kind][key] = document
        return kind, key

    def _forget_domains(self, certificate_number: str) -> None:
        for domain in self._domains_of.pop(certificate_number, ()):
            self._domains.pop(domain, None)

    def _index(self, order: Order) -> None:
        if order.reference and order.number not in self._tables[Order]:
            self._references.setdefault((order.vendor, order.reference), []).append(order.number)
        application = order.application
        for key in (application.certificate_number, application.target_certificate, application.domain):
            if key and order.stage in _AT_REGULATOR:
                self._in_flight.setdefault(key, order.number)
            elif self._in_flight.get(key) == order.number:
                del self._in_flight[key]


def new_identifier() -> str:
    """A random identifier."""
    return secrets.token_hex(16)
