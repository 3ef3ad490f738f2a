"""`beianhub init`: the master key, the schema, the first tenant and its owner's key."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from beianhub.filing.v1.admin_service_pb2 import ROLE_OWNER
from beianhub_cli.config import Config
from beianhub_cli.serve.composing import MASTER_KEY_VARIABLE, application
from beianhub_core.application import Application
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.vault import MasterKey
from beianhub_sandbox.settings import Settings as Sandbox

TEMPLATE: Final = """\
# beianhub: one ICP filing record, every cloud. Each key can be set in the environment too: BEIANHUB_STORE__URL, …
# `beianhub config show` prints what is in force.
data_dir = ".beianhub"
tenant = "{tenant}"

# [store]
# url = "postgresql://user@host/beianhub"       # default: SQLite in data_dir
# [bus]
# url = "kafka://host:9092"                     # default: embedded
# [gateway]
# listen = "127.0.0.1:7430"
# public_url = "https://filing.example.com"     # where vendors call back

# [credentials.tencent-main]                    # named by an account's `credential`
# access_key_id = "AKID…"
# access_key_secret_file = "/run/secrets/tencent"
"""
SANDBOX_KEYS: Final = {vendor: next(iter(pairs.items())) for vendor, pairs in Sandbox().credentials.items()}
"""Of each of the sandbox's vendors a key pair: its id and its secret, invented; they open nothing else."""
_CREDENTIAL: Final = """
[credentials.{vendor}]                          # invented, opens the sandbox alone
access_key_id = "{key}"
access_key_secret_file = {file}
"""


def make_master_key(config: Config) -> bool:
    """Makes the master key's file; ``False`` when there is a key, there or in the environment."""
    if os.environ.get(MASTER_KEY_VARIABLE) or config.master_key_file.exists():
        return False
    _make_private(config.data_dir, config.master_key_file.parent)
    MasterKey.generate(config.master_key_file)
    return True


def write_template(path: Path, tenant: str) -> bool:
    """Writes a commented configuration; ``False`` when there is a file."""
    if path.exists():
        return False
    path.write_text(TEMPLATE.format(tenant=tenant), encoding="utf-8")
    return True


def add_sandbox_credentials(path: Path, config: Config) -> list[str]:
    """Adds each vendor's key pair of the sandbox to the configuration's file, unless one has its name; the added ones.

    The secrets are invented, and yet kept as a vendor's would be: in files that only their owner can read.
    """
    added = [vendor for vendor in SANDBOX_KEYS if vendor not in config.credentials]
    folder = config.data_dir / "secrets"
    _make_private(config.data_dir, folder)
    for vendor in added:
        key, secret = SANDBOX_KEYS[vendor]
        _write_secret(folder / vendor, secret)
        with path.open("a", encoding="utf-8") as file:
            file.write(_CREDENTIAL.format(vendor=vendor, key=key, file=json.dumps(str(folder / vendor))))
    return added


def _make_private(*folders: Path) -> None:
    """Makes each folder by itself: parents would be made for everybody to read."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


async def initialise(config: Config, tenant: str, title: str, *, new_key: bool = False) -> str:
    """Creates the tenant and returns its owner's key, which is also left in the data directory, readable by its owner.

    A tenant without any key, as a killed first run leaves it, gets one; ``new_key`` makes one more.

    Raises:
        BeianhubError: ALREADY_EXISTS, the tenant and its owner's key are there; PRECONDITION with reason
            MASTER_KEY_UNKNOWN, data is there whose master key is lost: no new one is left in its place.
    """
    fresh = make_master_key(config)
    try:
        async with application(config) as app:
            secret = await _owner_key(app, tenant, title, new_key=new_key)
    except BeianhubError as error:
        if fresh and error.reason == "MASTER_KEY_UNKNOWN":
            config.master_key_file.unlink()
        raise
    if tenant == config.tenant:
        _write_secret(config.owner_key_file, secret)
    return secret


async def _owner_key(app: Application, tenant: str, title: str, *, new_key: bool) -> str:
    try:
        await app.admin.create_tenant(tenant, title)
    except BeianhubError as error:
        keys = await app.store.list_api_keys(tenant, after="", limit=1)
        if error.kind is not ErrorKind.ALREADY_EXISTS or (keys and not new_key):
            raise
    return (await app.admin.make_api_key(tenant, ROLE_OWNER, "")).secret


async def ensure_initialised(config: Config) -> bool:
    """Initialises what `beianhub up` needs; ``False`` when it was done before."""
    try:
        await initialise(config, config.tenant, config.tenant, new_key=not config.owner_key_file.exists())
    except BeianhubError as error:
        if error.kind is ErrorKind.ALREADY_EXISTS:
            return False
        raise
    return True


def _write_secret(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(secret + "\n", encoding="utf-8")
