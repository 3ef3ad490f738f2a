"""Between values and masks: a subject's personal data goes into the vault here, and comes out of it here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from google.protobuf.field_mask_pb2 import FieldMask

from beianhub.resources.v1.resources_pb2 import Subject
from beianhub_core import names
from beianhub_core.domain.draft import refused, rejected
from beianhub_core.domain.subjects import keep_outputs
from beianhub_core.errors import ErrorKind
from beianhub_core.findings import SEVERITY_BLOCKER
from beianhub_core.rules.normalise import normalise_subject
from beianhub_core.rules.subjects import check_subject
from beianhub_core.store.port import Changes, Loaded, VaultEntry
from beianhub_core.vault import personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_core.application.core import Core, Finish
    from beianhub_core.domain.draft import Draft

_ALLOWED: Final = ("customer", "profile", "services")
_OUTPUTS: Final = (
    "create_time",
    "update_time",
    "etag",
    "vault_ref",
    "state",
    "licence_number",
    "regulator_id",
    "deadlines",
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A subject with masks, the ciphertext of its values, and its certificate's blind index."""

    masked: Subject
    entry: VaultEntry
    certificate: bytes


async def seal(core: Core, tenant: str, plain: Subject) -> Sealed:
    """Normalises and checks the subject, and seals its values.

    Raises:
        BeianhubError: INVALID, with every mistake at once; paths begin with ``subject.``, as in the request.
    """
    return await encrypt(core, tenant, _valid(core, plain), "subject")


def preview(core: Core, tenant: str, plain: Subject) -> Sealed:
    """Like :func:`seal`, for what is not to be kept: checked and masked, and nothing is encrypted."""
    return _masked(core, tenant, _valid(core, plain), VaultEntry("", b""))


def _valid(core: Core, plain: Subject) -> Subject:
    plain, blockers = checked(core, plain)
    if blockers:
        raise rejected(blockers, ErrorKind.INVALID)
    return plain


def checked(core: Core, plain: Subject) -> tuple[Subject, list[Finding]]:
    """The subject normalised, and what refuses it; paths begin with ``subject.``."""
    plain = normalise_subject(plain)
    blockers = [f for f in check_subject(plain, core.clock.now().date()) if f.severity == SEVERITY_BLOCKER]
    for finding in blockers:
        finding.path = f"subject.{finding.path}"
    return plain, blockers


async def encrypt(core: Core, tenant: str, plain: Subject, kind: str) -> Sealed:
    """Seals a checked subject under a reference of its own, which begins with ``kind``."""
    ref = f"{kind}-{core.ids.new()}"
    entry = await core.vault.seal(tenant, names.last(plain.name), ref, plain.SerializeToString())
    return _masked(core, tenant, plain, entry)


def _masked(core: Core, tenant: str, plain: Subject, entry: VaultEntry) -> Sealed:
    masked = Subject()
    masked.CopyFrom(plain)
    personal.mask(masked)
    masked.vault_ref = entry.ref
    certificate = plain.profile.certificate
    index = core.vault.blind_index(tenant, "certificate", f"{certificate.type}:{certificate.number}")
    return Sealed(masked, entry, index)


async def unseal(core: Core, tenant: str, masked: Subject) -> Subject:
    """The subject with its values.

    Raises:
        BeianhubError: NOT_FOUND, it was erased; ABORTED with reason SUBJECT_CHANGED, its values were replaced after
            ``masked`` was read.
    """
    ciphertext = (await core.store.vault_entries(tenant, [masked.vault_ref])).get(masked.vault_ref)
    if ciphertext is None:
        raise refused(
            ErrorKind.ABORTED,
            "SUBJECT_CHANGED",
            "subject",
            "主体刚被修改",
            "the subject was changed at this moment",
            "请重复该请求。 / Repeat the request.",
        )
    entry = VaultEntry(masked.vault_ref, ciphertext)
    plain = Subject.FromString(await core.vault.open(tenant, names.last(masked.name), entry))
    for field in _OUTPUTS:
        plain.ClearField(field)
    return plain


def merge(plain: Subject, given: Subject, paths: Sequence[str]) -> None:
    """Puts the fields of the mask that the caller gave into the values, in place.

    Raises:
        BeianhubError: INVALID for a path that is not the caller's to change, or a mask in place of a value.
    """
    if not paths:
        raise _bad_path("update_mask", "更新掩码不能为空", "the update mask is empty")
    for path in paths:
        if (
            path.split(".")[0] not in _ALLOWED
            or path.startswith("services.")
            or not FieldMask(paths=[path]).IsValidForDescriptor(Subject.DESCRIPTOR)
        ):
            raise _bad_path("update_mask.paths", f"不能修改 {path}", f"{path} is not a field that can be changed")
    scalars = FieldMask(paths=[path for path in paths if path != "services"])
    scalars.MergeMessage(given, plain, replace_message_field=True, replace_repeated_field=True)
    if "services" in paths:
        _merge_services(plain, given)


def _merge_services(plain: Subject, given: Subject) -> None:
    """Services with a name replace the one that has it; those without are added."""
    merged = {service.name: service for service in plain.services}
    unknown = [i for i, service in enumerate(given.services) if service.name and service.name not in merged]
    if unknown:
        raise refused(
            ErrorKind.NOT_FOUND,
            "SERVICE_NOT_FOUND",
            f"subject.services[{unknown[0]}].name",
            "主体下没有该服务",
            "the subject has no service of this name",
            (
                "新增服务时名称请留空；已有服务的名称请查询该主体。 / "
                "Leave the name empty to add a service; get the subject for the names of those it has."
            ),
        )
    merged |= {service.name: service for service in given.services if service.name}
    added = [service for service in given.services if not service.name]
    services = Subject(services=[*merged.values(), *added]).services
    plain.ClearField("services")
    plain.services.extend(services)


async def recorded(core: Core, tenant: str, masked: Subject) -> Subject:
    """Like :func:`unseal`, with what the record holds of the regulator's and the providers' too."""
    plain = await unseal(core, tenant, masked)
    keep_outputs(masked, plain)
    return plain


def _bad_path(path: str, zh: str, en: str) -> Exception:
    return refused(
        ErrorKind.INVALID,
        "FIELD_NOT_UPDATABLE",
        path,
        zh,
        en,
        (
            '请填写 "customer"、"profile" 或 "services"，或其下级字段。 / '
            'Name "customer", "profile" or "services", or below.'
        ),
    )


def with_vault(sealed: Sealed, replaced: str = "") -> Finish:
    """Keeps the new values, and lets the ``replaced`` ones go."""

    def finish(done: Draft, _loaded: Loaded, changes: Changes) -> Changes:
        return replace(
            changes,
            vault=[sealed.entry],
            dropped_refs=[*changes.dropped_refs, *([replaced] if replaced else [])],
            certificate=sealed.certificate,
            response=done.record.subject.SerializeToString(),
        )

    return finish


def without_people(masked: Subject) -> Subject:
    """The subject without its masked fields, in place: they tell nothing."""
    for person in (masked.profile.principal, *(service.principal for service in masked.services)):
        person.Clear()
    if personal.is_masked(masked.profile.title):
        masked.profile.title = ""
    return masked
