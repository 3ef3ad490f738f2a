"""The configuration: one TOML file and the environment, validated at the start."""

from beianhub_cli.config.loading import ConfigError, load, where
from beianhub_cli.config.model import Config

__all__ = ["Config", "ConfigError", "load", "where"]
