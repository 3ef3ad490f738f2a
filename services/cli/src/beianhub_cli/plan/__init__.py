"""``beianhub plan``: from a situation and a wish to orders in sequence. It needs no gateway."""

from __future__ import annotations

from beianhub_cli.plan.commands import register

__all__ = ["register"]
