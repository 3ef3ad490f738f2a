"""A bus by its URL."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from beianhub_core.bus.embedded import EmbeddedBus
from beianhub_core.bus.port import Bus
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.findings import blocker
from beianhub_core.store.port import Log

_SECURITY = ("security_protocol", "sasl_mechanism", "ssl_cafile", "ssl_certfile", "ssl_keyfile")
_NUMBERS = ("partitions", "replication")


def open_bus(url: str, log: Log) -> Bus:
    """The bus that the URL names; it is to be started.

    ``embedded://`` reads the log itself. ``kafka://[user:password@]host:port[,host:port…]`` takes the parameters
    ``topic_prefix``, ``partitions``, ``replication``, ``security_protocol``, ``sasl_mechanism``, ``ssl_cafile``,
    ``ssl_certfile`` and ``ssl_keyfile``; with a user, SCRAM-SHA-512 over TLS is meant unless they say otherwise.

    Raises:
        BeianhubError: INVALID, reason BUS_URL_INVALID; PRECONDITION, reason CRC32C_MISSING.
    """
    scheme = url.partition("://")[0]
    if scheme == "embedded":
        return EmbeddedBus(log)
    if scheme == "kafka":
        return _kafka(url)
    raise _invalid(f"the scheme {scheme!r} is neither embedded nor kafka")


def _kafka(url: str) -> Bus:
    from beianhub_core.bus.kafka import KafkaBus, KafkaSettings  # noqa: PLC0415 - an embedded bus needs no Kafka client

    parts = urlsplit(url)
    credentials, _, servers = parts.netloc.rpartition("@")
    options = dict(parse_qsl(parts.query))
    unknown = options.keys() - {"topic_prefix", *_NUMBERS, *_SECURITY}
    if unknown:
        raise _invalid(f"unknown parameters {', '.join(sorted(unknown))}")
    if not servers or not all(server.rpartition(":")[2].isdecimal() for server in servers.split(",")):
        raise _invalid("servers are written host:port, joined by commas")
    numbers = {name: options[name] for name in _NUMBERS if name in options}
    if not all(number.isdecimal() and int(number) for number in numbers.values()):
        raise _invalid(f"{' and '.join(numbers)} are positive numbers")
    settings = KafkaSettings(
        bootstrap_servers=tuple(servers.split(",")),
        topic_prefix=options.get("topic_prefix", ""),
        security=_credentials(credentials) | {name: options[name] for name in _SECURITY if name in options},
        **{name: int(number) for name, number in numbers.items()},
    )
    return KafkaBus(settings)


def _credentials(text: str) -> dict[str, str]:
    if not text:
        return {}
    user, _, password = text.partition(":")
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": unquote(user),
        "sasl_plain_password": unquote(password),
    }


def _invalid(why: str) -> BeianhubError:
    """Never repeats the URL, which may hold a password."""
    found = blocker(
        "BUS_URL_INVALID", "bus", f"总线地址无效：{why}", f"the bus's URL is invalid: {why}", "请更正。 / Correct it."
    )
    return BeianhubError(ErrorKind.INVALID, found.code, [found])
