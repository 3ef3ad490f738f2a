"""What the commands that run something raise, as the root understands it: one error, without groups around it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from beianhub_cli.client.errors import CommandError, Exit, local_failure, refused_by_system
from beianhub_engine.plugins.loader import PluginLoadError


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """The command, raising the first error of a group instead of the group, and what the system refused as our own."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except BaseExceptionGroup as group:
            raise _told(_first(group)) from None
        except (OSError, PluginLoadError) as error:
            raise _told(error) from None

    return run


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _told(error: BaseException) -> BaseException:
    if isinstance(error, PluginLoadError):
        return _unloadable(error)
    return refused_by_system(error) if isinstance(error, OSError) else error


def _unloadable(error: PluginLoadError) -> CommandError:
    return local_failure(
        "PLUGIN_UNLOADABLE",
        "engine.strict_plugins",
        f"插件无法加载：{error}",
        f"a plugin cannot be loaded: {error}",
        (
            "请修复或卸载该插件，或不启用 strict_plugins：该插件将被隔离，其他插件照常运行。 / "
            "Mend or uninstall it, or run without strict_plugins: it is quarantined then, and the others go on."
        ),
        Exit.OTHER,
    )
