"""The entry point: registers the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_aliyun.provider import AliyunProvider
from beianhub_sdk import hookimpl

if TYPE_CHECKING:
    from beianhub_sdk import Provider


@hookimpl
def beianhub_register_providers() -> list[type[Provider]]:
    """阿里云."""
    return [AliyunProvider]
