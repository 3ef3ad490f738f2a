"""May a service be served from a provider? The one rule behind CheckAccess. Pure."""

from __future__ import annotations

from typing import Final

from beianhub.filing.v1 import access_service_pb2 as pb
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.domain.lookup import find_access

Answer = tuple[pb.AccessVerdict.ValueType, pb.AccessReason.ValueType, tuple[str, ...]]

_NO: Final = pb.ACCESS_VERDICT_NO
_BY_STATE: Final[dict[int, Answer]] = {
    res.ACCESS_STATE_ACTIVE: (pb.ACCESS_VERDICT_YES, pb.ACCESS_REASON_ACTIVE, ("HW-KB doc_0165",)),
    # S0.2 would serve from the submission on; the others only after the approval, and they are newer and more.
    res.ACCESS_STATE_PENDING: (
        _NO,
        pb.ACCESS_REASON_PENDING_ACCESS,
        ("S1.21", "S2.19", "HW-KB doc_0006", "S0.2"),
    ),
    res.ACCESS_STATE_CANCELLED: (_NO, pb.ACCESS_REASON_ACCESS_CANCELLED, ("S0.14", "S1.26")),
}


def check(service: res.Service | None, provider: str) -> Answer:
    """The verdict, its reason and sources for the service that has the domain (``None``: nobody has it)."""
    if service is None:
        return _NO, pb.ACCESS_REASON_UNKNOWN_DOMAIN, ()
    access = find_access(service, provider)
    if access is not None and service.state == res.SERVICE_STATE_CANCELLED:  # the number, and every access with it
        return _NO, pb.ACCESS_REASON_ACCESS_CANCELLED, ("S0.8", "S0.18")
    if access is not None:
        return _BY_STATE[access.state]
    if service.state in (res.SERVICE_STATE_FILED, res.SERVICE_STATE_NO_ACCESS):
        return _NO, pb.ACCESS_REASON_NO_ACCESS, ("HW-KB doc_0165", "S1.21")
    return _NO, pb.ACCESS_REASON_NOT_FILED, ("S2.1",)
