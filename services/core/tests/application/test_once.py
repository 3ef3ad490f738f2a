"""Vendor calls are made effectively once, in thousands of seeded schedules of deaths, delays and stale reports."""

from __future__ import annotations

import pytest

from beianhub.resources.v1.plugin_pb2 import SubmissionGuarantee

from .simulation import Bugs, World

TOKEN = SubmissionGuarantee.KIND_CLIENT_TOKEN
SEARCH = SubmissionGuarantee.KIND_SEARCH
MANUAL = SubmissionGuarantee.KIND_MANUAL
SEEDS = 1500


def bad_seeds(kind: SubmissionGuarantee.Kind.ValueType, seeds: int, bugs: Bugs | None = None) -> dict[int, list[str]]:
    """The seeds that end badly, each with what went wrong."""
    runs = ((seed, World(seed, kind, bugs).run().problems()) for seed in range(seeds))
    return {seed: problems for seed, problems in runs if problems}


@pytest.mark.parametrize("kind", [TOKEN, SEARCH, MANUAL], ids=["token", "search", "manual"])
def test_never_two_vendor_orders_and_never_a_lost_one(kind: SubmissionGuarantee.Kind.ValueType) -> None:
    """However hosts die and messages linger, the vendor's ledger has the order once, and the record knows its number;
    an order that was withdrawn is at rest at the vendor too.
    """
    assert bad_seeds(kind, SEEDS) == {}


@pytest.mark.parametrize(
    ("kind", "bugs"),
    [
        (SEARCH, Bugs(no_settling=True)),
        (TOKEN, Bugs(forgets_token=True)),
        (TOKEN, Bugs(ignores_token_validity=True)),
        (SEARCH, Bugs(trusts_stale_reports=True)),
        (SEARCH, Bugs(sends_without_lease=True)),
    ],
    ids=["no-settling", "forgets-token", "ignores-token-validity", "trusts-stale-reports", "sends-without-lease"],
)
def test_the_harness_finds_planted_bugs(kind: SubmissionGuarantee.Kind.ValueType, bugs: Bugs) -> None:
    """A rule of the protocol that is left out shows up as two orders in the vendor's ledger."""
    bad = bad_seeds(kind, 300, bugs)
    assert any("orders at the vendor" in problem for problems in bad.values() for problem in problems)
