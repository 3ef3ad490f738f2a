"""A real Apache Kafka and a real PostgreSQL on this machine, from packages alone; for development only.

The parts come from the package registries (Java and PostgreSQL as wheels, Kafka's jars through a Maven
resolver written in Python), so tests, demonstrations and chaos runs have no reason to leave the servers out.
"""

from beianhub_local.errors import LocalServerError
from beianhub_local.kafka import KafkaCluster
from beianhub_local.postgresql import PostgresServer

__all__ = ["KafkaCluster", "LocalServerError", "PostgresServer"]
