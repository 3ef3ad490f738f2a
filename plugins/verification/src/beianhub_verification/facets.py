"""The verification facets that an order carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import Verification, VerificationKind
    from beianhub.resources.v1.task_pb2 import TaskAssignment


def facet_of(assignment: TaskAssignment, kind: VerificationKind.ValueType) -> Verification | None:
    """The order's facet of this kind."""
    return next((facet for facet in assignment.order.verifications if facet.kind == kind), None)
