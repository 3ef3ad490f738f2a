"""Aliyun keeps the contract of a provider, over real HTTP against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from beianhub_aliyun.provider import AliyunProvider
from beianhub_sdk import Credential
from beianhub_sdk.testing import ProviderContract, SandboxBench, start_sandbox


@pytest.fixture(scope="module")
def bench() -> Iterator[SandboxBench]:
    with start_sandbox() as address:
        yield SandboxBench(address, "aliyun", Credential("AKIDSANDBOXALIYUN0000001", "sandbox-aliyun-secret-1"))


class TestAliyun(ProviderContract):
    """The shared cases."""

    provider_class = AliyunProvider
