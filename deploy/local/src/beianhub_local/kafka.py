"""Apache Kafka in KRaft mode on 127.0.0.1: one broker or three, each broker and controller at once."""

import base64
import json
import os
import re
import signal
import subprocess
import uuid
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self

from beianhub_local.errors import LocalServerError
from beianhub_local.jars import kafka_jars
from beianhub_local.java import java
from beianhub_local.ports import HOST, answers, free_ports
from beianhub_local.processes import Account, ServerProcess, run_as

with warnings.catch_warnings():
    # kafka-python reads its schemas through a function that Python 3.11 and 3.12 call deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)
START_SECONDS = 90.0  # a second or two alone, much more on a machine that is busy
# Three brokers going down together lose their quorum, and the last one then waits in vain for a controller.
STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Node:
    """One broker's identity, kept in `cluster.json` so that a directory can be started again."""

    number: int
    port: int
    controller_port: int
    directory_id: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """What all brokers of a cluster agree on."""

    cluster_id: str
    nodes: tuple[Node, ...]

    @classmethod
    def new(cls, brokers: int) -> Self:
        """Choose identifiers and free ports for a new cluster."""
        ports = free_ports(2 * brokers)
        pairs = zip(ports[:brokers], ports[brokers:], strict=True)
        nodes = (Node(number, port, control, _kafka_uuid()) for number, (port, control) in enumerate(pairs, 1))
        return cls(_kafka_uuid(), tuple(nodes))

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what `dump` wrote."""
        values = json.loads(text)
        return cls(values["cluster_id"], tuple(Node(**node) for node in values["nodes"]))

    def dump(self) -> str:
        """Return the cluster as JSON."""
        return json.dumps(asdict(self), indent=2)

    @property
    def voters(self) -> str:
        """The first quorum in the form that `StorageTool format --initial-controllers` takes."""
        return ",".join(f"{n.number}@{HOST}:{n.controller_port}:{n.directory_id}" for n in self.nodes)


def _kafka_uuid() -> str:
    """Return an identifier as Kafka writes it: URL-safe base64 of 16 bytes, never with a leading dash."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def properties(cluster: Cluster, node: Node, data: Path) -> dict[str, str]:
    """Return the broker's configuration.

    With three brokers a message survives one of them (replication 3, minimum in-sync replicas 2), and the
    short timeouts bring a partition back within seconds of a crash instead of half a minute.
    """
    replicas = len(cluster.nodes)
    minimum = max(1, replicas - 1)
    common = {
        "process.roles": "broker,controller",
        "node.id": str(node.number),
        "listeners": f"PLAINTEXT://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": ",".join(f"{HOST}:{n.controller_port}" for n in cluster.nodes),
        "log.dirs": str(data),
        "default.replication.factor": str(replicas),
        "min.insync.replicas": str(minimum),
        "offsets.topic.replication.factor": str(replicas),
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": str(replicas),
        "transaction.state.log.min.isr": str(minimum),
        "share.coordinator.state.topic.replication.factor": str(replicas),
        "share.coordinator.state.topic.min.isr": str(minimum),
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
    }
    fast_failover = {
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "controller.quorum.fetch.timeout.ms": "1500",
        "controller.quorum.election.timeout.ms": "500",
    }
    return common | (fast_failover if replicas > 1 else {})


