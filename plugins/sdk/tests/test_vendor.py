"""What adapters of vendors do alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TASK_KIND_WITHDRAW
from beianhub_sdk import UnknownOutcomeError
from beianhub_sdk.regulator import RESULT_CODES
from beianhub_sdk.testing import resident_id, sample, uscc
from beianhub_sdk.testing.personal import is_personal
from beianhub_sdk.vendor import refusal, scrub, took

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_personal_data_is_scrubbed_from_a_reason() -> None:
    """Names, numbers and addresses of this order, and whatever looks like a number or an e-mail."""
    assignment = sample(5)
    phone = assignment.service.principal.mobile
    text = f"张示例（{resident_id(5)}）住示例路5号，电话{phone}；另见王某 010-88880000 a.b@c.cn"
    assert scrub(text, assignment) == "***（***）住***，电话***；另见王某 010-*** ***"


def test_the_target_of_a_migration_is_scrubbed_too() -> None:
    """Its people and addresses are in the assignment like the subject's own, and a reviewer may write of them."""
    assignment = sample(5, pb.ORDER_TYPE_MIGRATE_SERVICE)
    principal = assignment.target.profile.principal
    principal.full_name = "赵目标"
    text = f"赵目标（{principal.certificate.number}）住{assignment.target.profile.address}，邮箱{principal.email}"
    assert scrub(text, assignment) == "***（***）住***，邮箱***"


def test_public_numbers_and_names_stay() -> None:
    """A licence number is on the site's own footer, and a unit's name on its licence; an individual's name is his."""
    assignment = sample(5)
    text = "北京示例5科技有限公司 京ICP备2026000001号-1"
    assert scrub(text, assignment) == text
    assignment.subject.profile.nature = pb.NATURE_INDIVIDUAL
    assert scrub(text, assignment) == "*** 京ICP备2026000001号-1"


def test_a_regulator_s_code_brings_its_own_words() -> None:
    """MIIT-V3's meaning, path and advice, with the reviewer's words beside it."""
    finding = refusal("REGULATOR_REJECTED", "tencent", "1005", "与另一订单重复", sample(5))
    assert (finding.message_zh, finding.path) == ("域名冲突：与另一订单重复", "service.domains")
    assert (finding.rule, list(finding.source)) == ("MIIT-V3 1005", ["MIIT-V3"])


def test_every_result_code_has_words_and_a_remedy() -> None:
    """A code of the regulator says what it means, in both languages, and what to do (MIIT-V3; domain.md 3.4)."""
    named = "1003 1004 1005 1006 1008 1011 1015 1016 1017 1019 1020 1021 1024 1025 1032 1033 1037 1038 1039 1040 1041"
    named += " 1042 1043 1045 1046 1047 1048 1049 1050 1051 1055 1063 1064 1065 2002 5001"
    assert sorted(RESULT_CODES) == named.split()
    assert all(code.zh and code.en and "。 / " in code.suggestion for code in RESULT_CODES.values())


def test_the_regulator_s_paths_are_real() -> None:
    """Each path of a result code is a field of the subject, the service or the order."""
    assignment = sample(5)
    for result in RESULT_CODES.values():
        first, *rest = result.path.split(".")
        place = {"profile": assignment.subject, "service": assignment, "ips": assignment.order, "": assignment.order}
        owner = place[first]
        for name in (first, *rest) if first else ():
            owner = getattr(owner, name)


@pytest.mark.parametrize(
    ("state", "changed", "answer"),
    [
        (pb.ORDER_STATE_PROVIDER_REJECTED, NOW - timedelta(hours=1), "not taken"),
        (pb.ORDER_STATE_PROVIDER_REJECTED, NOW + timedelta(seconds=1), "taken"),
        (pb.ORDER_STATE_PROVIDER_REVIEW, NOW - timedelta(hours=1), "taken"),
        (pb.ORDER_STATE_FILED, NOW, "taken"),
    ],
)
def test_a_correction_shows_on_its_order(state: pb.OrderState.ValueType, changed: datetime, answer: str) -> None:
    """It was taken if the order no longer waits for one, or was returned again since it was sent."""
    assignment = sample(5)
    assignment.order.provider_order_id = "1"
    assignment.task.first_send_time.FromDatetime(NOW)
    assert took(assignment, state, changed) is (answer == "taken")


def test_a_withdrawal_shows_on_its_order() -> None:
    """Only a withdrawn order was withdrawn; a word that nobody knows leaves it open."""
    assignment = sample(5)
    assignment.order.provider_order_id = "1"
    assignment.task.kind = TASK_KIND_WITHDRAW
    assert took(assignment, pb.ORDER_STATE_WITHDRAWN, NOW)
    assert not took(assignment, pb.ORDER_STATE_PROVIDER_REVIEW, NOW)
    with pytest.raises(UnknownOutcomeError):
        took(assignment, pb.ORDER_STATE_UNSPECIFIED, NOW)


def test_invented_numbers_have_the_right_checks() -> None:
    """GB 11643 and GB 32100, by the public samples' own arithmetic."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for number in range(200):
        text = resident_id(number)
        assert "10X98765432"[sum(int(d) * w for d, w in zip(text, weights, strict=False)) % 11] == text[-1]
        code = uscc(number)
        total = sum(alphabet.index(char) * 3**place for place, char in enumerate(code))
        assert (len(code), (total - alphabet.index(code[-1]) * 3**17 + alphabet.index(code[-1])) % 31) == (18, 0)


def test_personal_fields_are_told_by_their_declaration() -> None:
    """A mobile number is personal data, a province is not."""
    assert is_personal("subject.profile.principal.mobile")
    assert not is_personal("subject.profile.province")
