"""短信核验 and 人脸核验: who has to act, what he is told, until when; and the entry point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points

import pluggy
import pytest
from verification_support import NOW, call, order

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Passed, Pending, PluginError, specs
from beianhub_verification.face import FaceVerifier
from beianhub_verification.miit_sms import PORTAL, MiitSmsVerifier
from beianhub_verification.people import masked
from beianhub_verification.tables import FACE_NOTES, SMS_NOTES

FIRST, ACCESS, CANCEL = pb.ORDER_TYPE_FIRST_FILING, pb.ORDER_TYPE_ADD_ACCESS, pb.ORDER_TYPE_CANCEL_ACCESS


def sms(assignment: TaskAssignment) -> Pending:
    answer = MiitSmsVerifier().verify(call(assignment))
    assert isinstance(answer, Pending)
    return answer


def with_link(order_type: pb.OrderType.ValueType = FIRST, **profile: object) -> TaskAssignment:
    """An order for whose face check the provider gave a link."""
    assignment = order(order_type, **profile)
    facet = assignment.order.verifications.add(kind=pb.VERIFICATION_KIND_FACE)
    facet.challenge.link = "https://provider.example/face/1"
    return assignment


@pytest.mark.parametrize(
    ("order_type", "expected"),
    [(FIRST, "主体负责人 138****0007；服务负责人 137****0007"), (ACCESS, "服务负责人 137****0007")],
)
def test_the_code_goes_to_those_whom_the_order_type_names(order_type: pb.OrderType.ValueType, expected: str) -> None:
    """首次备案: both principals; 接入: the service's (ALI-2019, TC-DOC; domain facts 4.1). Masked."""
    assert sms(order(order_type)).challenge.recipient == expected


@pytest.mark.parametrize("own", [True, False], ids=["own principal", "subject's principal"])
def test_one_number_gets_one_code(*, own: bool) -> None:
    """The same mobile, one code (domain facts 4.1); for an individual both are one person (ALI-2019)."""
    assignment = order()
    if own:
        assignment.service.principal.mobile = assignment.subject.profile.principal.mobile
    else:
        assignment.service.ClearField("principal")
    assert sms(assignment).challenge.recipient == "主体负责人、服务负责人 138****0007"


def test_cancelling_an_access_needs_no_code() -> None:
    """取消接入 alone has none (HW-KB doc_0013, S3)."""
    answer = MiitSmsVerifier().verify(call(order(CANCEL)))
    assert isinstance(answer, Passed)
    assert [finding.code for finding in answer.findings] == ["SMS_NOT_NEEDED"]


def test_an_order_without_a_type_is_asked_again() -> None:
    """There is no such order at the regulator."""
    with pytest.raises(PluginError, match="SMS_RECIPIENT_UNKNOWN"):
        MiitSmsVerifier().verify(call(order(pb.ORDER_TYPE_UNSPECIFIED)))


def test_whom_no_source_names_is_not_guessed() -> None:
    """Of a migration no source says who gets the code (domain facts 10): whoever got it types it."""
    challenge = sms(order(pb.ORDER_TYPE_MIGRATE_SERVICE)).challenge
    assert "资料未载明" in challenge.recipient
    assert "138" not in challenge.recipient


def test_the_challenge_tells_what_to_do_at_miit() -> None:
    """Code, mobile, last six of the ID; at most 2 resends; the sixth wrong try returns the order (HW-KB doc_0013)."""
    challenge = sms(order()).challenge
    assert challenge.link == PORTAL == "https://beian.miit.gov.cn/"
    for word in ("6 位验证码", "手机号", "后 6 位", "24 小时", "最多 2 次", "第 6 次"):
        assert word in challenge.instructions_zh
    for word in ("6-digit", "mobile", "last six", "24 hours", "twice", "sixth"):
        assert word in challenge.instructions_en


def test_for_an_access_the_former_provider_s_number_counts() -> None:
    """The SMS goes to contact 1 as filed before, which a first filing does not have (S1.2)."""
    assert "S1.2" in sms(order(ACCESS)).challenge.instructions_zh
    assert "S1.2" not in sms(order(FIRST)).challenge.instructions_zh


def test_the_window_is_24_hours_unless_the_vendor_says_otherwise() -> None:
    """HW-KB doc_0013; a vendor's own deadline is nearer to MIIT's."""
    assert sms(order()).deadline == NOW + timedelta(hours=24)
    assignment = order()
    shown = datetime(2026, 6, 1, 20, tzinfo=UTC)
    facet = assignment.order.verifications.add(kind=pb.VERIFICATION_KIND_MIIT_SMS)
    facet.deadline.FromDatetime(shown)
    assert sms(assignment).deadline == shown


