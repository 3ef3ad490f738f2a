"""Pytest fixtures for the real servers: `-p beianhub_local.pytest_plugin`, or `pytest_plugins` in a conftest.

A server starts when the first test asks for it, and never in a run that does not. Servers that run already
are named by `BEIANHUB_TEST_KAFKA=host:port` and `BEIANHUB_TEST_POSTGRESQL=url`. The summary names the versions
that the run has used.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from beianhub_local.errors import LocalServerError
from beianhub_local.kafka import KafkaCluster
from beianhub_local.postgresql import (
    PostgresServer,
    create_database,
    drop_database,
    server_version,
    sqlalchemy_url,
)

KAFKA_VARIABLE = "BEIANHUB_TEST_KAFKA"
POSTGRESQL_VARIABLE = "BEIANHUB_TEST_POSTGRESQL"
_USED = pytest.StashKey[list[str]]()
# kafka-python drops the socket of a refused connection without closing it: harmless, but in a run with -W error it
# would fail whichever test the garbage collector happens to visit. Only sockets that never had a peer match.
_UNCLOSED = r"unclosed <socket\.socket [^>]*laddr=\('0\.0\.0\.0', \d+\)>"


def pytest_configure(config: pytest.Config) -> None:
    """Start the list of servers that this run uses; let kafka-python's own leak pass."""
    config.addinivalue_line("filterwarnings", f"ignore:{_UNCLOSED}:ResourceWarning")
    config.stash[_USED] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the servers that this run has used."""
    if config.stash[_USED]:
        terminalreporter.section("servers")
        for line in config.stash[_USED]:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def kafka_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """Bootstrap address `host:port` of a real Apache Kafka."""
    outside = os.environ.get(KAFKA_VARIABLE)
    if outside:
        pytestconfig.stash[_USED].append(f"Apache Kafka {_release(outside)} at {outside}")
        yield outside
        return
    with _directory("kafka") as directory, KafkaCluster(1, directory) as cluster:
        pytestconfig.stash[_USED].append(f"Apache Kafka {cluster.version}")
        yield cluster.bootstrap_servers


@pytest.fixture
def kafka_topic_prefix() -> str:
    """A prefix for topics and groups that no other test has."""
    return f"test-{uuid.uuid4().hex[:12]}-"


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """URL of the maintenance database of a real PostgreSQL, in SQLAlchemy's form."""
    outside = os.environ.get(POSTGRESQL_VARIABLE)
    if outside:
        pytestconfig.stash[_USED].append(f"PostgreSQL {server_version(outside)} of {POSTGRESQL_VARIABLE}")
        yield sqlalchemy_url(outside)
        return
    with _directory("postgresql") as directory, PostgresServer(directory) as server:
        pytestconfig.stash[_USED].append(f"PostgreSQL {server.version}")
        yield server.url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """URL of a fresh database of this test's own, in SQLAlchemy's form; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    yield create_database(postgresql_server, name)
    drop_database(postgresql_server, name)


@contextmanager
def _directory(name: str) -> Iterator[Path]:
    """Yield a directory of our own: pytest keeps its own closed to the account of a root's PostgreSQL."""
    directory = Path(tempfile.mkdtemp(prefix=f"beianhub-{name}-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _release(address: str) -> str:
    """Return the release whose protocol the broker speaks; brokers do not tell their exact version to clients."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=10_000)
    except KafkaError as error:
        raise LocalServerError(
            f"no Kafka answers at {KAFKA_VARIABLE}={address} ({error}); "
            "start it, or unset the variable to have one started"
        ) from error
    version = admin._manager.broker_version  # noqa: SLF001 - no public name tells it
    admin.close()
    return ".".join(map(str, version))
