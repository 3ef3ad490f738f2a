"""The four verifiers keep the contract of a verifier."""

from __future__ import annotations

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk.testing import VerifierContract, sample
from beianhub_verification.domain import DomainVerifier
from beianhub_verification.face import FaceVerifier
from beianhub_verification.ip import IpVerifier
from beianhub_verification.miit_sms import MiitSmsVerifier


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
