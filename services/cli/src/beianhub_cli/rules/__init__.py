"""``beianhub rules``: what the rule packs say, from which source, and what else the sources say."""

from __future__ import annotations

from beianhub_cli.rules.commands import register

__all__ = ["register"]
