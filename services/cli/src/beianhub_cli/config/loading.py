"""Reads the configuration and names every mistake at once."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from beianhub_cli.config.model import Config

DEFAULT_FILE: Final = Path("beianhub.toml")
_FORBIDDEN_MODE: Final = 0o077
_RESERVED: Final = frozenset({"BEIANHUB_CONFIG", "BEIANHUB_MASTER_KEY", "BEIANHUB_API_KEY", "BEIANHUB_STRICT_PLUGINS"})
_OTHERS: Final = ("BEIANHUB_TEST_", "BEIANHUB_LOCAL_", "BEIANHUB_BREAKING_")
# What the validator says of the commonest mistakes is about its own model, not about a file.
_TOLD: Final = {
    "extra_forbidden": "没有此设置 / there is no such setting",
    "missing": "缺少此设置 / is missing",
    "string_pattern_mismatch": "应为小写字母、数字和连字符 / must be lower-case letters, digits and hyphens",
}


class ConfigError(Exception):
    """The configuration is wrong; ``problems`` has one line for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def where(given: Path | None) -> Path | None:
    """The file to read: the one given, or of ``BEIANHUB_CONFIG``, or ``beianhub.toml`` if there is one."""
    named = given or (Path(value) if (value := os.environ.get("BEIANHUB_CONFIG")) else None)
    if named is not None:
        return named
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def load(given: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
    """The configuration from defaults, the file, the environment, and ``overrides`` (which win), in this order.

    Raises:
        ConfigError: naming every mistake, with its key and where it can be set.
    """
    values = _read(where(given))
    merged = _merge(_merge(values, _environment()), overrides or {})
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        raise ConfigError([_problem(dict(one)) for one in error.errors(include_input=False)]) from None


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error.strerror}); run `beianhub init`, or name another file"]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from None


def _environment() -> dict[str, Any]:
    """``BEIANHUB_STORE__URL=…`` as ``{"store": {"url": …}}``."""
    tree: dict[str, Any] = {}
    for name, value in os.environ.items():
        if not name.startswith("BEIANHUB_") or name in _RESERVED or name.startswith(_OTHERS) or is_sandboxs_own(name):
            continue
        *sections, key = name.removeprefix("BEIANHUB_").lower().split("__")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[key] = value
    return tree


def is_sandboxs_own(name: str) -> bool:
    """Whether a variable is the sandbox's own setting: ``BEIANHUB_SANDBOX_SMS_WINDOW``, not ``BEIANHUB_SANDBOX__…``."""
    return name.startswith("BEIANHUB_SANDBOX_") and not name.startswith("BEIANHUB_SANDBOX__")


def is_open_to_others(file: Path) -> bool:
    """Whether others than its owner may read or change a file that is there, and holds a secret."""
    return bool(file.stat().st_mode & _FORBIDDEN_MODE)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _problem(error: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in error["loc"]) or "configuration"
    variable = "BEIANHUB_" + path.replace(".", "__").upper()
    told = _TOLD.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    return f"{path}: {told} (set it in the file, or as {variable})"
