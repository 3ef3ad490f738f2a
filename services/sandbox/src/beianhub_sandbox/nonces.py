"""Signature nonces that were used, so that a captured request cannot be sent again (Aliyun)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from beianhub_sandbox.problems import Problem, Refused

if TYPE_CHECKING:
    from beianhub_sandbox.clock import SandboxClock


class Nonces:
    """Remembers a nonce for as long as its signature could be valid; in memory only."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._used: OrderedDict[str, float] = OrderedDict()

    def use(self, nonce: str, validity: float) -> None:
        """Use a nonce once; Refused NONCE_USED the second time."""
        now = self._clock.now()
        while self._used and next(iter(self._used.values())) < now - 2 * validity:
            self._used.popitem(last=False)
        if nonce in self._used:
            raise Refused(Problem.NONCE_USED)
        self._used[nonce] = now
