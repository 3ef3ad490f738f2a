"""A verification that people do themselves: who acts, what to do, by when, and what is special to a province."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Pending
from beianhub_verification.dates import china_day
from beianhub_verification.facets import facet_of
from beianhub_verification.people import instructions, recipient

if TYPE_CHECKING:
    from beianhub.resources.v1.resources_pb2 import VerificationKind
    from beianhub_sdk import Call
    from beianhub_verification.tables import Note


@dataclass(frozen=True, slots=True)
class DatedNote:
    """A note of a rule that holds from a day on, and where ``until`` is set, up to that day."""

    note: Note
    since: date = date.min
    until: date = date.max


@dataclass(frozen=True, slots=True)
class Guide:
    """``who`` names the roles that act; where nobody knows, ``unnamed`` says so in words. ``link`` may be empty."""

    kind: VerificationKind.ValueType
    zh: str
    en: str
    who: tuple[tuple[str, str], ...] = ()
    unnamed: str = ""
    link: str = ""
    notes: tuple[DatedNote, ...] = ()


def challenge(call: Call, guide: Guide) -> Pending:
    """The guide's challenge; a link, recipient or deadline of the provider's own goes before ours."""
    facet = facet_of(call.assignment, guide.kind) or pb.Verification()
    today = china_day(call.now)
    notes = [dated.note for dated in guide.notes if dated.since <= today <= dated.until]
    zh, en = instructions(call.assignment, guide.zh, guide.en, notes)
    shown = pb.Challenge(
        link=facet.challenge.link or guide.link,
        instructions_zh=zh,
        instructions_en=en,
        recipient=facet.challenge.recipient or recipient(call.assignment, guide.who) or guide.unnamed,
    )
    return Pending(shown, facet.deadline.ToDatetime(UTC) if facet.HasField("deadline") else None)
