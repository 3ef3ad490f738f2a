"""Manifests: what a plugin says of itself before it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from beianhub.resources.v1 import plugin_pb2
from beianhub_sdk.specs import PLUGIN_API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beianhub.resources.v1.resources_pb2 import Channel, Nature, Operation, OrderType, VerificationKind


@dataclass(frozen=True, slots=True)
class Capability:
    """By which channel an operation goes, for an order type, with the source that says so.

    Empty ``provinces`` and ``natures`` mean any. Several lines of one operation and order type may name different
    channels; the account chooses among them.
    """

    operation: Operation.ValueType
    order_type: OrderType.ValueType
    channel: Channel.ValueType
    source: tuple[str, ...]
    as_of: str
    provinces: tuple[str, ...] = ()
    natures: tuple[Nature.ValueType, ...] = ()

    def to_proto(self) -> plugin_pb2.Capability:
        """The wire form."""
        return plugin_pb2.Capability(
            operation=self.operation,
            order_type=self.order_type,
            channel=self.channel,
            source=self.source,
            as_of=self.as_of,
            provinces=self.provinces,
            natures=self.natures,
        )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Whether orders can be withdrawn at one point of their way, with the source that says so (domain.md 3.3).

    No ``phase`` means any, no ``order_types`` all of them; of several lines that fit the first counts. Where no line
    fits, the sources are silent: a withdrawal is tried.
    """

    answer: plugin_pb2.Withdrawal.Answer.ValueType
    source: tuple[str, ...]
    phase: plugin_pb2.Withdrawal.Phase.ValueType = plugin_pb2.Withdrawal.PHASE_UNSPECIFIED
    order_types: tuple[OrderType.ValueType, ...] = ()
    as_of: str = ""

    def to_proto(self) -> plugin_pb2.Withdrawal:
        """The wire form."""
        return plugin_pb2.Withdrawal(
            phase=self.phase,
            order_types=self.order_types,
            answer=self.answer,
            source=self.source,
            as_of=self.as_of,
        )


@dataclass(frozen=True, slots=True)
class Guarantee:
    """How the vendor keeps a call from counting twice; build it with one of the three class methods."""

    kind: plugin_pb2.SubmissionGuarantee.Kind.ValueType
    token_validity: timedelta = timedelta()
    signature_validity: timedelta = timedelta()
    visibility_delay: timedelta = timedelta()

    @classmethod
    def client_token(cls, validity: timedelta) -> Guarantee:
        """The vendor answers the same for the same token and body, for ``validity``."""
        return cls(plugin_pb2.SubmissionGuarantee.KIND_CLIENT_TOKEN, token_validity=validity)

    @classmethod
    def search(cls, signature_validity: timedelta, visibility_delay: timedelta) -> Guarantee:
        """The vendor finds an order by our reference, at the latest ``visibility_delay`` after it took it."""
        return cls(
            plugin_pb2.SubmissionGuarantee.KIND_SEARCH,
            signature_validity=signature_validity,
            visibility_delay=visibility_delay,
        )

    @classmethod
    def manual(cls) -> Guarantee:
        """The vendor offers neither: a person decides after an unknown outcome."""
        return cls(plugin_pb2.SubmissionGuarantee.KIND_MANUAL)

    def to_proto(self) -> plugin_pb2.SubmissionGuarantee:
        """The wire form."""
        message = plugin_pb2.SubmissionGuarantee(kind=self.kind)
        message.token_validity.FromTimedelta(self.token_validity)
        message.signature_validity.FromTimedelta(self.signature_validity)
        message.visibility_delay.FromTimedelta(self.visibility_delay)
        return message


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderManifest:
    """Of a provider. ``personal_data`` names the fields that its calls need, as paths of a TaskAssignment,
    such as ``subject.profile.principal.mobile``; everything else stays masked.
    """

    id: str
    title: str
    version: str
    guarantee: Guarantee
    capabilities: tuple[Capability, ...]
    personal_data: tuple[str, ...]
    order_type_names: Mapping[OrderType.ValueType, str] = field(default_factory=dict)
    withdrawals: tuple[Withdrawal, ...] = ()
    poll_interval: timedelta = timedelta(minutes=10)
    max_concurrency: int = 4
    call_timeout: timedelta = timedelta(seconds=30)
    api: int = PLUGIN_API


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierManifest:
    """Of a verifier. A ``precheck`` runs before anything is sent; others run when a provider asks for the kind. One
    that ``patrols`` (巡检) also looks at filed services again and again, without an order: :meth:`Verifier.observe`.
    """

    id: str
    title: str
    version: str
    kind: VerificationKind.ValueType
    precheck: bool
    source: tuple[str, ...]
    order_types: tuple[OrderType.ValueType, ...] = ()
    personal_data: tuple[str, ...] = ()
    patrols: bool = False
    call_timeout: timedelta = timedelta(seconds=30)
    api: int = PLUGIN_API
