"""What can be configured, with its defaults: one machine, nothing to install."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    field_validator,
    model_validator,
)

from beianhub_core.errors import BeianhubError
from beianhub_core.names import ID
from beianhub_core.rulebook import PackError
from beianhub_core.rulebook.calendar_file import CalendarError, read_calendar
from beianhub_core.rulebook.workdays import CHINA, Calendar

_ADDRESS: Final = re.compile(r"[^:\s]+:[0-9]{1,5}")
Seconds = Annotated[float, Field(gt=0)]
_PORTS: Final = 65535
STORE_FILE: Final = Path("beianhub.db")
KEYS_FILE: Final = Path("keys", "keys.db")
"""The databases in the data directory, where none are configured."""
# user:password@ of an address, and a password among its parameters
_PASSWORDS: Final = re.compile(
    r"(?<=://)([^/@:\s]*):[^?\s]*(?=@)|([?&][^=&]*(?:password|secret)[^=&]*)=[^&]*", re.IGNORECASE
)
Id = Annotated[str, Field(pattern=rf"^{ID.pattern}$")]


def _with_a_port(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("must be host:port, such as 127.0.0.1:7430")
    if int(address.rpartition(":")[2]) > _PORTS:
        raise ValueError(f"a port is at most {_PORTS}")
    return address


def _with_a_readable_address(url: str) -> str:
    """Refuses what the database's driver cannot read, whose own words may hold the password."""
    if not url:
        return url
    from sqlalchemy import make_url  # noqa: PLC0415 - a client need not wait for a database's driver
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        make_url(url)
    except (ValueError, ArgumentError):
        raise ValueError(
            "is no address of a database: its port must be a number, and signs in a password as %40"
        ) from None
    return url


def _listed(value: object) -> object:
    """What a file has as a list, the environment has as text: with commas, or written as in the file."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [part for each in value.split(",") if (part := each.strip())]
    try:
        return tomllib.loads(f"list = {value}")["list"]
    except tomllib.TOMLDecodeError:
        raise ValueError('应为列表 / must be a list, such as ["a", "b"], or a,b in the environment') from None


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_listed)]
Address = Annotated[str, Field(description="host:port; port 0 takes a free one"), AfterValidator(_with_a_port)]


def without_passwords(url: str) -> str:
    """The address with stars in the place of each password, as it may be shown."""
    return _PASSWORDS.sub(lambda found: f"{found[1] or found[2]}{':' if found[2] is None else '='}**********", url)


Url = Annotated[str, PlainSerializer(without_passwords, when_used="json")]

if TYPE_CHECKING:
    from beianhub_core.application import Rulebooks


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreConfig(_Section):
    """Where records are kept."""

    url: Url = ""  # empty: SQLite in the data directory

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return _with_a_readable_address(url)


class BusConfig(_Section):
    """Where events are distributed."""

    url: Url = "embedded://"

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if not url.startswith(("embedded://", "kafka://")):
            raise ValueError("must begin with embedded:// or kafka://")
        return url


class VaultConfig(_Section):
    """Where personal data's keys are kept: apart from the store, with backups of their own."""

    keystore_url: Annotated[Url, AfterValidator(_with_a_readable_address)] = ""  # empty: SQLite in the data directory
    master_key_file: Path | None = None  # empty: in the data directory
    backup_retention_days: Annotated[int, Field(gt=0)] = 30


class GatewayConfig(_Section):
    """The gateway's addresses."""

    listen: Address = "127.0.0.1:7430"
    http_listen: Address = "127.0.0.1:7431"
    public_url: str = ""  # where vendors reach the HTTP port; empty: its own address
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    drain_seconds: Annotated[float, Field(ge=0)] = 2.0

    @model_validator(mode="after")
    def _both(self) -> GatewayConfig:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self


class OverrideConfig(_Section):
    """What this deployment knows better than a plugin's manifest, such as a sandbox's pace. In seconds."""

    poll_interval: Seconds | None = None
    signature_validity: Seconds | None = None
    visibility_delay: Seconds | None = None
    call_timeout: Seconds | None = None
    patrol_interval: Seconds | None = None


class EngineConfig(_Section):
    """What runs behind the gateway."""

    trusted: Words = ("tencent", "aliyun", "huawei", "verification")
    deny: Words = ()
    strict_plugins: bool = False
    lease_seconds: Seconds = 60
    patrol_seconds: Annotated[float, Field(ge=0)] = 86400.0  # between two looks at a site, or an account; 0: none
    overrides: dict[str, OverrideConfig] = {}


