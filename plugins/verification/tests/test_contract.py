"""The verifiers keep the contract of a verifier."""

from __future__ import annotations

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk.testing import VerifierContract, sample
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


class TestDomain(VerifierContract):
    """域名核验."""

    verifier_class = DomainVerifier


class TestIp(VerifierContract):
    """IP 核验."""

    verifier_class = IpVerifier


class TestMiitSms(VerifierContract):
    """短信核验."""

    verifier_class = MiitSmsVerifier


class TestFace(VerifierContract):
    """人脸核验, of an order for which the provider gave a link."""

    verifier_class = FaceVerifier

    @staticmethod
    def assign(order_type: pb.OrderType.ValueType) -> TaskAssignment:
        assignment = sample(1, order_type)
        facet = assignment.order.verifications.add(kind=pb.VERIFICATION_KIND_FACE)
        facet.challenge.link = "https://provider.example/face/1"
        return assignment


class TestRealName(VerifierContract):
    """域名实名核验."""

    verifier_class = RealNameVerifier


class TestExpiry(VerifierContract):
    """有效期核验."""

    verifier_class = ExpiryVerifier


class TestPreApproval(VerifierContract):
    """前置审批核验."""

    verifier_class = PreApprovalVerifier


class TestShell(VerifierContract):
    """空壳核验."""

    verifier_class = ShellVerifier


class TestCurtain(VerifierContract):
    """幕布拍照核验."""

    verifier_class = CurtainVerifier


class TestVideo(VerifierContract):
    """视频核验."""

    verifier_class = VideoVerifier


class TestProviderCode(VerifierContract):
    """接入商验证码."""

    verifier_class = ProviderCodeVerifier


class TestFilingPassword(VerifierContract):
    """备案密码."""

    verifier_class = FilingPasswordVerifier


class TestCancellationEmail(VerifierContract):
    """邮件注销."""

    verifier_class = CancellationEmailVerifier


class TestSite(VerifierContract):
    """网站可访问性核验, without a network: what cannot be reached is a remark."""

    verifier_class = SiteVerifier


class TestFooter(VerifierContract):
    """备案号悬挂核验, without a network: what cannot be reached is a remark."""

    verifier_class = FooterVerifier


class TestDocuments(VerifierContract):
    """材料核验, of an order with documents."""

    verifier_class = DocumentsVerifier

    @staticmethod
    def assign(order_type: pb.OrderType.ValueType) -> TaskAssignment:
        assignment = sample(1, order_type)
        assignment.documents.add(name="a", purpose="ID", content_type="application/zip", size_bytes=1)
        assignment.order.documents.append("b")
        return assignment


class TestShanghaiApp(VerifierContract):
    """上海 APP 核验, of a subject in Shanghai."""

    verifier_class = ShanghaiAppVerifier

    @staticmethod
    def assign(order_type: pb.OrderType.ValueType) -> TaskAssignment:
        assignment = sample(1, order_type)
        assignment.subject.profile.province = "上海"
        return assignment
