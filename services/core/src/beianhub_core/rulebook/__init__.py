"""Rule packs: what provinces, providers and the nation ask of a filing, as data with source and date.

:func:`load_rulebook` reads the packs, :meth:`Rulebook.find` answers under facts, with every other source beside it.
:mod:`beianhub_core.rulebook.workdays` counts China's working days.
"""

from __future__ import annotations

from beianhub_core.rulebook.book import Pack, Rulebook, diff, load_rulebook, parse_pack, read_pack
from beianhub_core.rulebook.model import Alternative, Change, Definition, PackError, PackInfo, Rule, Scope
from beianhub_core.rulebook.validating import ORDER_TYPES

__all__ = [
    "ORDER_TYPES",
    "Alternative",
    "Change",
    "Definition",
    "Pack",
    "PackError",
    "PackInfo",
    "Rule",
    "Rulebook",
    "Scope",
    "diff",
    "load_rulebook",
    "parse_pack",
    "read_pack",
]
