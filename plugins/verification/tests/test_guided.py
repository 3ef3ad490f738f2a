"""Verifications that people do: curtain photo, video, Shanghai's APP, codes, passwords, e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from verification_support import NOW, call, found, order

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Failed, Passed, Pending, Verifier
from beianhub_verification.cancellation_email import CancellationEmailVerifier
from beianhub_verification.curtain import CurtainVerifier
from beianhub_verification.filing_password import FilingPasswordVerifier
from beianhub_verification.provider_code import ProviderCodeVerifier
from beianhub_verification.shanghai import ShanghaiAppVerifier
from beianhub_verification.video import VideoVerifier

ACCESS = pb.ORDER_TYPE_ADD_ACCESS
CANCEL_SUBJECT, CANCEL_SERVICE = pb.ORDER_TYPE_CANCEL_SUBJECT, pb.ORDER_TYPE_CANCEL_SERVICE


def pending(verifier: Verifier, assignment: TaskAssignment, now: datetime = NOW) -> pb.Challenge:
    answer = verifier.verify(call(assignment, now))
    assert isinstance(answer, Pending)
    return answer.challenge


@pytest.mark.parametrize("verifier", [CurtainVerifier(), VideoVerifier()])
def test_the_service_s_principal_acts_in_person(verifier: Verifier) -> None:
    """The person checked is the service's principal (domain facts 4.2), named by a masked number."""
    challenge = pending(verifier, order())
    assert challenge.recipient == "服务负责人 137****0007"
    assert "本人" in challenge.instructions_zh
    assert "in person" in challenge.instructions_en


@pytest.mark.parametrize(
    "verifier", [CurtainVerifier(), VideoVerifier(), ProviderCodeVerifier(), FilingPasswordVerifier()]
)
def test_what_the_provider_shows_goes_before_ours(verifier: Verifier) -> None:
    """Its link, its recipient and its deadline; where it shows none, there is no deadline to invent."""
    assignment = order()
    assert verifier.verify(call(assignment)).deadline is None  # type: ignore[union-attr]  # pending
    facet = assignment.order.verifications.add(kind=verifier.manifest.kind)
    facet.challenge.link, facet.challenge.recipient = "https://provider.example/1", "服务负责人 136****1111"
    facet.deadline.FromDatetime(NOW + timedelta(hours=2))
    answer = verifier.verify(call(assignment))
    assert isinstance(answer, Pending)
    shown = (answer.challenge.link, answer.challenge.recipient, answer.deadline)
    assert shown == ("https://provider.example/1", "服务负责人 136****1111", NOW + timedelta(hours=2))


@pytest.mark.parametrize(("province", "word"), [("甘肃", "标语"), ("广东", "人脸核验"), ("上海", "上海管局 APP")])
def test_a_curtain_differs_by_province(province: str, word: str) -> None:
    """甘肃's slogan; 粤辽皖渝 may use the APP for new services (ALI-2019); 上海's own APP (S0.22)."""
    assert word in pending(CurtainVerifier(), order(province=province)).instructions_zh
    assert word not in pending(CurtainVerifier(), order(province="山东")).instructions_zh
    assert "人脸" not in pending(CurtainVerifier(), order(ACCESS, province="广东")).instructions_zh


def test_a_curtain_s_dress_is_told() -> None:
    """No red or blue clothes (ALI-2019); the curtain is free and not sent back (S2.6)."""
    assert "不穿红色或蓝色" in pending(CurtainVerifier(), order()).instructions_zh


@pytest.mark.parametrize(
    ("province", "since", "word"), [("江苏", (2021, 6, 1), "《真实性责任告知书》"), ("广东", (2021, 6, 21), "手写")]
)
def test_a_province_s_papers_are_asked_for_from_their_day_on(
    province: str, since: tuple[int, int, int], word: str
) -> None:
    """江苏 since 2021-06-01 (HW-KB doc_0038), 广东 since 2021-06-21 (HW-KB doc_0046), by China's days."""
    first = datetime(*since, tzinfo=UTC) - timedelta(hours=8)
    assert word in pending(VideoVerifier(), order(province=province), first).instructions_zh
    before = pending(VideoVerifier(), order(province=province), first - timedelta(seconds=1))
    assert word not in before.instructions_zh


def test_shanghai_s_app_is_told_step_by_step() -> None:
    """S0.25 to S0.32: download, verify now, mobile and its own SMS, liveness, ID photos, image code, one day."""
    challenge = pending(ShanghaiAppVerifier(), order(province="上海"))
    steps = ("shbeian", "现在核验", "短信验证码", "眨眼、点头", "手持身份证", "正反面", "水印", "图片码", "1 个工作日")
    places = [challenge.instructions_zh.index(step) for step in steps]
    assert places == sorted(places)
    assert challenge.recipient == "服务负责人 137****0007"


def test_shanghai_s_app_is_for_shanghai_and_id_cards() -> None:
    """S0.21, S0.23, S0.24: units too, if all sites' principals have an ID card."""
    elsewhere = ShanghaiAppVerifier().verify(call(order(province="北京")))
    assert isinstance(elsewhere, Failed)
    assert set(found(elsewhere)) == {"SHANGHAI_APP_ELSEWHERE"}
    assignment = order(province="上海")
    assignment.subject.services.add().principal.certificate.type = pb.CERTIFICATE_TYPE_PASSPORT
    assert set(found(ShanghaiAppVerifier().verify(call(assignment)))) == {"SHANGHAI_APP_NEEDS_ID_CARD"}


def test_a_provider_s_code_is_not_miit_s() -> None:
    """S3.7; whose mobile gets it only the provider's console knows."""
    challenge = pending(ProviderCodeVerifier(), order())
    assert "不是工信部短信" in challenge.instructions_zh
    assert "控制台" in challenge.recipient


@pytest.mark.parametrize(("now", "kind"), [(NOW, Passed), (datetime(2020, 8, 16, 15, 59, tzinfo=UTC), Pending)])
def test_a_filing_password_is_not_needed_to_cancel_a_subject_any_more(now: datetime, kind: type) -> None:
    """HW-KB doc_0197, since 2020-08-17; before it S2.25 held."""
    assert isinstance(FilingPasswordVerifier().verify(call(order(CANCEL_SUBJECT), now)), kind)


def test_a_filing_password_of_an_access_is_recovered_by_the_principal() -> None:
    """S1.10: a wrong one fails the access; the newer source is silent on it."""
    challenge = pending(FilingPasswordVerifier(), order(ACCESS))
    assert challenge.recipient == "主体负责人 138****0007"
    assert challenge.link == "https://beian.miit.gov.cn/"
    assert "找回" in challenge.instructions_zh


@pytest.mark.parametrize("order_type", [CANCEL_SUBJECT, CANCEL_SERVICE])
def test_a_cancellation_may_go_by_email(order_type: pb.OrderType.ValueType) -> None:
    """S3.10, S3.18; no SMS lapses, so that it cannot be taken back (domain facts 11)."""
    challenge = pending(CancellationEmailVerifier(), order(order_type))
    assert "不可撤回" in challenge.instructions_zh
    assert "主体负责人" in challenge.recipient


def test_no_other_order_goes_by_email() -> None:
    """An access needs contact 1 (S1.2): it is changed first."""
    answer = CancellationEmailVerifier().verify(call(order(ACCESS)))
    assert isinstance(answer, Failed)
    assert set(found(answer)) == {"EMAIL_PATH_FOR_CANCELLATIONS"}
