"""A verifier (核验): checks one kind of thing about an order."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from beianhub.resources.v1.resources_pb2 import Challenge, Finding
    from beianhub_sdk.call import Call
    from beianhub_sdk.manifest import VerifierManifest


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing stands against it; findings are remarks."""

    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """It may not go on, for these reasons; at least one is a BLOCKER."""

    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Pending:
    """A person has to act on the challenge until the deadline."""

    challenge: Challenge
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What a patrol saw of a filed service: ``findings`` that are not as they have to be, WARNING and above.

    ``unseen`` are paths, such as ``service.domains[1]``, that could not be looked at: what was seen of them before
    still counts.
    """

    findings: Sequence[Finding] = ()
    unseen: Sequence[str] = ()


class Verifier(abc.ABC):
    """One kind of verification. Its methods are plain sync code, safe to call from several threads at once."""

    manifest: ClassVar[VerifierManifest]

    @abc.abstractmethod
    def verify(self, call: Call) -> Passed | Failed | Pending:
        """Verifies ``call.assignment``.

        Raises:
            PluginError: it could not be found out; the host asks again with backoff.
        """

    def observe(self, call: Call) -> Observed:
        """Looks at the filed service of ``call.assignment``, which has no order; for a verifier that patrols.

        Raises:
            PluginError: nothing could be looked at; the host asks again later.
        """
        raise NotImplementedError
