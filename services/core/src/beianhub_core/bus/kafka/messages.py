"""Events as Kafka messages: CloudEvents 1.0 in binary mode, the attributes in headers and the envelope in the value."""

from __future__ import annotations

from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from beianhub.events.v1.events_pb2 import Event
from beianhub_core.store.port import Positioned


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
    key = f"{event.tenant}/{event.subject}"
    payload = event.WhichOneof("payload")
    kind = getattr(event, payload).DESCRIPTOR.full_name if payload else Event.DESCRIPTOR.full_name
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_source": f"/tenants/{event.tenant}",
        "ce_type": kind,
        "ce_subject": event.subject,
        "ce_time": event.time.ToJsonString(),
        "ce_dataschema": Event.DESCRIPTOR.full_name,
        "ce_partitionkey": key,
        "ce_tenant": event.tenant,
        "ce_version": str(event.version),
        "ce_position": str(positioned.position),
        "content-type": "application/protobuf",
    }
    headers = [(name, value.encode()) for name, value in attributes.items()]
    return Message(topic, key.encode(), event.SerializeToString(), headers)


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
