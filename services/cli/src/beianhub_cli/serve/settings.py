"""From the configuration to the settings of each part."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

import structlog

from beianhub_cli.config import Config, ConfigError, is_open_to_others
from beianhub_cli.config.loading import is_sandboxs_own
from beianhub_engine.settings import EngineSettings, PluginOverrides, PluginSettings
from beianhub_gateway.settings import GatewaySettings, Tls
from beianhub_sandbox.settings import STANDARD_DURATIONS, with_environment
from beianhub_sandbox.settings import Settings as SandboxSettings
from beianhub_sdk import Credential

_log = structlog.get_logger()
_SANDBOX_DURATIONS: Final = frozenset(STANDARD_DURATIONS)


def split(address: str) -> tuple[str, int]:
    """Host and port of ``host:port``."""
    host, _, port = address.rpartition(":")
    return host, int(port)


def gateway_settings(config: Config) -> GatewaySettings:
    """The gateway's settings. Raises ConfigError when its two ports are to listen on different hosts."""
    host, port = split(config.gateway.listen)
    http_host, http_port = split(config.gateway.http_listen)
    if host != http_host:
        raise ConfigError(["gateway.http_listen: its host must be that of gateway.listen"])
    certificate, key = config.gateway.tls_certificate, config.gateway.tls_key
    return GatewaySettings(
        host=host,
        grpc_port=port,
        http_port=http_port,
        tls=Tls(certificate, key) if certificate and key else None,
        drain=config.gateway.drain_seconds,
    )


def engine_settings(config: Config) -> EngineSettings:
    """The engine's settings. Raises ConfigError when a credential's file cannot be read."""
    overrides = {
        plugin: PluginOverrides(
            poll_interval=one.poll_interval,
            signature_validity=one.signature_validity,
            visibility_delay=one.visibility_delay,
            call_timeout=one.call_timeout,
            patrol_interval=one.patrol_interval,
        )
        for plugin, one in config.engine.overrides.items()
    }
    plugins = PluginSettings(
        trusted=config.engine.trusted,
        denied=config.engine.deny,
        strict=config.engine.strict_plugins,
        overrides=overrides,
        patrol=config.engine.patrol_seconds,
    )
    return EngineSettings(
        plugins=plugins,
        credentials=_credentials(config),
        credential_tenants={name: one.tenants or (config.tenant,) for name, one in config.credentials.items()},
        lease=config.engine.lease_seconds,
    )


def _credentials(config: Config) -> dict[str, Credential]:
    found, problems = {}, []
    for name, one in config.credentials.items():
        try:
            found[name] = Credential(one.access_key_id, one.secret())
            if one.access_key_secret_file is not None and is_open_to_others(one.access_key_secret_file):
                _log.warning("secret_open_to_others", credential=name, remedy=f"chmod 600 {one.access_key_secret_file}")
        except (OSError, UnicodeDecodeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or "is not UTF-8"
            problems.append(f"credentials.{name}.access_key_secret_file: cannot be read ({reason})")
    if problems:
        raise ConfigError(problems)
    return found


def sandbox_settings(config: Config) -> SandboxSettings:
    """The sandbox's settings; its ledger stays in the data directory, so that it outlives a killed process."""
    state = str(config.data_dir / "sandbox.db") if config.sandbox.persist else None
    settings = SandboxSettings(state=state, sms_mode=config.sandbox.sms_mode)
    if config.sandbox.time_scale:
        settings = settings.with_time_scale(config.sandbox.time_scale)
    if config.sandbox.sms_window:
        settings = replace(settings, sms_window=config.sandbox.sms_window)
    return with_environment(settings, {name: value for name, value in os.environ.items() if is_sandboxs_own(name)})
