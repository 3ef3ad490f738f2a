"""The vault's errors, each made in one place: none ever carries a value, a key or a ciphertext."""

from __future__ import annotations

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker


def key_erased(tenant: str, subject: str) -> BeianhubError:
    """NOT_FOUND, reason KEY_ERASED: the subject's data was erased on request (PIPL art. 47) and stays so."""
    found = blocker(
        "KEY_ERASED",
        "",
        "该主体的个人信息已按要求删除",
        "the subject's personal data was erased on request and cannot be read or added to",
        "如需再次备案，请新建主体。 / Create a new subject if it is to be filed again.",
        source=("PIPL art. 47",),
    )
    return _error(ErrorKind.NOT_FOUND, found, tenant, subject)


def key_unknown(tenant: str, subject: str) -> BeianhubError:
    """NOT_FOUND, reason KEY_UNKNOWN: the key store has never seen the subject."""
    found = blocker(
        "KEY_UNKNOWN",
        "",
        "密钥库中没有该主体的密钥",
        "the key store holds no key of this subject",
        (
            "请让保险库指向与这些数据对应的密钥库，或恢复其最新备份。 / "
            "Point the vault at the key store that belongs to this data, or restore its newest backup."
        ),
    )
    return _error(ErrorKind.NOT_FOUND, found, tenant, subject)


def master_key_unknown(tenant: str, subject: str, key_id: str) -> BeianhubError:
    """PRECONDITION, reason MASTER_KEY_UNKNOWN: the key ring lacks the master key that wrapped the subject's key."""
    found = blocker(
        "MASTER_KEY_UNKNOWN",
        "",
        f"密钥环中没有主密钥 {key_id}",
        f"the key ring holds no master key {key_id}, or its wrapping was changed",
        (
            "请恢复先前使用的主密钥；轮换时它会保留在密钥环中。 / "
            "Restore the master key that was used before; a rotation keeps it in the ring."
        ),
    )
    return _error(ErrorKind.PRECONDITION, found, tenant, subject)


def entry_unreadable(tenant: str, subject: str, ref: str) -> BeianhubError:
    """PRECONDITION, reason VAULT_ENTRY_UNREADABLE: changed, cut short, or taken from another place."""
    found = blocker(
        "VAULT_ENTRY_UNREADABLE",
        "",
        "保险库条目无法解密：内容被改动，或不属于此处",
        "the vault entry does not decrypt: it was changed, or belongs to another subject or reference",
        "请从存储的备份中恢复该条目。 / Restore the entry from a backup of the store.",
    )
    return _error(ErrorKind.PRECONDITION, found, tenant, subject, ref=ref)


def keystore_unavailable() -> BeianhubError:
    """UNAVAILABLE, reason KEY_STORE_UNAVAILABLE: the key store's database does not answer."""
    found = blocker(
        "KEY_STORE_UNAVAILABLE",
        "",
        "密钥库暂时不可用",
        "the key store's database does not answer",
        "请确认其正在运行且 URL 正确，然后重试。 / Check that it runs and that its URL is right; then try again.",
    )
    return BeianhubError(ErrorKind.UNAVAILABLE, found.code, [found], retry_after=1.0)


def master_key_refused(where: str, why: str, remedy: str) -> BeianhubError:
    """PRECONDITION, reason MASTER_KEY_REFUSED: the master key cannot be taken from ``where``."""
    found = blocker("MASTER_KEY_REFUSED", where, f"主密钥不可用：{where}", f"{where}: {why}", remedy)
    return BeianhubError(ErrorKind.PRECONDITION, found.code, [found])


def _error(kind: ErrorKind, found: Finding, tenant: str, subject: str, **more: str) -> BeianhubError:
    """An error about one subject, with the ids that an operator needs."""
    return BeianhubError(kind, found.code, [found], metadata={"tenant": tenant, "subject": subject, **more})
