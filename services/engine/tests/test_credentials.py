from __future__ import annotations

import pytest

from beianhub.resources.v1.resources_pb2 import Account
from beianhub_engine.credentials import Credentials
from beianhub_sdk import Credential, RefusedError

KEY = Credential("AKID", "secret")


def account(tenant: str) -> Account:
    return Account(name=f"tenants/{tenant}/accounts/main", credential="shared-name")


def test_a_credential_opens_for_its_own_tenants_alone() -> None:
    """A tenant that names another tenant's credential gets nothing, and its tasks wait."""
    credentials = Credentials({"shared-name": KEY}, {"shared-name": ("acme",)})
    assert credentials.of(account("acme")) is KEY
    with pytest.raises(RefusedError, match="CREDENTIAL_UNKNOWN"):
        credentials.of(account("other"))
    assert credentials.or_none(account("other")).access_key_secret == ""


def test_a_credential_without_tenants_is_anybodys() -> None:
    """Where nobody restricts a credential, every tenant's account may name it."""
    assert Credentials({"shared-name": KEY}).of(account("other")) is KEY
