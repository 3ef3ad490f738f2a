"""Key pairs of vendors' accounts, by the name that an account refers to."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from beianhub.resources.v1.resources_pb2 import Account
from beianhub_sdk import Credential, RefusedError

_RETRY_SECONDS = 60.0
_NONE = Credential("", "")
_log = structlog.get_logger()


class Credentials:
    """Resolves accounts' credentials."""

    def __init__(self, by_name: Mapping[str, Credential]) -> None:
        self._by_name = dict(by_name)

    def of(self, account: Account) -> Credential:
        """The account's key pair.

        Raises:
            RefusedError: CREDENTIAL_UNKNOWN; nothing is called until it is configured.
        """
        found = self._by_name.get(account.credential)
        if found is None:
            _log.error(
                "credential_unknown",
                account=account.name,
                credential=account.credential,
                remedy="add this name to the engine's credentials and restart it, or correct the account",
            )
            raise RefusedError("CREDENTIAL_UNKNOWN", _RETRY_SECONDS)
        return found

    def or_none(self, account: Account) -> Credential:
        """The account's key pair, or an empty one: a verifier need not call the vendor."""
        return self._by_name.get(account.credential, _NONE)
