"""The one rule behind CheckAccess."""

from __future__ import annotations

import pytest

from beianhub.filing.v1 import access_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.access import check


@pytest.mark.parametrize(
    ("state", "sources"),
    [
        (res.SERVICE_STATE_FILED, ("S0.14", "S1.26")),
        (res.SERVICE_STATE_NO_ACCESS, ("S0.14", "S1.26")),
        (res.SERVICE_STATE_CANCELLED, ("S0.8", "S0.18")),
    ],
)
def test_a_cancelled_access_names_what_was_cancelled(
    state: res.ServiceState.ValueType, sources: tuple[str, ...]
) -> None:
    """The link to one provider alone, where the number stays; or the number, and every access with it."""
    service = res.Service(state=state)
    service.accesses.add(provider="aliyun", state=res.ACCESS_STATE_CANCELLED)
    assert check(service, "aliyun") == (pb.ACCESS_VERDICT_NO, pb.ACCESS_REASON_ACCESS_CANCELLED, sources)
