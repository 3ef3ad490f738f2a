"""What can be withdrawn when, by the provider's own lines (domain.md 3.3, 11 "Irrevocable when?"). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Withdrawal
from beianhub_core.domain.lookup import find_verification

if TYPE_CHECKING:
    from beianhub.resources.v1.plugin_pb2 import Plugin

_BY_STATE: Final[dict[int, Withdrawal.Phase.ValueType]] = {
    res.ORDER_STATE_PROVIDER_REVIEW: Withdrawal.PHASE_PROVIDER_REVIEW,
    res.ORDER_STATE_PROVIDER_REJECTED: Withdrawal.PHASE_PROVIDER_REJECTED,
    res.ORDER_STATE_READY_TO_SUBMIT: Withdrawal.PHASE_READY_TO_SUBMIT,
    res.ORDER_STATE_REGULATOR_REVIEW: Withdrawal.PHASE_REGULATOR_REVIEW,
    res.ORDER_STATE_REGULATOR_REJECTED: Withdrawal.PHASE_REGULATOR_REJECTED,
}
_WITH_PROVIDER: Final = frozenset({res.ORDER_STATE_PROVIDER_REVIEW, res.ORDER_STATE_READY_TO_SUBMIT})
_WAITS: Final = frozenset({res.VERIFICATION_STATE_REQUESTED, res.VERIFICATION_STATE_WAITING})


def phases(order: res.Order) -> list[Withdrawal.Phase.ValueType]:
    """Where the order is, the finest first; while the SMS waits it is at MIIT and nowhere else."""
    if order.state in _WITH_PROVIDER and _facet(order, res.VERIFICATION_KIND_MIIT_SMS) in _WAITS:
        return [Withdrawal.PHASE_SMS_WAITING]
    found = []
    face = _facet(order, res.VERIFICATION_KIND_FACE)
    if order.state in _WITH_PROVIDER and face in _WAITS:
        found.append(Withdrawal.PHASE_IDENTITY_WAITING)
    if order.state in _WITH_PROVIDER and face == res.VERIFICATION_STATE_PASSED:
        found.append(Withdrawal.PHASE_IDENTITY_PASSED)
    return [*found, *([_BY_STATE[order.state]] if order.state in _BY_STATE else [])]


def answer(provider: Plugin | None, order: res.Order) -> Withdrawal:
    """The provider's line for the order as it now is; an empty one where its sources are silent."""
    lines = provider.withdrawals if provider is not None else ()
    for phase in phases(order):
        for line in lines:
            if line.phase in (Withdrawal.PHASE_UNSPECIFIED, phase) and _fits(line, order):
                return line
    return Withdrawal()


def _fits(line: Withdrawal, order: res.Order) -> bool:
    return not line.order_types or order.type in line.order_types


def _facet(order: res.Order, kind: res.VerificationKind.ValueType) -> res.VerificationState.ValueType:
    facet = find_verification(order, kind)
    return facet.state if facet is not None else res.VERIFICATION_STATE_UNSPECIFIED
