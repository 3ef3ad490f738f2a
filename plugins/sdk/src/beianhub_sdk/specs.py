"""The hooks: they register classes, or rules as data, and do nothing else.

``PLUGIN_API`` is the host's contract number. A plugin's manifest says which one it was written for; a host accepts its
own and the one before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from beianhub_sdk.provider import Provider
    from beianhub_sdk.verifier import Verifier

PLUGIN_API: Final = 1
ENTRY_POINT_GROUP: Final = "beianhub.plugins"
PROJECT: Final = "beianhub"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def beianhub_register_providers() -> list[type[Provider]]:
    """Returns the provider classes of this plugin; each is made once, without arguments."""
    raise AssertionError  # a specification is never called


@hookspec
def beianhub_register_verifiers() -> list[type[Verifier]]:
    """Returns the verifier classes of this plugin; each is made once, without arguments."""
    raise AssertionError  # a specification is never called


@hookspec
def beianhub_register_rules() -> str:
    """Returns the rule pack (规则包) of this plugin: YAML, as the configuration's packs are written.

    Its ``pack.id`` is the plugin's name, which is that of its entry point. The host checks the pack before it makes
    anything of the plugin: one that is wrong quarantines the plugin.
    """
    raise AssertionError  # a specification is never called
