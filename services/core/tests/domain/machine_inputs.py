"""What the machine feeds the domain with: any outcome a host could report, and those that fit a task."""

from __future__ import annotations

from hypothesis import strategies as st

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub.resources.v1.task_pb2 import TaskOutcome

ID_NUMBER, MOBILE = "11010519491231002X", "13800000001"
TALK = f"负责人身份证 {ID_NUMBER} 与手机{MOBILE}不符"
FINDINGS = [res.Finding(code="X", severity=res.SEVERITY_BLOCKER, message_zh=TALK)]
LICENCES = {"s1": "京ICP备2026000001号", "s2": "京ICP备2026000002号"}


def numbers_of(subject: str, number: int, *, anew: bool = False) -> dict[str, str]:
    """The numbers that an approval gives: the subject's, or another one, and the service's after it."""
    licence = "京ICP备2026000009号" if anew else LICENCES[subject]
    return {"subject_licence_number": licence, "service_licence_number": f"{licence}-{number}"}


NUMBERS, ANEW = numbers_of("s1", 1), numbers_of("s1", 1, anew=True)
SHOWN = [
    res.ORDER_STATE_UNSPECIFIED,
    res.ORDER_STATE_PROVIDER_REVIEW,
    res.ORDER_STATE_READY_TO_SUBMIT,
    res.ORDER_STATE_REGULATOR_REVIEW,
    res.ORDER_STATE_PROVIDER_REJECTED,
    res.ORDER_STATE_REGULATOR_REJECTED,
    res.ORDER_STATE_FILED,
    res.ORDER_STATE_WITHDRAWN,
]


@st.composite
def statuses(draw: st.DrawFn) -> TaskOutcome.Status:
    """What a vendor shows, or an operator says that it shows."""
    facets = draw(
        st.lists(
            st.builds(
                res.Verification,
                kind=st.sampled_from(res.VerificationKind.values()[:5]),
                state=st.sampled_from(res.VerificationState.values()),
            ),
            max_size=2,
        )
    )
    licence = draw(st.sampled_from([NUMBERS, ANEW, {"service_licence_number": "沪ICP备9号-9"}, {}]))
    state = draw(st.sampled_from(SHOWN))
    return TaskOutcome.Status(state=state, provider_status=TALK, findings=FINDINGS, verifications=facets, **licence)


@st.composite
def outcomes(draw: st.DrawFn) -> TaskOutcome:
    """Anything that a host could report, fitting its task or not."""
    challenge = res.Challenge(link="https://example.com", recipient=TALK)
    verified = TaskOutcome.Verified(
        state=draw(st.sampled_from(res.VerificationState.values())), challenge=challenge, findings=FINDINGS
    )
    if draw(st.booleans()):
        verified.deadline.FromJsonString("2026-03-09T09:00:00Z")
    return draw(
        st.sampled_from(
            [
                TaskOutcome(accepted=TaskOutcome.Accepted(provider_order_id="T-1", provider_status=TALK)),
                TaskOutcome(accepted=TaskOutcome.Accepted()),
                TaskOutcome(rejected=TaskOutcome.Rejected(findings=FINDINGS, provider_status=TALK)),
                TaskOutcome(retry=TaskOutcome.Retry(reason=TALK, delay_seconds=draw(st.sampled_from([0.0, 5.0, 1e9])))),
                TaskOutcome(unknown=TaskOutcome.Unknown(reason=TALK)),
                TaskOutcome(not_found=TaskOutcome.NotFound()),
                TaskOutcome(prepared=TaskOutcome.Prepared()),
                TaskOutcome(verified=verified),
                TaskOutcome(status=draw(statuses())),
                TaskOutcome(),
            ]
        )
    )


FITTING = {
    task_pb2.TASK_KIND_SUBMIT: ("accepted", "accepted", "accepted", "rejected", "unknown", "retry"),
    task_pb2.TASK_KIND_QUERY: ("status",),
    task_pb2.TASK_KIND_WITHDRAW: ("accepted", "rejected", "unknown"),
    task_pb2.TASK_KIND_VERIFY: ("passed",) * 8 + ("failed", "waiting"),
    task_pb2.TASK_KIND_START_VERIFICATION: ("waiting", "failed"),
    task_pb2.TASK_KIND_HANDOFF: ("prepared", "prepared", "rejected"),
}
"""How a task of the kind may end, by how often; the words are those of :func:`fitting`."""
GOES_WELL = {kind: words[0] for kind, words in FITTING.items()} | {task_pb2.TASK_KIND_WITHDRAW: "rejected"}
"""How a task of the kind ends when the order is filed."""

_SMS = res.Verification(kind=res.VERIFICATION_KIND_MIIT_SMS, state=res.VERIFICATION_STATE_WAITING)
_FACE = res.Verification(kind=res.VERIFICATION_KIND_FACE, state=res.VERIFICATION_STATE_WAITING)
PROGRESS = (
    *[TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status=TALK, **NUMBERS)] * 3,
    TaskOutcome.Status(state=res.ORDER_STATE_FILED, provider_status=TALK, **ANEW),
    TaskOutcome.Status(state=res.ORDER_STATE_PROVIDER_REVIEW, provider_status="人脸核验", verifications=[_FACE]),
    TaskOutcome.Status(state=res.ORDER_STATE_READY_TO_SUBMIT, provider_status="短信核验", verifications=[_SMS]),
    TaskOutcome.Status(state=res.ORDER_STATE_REGULATOR_REVIEW, provider_status="管局审核"),
    TaskOutcome.Status(state=res.ORDER_STATE_PROVIDER_REJECTED, provider_status="驳回", findings=FINDINGS),
    TaskOutcome.Status(state=res.ORDER_STATE_REGULATOR_REJECTED, provider_status="管局驳回", findings=FINDINGS),
    TaskOutcome.Status(state=res.ORDER_STATE_UNSPECIFIED, provider_status="新状态"),
)
_STATES = {
    "passed": res.VERIFICATION_STATE_PASSED,
    "failed": res.VERIFICATION_STATE_FAILED,
    "waiting": res.VERIFICATION_STATE_WAITING,
}


def fitting(kind: str, status: TaskOutcome.Status) -> TaskOutcome:
    """An outcome as a host makes it."""
    if kind in _STATES:
        verified = TaskOutcome.Verified(state=_STATES[kind], findings=FINDINGS)
        verified.deadline.FromJsonString("2026-03-09T09:00:00Z")
        return TaskOutcome(verified=verified)
    made = {
        "accepted": TaskOutcome(accepted=TaskOutcome.Accepted(provider_order_id="T-1", provider_status=TALK)),
        "rejected": TaskOutcome(rejected=TaskOutcome.Rejected(findings=FINDINGS)),
        "unknown": TaskOutcome(unknown=TaskOutcome.Unknown(reason="TIMEOUT")),
        "retry": TaskOutcome(retry=TaskOutcome.Retry(reason="CONNECT")),
        "prepared": TaskOutcome(prepared=TaskOutcome.Prepared()),
        "status": TaskOutcome(status=status),
    }
    return made[kind]
