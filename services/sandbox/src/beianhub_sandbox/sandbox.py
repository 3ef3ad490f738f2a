"""The whole sandbox without HTTP: everything wired together, and the ticker that keeps it moving."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from beianhub_sandbox.callbacks import Courier
from beianhub_sandbox.clock import SandboxClock
from beianhub_sandbox.ledger import Ledger
from beianhub_sandbox.lifecycle import Lifecycle
from beianhub_sandbox.nonces import Nonces
from beianhub_sandbox.office import Office
from beianhub_sandbox.record import NationalRecord
from beianhub_sandbox.scenarios import Scenarios
from beianhub_sandbox.store import StateFile
from beianhub_sandbox.vendors import aliyun_words, huawei_words, tencent_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub_sandbox.settings import Settings
    from beianhub_sandbox.vocabulary import Vocabulary

VOCABULARIES: Mapping[str, Vocabulary] = {
    words.vendor: words for words in (tencent_words.WORDS, aliyun_words.WORDS, huawei_words.WORDS)
}


class Sandbox:
    """The composition root."""

    def __init__(self, settings: Settings, clock: SandboxClock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SandboxClock()
        self.ledger = Ledger(StateFile(settings.state))
        self.nonces = Nonces(self.clock)
        self.record = NationalRecord(self.ledger, self.clock)
        self.scenarios = Scenarios(self.ledger)
        self.lifecycle = Lifecycle(settings, self.clock, self.ledger, self.record, self.scenarios)
        self.courier = Courier(settings, self.clock, self.ledger, self.scenarios, VOCABULARIES)
        self.lifecycle.observe(self.courier.order_changed)
        self.office = Office(settings, self.clock, self.ledger, self.lifecycle)

    def advance(self) -> None:
        """Make every transition that is due, durably."""
        self.lifecycle.advance()
        self.ledger.commit()

    async def run(self) -> None:
        """Advance and deliver until cancelled."""
        while True:
            self.advance()
            self.courier.start_due()
            await asyncio.sleep(self.settings.tick)

    def reset(self) -> None:
        """Forget every order, record, message and scenario."""
        self.ledger.reset()
        self.lifecycle.forget()

    async def close(self) -> None:
        """Let deliveries under way finish and close the state file."""
        await self.courier.close()
        self.ledger.close()
