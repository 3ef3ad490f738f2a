"""The conformance kit for authors of plugins: in a pytest module, subclass :class:`ProviderContract` for a provider,
:class:`VerifierContract` for a verifier.

Install ``beianhub-sdk[testing]``. The kit of providers asks for a :class:`Bench`, through which a test acts on the
vendor's other side; :class:`SandboxBench` is one for the systems of beianhub-sandbox.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"beianhub_sdk.testing.{module}" for module in ("declarations", "faults", "filings", "verifier"))
)

from beianhub_sdk.testing.bench import Bench, BlockingHttp, SandboxBench, start_sandbox  # noqa: E402  rewritten above
from beianhub_sdk.testing.provider import ProviderContract  # noqa: E402  rewritten above
from beianhub_sdk.testing.recorded import answered  # noqa: E402  rewritten above
from beianhub_sdk.testing.samples import resident_id, sample, uscc  # noqa: E402  rewritten above
from beianhub_sdk.testing.verifier import OfflineHttp, VerifierContract  # noqa: E402  rewritten above

__all__ = [
    "Bench",
    "BlockingHttp",
    "OfflineHttp",
    "ProviderContract",
    "SandboxBench",
    "VerifierContract",
    "answered",
    "resident_id",
    "sample",
    "start_sandbox",
    "uscc",
]
