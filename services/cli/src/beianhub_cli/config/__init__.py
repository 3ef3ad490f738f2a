"""The configuration: one TOML file and the environment, validated at the start."""

from beianhub_cli.config.loading import ConfigError, is_open_to_others, load, where
from beianhub_cli.config.model import Config

__all__ = ["Config", "ConfigError", "is_open_to_others", "load", "where"]
