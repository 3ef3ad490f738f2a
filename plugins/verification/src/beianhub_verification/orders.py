"""Groups of order types that checks are about."""

from __future__ import annotations

from typing import Final

from beianhub.resources.v1 import resources_pb2 as pb

NEW_SITE: Final = (pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_SERVICE)
"""The order's own service is not filed yet."""

MAKES_ACCESS: Final = (*NEW_SITE, pb.ORDER_TYPE_ADD_ACCESS)

FILED_SITES: Final = (
    pb.ORDER_TYPE_ADD_SERVICE,
    pb.ORDER_TYPE_ADD_ACCESS,
    pb.ORDER_TYPE_CHANGE_SUBJECT,
    pb.ORDER_TYPE_CHANGE_SERVICE,
)
"""The bureau looks at the sites that the subject has filed (S4.12)."""
