"""Each tenant's rulebook: the built-in packs, the plugins', those that the deployment adds, and the tenant's own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import structlog

from beianhub_core.rulebook import PackError, Rulebook, load_rulebook, parse_pack, read_pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from beianhub_core.rulebook import Pack

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_log = structlog.get_logger()


class Rulebooks:
    """Reads every file once, at the start; later changes of a file count after the next start.

    ``everyone`` are loaded after the built-in packs and the plugins', ``tenants`` after those, by the tenant's id.
    Raises PackError with every problem of the first book that is wrong.
    """

    def __init__(self, everyone: Sequence[Path] = (), tenants: Mapping[str, Sequence[Path]] | None = None) -> None:
        self._everyone = [read_pack(path) for path in everyone]
        self._own = {
            tenant: [*self._everyone, *(read_pack(path) for path in packs)] for tenant, packs in (tenants or {}).items()
        }
        self._brought = _NONE
        self._common = load_rulebook(self._everyone)
        self._books = {tenant: load_rulebook(packs) for tenant, packs in self._own.items()}

    def of(self, tenant: str, brought: Mapping[str, str] = _NONE) -> Rulebook:
        """What holds for this tenant, with the packs ``brought`` by plugins: each one's text by the plugin's id."""
        if brought != self._brought:
            self._common = _with_brought(self._everyone, brought)
            self._books = {one: _with_brought(packs, brought) for one, packs in self._own.items()}
            self._brought = dict(brought)
        return self._books.get(tenant, self._common)


def _with_brought(configured: Sequence[Pack], brought: Mapping[str, str]) -> Rulebook:
    """The book with the plugins' packs before the configured ones, by id. A configured pack takes the place of a
    plugin's with its id; a plugin's that fits neither the others nor the configuration is left out, and that is logged.
    """
    book = load_rulebook(configured)
    fitting: list[Pack] = []
    for plugin in sorted(set(brought) - {pack.info.id for pack in configured}):
        pack = parse_pack(plugin, brought[plugin])
        try:
            book = load_rulebook([*fitting, pack, *configured])
        except PackError as error:
            problems = [f"{found.path}: {found.message_en}" for found in error.findings]
            _log.error("plugin_rule_pack_left_out", plugin=plugin, problems=problems)
        else:
            fitting.append(pack)
    return book
