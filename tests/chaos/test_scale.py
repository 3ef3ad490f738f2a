"""The demonstration on a three-broker Apache Kafka and a PostgreSQL, while a part of each kind dies."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from rehearsal import personal
from rehearsal.api import Api
from rehearsal.moments import accepted, handed_off, waits_for_sms
from rehearsal.processes import kill, serving, until
from rehearsal.stage import STORY, Demo, Sandbox, audited, demo
from rehearsal.topics import everything

from beianhub_core.bus.port import EVENTS_TOPIC
from beianhub_local import KafkaCluster, PostgresServer
from beianhub_local.postgresql import libpq_url

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]
PREFIX = "chaos."
STORY_SECONDS = 240


@dataclass(frozen=True)
class Servers:
    """What the story runs on."""

    kafka: KafkaCluster
    store: str
    keystore: str

    @property
    def options(self) -> list[str]:
        bus = f"kafka://{self.kafka.bootstrap_servers}?topic_prefix={PREFIX}"
        return ["--bus", bus, "--store", self.store, "--keystore", self.keystore]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Three brokers and a PostgreSQL of this test's own, for some of them will die."""
    # Not below pytest's folder, which is closed to the account that a root's PostgreSQL runs as.
    directory = Path(tempfile.mkdtemp(prefix="beianhub-chaos-"))
    kafka, postgresql = KafkaCluster(3, directory / "kafka"), PostgresServer(directory / "postgresql")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        stack.callback(kafka.stop)
        stack.callback(postgresql.stop)
        with ThreadPoolExecutor() as pool:
            for started in [pool.submit(kafka.start), pool.submit(postgresql.start)]:
                started.result()
        yield Servers(kafka, postgresql.create_database("chaos"), postgresql.create_database("chaos_keys"))


@dataclass(frozen=True)
class Survived:
    """A story that went through its faults."""

    demo: Demo
    records: dict[str, Any]


@pytest.fixture(scope="module")
def survived(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survived]:
    """The story, in whose middle a broker, a gateway and an engine are killed."""
    with demo(tmp_path_factory.mktemp("chaos"), *servers.options) as played:
        faults: list[tuple[Callable[[Api], bool], Callable[[], None]]] = [
            (accepted, lambda: servers.kafka.kill(1)),
            (waits_for_sms, lambda: kill(played.pid("gateway-1"))),  # the one that the story talks to
            (handed_off, lambda: kill(played.pid("engine-1"))),  # the first, so the one that leads
        ]
        with played.api("gateway-2") as api:
            for moment, fault in faults:
                until(lambda moment=moment: moment(api), STORY_SECONDS, str(moment.__doc__))
                fault()
        yield Survived(played, played.records(STORY_SECONDS))


def test_the_records_are_those_of_the_embedded_story(survived: Survived, undisturbed: Any) -> None:
    """Separate processes on Kafka and PostgreSQL, some of which die: only the time differs."""
    assert survived.records == undisturbed.records


def test_each_order_is_at_its_vendor_once(survived: Survived) -> None:
    """The vendors' ledger outlives the run, and has no order twice."""
    with (
        serving(survived.demo.directory, "sandbox", *survived.demo.config) as (_, said),
        closing(Sandbox(said["sandbox"])) as sandbox,
    ):
        times = sandbox.times_submitted()
    assert {order for _, order, _ in times} == STORY
    assert set(times.values()) == {1}


def test_the_records_are_the_folds_of_their_events(survived: Survived) -> None:
    """An audit through a gateway that is started again."""
    with serving(survived.demo.directory, "gateway", *survived.demo.config):
        assert audited(survived.demo.config)["equal"]


def test_no_log_holds_personal_data(survived: Survived) -> None:
    """Neither what the processes said, those that were killed too, nor what the story printed."""
    logs = list(survived.demo.directory.rglob("*.log"))
    assert {path.stem for path in logs} == {"sandbox", "gateway-1", "gateway-2", "engine-1", "engine-2"}
    places = {path.name: path.read_bytes() for path in [*logs, survived.demo.running.out, survived.demo.running.err]}
    assert not personal.leaks(places)


def test_no_topic_holds_personal_data(survived: Survived, servers: Servers) -> None:
    """Every message of every topic of ours, with its key and headers."""
    assert survived.records
    topics = everything(servers.kafka.bootstrap_servers, PREFIX)
    assert len(topics[PREFIX + EVENTS_TOPIC]) > 10_000
    assert not personal.leaks(topics)


def test_no_column_holds_personal_data(survived: Survived, servers: Servers) -> None:
    """Every value of every table of the store and of the key store."""
    assert survived.records
    for url in (servers.store, servers.keystore):
        found = columns(url)
        assert found
        assert not personal.leaks(found)


def columns(url: str) -> dict[str, bytes]:
    """All values of each column together, by ``table.column``."""
    found: dict[str, bytes] = {}
    with psycopg.connect(libpq_url(url)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        for (table,) in tables:
            cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            names = [column.name for column in cursor.description or ()]
            for name, *values in zip(names, *cursor.fetchall(), strict=True):
                found[f"{table}.{name}"] = b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)
    return found
