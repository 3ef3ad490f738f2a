"""What a listing is narrowed to: a filter that nothing can match is refused, not answered empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_core.application.core import Core, is_visible, not_found
from beianhub_core.domain.draft import refused, rejected
from beianhub_core.errors import ErrorKind
from beianhub_core.rules.domains import canonical_domain, check_service_domain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor import EnumDescriptor

    from beianhub_core.application.caller import Caller


async def subject_id(core: Core, caller: Caller, name: str) -> str:
    """The id of the subject that a filter names; "" where it names none.

    Raises:
        BeianhubError: INVALID for another shape; NOT_FOUND for one that is not there, or is not the caller's to see.
    """
    if not name:
        return ""
    tenant, found = caller.parse(name, "tenants/{}/subjects/{}", "subject")
    record = await core.store.record(tenant, found)
    if record is None or not is_visible(caller, record):
        raise not_found("subject", "主体", "subject")
    return found


async def order_id(core: Core, caller: Caller, name: str) -> str:
    """The id of the order that a filter names; "" where it names none. Raises as :func:`subject_id`."""
    if not name:
        return ""
    tenant, found = caller.parse(name, "tenants/{}/orders/{}", "order")
    owner = await core.store.subject_of_order(tenant, found)
    if owner is None or not is_visible(caller, await core.store.record(tenant, owner)):
        raise not_found("order", "订单", "order")
    return found


def check_values(values: Iterable[int], enum: EnumDescriptor, path: str) -> None:
    """Raises INVALID for a number that is no value of the enum, or its unspecified one."""
    for index, number in enumerate(values):
        if number == 0 or number not in enum.values_by_number:
            raise refused(
                ErrorKind.INVALID,
                "FILTER_VALUE_UNKNOWN",
                f"{path}[{index}]",
                f"{enum.name} 没有此值",
                f"is no value of {enum.name}",
                f"请在 {enum.name} 的值中选择。 / Choose among the values of {enum.name}.",
            )


def domain(name: str) -> str:
    """The domain that a filter names, as records have it; "" where it names none. Raises INVALID for what is none."""
    canonical = canonical_domain(name)
    if name and not canonical:
        raise rejected(check_service_domain(name, "domain"), ErrorKind.INVALID)
    return canonical
