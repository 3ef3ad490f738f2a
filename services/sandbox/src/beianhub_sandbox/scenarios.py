"""Scripts for what happens to a domain: faults on the wire, refusals, silent phones, odd callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beianhub_sandbox.model import Behaviour, Scenario
from beianhub_sandbox.settings import VENDORS

if TYPE_CHECKING:
    from beianhub_sandbox.ledger import Ledger

WIRE_FAULTS = frozenset(
    {
        Behaviour.HTTP_500,
        Behaviour.THROTTLE_429,
        Behaviour.TIMEOUT_AFTER_ACCEPT,
        Behaviour.RESET_BEFORE_ACCEPT,
        Behaviour.SLOW,
    }
)
_ENDLESS = frozenset({Behaviour.SMS_MANUAL, Behaviour.IDENTITY_CHECK})
_PLACES = frozenset({"submit", "query", "any"})
_FIELDS = frozenset({"code", "reason", "seconds", "after_accept", "on", "vendor", "times"})


class Scenarios:
    """The scripts in force; the oldest that fits is taken first."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, document: dict[str, Any]) -> Scenario:
        """A new script from its JSON form; ValueError says what is wrong with it."""
        known = {name: document[name] for name in _FIELDS & document.keys()}
        behaviour = Behaviour(document.get("behaviour", ""))
        if "retry_after" in document:
            known["seconds"] = document["retry_after"]
        if unknown := document.keys() - _FIELDS - {"domain", "behaviour", "retry_after"}:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        if known.get("on", "submit") not in _PLACES or known.get("vendor", "") not in ("", *VENDORS):
            raise ValueError("on is submit, query or any; vendor is tencent, aliyun, huawei or absent")
        if behaviour in _ENDLESS:
            known.setdefault("times", None)
        number = self._ledger.next_number("scenarios")
        domain = str(document.get("domain", "")).lower()
        scenario = Scenario(f"{number:09d}", domain, behaviour, **known | {"code": str(known.get("code", ""))})
        self._ledger.put(scenario)
        return scenario

    def all(self) -> list[Scenario]:
        """Every script that still applies."""
        return sorted(self._ledger.all(Scenario), key=lambda scenario: scenario.identifier)

    def clear(self) -> None:
        """Forget every script."""
        for scenario in self.all():
            self._ledger.remove(Scenario, scenario.identifier)

    def take(self, vendor: str, domain: str, behaviour: Behaviour) -> Scenario | None:
        """The script of this behaviour for a domain, counted down by one; None if there is none."""
        return self._take(vendor, domain, frozenset({behaviour}), None)

    def take_wire_fault(self, vendor: str, domain: str, place: str) -> Scenario | None:
        """The fault for a request: `place` is submit or query."""
        return self._take(vendor, domain, WIRE_FAULTS, place)

    def _take(self, vendor: str, domain: str, behaviours: frozenset[Behaviour], place: str | None) -> Scenario | None:
        for scenario in self.all():
            fits = (
                scenario.behaviour in behaviours
                and scenario.domain in ("", "*", domain.lower())
                and scenario.vendor in ("", vendor)
                and (place is None or scenario.on in ("any", place))
            )
            if fits:
                self._count_down(scenario)
                return scenario
        return None

    def _count_down(self, scenario: Scenario) -> None:
        if scenario.times is None:
            return
        scenario.times -= 1
        if scenario.times <= 0:
            self._ledger.remove(Scenario, scenario.identifier)
        else:
            self._ledger.put(scenario)