def test_a_face_check_keeps_the_provider_s_link() -> None:
    """The link is the vendor's; white background, light, in person are what people fail at (HW-KB doc_0052)."""
    answer = FaceVerifier().verify(call(with_link()))
    assert answer.challenge.link == "https://provider.example/face/1"
    assert answer.challenge.recipient == "服务负责人 137****0007"
    for word in ("本人", "纯白色", "光线", "过期"):
        assert word in answer.challenge.instructions_zh
    assert answer.deadline is None


def test_a_face_check_keeps_the_provider_s_recipient_and_deadline() -> None:
    """Who stands before the camera, and how long the link lives, the vendor knows better."""
    assignment = with_link()
    (facet,) = assignment.order.verifications
    facet.challenge.recipient = "服务负责人 136****1111"
    facet.deadline.FromDatetime(NOW + timedelta(hours=2))
    answer = FaceVerifier().verify(call(assignment))
    assert (answer.challenge.recipient, answer.deadline) == ("服务负责人 136****1111", NOW + timedelta(hours=2))


def test_without_a_link_a_face_check_is_asked_for_again() -> None:
    """There is nothing to show yet."""
    assignment = order()
    with pytest.raises(PluginError, match="FACE_LINK_MISSING"):
        FaceVerifier().verify(call(assignment))
    assignment.order.verifications.add(kind=pb.VERIFICATION_KIND_FACE)
    with pytest.raises(PluginError, match="FACE_LINK_MISSING"):
        FaceVerifier().verify(call(assignment))


@pytest.mark.parametrize(
    ("province", "nature", "word"),
    [
        ("北京", pb.NATURE_ENTERPRISE, "手持单位证件"),
        ("江苏", pb.NATURE_ENTERPRISE, "核验视频"),
        ("广东", pb.NATURE_INDIVIDUAL, "手写"),
    ],
)
def test_a_province_s_own_papers_are_named(province: str, nature: pb.Nature.ValueType, word: str) -> None:
    """ALI-2019 (北京), HW-KB doc_0038 (江苏), doc_0046 (广东); elsewhere nothing is added."""
    verifier = FaceVerifier()
    assert word in verifier.verify(call(with_link(province=province, nature=nature))).challenge.instructions_zh
    assert word not in verifier.verify(call(with_link(province="上海", nature=nature))).challenge.instructions_zh


def test_a_note_for_units_is_not_for_individuals() -> None:
    """The certificate held into the picture is the unit's (ALI-2019, 北京)."""
    assignment = with_link(province="北京", nature=pb.NATURE_INDIVIDUAL)
    assert "手持" not in FaceVerifier().verify(call(assignment)).challenge.instructions_zh


def test_every_note_has_a_source_and_a_date() -> None:
    """Rules are data with a source and a date."""
    assert all(note.basis.source and note.basis.as_of for note in (*SMS_NOTES, *FACE_NOTES))


@pytest.mark.parametrize(
    ("mobile", "shown"),
    [
        ("13800000001", "138****0001"),
        ("138****0001", "138****0001"),
        ("+8613800000001", "+86*******0001"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_mask_hides_and_stays(mobile: str, shown: str) -> None:
    """Masking twice changes nothing, and a short number shows nothing."""
    assert masked(mobile) == shown


def test_a_cancellation_by_email_needs_no_code() -> None:
    """S3.10: the e-mail path stands in the SMS's place, once the provider shows it."""
    assignment = order()
    assignment.order.verifications.add(kind=pb.VERIFICATION_KIND_CANCELLATION_EMAIL)
    answer = MiitSmsVerifier().verify(call(assignment))
    assert isinstance(answer, Passed)
    assert [finding.code for finding in answer.findings] == ["SMS_NOT_NEEDED_BY_EMAIL"]


def test_the_entry_point_registers_every_kind() -> None:
    """The host finds the plugin by its entry point, and one verifier serves a kind."""
    (entry,) = entry_points(group=specs.ENTRY_POINT_GROUP, name="verification")
    manager = pluggy.PluginManager(specs.PROJECT)
    manager.add_hookspecs(specs)
    manager.register(entry.load())
    manifests = [
        verifier.manifest for (verifiers,) in [manager.hook.beianhub_register_verifiers()] for verifier in verifiers
    ]
    assert len({manifest.id for manifest in manifests}) == len(manifests)
    assert sorted(manifest.kind for manifest in manifests) == sorted(set(pb.VerificationKind.values()) - {0})
    assert {manifest.id for manifest in manifests if manifest.precheck} == {
        "domain",
        "ip",
        "domain-real-name",
        "expiry",
        "site",
        "footer",
        "pre-approval",
        "documents",
        "empty-shell",
    }
