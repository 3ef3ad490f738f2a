"""Manifests: checked, and turned into what the catalogue shows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from google.protobuf.descriptor import Descriptor

from beianhub.resources.v1.plugin_pb2 import Plugin, SubmissionGuarantee
from beianhub.resources.v1.resources_pb2 import OrderType
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_engine.settings import PluginOverrides
from beianhub_sdk import PLUGIN_API, Guarantee, ProviderManifest, VerifierManifest

_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_ZERO: Final = timedelta()
VERIFIER_CONCURRENCY: Final = 4

Manifest = ProviderManifest | VerifierManifest


class ManifestError(Exception):
    """What is wrong with a manifest, and what to do."""


def check(manifest: object) -> Manifest:
    """The manifest, if a host can work with it. Raises ManifestError with every mistake at once."""
    if not isinstance(manifest, ProviderManifest | VerifierManifest):
        raise ManifestError(f"its manifest is a {type(manifest).__name__}; use ProviderManifest or VerifierManifest")
    if not PLUGIN_API - 1 <= manifest.api <= PLUGIN_API:
        raise ManifestError(_wrong_api(manifest.api))
    problems = [*_common(manifest), *(_provider(manifest) if isinstance(manifest, ProviderManifest) else ())]
    if problems:
        raise ManifestError("; ".join(problems))
    return manifest


def _wrong_api(api: int) -> str:
    upgrade = "beianhub" if api > PLUGIN_API else "the plugin"
    return (
        f"it was written for plugin API {api}, this host has {PLUGIN_API} and takes {PLUGIN_API - 1}: upgrade {upgrade}"
    )


def _common(manifest: Manifest) -> list[str]:
    problems = []
    if not _ID.fullmatch(manifest.id):
        problems.append(f"the id {manifest.id!r} is not of lower-case letters, digits and hyphens")
    if not manifest.title or not manifest.version:
        problems.append("it has no title or no version")
    if manifest.call_timeout <= _ZERO:
        problems.append("call_timeout is not positive")
    unknown = [path for path in manifest.personal_data if not _is_path(path)]
    if unknown:
        problems.append(f"personal_data names no field of a TaskAssignment: {', '.join(unknown)}")
    return problems


def _provider(manifest: ProviderManifest) -> list[str]:
    problems = [*_guarantee(manifest.guarantee)]
    if manifest.poll_interval <= _ZERO or manifest.max_concurrency < 1:
        problems.append("poll_interval or max_concurrency is not positive")
    if not manifest.capabilities:
        problems.append("it declares no capability")
    for capability in manifest.capabilities:
        capability.to_proto()
    for line in manifest.withdrawals:
        line.to_proto()
    return problems


def _guarantee(guarantee: Guarantee | None) -> list[str]:
    kinds = SubmissionGuarantee
    if guarantee is None or not guarantee.kind:
        return ["it declares no guarantee; say client_token, search or manual, or calls could count twice"]
    if guarantee.kind == kinds.KIND_CLIENT_TOKEN and guarantee.token_validity <= _ZERO:
        return ["client_token needs the token's validity"]
    if guarantee.kind == kinds.KIND_SEARCH and guarantee.signature_validity <= _ZERO:
        return ["search needs the signature's validity: it says how late a lost request may still arrive"]
    return []


def _is_path(path: str) -> bool:
    descriptor: Descriptor | None = TaskAssignment.DESCRIPTOR
    for name in path.split("."):
        field = descriptor.fields_by_name.get(name) if descriptor is not None else None
        if field is None:
            return False
        descriptor = field.message_type
    return True


def to_proto(manifest: Manifest, distribution: str, overrides: PluginOverrides, patrol: float) -> Plugin:
    """What the catalogue shows of a plugin that is ready, with the deployment's own times; ``patrol`` in seconds."""
    plugin = Plugin(
        name=f"plugins/{manifest.id}",
        title=manifest.title,
        distribution=distribution,
        version=manifest.version,
        state=Plugin.STATE_READY,
        personal_data=manifest.personal_data,
    )
    if isinstance(manifest, VerifierManifest):
        own = overrides.patrol_interval
        plugin.patrol_interval_seconds = (patrol if own is None else own) if manifest.patrols else 0.0
        plugin.kind = Plugin.KIND_VERIFIER
        plugin.verification = manifest.kind
        plugin.precheck = manifest.precheck
        plugin.order_types.extend(manifest.order_types)
    else:
        plugin.kind = Plugin.KIND_PROVIDER
        _describe_provider(plugin, manifest, overrides)
    return plugin


def _describe_provider(plugin: Plugin, manifest: ProviderManifest, overrides: PluginOverrides) -> None:
    plugin.capabilities.extend(capability.to_proto() for capability in manifest.capabilities)
    plugin.withdrawals.extend(line.to_proto() for line in manifest.withdrawals)
    plugin.guarantee.CopyFrom(manifest.guarantee.to_proto())
    for name in ("token_validity", "signature_validity", "visibility_delay"):
        seconds = getattr(overrides, name)
        if seconds is not None:
            getattr(plugin.guarantee, name).FromTimedelta(timedelta(seconds=seconds))
    poll = overrides.poll_interval
    plugin.poll_interval_seconds = manifest.poll_interval.total_seconds() if poll is None else poll
    for order_type, name in manifest.order_type_names.items():
        plugin.order_type_names[OrderType.Name(order_type)] = name


def call_timeout(manifest: Manifest, overrides: PluginOverrides) -> float:
    """Seconds that one call may take."""
    own = manifest.call_timeout.total_seconds()
    return own if overrides.call_timeout is None else overrides.call_timeout


def concurrency(manifest: Manifest) -> int:
    """How many calls may run at once."""
    return manifest.max_concurrency if isinstance(manifest, ProviderManifest) else VERIFIER_CONCURRENCY
