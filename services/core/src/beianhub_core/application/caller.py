"""Who calls, and what he may touch."""

from __future__ import annotations

from dataclasses import dataclass

from beianhub.filing.v1.admin_service_pb2 import ROLE_OWNER, ROLE_PLUGIN_HOST, Role
from beianhub_core import names
from beianhub_core.domain.draft import refused
from beianhub_core.errors import ErrorKind

ANY_TENANT = "-"


@dataclass(frozen=True, slots=True)
class Caller:
    """``customer`` limits the caller to one customer's subjects; "" means all. ``tenant`` is "-" only for the
    deployment's own engine.
    """

    tenant: str
    role: Role.ValueType
    customer: str = ""
    actor: str = ""

    def parent(self, name: str) -> str:
        """The tenant that ``tenants/{tenant}`` names. Raises INVALID for another shape, PERMISSION for another's."""
        (tenant,) = names.parse(name, "tenants/{}", "parent")
        return self.own(tenant, "parent")

    def own(self, tenant: str, path: str) -> str:
        """``tenant``, if it is the caller's. Raises PERMISSION otherwise."""
        if self.tenant not in (tenant, ANY_TENANT):
            raise refused(
                ErrorKind.PERMISSION,
                "FOREIGN_TENANT",
                path,
                "该 API 密钥不属于此租户",
                "the API key belongs to another tenant",
                "请使用该租户的密钥，或填写您自己的租户。 / Use a key of this tenant, or your own tenant's name.",
            )
        return tenant

    def limited_to(self, customer: str, path: str) -> str:
        """The customer to look at: the one asked for, or the only one that the caller may see. Raises PERMISSION."""
        if self.customer and customer not in ("", self.customer):
            raise refused(
                ErrorKind.PERMISSION,
                "FOREIGN_CUSTOMER",
                path,
                "该 API 密钥只限于另一客户",
                "the API key is limited to another customer",
                "请将该字段留空，或使用租户的密钥。 / Leave the field empty, or use a key of the tenant.",
            )
        return customer or self.customer

    def check_override(self) -> None:
        """Raises PERMISSION unless the caller may send an order in spite of the rules: an owner who is limited to no
        customer, since it is the reseller whom the bureau holds to them.
        """
        if self.role == ROLE_OWNER and not self.customer:
            return
        raise refused(
            ErrorKind.PERMISSION,
            "OVERRIDE_NOT_ALLOWED",
            "override_codes",
            "只有不限客户的所有者密钥可以强制提交",
            "only an owner's key that is limited to no customer may override a blocker",
            (
                "请按检查结果更正，或请所有者提交该订单。 / "
                "Mend what the findings name, or ask an owner to submit the order."
            ),
        )

    def parse(self, name: str, pattern: str, path: str = "name") -> tuple[str, ...]:
        """The ids in ``name``, whose first is the tenant and must be the caller's."""
        ids = names.parse(name, pattern, path)
        self.own(ids[0], path)
        return ids


def engine_caller() -> Caller:
    """The engine of this deployment: it works for every tenant, inside the same trust boundary as the store."""
    return Caller(tenant=ANY_TENANT, role=ROLE_PLUGIN_HOST, actor="engine")


def operator_caller(tenant: str, actor: str) -> Caller:
    """A person at the machine itself, with the owner's rights."""
    return Caller(tenant=tenant, role=ROLE_OWNER, actor=actor)
