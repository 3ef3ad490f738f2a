"""Running the parts: together in one process, or each alone."""

from beianhub_cli.serve.commands import register

__all__ = ["register"]
