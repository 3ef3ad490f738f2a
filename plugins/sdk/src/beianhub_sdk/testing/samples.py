"""Invented subjects with valid check digits, and assignments made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TASK_KIND_SUBMIT, Task, TaskAssignment

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import OrderType

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_MODULUS: Final = 11
_NAMES_ACCOUNT: Final = frozenset({pb.ORDER_TYPE_TRANSFER_ACCOUNT, pb.ORDER_TYPE_MIGRATE_SERVICE})
_OTHERS: Final = 500_000  # what a target's number is away from its order's


def resident_id(number: int) -> str:
    """An ID number (GB 11643) of Beijing, born on 1990-01-01, in the sequence ``number`` (up to 999)."""
    body = f"11010519900101{number % 1000:03d}"
    return body + _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def uscc(number: int) -> str:
    """A unified social credit code (GB 32100) of Beijing; both of its check characters are right."""
    organisation = f"{number % 10**8:08d}"
    check = _ORG_MODULUS - sum(int(d) * w for d, w in zip(organisation, _ORG_WEIGHTS, strict=True)) % _ORG_MODULUS
    body = f"91110105{organisation}{'0123456789X0'[check]}"
    size = len(_USCC_ALPHABET)
    total = sum(_USCC_ALPHABET.index(char) * pow(3, place, size) for place, char in enumerate(body))
    return body + _USCC_ALPHABET[-total % size]


def sample(number: int, order_type: OrderType.ValueType = pb.ORDER_TYPE_FIRST_FILING) -> TaskAssignment:
    """An order of the invented company ``number``, with every field that an order may have; no account, no request."""
    person = pb.Person(
        full_name="张示例",
        certificate=pb.Certificate(type=pb.CERTIFICATE_TYPE_RESIDENT_ID, number=resident_id(number)),
        mobile=f"138{number % 10**8:08d}",
        emergency_phone=f"139{number % 10**8:08d}",
        email=f"someone{number}@example.com",
    )
    manager = pb.Person(
        full_name="李示例",
        certificate=pb.Certificate(type=pb.CERTIFICATE_TYPE_RESIDENT_ID, number=resident_id(number + 1)),
        mobile=f"137{number % 10**8:08d}",
    )
    profile = pb.SubjectProfile(
        title=f"北京示例{number}科技有限公司",
        nature=pb.NATURE_ENTERPRISE,
        province="北京",
        city="北京",
        certificate=pb.Certificate(type=pb.CERTIFICATE_TYPE_USCC, number=uscc(number)),
        address=f"示例路{number}号",
        principal=person,
    )
    service = pb.Service(
        kind=pb.SERVICE_KIND_WEBSITE, title="示例商店", domains=[f"shop{number}.cn"], principal=manager
    )
    licence = "" if order_type == pb.ORDER_TYPE_FIRST_FILING else f"京ICP备2025{number % 10**6:06d}号"
    if licence and order_type != pb.ORDER_TYPE_ADD_SERVICE:
        service.licence_number = f"{licence}-1"
    order = pb.Order(type=order_type, ips=["203.0.113.10", "203.0.113.11"])
    if order_type in _NAMES_ACCOUNT:
        order.target_account = "tenants/t/accounts/other"
    assignment = TaskAssignment(
        task=Task(
            name=f"tenants/t/tasks/{number}", kind=TASK_KIND_SUBMIT, epoch=1, attempt=1, client_token=f"token-{number}"
        ),
        order=order,
        subject=pb.Subject(profile=profile, services=[service], licence_number=licence),
        service=service,
        reference=f"reference-{number}",
    )
    if order_type == pb.ORDER_TYPE_MIGRATE_SERVICE:
        order.target_subject = "tenants/t/subjects/other"
        assignment.order.CopyFrom(order)
        assignment.target.CopyFrom(_target(number + _OTHERS))
    return assignment


def _target(number: int) -> pb.Subject:
    """The company that takes the service of a migration."""
    taking = sample(number, pb.ORDER_TYPE_ADD_SERVICE).subject
    taking.name = "tenants/t/subjects/other"
    taking.ClearField("services")
    return taking
