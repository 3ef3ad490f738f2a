"""The hooks: they register classes and do nothing else.

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
