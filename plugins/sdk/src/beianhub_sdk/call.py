"""What a plugin's method is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beianhub_sdk.fetch import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk.fetch import Fetch
    from beianhub_sdk.http import Http


@dataclass(frozen=True, slots=True)
class Credential:
    """A key pair of a vendor's account; it shows itself in no repr and no log."""

    access_key_id: str
    access_key_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One guarded call.

    ``assignment`` has the task, the order, the subject and service with the personal data that the manifest asks for,
    the account, and what the vendor is given as our reference. ``now`` is UTC and is the time to sign with. ``fetch``
    visits a customer's site; a provider is given one that refuses.
    """

    assignment: TaskAssignment
    credential: Credential
    http: Http
    now: datetime
    fetch: Fetch = refuse


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """What a vendor posted to our callback address; header names are lower-case."""

    headers: Mapping[str, str]
    body: bytes
    received: datetime
