"""The loader: entry points of the group ``beianhub.plugins``, each on its own, so that a broken one stops nobody.

pluggy's own loading of entry points imports whatever is installed and ends at the first failure; here the lists of
trusted and denied names are read before an import, and what fails is quarantined with its reason.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import pluggy
import structlog

from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_engine.plugins import manifests
from beianhub_engine.plugins.manifests import Manifest
from beianhub_engine.plugins.rules import check_rules
from beianhub_engine.settings import PluginOverrides, PluginSettings
from beianhub_sdk import Provider, ProviderManifest, Verifier, VerifierManifest, specs

STRICT: Final = "BEIANHUB_STRICT_PLUGINS"
_LONGEST_REASON: Final = 500
_Interface = type[Provider] | type[Verifier]
_HOOKS: Final[dict[str, tuple[_Interface, type[Manifest]]]] = {
    "beianhub_register_providers": (Provider, ProviderManifest),
    "beianhub_register_verifiers": (Verifier, VerifierManifest),
}
_RULES: Final = "beianhub_register_rules"
_log = structlog.get_logger()


class PluginLoadError(Exception):
    """A plugin could not be loaded, in strict mode."""


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin that is ready: its adapter, and what the host keeps to in calling it (``call_timeout`` in seconds)."""

    id: str
    adapter: Provider | Verifier
    description: Plugin
    max_concurrency: int
    call_timeout: float


@dataclass(frozen=True, slots=True)
class PluginSet:
    """What was found: ready ones by id, those that bring rules and nothing to call, and quarantined ones with their
    reasons.
    """

    ready: tuple[LoadedPlugin, ...]
    rules: tuple[Plugin, ...]
    quarantined: tuple[Plugin, ...]

    @property
    def descriptions(self) -> list[Plugin]:
        """All of them, as the catalogue shows them."""
        return [*(plugin.description for plugin in self.ready), *self.rules, *self.quarantined]


@dataclass(slots=True)
class _Loading:
    """The state of one load. ``made`` has each adapter, or the description of one that is rules alone, with the entry
    point that it came from, by id.
    """

    settings: PluginSettings
    strict: bool
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(specs.PROJECT))
    made: dict[str, list[tuple[LoadedPlugin | Plugin, EntryPoint]]] = field(default_factory=dict)
    quarantined: dict[str, Plugin] = field(default_factory=dict)

    @contextmanager
    def contained(self, name: str, where: EntryPoint) -> Iterator[None]:
        """Whatever is raised inside, even a SystemExit, quarantines the plugin; only Ctrl-C goes through.

        An exception's text may quote a value, so that of a stranger is cut short and never logged beside data.
        """
        try:
            yield
        except KeyboardInterrupt:
            raise
        except manifests.ManifestError as error:
            self.quarantine(name, where, str(error))
        except BaseException as error:  # noqa: BLE001 - a stranger's import may raise anything, SystemExit included
            self.quarantine(name, where, f"{type(error).__name__}: {error}"[:_LONGEST_REASON])

    def quarantine(self, name: str, where: EntryPoint, reason: str) -> None:
        distribution = _distribution(where)
        _log.warning("plugin_quarantined", plugin=name, distribution=distribution, reason=reason)
        if self.strict:
            raise PluginLoadError(f"{name} of {distribution}: {reason}")
        self.quarantined[name] = Plugin(
            name=f"plugins/{name}",
            title=name,
            distribution=distribution,
            version=where.dist.version if where.dist else "",
            state=Plugin.STATE_QUARANTINED,
            reason=reason,
        )


def load_plugins(settings: PluginSettings, found: Iterable[EntryPoint] | None = None) -> PluginSet:
    """Loads what is installed, or the entry points given, in the order of their names.

    Raises:
        PluginLoadError: in strict mode, for the first plugin that cannot be loaded. What was never trusted is no
            failure, and is not loaded in any mode.
    """
    loading = _Loading(settings, settings.strict or os.environ.get(STRICT) == "1")
    loading.manager.add_hookspecs(specs)
    points = sorted(entry_points(group=specs.ENTRY_POINT_GROUP) if found is None else found, key=_order)
    wanted = [point for point in points if _is_wanted(loading, point)]
    for point in wanted:
        twins = [other for other in wanted if other.name == point.name]
        if len(twins) > 1:
            loading.quarantine(point.name, point, _twice(point.name, twins))
        else:
            _load(loading, point)
    return _sum_up(loading)


def _order(point: EntryPoint) -> tuple[str, str]:
    return point.name, _distribution(point)


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""


def _is_wanted(loading: _Loading, point: EntryPoint) -> bool:
    """Whether the configuration lets it run in this process; if not, it is shown with the reason."""
    named = {point.name, _distribution(point)}
    if named & set(loading.settings.denied):
        reason = "denied by the configuration"
    elif not named & set(loading.settings.trusted):
        reason = (
            "not named as trusted, so it does not run in the engine's process: "
            "trust it in the configuration, or run it as a client of TaskService"
        )
    else:
        return True
    strict, loading.strict = loading.strict, False
    loading.quarantine(point.name, point, reason)
    loading.strict = strict
    return False


