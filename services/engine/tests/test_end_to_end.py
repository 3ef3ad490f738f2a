"""Orders from submission to their end, through real plugins to the sandbox's vendors."""

from __future__ import annotations

import pytest

from beianhub.resources.v1 import resources_pb2 as res


@pytest.mark.parametrize("vendor", ["tencent", "aliyun", "huawei"])
async def test_first_filing(world, vendor):
    """A first filing goes from submission to its licence number, and reaches the vendor once."""
    async with world.engine() as engine:
        order, domain = await world.file(vendor)
        filed = await world.until_state(order, res.ORDER_STATE_FILED)
        assert engine.health.healthy
    assert filed.provider_order_id
    assert len(world.sandbox.submissions(domain)) == 1
