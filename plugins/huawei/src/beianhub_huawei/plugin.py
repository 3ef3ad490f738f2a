"""The entry point: registers the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_huawei.provider import HuaweiProvider
from beianhub_sdk import hookimpl

if TYPE_CHECKING:
    from beianhub_sdk import Provider


@hookimpl
def beianhub_register_providers() -> list[type[Provider]]:
    """华为云."""
    return [HuaweiProvider]
