"""Huawei keeps the contract of a provider, over real HTTP against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from beianhub_huawei.provider import HuaweiProvider
from beianhub_sdk import Credential
from beianhub_sdk.testing import ProviderContract, SandboxBench, start_sandbox


@pytest.fixture(scope="module")
def bench() -> Iterator[SandboxBench]:
    with start_sandbox() as address:
        yield SandboxBench(address, "huawei", Credential("AKIDSANDBOXHUAWEI0000001", "sandbox-huawei-secret-1"))


class TestHuawei(ProviderContract):
    """The shared cases."""

    provider_class = HuaweiProvider
