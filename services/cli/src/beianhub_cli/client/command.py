"""What all commands share: the options of the connection and of the output, one session, and one way to fail."""

from __future__ import annotations

import asyncio
import inspect
import os
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Final, ParamSpec, TypeVar, get_type_hints

import grpc
import typer

from beianhub_cli.client import words
from beianhub_cli.client.connection import Connection
from beianhub_cli.client.errors import EXIT_CODES, CommandError, Exit, local_failure, misconfigured
from beianhub_cli.client.output import Format, Report, Screen, plain
from beianhub_cli.client.views import grids
from beianhub_cli.config import Config, ConfigError, is_open_to_others, load
from beianhub_core import names

if TYPE_CHECKING:
    from google.protobuf.descriptor import EnumDescriptor
    from google.protobuf.message import Message

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound="Message")
_PANEL: Final = "Connection and output"
_INTERRUPTED: Final = 130
_TIMEOUT: Final = 30.0  # seconds
_CONFIGURED: Final[Any] = None  # an option that is left out
_CONNECTION: Final = ("config", "server", "tls", "tls_ca", "api_key_file", "tenant")
_LOOPBACK: Final = ("127.", "localhost:", "[::1]:")

OutputOption = Annotated[
    Format, typer.Option("--output", "-o", help="How to print the result.", rich_help_panel=_PANEL)
]
ServerOption = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="The gateway; the configured one if not given.", rich_help_panel=_PANEL),
]
TlsOption = Annotated[
    bool | None, typer.Option("--tls/--no-tls", help="Whether the gateway is reached over TLS.", rich_help_panel=_PANEL)
]
TlsCaOption = Annotated[
    Path | None, typer.Option(help="PEM file of the authority to trust; implies --tls.", rich_help_panel=_PANEL)
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        help="File with the API key; else BEIANHUB_API_KEY, the configuration, or the key that `beianhub init` left.",
        rich_help_panel=_PANEL,
    ),
]
TenantOption = Annotated[
    str | None, typer.Option(help="The tenant; the configured one if not given.", rich_help_panel=_PANEL)
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration file.", rich_help_panel=_PANEL)
]
TimeoutOption = Annotated[
    float, typer.Option(min=0.001, help="Deadline of each call, in seconds.", rich_help_panel=_PANEL)
]
RequestIdOption = Annotated[
    str, typer.Option(metavar="UUID", help="Repeat an earlier command: it is done once.", rich_help_panel=_PANEL)
]
PageSize = Annotated[int, typer.Option(min=0, max=1000, help="How many at most; 0 means 50.")]
PageToken = Annotated[str, typer.Option(help="Go on after this page, as the last answer said.")]
AllPages = Annotated[bool, typer.Option("--all", help="Every page.")]


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with."""

    config: Config
    tenant: str
    connection: Connection
    screen: Screen

    @property
    def parent(self) -> str:
        """``tenants/{tenant}``."""
        return names.tenant_name(self.tenant)

    def name(self, collection: str, given: str) -> str:
        """The full name of what was given by its id or its full name."""
        return given if "/" in given else names.child(self.parent, collection, given)

    def show(self, message: Message) -> None:
        """Writes an answer, and where its next page begins."""
        self.screen.show(Report(plain(message), grids(message)))
        token = getattr(message, "next_page_token", "")
        if token:
            self.screen.note(f"more: --page-token {token}, or --all")

    def show_all(self, messages: Sequence[Message]) -> None:
        """Writes several answers of one kind as a list."""
        self.screen.show(Report([plain(each) for each in messages], grids(*messages)))

    async def page(self, method: Callable[..., Any], request: Message, answer: type[M], *, every: bool) -> M:
        """A page of a listing; every page merged into one with ``every``."""
        merged = answer()
        while True:
            page = await self.connection.call(method, request)
            merged.MergeFrom(page)
            if not every or not page.next_page_token:
                merged.next_page_token = page.next_page_token  # type: ignore[attr-defined]  # every listing has one
                return merged
            request.page_token = page.next_page_token  # type: ignore[attr-defined]  # every listing has one


def choice(enum: EnumDescriptor, word: str, option: str) -> int:
    """The enum's value that an option names. Raises typer.BadParameter."""
    number = words.number_of(enum, word)
    if number is None:
        raise typer.BadParameter(f"must be one of {', '.join(words.known(enum))}", param_hint=f"--{option}")
    return number


Body = Callable[Concatenate[Session, P], Awaitable[None]]


def command(
    app: typer.Typer,
    name: str,
    *,
    mutates: bool = False,
    examples: Sequence[str] = (),
    at_home: Callable[..., bool] | None = None,
) -> Callable[[Body[P]], Body[P]]:
    """Makes an asynchronous function a command: its first parameter is the session, the rest are its own options.

    The command gets the options of connection and output, and with ``mutates`` also ``--request-id``. ``examples``
    stand at the end of its help. ``at_home`` gets the screen, the configuration's file and the options first, and does
    what needs no gateway; it says whether that was all.
    """

    def register(body: Body[P]) -> Body[P]:
        own = _own_parameters(body)

        def run(**options: Any) -> None:
            mine = {key: options.pop(key) for key in own}
            _run(body, mine, options, at_home)

        common = _common_parameters(mutates=mutates)
        run.__signature__ = inspect.Signature([*own.values(), *common])  # type: ignore[attr-defined]  # inspect reads it
        run.__annotations__ = {p.name: p.annotation for p in [*own.values(), *common]}
        run.__doc__ = body.__doc__
        app.command(name, epilog=epilog(examples))(run)
        return body

    return register


