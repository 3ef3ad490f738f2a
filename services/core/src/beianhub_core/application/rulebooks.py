"""The rulebook of each tenant: the built-in packs, those that the deployment adds for all, and the tenant's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_core.rulebook import Rulebook, load_rulebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Rulebooks:
    """Reads every pack once, at the start; later changes of a file count after the next start.

    ``everyone`` are loaded after the built-in packs, ``tenants`` after those, by the tenant's id. Raises PackError with
    every problem of the first book that is wrong.
    """

    def __init__(self, everyone: Sequence[Path] = (), tenants: Mapping[str, Sequence[Path]] | None = None) -> None:
        self._common = load_rulebook(everyone)
        self._own = {tenant: load_rulebook([*everyone, *packs]) for tenant, packs in (tenants or {}).items()}

    def of(self, tenant: str) -> Rulebook:
        """What holds for this tenant."""
        return self._own.get(tenant, self._common)
