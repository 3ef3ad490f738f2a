"""The entry point: registers the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_sdk import hookimpl
from beianhub_tencent.provider import TencentProvider

if TYPE_CHECKING:
    from beianhub_sdk import Provider


@hookimpl
def beianhub_register_providers() -> list[type[Provider]]:
    """腾讯云."""
    return [TencentProvider]