def _own_parameters(body: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    hints = get_type_hints(body, include_extras=True)
    _session, *parameters = inspect.signature(body).parameters.values()
    return {p.name: p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[p.name]) for p in parameters}


def _common_parameters(*, mutates: bool) -> list[inspect.Parameter]:
    options: dict[str, tuple[Any, Any]] = {
        "output": (OutputOption, Format.TABLE),
        "server": (ServerOption, None),
        "tls": (TlsOption, None),
        "tls_ca": (TlsCaOption, None),
        "api_key_file": (KeyOption, None),
        "tenant": (TenantOption, None),
        "config": (ConfigOption, None),
        "timeout": (TimeoutOption, _TIMEOUT),
    }
    if mutates:
        options["request_id"] = (RequestIdOption, "")
    return [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for key, (kind, default) in options.items()
    ]


def epilog(examples: Sequence[str]) -> str:
    """The end of a command's help: its examples, and the exit codes."""
    shown = [f"Example: {example}" for example in examples]
    return "\n\n".join([*shown, EXIT_CODES])


def _run(
    body: Callable[..., Awaitable[None]],
    mine: Mapping[str, Any],
    options: Mapping[str, Any],
    at_home: Callable[..., bool] | None,
) -> None:
    screen = Screen(options["output"])
    try:
        if at_home is not None and at_home(screen, config=options["config"], **mine):
            return
        asyncio.run(in_session(body, mine, options, screen))
    except CommandError as error:
        screen.fail(error.failure)
        raise typer.Exit(error.failure.exit) from None
    except ConfigError as error:
        screen.fail(misconfigured(error))
        raise typer.Exit(Exit.USAGE) from None
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None


async def in_session(
    body: Callable[..., Awaitable[T]], mine: Mapping[str, Any], options: Mapping[str, Any], screen: Screen
) -> T:
    """What ``body`` returns in a session by these options; those of the connection that are left out are configured.

    Raises:
        CommandError: the gateway refused, or could not be asked.
        ConfigError: the configuration is wrong.
    """
    options = dict.fromkeys(_CONNECTION, _CONFIGURED) | dict(options)
    config = load(options["config"], _overrides(options))
    credentials = _credentials(config, options["tls_ca"])
    if credentials is None and not config.server.startswith(_LOOPBACK):
        screen.note(f"the API key goes to {config.server} unencrypted; use --tls", "yellow")
    connection = Connection(
        config.server,
        _api_key(config, options["api_key_file"], screen),
        timeout=options.get("timeout", _TIMEOUT),
        credentials=credentials,
        request_id=_uuid(options.get("request_id", "")),
    )
    async with connection:
        return await body(Session(config, config.tenant, connection, screen), **mine)


def _overrides(options: Mapping[str, Any]) -> dict[str, Any]:
    tls = True if options["tls_ca"] is not None else options["tls"]
    client = {key: value for key, value in (("server", options["server"]), ("tls", tls)) if value is not None}
    return {"client": client} | ({"tenant": options["tenant"]} if options["tenant"] else {})


def _credentials(config: Config, authority: Path | None) -> grpc.ChannelCredentials | None:
    if not config.client.tls:
        return None
    return grpc.ssl_channel_credentials(_file(authority, "tls-ca").encode() if authority is not None else None)


def _api_key(config: Config, given: Path | None, screen: Screen) -> str:
    """The key by the nearest of its places. Raises CommandError where there is none, or what is there cannot be one."""
    key = _given_key(config, given, screen)
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise local_failure(
            "API_KEY_MALFORMED",
            "api-key-file",
            "不是 API 密钥：为空，或含有密钥中没有的字符",
            "is no API key: it is empty, or has characters that no key has",
            "请原样提供 `beianhub init` 或 `beianhub key create` 给出的密钥。 / "
            "Give the key as `beianhub init` or `beianhub key create` printed it.",
            Exit.DENIED,
        )
    return key


def _given_key(config: Config, given: Path | None, screen: Screen) -> str:
    if given is not None:
        return _secret(given, screen)
    if key := os.environ.get("BEIANHUB_API_KEY"):
        return key.strip()
    if config.client.api_key is not None:
        return config.client.api_key.get_secret_value()
    path = config.client.api_key_file or config.owner_key_file
    if config.client.api_key_file is None and not path.exists():
        raise local_failure(
            "API_KEY_MISSING",
            "api-key-file",
            "缺少 API 密钥",
            "there is no API key",
            (
                "请运行 `beianhub init`，或用 --api-key-file 或 BEIANHUB_API_KEY 提供密钥。 / "
                "Run `beianhub init`, or give one with --api-key-file or BEIANHUB_API_KEY."
            ),
            Exit.DENIED,
        )
    return _secret(path, screen)


def _secret(path: Path, screen: Screen) -> str:
    key = _file(path, "api-key-file").strip()
    if is_open_to_others(path):
        screen.note(f"他人可读取密钥文件 / others can read the API key: chmod 600 {path}", "yellow")
    return key


def _file(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        raise local_failure(
            "FILE_UNREADABLE",
            option,
            f"文件 {path} 无法读取：{reason}",
            f"{path} cannot be read: {reason}",
            "请检查。 / Check it.",
            Exit.USAGE,
        ) from None


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        raise local_failure(
            "REQUEST_ID_NOT_UUID",
            "request-id",
            "应为 UUID",
            "must be a UUID",
            "请使用已显示的确认文字。 / Use the one that was shown.",
            Exit.USAGE,
        ) from None
