"""A real Apache Kafka, one broker and three."""

import threading
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from beianhub_local import KafkaCluster, LocalServerError
from beianhub_local.kafka import Cluster, properties

pytestmark = pytest.mark.servers


def create_topic(servers: str, topic: str, replicas: int) -> None:
    """Create a topic of one partition."""
    admin = KafkaAdminClient(bootstrap_servers=servers)
    admin.create_topics({topic: {"num_partitions": 1, "replication_factor": replicas}})
    admin.close()


def minimum_in_sync(servers: str, topic: str) -> str:
    """Return the topic's min.insync.replicas as the cluster reports it."""
    admin = KafkaAdminClient(bootstrap_servers=servers)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    values = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    admin.close()
    return str(values["min.insync.replicas"]["value"])


def produce(servers: str, topic: str, values: list[bytes]) -> None:
    """Produce with acks=all and wait for each acknowledgement."""
    producer = KafkaProducer(bootstrap_servers=servers, acks="all", request_timeout_ms=5_000)
    for future in [producer.send(topic, value) for value in values]:
        future.get(timeout=60)
    producer.close()


def consume(servers: str, topic: str, count: int) -> list[bytes]:
    """Read `count` values from the start of the topic's only partition."""
    consumer = KafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", enable_auto_commit=False)
    consumer.assign([TopicPartition(topic, 0)])
    values: list[bytes] = []
    for _ in range(100):
        for records in consumer.poll(timeout_ms=500).values():
            values += [record.value for record in records]
        if len(values) >= count:
            break
    consumer.close()
    return values


def test_one_broker_returns_what_was_acknowledged(kafka_server: str, kafka_topic_prefix: str) -> None:
    """Values acknowledged with acks=all come back in order."""
    topic = f"{kafka_topic_prefix}filings"
    sent = [str(number).encode() for number in range(500)]
    create_topic(kafka_server, topic, 1)
    produce(kafka_server, topic, sent)
    assert consume(kafka_server, topic, len(sent)) == sent


def test_a_consumer_group_commits_its_position(kafka_server: str, kafka_topic_prefix: str) -> None:
    """A second member of a group goes on where the first committed."""
    topic = f"{kafka_topic_prefix}filings"
    create_topic(kafka_server, topic, 1)
    produce(kafka_server, topic, [b"first", b"second"])
    for expected in (b"first", b"second"):
        consumer = KafkaConsumer(
            topic,
            bootstrap_servers=kafka_server,
            group_id=f"{kafka_topic_prefix}group",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            max_poll_records=1,
        )
        assert next(consumer).value == expected
        consumer.commit()
        consumer.close()


def test_three_brokers_outlive_a_crash_of_one(directory: Path) -> None:
    """With a broker killed, acks=all still succeeds on two in-sync replicas, and the broker comes back."""
    with KafkaCluster(3, directory / "kafka") as cluster:
        assert cluster.version == "4.3.1"
        assert len(cluster.pids) == 3
        create_topic(cluster.bootstrap_servers, "filings", 3)
        assert minimum_in_sync(cluster.bootstrap_servers, "filings") == "2"
        produce(cluster.bootstrap_servers, "filings", [b"before"])
        cluster.kill(2)
        assert sorted(cluster.pids) == [1, 3]
        produce(cluster.bootstrap_servers, "filings", [b"during"])
        # From a thread that ends: the broker must not end with it.
        restart = threading.Thread(target=cluster.restart, args=(2,))
        restart.start()
        restart.join()
        assert sorted(cluster.pids) == [1, 2, 3]
        produce(cluster.bootstrap_servers, "filings", [b"after"])
        assert consume(cluster.bootstrap_servers, "filings", 3) == [b"before", b"during", b"after"]
    assert not cluster.pids


def test_a_directory_keeps_its_cluster(directory: Path) -> None:
    """The same directory means the same identifiers and ports, and never another number of brokers."""
    first = KafkaCluster(3, directory)
    assert KafkaCluster(3, directory).bootstrap_servers == first.bootstrap_servers
    with pytest.raises(LocalServerError, match="3 brokers, not 1"):
        KafkaCluster(1, directory)


@pytest.mark.parametrize(("brokers", "minimum"), [(1, "1"), (3, "2")])
def test_replication_fits_the_size(brokers: int, minimum: str) -> None:
    """Internal topics too are replicated to every broker, so that one of three may fail."""
    cluster = Cluster.new(brokers)
    values = properties(cluster, cluster.nodes[0], Path("data"))
    replication = {value for key, value in values.items() if key.endswith("replication.factor")}
    assert replication == {str(brokers)}
    assert values["min.insync.replicas"] == values["transaction.state.log.min.isr"] == minimum
