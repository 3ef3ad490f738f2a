"""A bus is named by a URL."""

import importlib.util

import pytest

from beianhub_core.bus import open_bus
from beianhub_core.bus.embedded import EmbeddedBus
from beianhub_core.bus.kafka import KafkaBus
from beianhub_core.errors import BeianhubError, ErrorKind
from beianhub_core.store.port import Store


def test_the_scheme_names_the_kind(store: Store) -> None:
    """``embedded`` needs nothing; ``kafka`` takes servers and parameters."""
    assert isinstance(open_bus("embedded://", store), EmbeddedBus)
    bus = open_bus("kafka://a:1,b:2?topic_prefix=x-&partitions=5&replication=2", store)
    assert isinstance(bus, KafkaBus)
    assert bus.settings.bootstrap_servers == ("a:1", "b:2")
    assert (bus.settings.topic_prefix, bus.settings.partitions, bus.settings.replication) == ("x-", 5, 2)
    assert bus.settings.security == {}


def test_a_user_means_scram_over_tls(store: Store) -> None:
    """Credentials are unquoted; a parameter replaces what they imply."""
    bus = open_bus("kafka://hub:p%40ss@a:1?security_protocol=SASL_PLAINTEXT", store)
    assert isinstance(bus, KafkaBus)
    assert bus.settings.security == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "hub",
        "sasl_plain_password": "p@ss",
    }


@pytest.mark.parametrize(
    "url",
    [
        "redis://a:1",
        "",
        "kafka://",
        "kafka://a",
        "kafka://a:1,b",
        "kafka://a:1?partition=3",
        "kafka://a:1?partitions=0",
    ],
)
def test_a_wrong_url_is_refused(store: Store, url: str) -> None:
    """The error says why, and does not repeat the URL, which may hold a password."""
    with pytest.raises(BeianhubError) as failure:
        open_bus(url, store)
    assert (failure.value.kind, failure.value.reason) == (ErrorKind.INVALID, "BUS_URL_INVALID")


def test_kafka_needs_the_fast_checksum(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without crc32c the bus refuses to start instead of being ten times slower."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(BeianhubError) as failure:
        open_bus("kafka://a:1", store)
    assert failure.value.reason == "CRC32C_MISSING"