class CredentialConfig(_Section):
    """A vendor account's key pair; the secret comes from a file or the environment, and is never printed."""

    access_key_id: str
    tenants: Words = ()  # whose accounts may use it; empty: the configuration's own tenant
    access_key_secret: SecretStr | None = None
    access_key_secret_file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> CredentialConfig:
        if (self.access_key_secret is None) == (self.access_key_secret_file is None):
            raise ValueError("give one of access_key_secret (from the environment) and access_key_secret_file")
        return self

    def secret(self) -> str:
        """The secret. Raises OSError when its file cannot be read."""
        if self.access_key_secret is not None:
            return self.access_key_secret.get_secret_value()
        if self.access_key_secret_file is None:  # the validator saw to it
            raise AssertionError
        return self.access_key_secret_file.read_text(encoding="utf-8").strip()


class TenantRulesConfig(_Section):
    """Packs of rules for one tenant."""

    packs: Paths = ()


class RulesConfig(_Section):
    """Packs of rules beside the built-in ones: for every tenant, then for one by its id."""

    packs: Paths = ()
    tenants: dict[Id, TenantRulesConfig] = {}

    @model_validator(mode="after")
    def _right(self) -> Self:
        """Raises ValueError with each mistake: file, place or rule, and the remedy."""
        if self.packs or self.tenants:
            try:
                self.rulebooks()
            except PackError as error:
                raise ValueError(_told(error)) from None
        return self

    def rulebooks(self) -> Rulebooks:
        """What holds for whom. Raises PackError."""
        from beianhub_core.application import Rulebooks  # noqa: PLC0415 - a client need not wait for the application

        return Rulebooks(self.packs, {tenant: own.packs for tenant, own in self.tenants.items()})


class CalendarConfig(_Section):
    """China's working days: the library's, with the years of a file in place of its own."""

    file: Path | None = None

    @model_validator(mode="after")
    def _right(self) -> Self:
        """Raises ValueError with each mistake: file, place, and the remedy."""
        try:
            self.calendar()
        except CalendarError as error:
            raise ValueError(_told(error)) from None
        return self

    def calendar(self) -> Calendar:
        """What counts working days. Raises CalendarError."""
        return read_calendar(self.file) if self.file is not None else CHINA


def _told(error: BeianhubError) -> str:
    """Each finding in one line: its place, what is wrong in both languages, and the remedy."""
    return "; ".join(f"{one.path}: {one.message_zh} / {one.message_en}. {one.suggestion}" for one in error.findings)


class ClientConfig(_Section):
    """How the command reaches a gateway."""

    server: Address | None = None  # empty: the gateway's own listen address
    tls: bool = False
    api_key: SecretStr | None = None
    api_key_file: Path | None = None  # empty: the owner's key that `beianhub init` left in the data directory


class SandboxConfig(_Section):
    """The sandbox: vendor-style systems and a regulator, for training and tests."""

    listen: Address = "127.0.0.1:7432"
    time_scale: Seconds | None = None
    sms_mode: Literal["auto", "manual"] = "auto"
    sms_window: Seconds | None = None  # for answering the MIIT SMS; empty: what the time scale makes of a day
    persist: bool = True
    people: Path | None = None  # a portfolio whose people answer the MIIT SMS and whose operator works hand-offs


class LogConfig(_Section):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Config(BaseModel):
    """The whole configuration. In the environment, ``BEIANHUB_STORE__URL`` sets ``store.url``, and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    data_dir: Path = Path(".beianhub")
    tenant: Id = "main"
    store: StoreConfig = StoreConfig()
    bus: BusConfig = BusConfig()
    vault: VaultConfig = VaultConfig()
    gateway: GatewayConfig = GatewayConfig()
    engine: EngineConfig = EngineConfig()
    credentials: dict[str, CredentialConfig] = {}
    client: ClientConfig = ClientConfig()
    sandbox: SandboxConfig = SandboxConfig()
    log: LogConfig = LogConfig()
    rules: RulesConfig = RulesConfig()
    calendar: CalendarConfig = CalendarConfig()

    @property
    def store_url(self) -> str:
        """The store's address, with its default."""
        return self.store.url or f"sqlite:///{self.data_dir / STORE_FILE}"

    @property
    def keystore_url(self) -> str:
        """The key store's address, with its default."""
        return self.vault.keystore_url or f"sqlite:///{self.data_dir / KEYS_FILE}"

    @property
    def master_key_file(self) -> Path:
        """The master key's file, with its default."""
        return self.vault.master_key_file or self.data_dir / "keys" / "master.key"

    @property
    def owner_key_file(self) -> Path:
        """Where `beianhub init` leaves the owner's API key."""
        return self.data_dir / "owner.key"

    @property
    def server(self) -> str:
        """The gateway that the command talks to."""
        return self.client.server or self.gateway.listen
