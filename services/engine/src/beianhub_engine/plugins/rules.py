"""Rule packs that plugins bring: checked with the rulebook's own reader, and described for the catalogue."""

from __future__ import annotations

from typing import Final

from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_core.rulebook import PackError, PackInfo, load_rulebook, parse_pack
from beianhub_engine.plugins.manifests import ManifestError

_LARGEST: Final = 256 * 1024  # bytes; the catalogue carries it, and our largest pack has less than half of it
_TOLD: Final = 5  # problems in one reason


def check_rules(plugin: str, text: object) -> Plugin:
    """The catalogue's entry of a plugin that brings this pack and nothing else, without its distribution.

    Raises:
        ManifestError: it cannot stand beside the built-in packs; with field, rule and remedy.
    """
    if not isinstance(text, str):
        raise ManifestError(f"beianhub_register_rules returned a {type(text).__name__}; return the pack's YAML as text")
    if len(text.encode()) > _LARGEST:
        raise ManifestError(f"its rule pack is larger than {_LARGEST} bytes: split the plugin")
    info = _info(plugin, text)
    return Plugin(
        name=f"plugins/{plugin}",
        title=info.title,
        version=info.version,
        kind=Plugin.KIND_RULES,
        state=Plugin.STATE_READY,
        rule_pack=text,
    )


def _info(plugin: str, text: str) -> PackInfo:
    pack = parse_pack("rule pack", text)
    built_in = {each.id for each in load_rulebook().packs}
    try:
        load_rulebook([pack])
    except PackError as error:
        told = [f"{one.path}: {one.message_zh} / {one.message_en}. {one.suggestion}" for one in error.findings]
        more = [f"and {len(told) - _TOLD} more"] if len(told) > _TOLD else []
        raise ManifestError("; ".join([*told[:_TOLD], *more])) from None
    if pack.info.id != plugin:
        raise ManifestError(f"rule pack: pack.id: is {pack.info.id!r}; give it the plugin's name, {plugin!r}")
    if plugin in built_in:
        raise ManifestError("rule pack: pack.id: is a built-in pack's: only the configuration may replace one")
    return pack.info
