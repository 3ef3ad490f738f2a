"""Who acts on a challenge, named by role and masked number, and what he is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub_verification.tables import SERVICE_PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beianhub.resources.v1.resources_pb2 import Person
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_verification.tables import Note

_MOBILE_DIGITS: Final = 11


def masked(mobile: str) -> str:
    """13800000001 → 138****0001; a mask stays as it is, and of a short number nothing is shown."""
    if len(mobile) < _MOBILE_DIGITS:
        return "*" * len(mobile)
    return mobile[:3] + "*" * (len(mobile) - 7) + mobile[-4:]


def recipient(assignment: TaskAssignment, roles: Iterable[tuple[str, str]]) -> str:
    """Those in the roles, such as 主体负责人 138****0001；服务负责人 137****0002; one number is named once."""
    by_number: dict[str, list[str]] = {}
    for role in roles:
        by_number.setdefault(masked(_principal(assignment, role).mobile), []).append(role[0])
    return "；".join(f"{'、'.join(names)} {number}".rstrip() for number, names in by_number.items())


def _principal(assignment: TaskAssignment, role: tuple[str, str]) -> Person:
    """A service without a principal of its own has the subject's (ALI-2019: individuals)."""
    service = assignment.service
    if role == SERVICE_PRINCIPAL and service.HasField("principal"):
        return service.principal
    return assignment.subject.profile.principal


def instructions(assignment: TaskAssignment, zh: str, en: str, notes: Iterable[Note]) -> tuple[str, str]:
    """Both texts, with the notes that concern this order and their sources."""
    applying = [note for note in notes if note.applies(assignment)]
    return (
        "".join([zh, *(f"{note.zh}（{'、'.join(note.basis.source)}）" for note in applying)]),
        " ".join([en, *(f"{note.en} ({', '.join(note.basis.source)})" for note in applying)]),
    )
