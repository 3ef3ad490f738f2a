"""Hypothesis' profile of long runs: `pytest services/core/tests/domain --hypothesis-profile=nightly`."""

from __future__ import annotations

from hypothesis import settings

NIGHTLY_EXAMPLES = 10_000
settings.register_profile("nightly", max_examples=NIGHTLY_EXAMPLES, deadline=None)