def _twice(name: str, points: Iterable[EntryPoint]) -> str:
    owners = " and ".join(sorted(_distribution(point) or point.value for point in points))
    return f"{owners} both offer the plugin {name}: deny or uninstall one of them"


def _load(loading: _Loading, point: EntryPoint) -> None:
    began = time.perf_counter()
    with loading.contained(point.name, point):
        module = point.load()
        adapters, rules = _registered(loading.manager, point.name, module)
        for hook, adapter in adapters:
            _make(loading, point, hook, adapter)
        if rules is not None:
            _bring(loading, point, rules)
        seconds = round(time.perf_counter() - began, 3)
        _log.info("plugin_loaded", plugin=point.name, distribution=_distribution(point), seconds=seconds)


def _registered(manager: pluggy.PluginManager, name: str, module: Any) -> tuple[list[tuple[str, Any]], Plugin | None]:
    """What the plugin's own hooks return, beside the hook; and its rules, checked."""
    manager.register(module, name)
    try:
        manager.check_pending()  # at once, since a misspelt hook would never be called
        found = [(hook, adapter) for hook in _HOOKS for call in _calls(manager, hook, module) for adapter in call()]
        rules = [check_rules(name, call()) for call in _calls(manager, _RULES, module)]
    except BaseException:
        manager.unregister(module)
        raise
    if not found and not rules:
        raise manifests.ManifestError("it registers neither a provider nor a verifier nor rules")
    return found, next(iter(rules), None)


def _calls(manager: pluggy.PluginManager, hook: str, module: Any) -> list[Callable[[], Any]]:
    """The module's own implementations of the hook: one, or none."""
    return [each.function for each in getattr(manager.hook, hook).get_hookimpls() if each.plugin is module]


def _make(loading: _Loading, point: EntryPoint, hook: str, adapter: Any) -> None:
    """Makes one adapter; its own mistake does not harm the others of its module."""
    interface, kind = _HOOKS[hook]
    manifest = getattr(adapter, "manifest", None)
    with loading.contained(str(getattr(manifest, "id", "") or point.name), point):
        checked = manifests.check(manifest)
        made = adapter()
        if not isinstance(made, interface) or not isinstance(checked, kind):
            raise manifests.ManifestError(f"{hook} takes classes of {interface.__name__} with a {kind.__name__}")
        if isinstance(checked, VerifierManifest) and checked.patrols and adapter.observe is Verifier.observe:
            raise manifests.ManifestError("it patrols and has no observe")
        loading.made.setdefault(checked.id, []).append((_loaded(loading.settings, point, checked, made), point))


def _bring(loading: _Loading, point: EntryPoint, rules: Plugin) -> None:
    """Adds the rules to the adapter that has the plugin's name; without one they are a plugin of their own. They are
    not offered for a plugin whose adapter is quarantined.
    """
    own = [each for each, at in loading.made.get(point.name, []) if at is point and isinstance(each, LoadedPlugin)]
    for each in own:
        each.description.rule_pack = rules.rule_pack
    if not own and point.name not in loading.quarantined:
        rules.distribution = _distribution(point)
        loading.made.setdefault(point.name, []).append((rules, point))


def _loaded(
    settings: PluginSettings, point: EntryPoint, manifest: Manifest, adapter: Provider | Verifier
) -> LoadedPlugin:
    overrides = settings.overrides.get(manifest.id, PluginOverrides())
    return LoadedPlugin(
        id=manifest.id,
        adapter=adapter,
        description=manifests.to_proto(manifest, _distribution(point), overrides, settings.patrol),
        max_concurrency=manifests.concurrency(manifest),
        call_timeout=manifests.call_timeout(manifest, overrides),
    )


def _sum_up(loading: _Loading) -> PluginSet:
    """An id that two entry points claim is nobody's: which one is meant, only the configuration can say. One that is
    ready is shown as such, whatever else of its name is not trusted.
    """
    ready: dict[str, LoadedPlugin | Plugin] = {}
    for plugin_id, candidates in sorted(loading.made.items()):
        points = [point for _, point in candidates]
        if len(candidates) > 1:
            loading.quarantine(plugin_id, points[0], _twice(plugin_id, points))
        else:
            ready[plugin_id] = candidates[0][0]
    quarantined = (plugin for plugin_id, plugin in sorted(loading.quarantined.items()) if plugin_id not in ready)
    return PluginSet(
        ready=tuple(plugin for plugin in ready.values() if isinstance(plugin, LoadedPlugin)),
        rules=tuple(plugin for plugin in ready.values() if isinstance(plugin, Plugin)),
        quarantined=tuple(quarantined),
    )
