"""What a plugin raises, by what is known of the vendor.

::

    PluginError
    ├── NotSentError         surely not sent: retried with backoff
    ├── RefusedError         a definite "not now" (429, a declared throttle): retried after a delay
    ├── RejectedError        a definite no, with findings: the order is returned
    └── UnknownOutcomeError  anything else: settled, asked by our reference, and only then called again

An exception of any other class counts as :class:`UnknownOutcomeError`. No error carries personal data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beianhub.resources.v1.resources_pb2 import Finding


class PluginError(Exception):
    """The base: ``code`` is stable, UPPER_SNAKE_CASE, and free of values."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotSentError(PluginError):
    """Not a byte of the request left: connection refused, no such host, TLS failed, the lease had lapsed."""


class RefusedError(PluginError):
    """The vendor answered that it did nothing and may be asked again."""

    def __init__(self, code: str, retry_after: float = 0) -> None:
        """``retry_after`` is in seconds; 0 leaves the delay to the host."""
        super().__init__(code)
        self.retry_after = retry_after


class RejectedError(PluginError):
    """The vendor answered no, and asking again would not change it."""

    def __init__(self, code: str, findings: Sequence[Finding] = (), provider_status: str = "") -> None:
        """``findings`` say why, each with its field where the vendor names one."""
        super().__init__(code)
        self.findings = tuple(findings)
        self.provider_status = provider_status


class UnknownOutcomeError(PluginError):
    """The request may have been carried out: a timeout, a broken connection, a 5xx, an answer that makes no sense."""
