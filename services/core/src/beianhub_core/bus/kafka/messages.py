"""Events as Kafka messages: CloudEvents 1.0 in binary mode, the attributes in headers and the envelope in the value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.message import DecodeError

from beianhub.events.v1.events_pb2 import Event
from beianhub_core.store.port import Positioned

_CONSTANT = (
    ("ce_specversion", b"1.0"),
    ("ce_dataschema", Event.DESCRIPTOR.full_name.encode()),
    ("content-type", b"application/protobuf"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to a topic."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]] = field(default_factory=list)


class UndecodableError(Exception):
    """A value that is no event."""


def encode(positioned: Positioned, topic: str) -> Message:
    """The event's message; its key holds a subject's events in one partition, in order."""
    event = positioned.event
    key = f"{event.tenant}/{event.subject}".encode()
    payload = event.WhichOneof("payload")
    kind = getattr(event, payload).DESCRIPTOR.full_name if payload else Event.DESCRIPTOR.full_name
    time = datetime.fromtimestamp(event.time.seconds, UTC).replace(microsecond=event.time.nanos // 1000)
    headers = [
        *_CONSTANT,
        ("ce_id", event.id.encode()),
        ("ce_source", b"/tenants/" + event.tenant.encode()),
        ("ce_type", kind.encode()),
        ("ce_subject", event.subject.encode()),
        ("ce_time", time.isoformat().encode()),
        ("ce_partitionkey", key),
        ("ce_tenant", event.tenant.encode()),
        ("ce_version", b"%d" % event.version),
        ("ce_position", b"%d" % positioned.position),
    ]
    return Message(topic, key, event.SerializeToString(), headers)


def decode(value: bytes | None) -> Event:
    """The event of a message's value. A payload of a newer schema is kept as unknown fields.

    Raises:
        UndecodableError: The value is no envelope, or lacks what every event has.
    """
    try:
        event = Event.FromString(value or b"")
    except DecodeError as error:
        raise UndecodableError(f"not an event: {error}") from error
    missing = [name for name in ("id", "tenant", "subject", "version") if not getattr(event, name)]
    if missing:
        raise UndecodableError(f"an event without {', '.join(missing)}")
    return event
