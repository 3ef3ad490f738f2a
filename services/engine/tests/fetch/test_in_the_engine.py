"""Verifiers that visit sites, through the whole engine, with a site on this machine behind the switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from beianhub.resources.v1 import resources_pb2 as res

from .support import Site

TRUSTED = ("tencent", "beianhub-verification")


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def facet(order: res.Order, kind: res.VerificationKind.ValueType) -> res.Verification:
    return next(v for v in order.verifications if v.kind == kind)


async def test_an_unfiled_site_that_opens_stops_the_order(world: Any, site: Site) -> None:
    """HW-KB doc_0150: nothing is sent, and the finding says what to do; closed, the order goes on."""
    order, domain = await world.draft("tencent")
    site.page("/", b"<h1>open already</h1>")
    plugins = replace(world.settings.plugins, trusted=TRUSTED)
    settings = replace(world.settings, plugins=plugins, fetch_loopback={f"{domain}:80": site.port})
    async with world.engine(settings):
        await world.submit(order)
        returned = await world.until(order, lambda o: o.returned_by == res.RETURNED_BY_PRECHECK)
        assert "SITE_OPENS" in {finding.code for finding in returned.findings}
        assert not world.sandbox.submissions(domain)
        site.page("/", status="404 Not Found")
        await world.submit(order)
        filed = await world.until_state(order, res.ORDER_STATE_FILED)
    assert [f.code for f in facet(filed, res.VERIFICATION_KIND_SITE).findings] == ["SITE_ANSWERS"]


async def test_a_rehearsal_visits_nobody_and_is_filed(world: Any) -> None:
    """An account at a sandbox: the invented domain is not resolved, and the answer says that it was not checked."""
    async with world.engine(replace(world.settings, plugins=replace(world.settings.plugins, trusted=TRUSTED))):
        order, _ = await world.file("tencent")
        filed = await world.until_state(order, res.ORDER_STATE_FILED)
    (finding,) = facet(filed, res.VERIFICATION_KIND_SITE).findings
    assert (finding.code, finding.severity) == ("SITE_UNCHECKED", res.SEVERITY_INFO)
    assert "REHEARSAL" in finding.message_zh
