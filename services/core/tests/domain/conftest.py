"""Hypothesis' profile of long runs, which `make nightly` names."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("nightly", deadline=None, print_blob=True)
