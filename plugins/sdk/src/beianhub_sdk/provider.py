"""A provider (接入商): an access provider's filing system."""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from beianhub.resources.v1.resources_pb2 import (
    NATURE_UNSPECIFIED,
    ORDER_STATE_UNSPECIFIED,
    RETURNED_BY_UNSPECIFIED,
    SERVICE_KIND_WEBSITE,
)
from beianhub_sdk.errors import RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from beianhub.resources.v1.resources_pb2 import (
        Challenge,
        Finding,
        Nature,
        OrderState,
        ReturnedBy,
        ServiceKind,
        Verification,
    )
    from beianhub.resources.v1.task_pb2 import FormField, TaskAssignment
    from beianhub_sdk.call import Call, CallbackRequest, Credential
    from beianhub_sdk.manifest import ProviderManifest


@dataclass(frozen=True, slots=True)
class Form:
    """The vendor's form of an order, field by field, in the vendor's vocabulary and order.

    It serves both channels: :meth:`Provider.render` makes the API's body of it, and an operator copies it into the
    vendor's console, at ``deep_link``.
    """

    title: str
    fields: Sequence[FormField]
    deep_link: str = ""
    documents: Sequence[str] = ()
    instructions_zh: str = ""
    instructions_en: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor has it, under this number, and shows this status."""

    provider_order_id: str
    provider_status: str = ""


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """What the vendor shows of an order.

    ``state`` is UNSPECIFIED for a word that the plugin does not know: nothing changes, and it is asked again.
    ``verifications`` are the facets as the vendor shows them (kind, state and, where known, deadline).
    """

    provider_status: str
    state: OrderState.ValueType = ORDER_STATE_UNSPECIFIED
    returned_by: ReturnedBy.ValueType = RETURNED_BY_UNSPECIFIED
    findings: Sequence[Finding] = ()
    verifications: Sequence[Verification] = ()
    subject_licence_number: str = ""
    service_licence_number: str = ""
    subject_provider_id: str = ""
    service_provider_id: str = ""
    access_provider_id: str = ""


@dataclass(frozen=True, slots=True)
class AccessStatus:
    """Whether the vendor has an access for a domain."""

    active: bool
    licence_number: str = ""
    provider_status: str = ""


@dataclass(frozen=True, slots=True)
class FiledService:
    """A service as the vendor's copy has it, with an access of the vendor's; "" where the vendor does not say.

    A person's name is compared with the vault's and dropped.
    """

    title: str
    licence_number: str
    domains: Sequence[str] = ()
    kind: ServiceKind.ValueType = SERVICE_KIND_WEBSITE
    principal_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FiledSubject:
    """A subject as the vendor's copy has it, with the services that are filed through the account."""

    licence_number: str
    title: str = field(repr=False)
    nature: Nature.ValueType = NATURE_UNSPECIFIED
    principal_name: str = field(default="", repr=False)
    services: Sequence[FiledService] = ()


@dataclass(frozen=True, slots=True)
class CallbackHint:
    """A vendor's callback says that an order may have moved; the order is queried before anything changes."""

    provider_order_id: str
    message_id: str
    time: datetime | None = field(default=None)


class Provider(abc.ABC):
    """One vendor. Methods are plain sync code, safe to call from several threads at once, and raise
    :class:`~beianhub_sdk.errors.PluginError`. A method sends at most one effectful request.
    """

    manifest: ClassVar[ProviderManifest]

    @abc.abstractmethod
    def check(self, assignment: TaskAssignment) -> list[Finding]:
        """Findings that this vendor would have about the order; it calls nobody."""

    @abc.abstractmethod
    def prepare(self, assignment: TaskAssignment) -> Form:
        """The vendor's form of the order; it calls nobody."""

    @abc.abstractmethod
    def render(self, assignment: TaskAssignment, form: Form) -> bytes:
        """The API's request body of the form, byte for byte the same for the same assignment."""

    @abc.abstractmethod
    def submit(self, call: Call) -> Accepted:
        """Sends ``call.assignment.request``: a new order, or the corrected data of ``order.provider_order_id``."""

    @abc.abstractmethod
    def find_order(self, call: Call) -> Accepted | None:
        """Asks for the order by ``call.assignment.reference``; ``None`` when the vendor surely has none."""

    @abc.abstractmethod
    def query(self, call: Call) -> OrderStatus:
        """Reads the status of ``order.provider_order_id``."""

    @abc.abstractmethod
    def withdraw(self, call: Call) -> Accepted:
        """Withdraws ``order.provider_order_id``; it is no error when it already is."""

    @abc.abstractmethod
    def start_verification(self, call: Call) -> Challenge:
        """A fresh link for the identity check that ``task.verification`` names."""

    @abc.abstractmethod
    def parse_callback(self, request: CallbackRequest, credential: Credential) -> list[CallbackHint]:
        """What a posted callback hints at.

        Raises:
            RejectedError: the signature is wrong, or the time is out of the window.
        """

    @abc.abstractmethod
    def query_access(self, call: Call, domain: str) -> AccessStatus:
        """Reads whether the vendor has an access for the registrable domain."""

    def list_filings(self, call: Call) -> Iterable[FiledSubject]:  # noqa: ARG002 - those who have a list use it
        """Reads all that is filed through the account; ``call.assignment`` has the task and the account alone.

        The whole list or an error: what is missing from it counts as not there. Without it a vendor's capability says
        UNSUPPORTED.

        Raises:
            RejectedError: LIST_FILINGS_UNSUPPORTED, the vendor has no such read.
        """
        raise RejectedError("LIST_FILINGS_UNSUPPORTED")
