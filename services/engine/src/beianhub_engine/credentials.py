"""Key pairs of vendors' accounts, by the name that an account refers to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import structlog

from beianhub.resources.v1.resources_pb2 import Account
from beianhub_sdk import Credential, RefusedError

_RETRY_SECONDS = 60.0
_NONE = Credential("", "")
_log = structlog.get_logger()


class Credentials:
    """Resolves accounts' credentials. ``tenants`` says whose accounts may use a credential; one without an entry is
    anybody's.
    """

    def __init__(self, by_name: Mapping[str, Credential], tenants: Mapping[str, Collection[str]] | None = None) -> None:
        self._by_name = dict(by_name)
        self._tenants = dict(tenants or {})

    def of(self, account: Account) -> Credential:
        """The account's key pair.

        Raises:
            RefusedError: CREDENTIAL_UNKNOWN; nothing is called until it is configured.
        """
        found = self._find(account)
        if found is None:
            _log.error(
                "credential_unknown",
                account=account.name,
                credential=account.credential,
                remedy="add it to the engine's credentials for this tenant and restart it, or correct the account",
            )
            raise RefusedError("CREDENTIAL_UNKNOWN", _RETRY_SECONDS)
        return found

    def or_none(self, account: Account) -> Credential:
        """The account's key pair, or an empty one: a verifier need not call the vendor."""
        return self._find(account) or _NONE

    def _find(self, account: Account) -> Credential | None:
        """A tenant chooses its accounts' names and endpoints, so a name alone must not open another tenant's key."""
        allowed = self._tenants.get(account.credential)
        tenant = account.name.split("/")[1] if "/" in account.name else ""
        return self._by_name.get(account.credential) if allowed is None or tenant in allowed else None
