"""Tencent keeps the contract of a provider, over real HTTP against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from beianhub_sdk import Credential
from beianhub_sdk.testing import ProviderContract, SandboxBench, start_sandbox
from beianhub_tencent.provider import TencentProvider


@pytest.fixture(scope="module")
def bench() -> Iterator[SandboxBench]:
    with start_sandbox() as address:
        yield SandboxBench(address, "tencent", Credential("AKIDSANDBOXTENCENT000001", "sandbox-tencent-secret-1"))


class TestTencent(ProviderContract):
    """The shared cases."""

    provider_class = TencentProvider
