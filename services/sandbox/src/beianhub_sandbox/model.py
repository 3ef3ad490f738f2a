"""What the ledger holds: orders, the national record, text messages, client tokens, callbacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class OrderType(StrEnum):
    """Order types (domain.md 2.2); what the regulator does with each stands in `regulator.OPERATIONS`."""

    FIRST_FILING = "FIRST_FILING"
    ADD_SERVICE = "ADD_SERVICE"
    ADD_ACCESS = "ADD_ACCESS"
    CHANGE_SUBJECT = "CHANGE_SUBJECT"
    CHANGE_SERVICE = "CHANGE_SERVICE"
    CHANGE_ACCESS = "CHANGE_ACCESS"
    CANCEL_SUBJECT = "CANCEL_SUBJECT"
    CANCEL_SERVICE = "CANCEL_SERVICE"
    CANCEL_ACCESS = "CANCEL_ACCESS"
    TRANSFER_ACCOUNT = "TRANSFER_ACCOUNT"
    CLAIM = "CLAIM"
    MIGRATE_SERVICE = "MIGRATE_SERVICE"


class Stage(StrEnum):
    """Where an order is, in neutral words; every vendor has its own (domain.md 3.1)."""

    DRAFT = "DRAFT"
    FIRST_REVIEW = "FIRST_REVIEW"
    FIRST_REJECTED = "FIRST_REJECTED"
    RETURNED = "RETURNED"
    """Came back from MIIT without a decision: the SMS lapsed or was answered wrongly six times."""
    TO_SUBMIT = "TO_SUBMIT"
    SMS = "SMS"
    REGULATOR_REVIEW = "REGULATOR_REVIEW"
    REGULATOR_REJECTED = "REGULATOR_REJECTED"
    FILED = "FILED"
    WITHDRAWN = "WITHDRAWN"


class Channel(StrEnum):
    """How an order came in."""

    API = "API"
    CONSOLE = "CONSOLE"


class Refuser(StrEnum):
    """Who refused or returned an order."""

    PROVIDER = "PROVIDER"
    MIIT = "MIIT"
    REGULATOR = "REGULATOR"


class IdentityStatus(StrEnum):
    """The face check (人脸核验) of the service's principal."""

    NOT_REQUIRED = "NOT_REQUIRED"
    WAITING = "WAITING"
    PASSED = "PASSED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Person:
    """A principal (负责人): only contact 1 (联系方式1) receives the MIIT SMS."""

    name: str
    mobile: str
    id_number: str


@dataclass(frozen=True)
class Application:
    """A vendor's form in neutral words; an empty string or list where the order type does not ask."""

    certificate_number: str = ""
    certificate_type: str = ""
    name: str = ""
    nature: str = ""
    province: str = ""
    """One character: 京, 粤 …"""
    address: str = ""
    principal_name: str = ""
    principal_mobile: str = ""
    principal_id: str = ""
    service_name: str = ""
    service_kind: str = "WEBSITE"
    domain: str = ""
    ips: list[str] = field(default_factory=list)
    manager_name: str = ""
    manager_mobile: str = ""
    manager_id: str = ""
    licence_number: str = ""
    reason: str = ""
    target_account: str = ""
    target_name: str = ""
    target_certificate: str = ""
    """Number of the certificate of the subject that takes a migrated service."""
    target_licence: str = ""

    @property
    def principal(self) -> Person:
        """The subject's principal (主体负责人)."""
        return Person(self.principal_name, self.principal_mobile, self.principal_id)

    @property
    def manager(self) -> Person:
        """The service's principal (网站负责人); the subject's one when none is named."""
        if not self.manager_mobile:
            return self.principal
        return Person(self.manager_name, self.manager_mobile, self.manager_id)


@dataclass(frozen=True)
class Refusal:
    """Why an order was refused or returned; `code` is a regulator result code or the provider's own."""

    by: Refuser
    code: str
    reason: str


@dataclass
class Identity:
    """The order's face check; `expires_at` is Unix seconds."""

    status: IdentityStatus = IdentityStatus.NOT_REQUIRED
    token: str = ""
    expires_at: float = 0.0


@dataclass
class Challenge:
    """One text message that must be answered on beian.miit.gov.cn."""

    mobile: str
    code: str
    id_last6: str
    wrong_tries: int = 0
    answered: bool = False


@dataclass(frozen=True)
class Step:
    """One entry of an order's history."""

    stage: Stage
    at: float


@dataclass
class Order:
    """A filing order (备案订单) in one vendor's ledger."""

    number: str
    vendor: str
    account: str
    channel: Channel
    order_type: OrderType
    application: Application
    form: dict[str, Any]
    """The vendor's form as it came."""
    accepted_at: float
    stage: Stage
    reference: str = ""
    client_token: str = ""
    callback_url: str = ""
    due: float | None = None
    """When the present stage ends by itself, Unix seconds."""
    revision: int = 0
    """How often corrected data was handed in."""
    refusal: Refusal | None = None
    identity: Identity = field(default_factory=Identity)
    challenges: list[Challenge] = field(default_factory=list)
    sms_deadline: float | None = None
    sms_auto: bool = True
    licence_number: str = ""
    history: list[Step] = field(default_factory=list)


@dataclass
class Access:
    """One provider's access (接入) to a service."""

    provider: str
    ips: list[str]


@dataclass
class Service:
    """An internet information service (互联网信息服务) in the national record."""

    number: str
    name: str
    kind: str
    domain: str
    manager: Person
    accesses: list[Access] = field(default_factory=list)


@dataclass
class Subject:
    """A subject (主体) in the national record."""

    certificate_number: str
    certificate_type: str
    name: str
    nature: str
    province: str
    number: str
    principal: Person
    last_sequence: int = 0
    services: list[Service] = field(default_factory=list)


@dataclass(frozen=True)
class PhoneMessage:
    """A text message on a phone."""

    identifier: str
    mobile: str
    code: str
    text: str
    sent_at: float
    deadline: float


@dataclass(frozen=True)
class TokenUse:
    """What a client token was first used for."""

    identifier: str
    body_hash: str
    order_number: str
    used_at: float


@dataclass
class Callback:
    """A notification waiting for delivery; `message_id` stays the same over retries and duplicates."""

    identifier: str
    message_id: str
    order_number: str
    sequence: int
    body: str
    next_at: float
    attempts: int = 0
    held: bool = False
    """Kept back until a later one is out (scenario `out_of_order_callback`)."""


class Behaviour(StrEnum):
    """What a scenario does."""

    REJECT = "reject"
    REJECT_REGULATOR = "reject_regulator"
    SMS_UNANSWERED = "sms_unanswered"
    SMS_MANUAL = "sms_manual"
    HTTP_500 = "http_500"
    THROTTLE_429 = "throttle_429"
    TIMEOUT_AFTER_ACCEPT = "timeout_after_accept"
    RESET_BEFORE_ACCEPT = "reset_before_accept"
    SLOW = "slow"
    UNKNOWN_STATUS = "unknown_status"
    DUPLICATE_CALLBACK = "duplicate_callback"
    OUT_OF_ORDER_CALLBACK = "out_of_order_callback"
    IDENTITY_CHECK = "identity_check"


@dataclass
class Scenario:
    """A script for a domain; `times` counts down, None means without end."""

    identifier: str
    domain: str
    behaviour: Behaviour
    vendor: str = ""
    times: int | None = 1
    on: str = "submit"
    code: str = ""
    reason: str = ""
    seconds: float = 0.0
    after_accept: bool = False


@dataclass
class Counter:
    """A persisted counter."""

    identifier: str
    value: int = 0
