"""The catalogue: what the plugins that an engine loaded say of themselves. Pure data, taken from the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from beianhub.resources.v1.plugin_pb2 import Capability, Plugin
from beianhub.resources.v1.resources_pb2 import (
    CHANNEL_API,
    CHANNEL_CONSOLE,
    CHANNEL_UNKNOWN,
    OPERATION_LIST_FILINGS,
    Channel,
)
from beianhub_core import names

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import (
        Account,
        Operation,
        OrderType,
        SubjectProfile,
        VerificationKind,
    )


class Catalog:
    """Answers which plugin serves what, and by which channel."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        usable = [p for p in plugins if p.state != Plugin.STATE_QUARANTINED]
        self._providers = {names.last(p.name): p for p in usable if p.kind == Plugin.KIND_PROVIDER}
        self._verifiers = {p.verification: p for p in usable if p.kind == Plugin.KIND_VERIFIER}
        self._plugins = {names.last(p.name): p for p in usable}

    def plugin(self, plugin: str) -> Plugin | None:
        """The plugin of this id, of any kind."""
        return self._plugins.get(plugin)

    @property
    def rule_packs(self) -> dict[str, str]:
        """The rule packs of the enabled plugins, each one's text by the plugin's id."""
        ready = (p for p in self._plugins.items() if p[1].state == Plugin.STATE_READY)
        return {plugin_id: plugin.rule_pack for plugin_id, plugin in ready if plugin.rule_pack}

    def provider(self, provider: str) -> Plugin | None:
        """The provider of this id."""
        return self._providers.get(provider)

    @property
    def provider_ids(self) -> list[str]:
        """The providers' ids, sorted."""
        return sorted(self._providers)

    def verifier(self, kind: VerificationKind.ValueType) -> Plugin | None:
        """The verifier of this kind."""
        return self._verifiers.get(kind)

    def patrols(self) -> list[Plugin]:
        """Verifiers that look at filed services again and again, by kind."""
        return [plugin for _, plugin in sorted(self._verifiers.items()) if plugin.patrol_interval_seconds > 0]

    def prechecks(self, order_type: OrderType.ValueType) -> list[Plugin]:
        """Verifiers to run before an order of this type is sent, by kind."""
        return [
            plugin
            for _, plugin in sorted(self._verifiers.items())
            if plugin.precheck and (not plugin.order_types or order_type in plugin.order_types)
        ]

    def channel(
        self,
        operation: Operation.ValueType,
        order_type: OrderType.ValueType,
        account: Account,
        profile: SubjectProfile,
    ) -> Channel.ValueType:
        """By which channel the operation goes for this account and subject; UNKNOWN when no line says so.

        A partner's account (``submission_channel`` API) takes the API where the vendor has one; any other account goes
        through the console instead.
        """
        provider = self._providers.get(account.provider)
        lines = provider.capabilities if provider else ()
        channels = {c.channel for c in lines if _applies(c, operation, order_type, profile)}
        if account.submission_channel != CHANNEL_API and CHANNEL_API in channels:
            channels.discard(CHANNEL_API)
            channels = channels or {CHANNEL_CONSOLE}
        return min(channels, default=CHANNEL_UNKNOWN)

    def list_channel(self, account: Account) -> Channel.ValueType:
        """By which channel the account's filings are listed. An API that is the vendor's only line is open to any
        account with a credential; where there is another line too, the API is a partner's.
        """
        provider = self._providers.get(account.provider)
        lines = provider.capabilities if provider else ()
        channels = {c.channel for c in lines if c.operation == OPERATION_LIST_FILINGS and not c.order_type}
        if account.submission_channel != CHANNEL_API and len(channels) > 1:
            channels.discard(CHANNEL_API)
        return min(channels, default=CHANNEL_UNKNOWN)

    def source(self, operation: Operation.ValueType, order_type: OrderType.ValueType, provider: str) -> tuple[str, ...]:
        """The sources of what the provider says of the operation."""
        plugin = self._providers.get(provider)
        lines = plugin.capabilities if plugin else ()
        found = [label for line in lines if _says(line, operation, order_type) for label in line.source]
        return tuple(dict.fromkeys(found))


def _says(line: Capability, operation: Operation.ValueType, order_type: OrderType.ValueType) -> bool:
    return line.operation == operation and line.order_type == order_type


def _applies(
    line: Capability, operation: Operation.ValueType, order_type: OrderType.ValueType, profile: SubjectProfile
) -> bool:
    return (
        _says(line, operation, order_type)
        and (not line.provinces or profile.province in line.provinces)
        and (not line.natures or profile.nature in line.natures)
    )
