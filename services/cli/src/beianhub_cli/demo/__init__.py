"""The demonstration: a reseller's customers filed through three providers into one record each."""

from beianhub_cli.demo.commands import register

__all__ = ["register"]