class KafkaCluster:
    """A cluster in one directory; a context manager that starts and stops it."""

    def __init__(self, brokers: int = 1, directory: Path | str = "kafka") -> None:
        """Prepare a cluster; nothing runs before `start`.

        Args:
            brokers: 1 or 3.
            directory: Holds all that the brokers write; one used before is continued, ports included.

        Raises:
            LocalServerError: The directory belongs to a cluster of another size.
        """
        if brokers not in {1, 3}:
            raise ValueError(f"a cluster has 1 or 3 brokers, not {brokers}")
        self.directory = Path(directory).absolute()
        self._cluster = self._load(brokers)
        self._processes: dict[int, ServerProcess] = {}

    def _load(self, brokers: int) -> Cluster:
        file = self.directory / "cluster.json"
        if not file.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            file.write_text(Cluster.new(brokers).dump(), "utf-8")
        cluster = Cluster.load(file.read_text("utf-8"))
        if len(cluster.nodes) != brokers:
            raise LocalServerError(f"{self.directory} holds a cluster of {len(cluster.nodes)} brokers, not {brokers}")
        return cluster

    @property
    def bootstrap_servers(self) -> str:
        """Every broker's `host:port`, joined by commas."""
        return ",".join(f"{HOST}:{node.port}" for node in self._cluster.nodes)

    @property
    def numbers(self) -> list[int]:
        """Number of each broker, running or not."""
        return [node.number for node in self._cluster.nodes]

    @property
    def pids(self) -> dict[int, int]:
        """Process id of each running broker by its number (1, 2, 3)."""
        return {number: process.pid for number, process in self._processes.items() if process.running}

    @property
    def version(self) -> str:
        """The version that the first broker reported when it started."""
        found = re.search(r"Kafka version: (\S+)", (self._home(1) / "log").read_text("utf-8", errors="replace"))
        if found is None:
            raise LocalServerError("the first broker has not started yet, so its version is unknown")
        return found[1]

    def start(self) -> Self:
        """Start all brokers and wait until each accepts clients; stops them again when one does not."""
        class_path = os.pathsep.join(map(str, kafka_jars()))
        self._format(class_path)
        try:
            for node in self._cluster.nodes:
                self._processes[node.number] = self._process(node, class_path)
                self._processes[node.number].start()
            for node in self._cluster.nodes:
                self._wait(node)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all brokers, in order where they can, with SIGKILL where they cannot."""
        for process in self._processes.values():
            process.send(signal.SIGTERM)
        for process in self._processes.values():
            process.stop(timeout=STOP_SECONDS)

    def kill(self, broker: int) -> None:
        """Crash a broker (1, 2, 3) with SIGKILL."""
        self._processes[broker].kill()

    def restart(self, broker: int) -> None:
        """Start a broker that was killed and wait until the cluster counts it in again."""
        self._processes[broker].start()
        self._wait(self._cluster.nodes[broker - 1])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _home(self, number: int) -> Path:
        return self.directory / f"broker-{number}"

    def _process(self, node: Node, class_path: str) -> ServerProcess:
        home = self._home(node.number)
        logging = files("beianhub_local").joinpath("log4j2.properties")
        command = [str(java()), *JVM_OPTIONS, f"-Dlog4j2.configurationFile={logging}", "-cp", class_path]
        arguments = ["kafka.Kafka", str(home / "server.properties")]
        return ServerProcess(f"Kafka broker {node.number}", [*command, *arguments], log=home / "log")

    def _format(self, class_path: str) -> None:
        """Write each broker's configuration, and format its storage where that was not done before."""
        for node in self._cluster.nodes:
            home = self._home(node.number)
            home.mkdir(exist_ok=True)
            lines = (f"{key}={value}\n" for key, value in properties(self._cluster, node, home / "data").items())
            (home / "server.properties").write_text("".join(lines), "utf-8")
        unformatted = [n for n in self._cluster.nodes if not (self._home(n.number) / "data/meta.properties").exists()]
        with ThreadPoolExecutor(len(self._cluster.nodes)) as pool:  # each is a JVM start of a second or two
            for done in pool.map(lambda node: self._format_storage(node, class_path), unformatted):
                if done.returncode != 0:
                    raise LocalServerError(f"Kafka's storage tool failed:\n{done.stdout}")

    def _format_storage(self, node: Node, class_path: str) -> subprocess.CompletedProcess[str]:
        home = self._home(node.number)
        tool = [str(java()), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", class_path, "kafka.tools.StorageTool"]
        command = [*tool, "format", "-t", self._cluster.cluster_id, "-c", str(home / "server.properties")]
        quorum = ["--initial-controllers", self._cluster.voters] if len(self._cluster.nodes) > 1 else ["--standalone"]
        return run_as(Account(), [*command, *quorum], cwd=home)

    def _wait(self, node: Node) -> None:
        process = self._processes[node.number]
        # The port first: a client made before it is open backs off for many seconds.
        process.wait_ready(lambda: answers(node.port), timeout=START_SECONDS)
        process.wait_ready(lambda: _is_registered(node), timeout=START_SECONDS)


def _is_registered(node: Node) -> bool:
    """Whether the broker, asked itself, counts itself among the cluster's live ones."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=f"{HOST}:{node.port}", bootstrap_timeout_ms=5_000)
    except KafkaError:
        return False
    try:
        live = admin.describe_cluster()["brokers"]
    except KafkaError:
        return False
    finally:
        admin.close()
    return any(broker["broker_id"] == node.number and not broker.get("is_fenced") for broker in live)
