"""Which sites a verifier may visit for an account."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from beianhub.resources.v1.resources_pb2 import Account
from beianhub_engine.fetch.fetcher import SafeFetcher
from beianhub_sdk.addresses import Standing, judge


class Sites:
    """The fetchers of one host. An account at a sandbox rehearses: its domains are invented, or may by chance be
    somebody's, so that nobody is resolved or asked for it but what the test switch names.
    """

    def __init__(self, loopback: Mapping[str, int]) -> None:
        self._rehearses = bool(loopback)
        self._public = SafeFetcher(loopback=loopback)
        self._rehearsal = SafeFetcher(loopback=loopback, public=False)

    def of(self, account: Account) -> SafeFetcher:
        """The fetcher for the account's orders."""
        return self._rehearsal if rehearses(account) else self._public

    def reaches(self, account: Account) -> bool:
        """Whether anybody may be visited for the account."""
        return self._rehearses or not rehearses(account)


def rehearses(account: Account) -> bool:
    """Whether the account's endpoint is in the own network, where no vendor is: not public, or a name of one label."""
    try:
        host = urlsplit(account.endpoint).hostname or ""
    except ValueError:
        return False
    if judge(host).standing is Standing.INVALID:
        return bool(host) and ("." not in host or host.endswith(".localhost"))
    return judge(host).standing is not Standing.PUBLIC
