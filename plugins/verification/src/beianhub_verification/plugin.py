"""The entry point: registers the verifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_sdk import hookimpl
from beianhub_verification.domain import DomainVerifier
from beianhub_verification.face import FaceVerifier
from beianhub_verification.ip import IpVerifier
from beianhub_verification.miit_sms import MiitSmsVerifier

if TYPE_CHECKING:
    from beianhub_sdk import Verifier


@hookimpl
def beianhub_register_verifiers() -> list[type[Verifier]]:
    """域名、IP、短信、人脸核验."""
    return [DomainVerifier, IpVerifier, MiitSmsVerifier, FaceVerifier]
