"""The entry point: registers the verifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beianhub_sdk import hookimpl
from beianhub_verification.cancellation_email import CancellationEmailVerifier
from beianhub_verification.curtain import CurtainVerifier
from beianhub_verification.documents import DocumentsVerifier
from beianhub_verification.domain import DomainVerifier
from beianhub_verification.expiry import ExpiryVerifier
from beianhub_verification.face import FaceVerifier
from beianhub_verification.filing_password import FilingPasswordVerifier
from beianhub_verification.footer import FooterVerifier
from beianhub_verification.ip import IpVerifier
from beianhub_verification.miit_sms import MiitSmsVerifier
from beianhub_verification.pre_approval import PreApprovalVerifier
from beianhub_verification.provider_code import ProviderCodeVerifier
from beianhub_verification.real_name import RealNameVerifier
from beianhub_verification.shanghai import ShanghaiAppVerifier
from beianhub_verification.shell import ShellVerifier
from beianhub_verification.site import SiteVerifier
from beianhub_verification.video import VideoVerifier

if TYPE_CHECKING:
    from beianhub_sdk import Verifier


@hookimpl
def beianhub_register_verifiers() -> list[type[Verifier]]:
    """Those that run before anything is sent, then those that people do when a provider asks."""
    return [
        DomainVerifier,
        IpVerifier,
        RealNameVerifier,
        ExpiryVerifier,
        SiteVerifier,
        FooterVerifier,
        PreApprovalVerifier,
        DocumentsVerifier,
        ShellVerifier,
        MiitSmsVerifier,
        FaceVerifier,
        CurtainVerifier,
        VideoVerifier,
        ShanghaiAppVerifier,
        ProviderCodeVerifier,
        FilingPasswordVerifier,
        CancellationEmailVerifier,
    ]
