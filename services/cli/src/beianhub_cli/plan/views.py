"""The answer for people: steps, findings, questions."""

from __future__ import annotations

from typing import Final

from beianhub_cli.client.output import Grid
from beianhub_core.planner import Answer, Finding, Step
from beianhub_core.planner.answer import Deadline

_STEPS: Final = ("step", "what", "provider", "channel", "after", "verified by", "times", "ends by", "source")
_FINDINGS: Final = ("severity", "code", "path", "finding", "do", "source", "against")


def grids(answer: Answer) -> list[Grid]:
    """Three tables, and what the steps bring along."""
    return [
        Grid(_FINDINGS, [_finding(each) for each in answer.findings], title="findings 发现"),
        Grid(_STEPS, [_step(each) for each in answer.steps], title="steps 步骤"),
        Grid(("step", "brings along"), _brought(answer.steps), title="documents and consequences 材料与后果"),
        Grid(("path", "why"), [(q.path, f"{q.why_zh} / {q.why}") for q in answer.questions], title="questions 待补充"),
    ]


def _finding(each: Finding) -> tuple[str, ...]:
    return (
        each.severity,
        each.code,
        each.path,
        f"{each.message_zh} / {each.message_en}",
        each.suggestion,
        ", ".join(each.source),
        ", ".join(each.conflicts_with),
    )


def _step(each: Step) -> tuple[str, ...]:
    what = " ".join([each.order_type or each.action, *(f"[{field}]" for field in each.changes)])
    checks = ", ".join(f"{check.kind} → {check.recipient}" for check in each.verifications)
    times = ", ".join(_time(time) for time in each.deadlines if time.most is not None)
    ends = ", ".join(f"{time.date}{'?' if time.provisional else ''}" for time in each.deadlines if time.date)
    return (
        each.id,
        what,
        each.provider,
        each.channel,
        ", ".join(each.after),
        checks,
        times,
        ends,
        ", ".join(each.source),
    )


def _time(time: Deadline) -> str:
    span = f"{time.most}" if time.least in (None, time.most) else f"{time.least}-{time.most}"
    return f"{time.kind} {span} {time.unit.lower().replace('_', ' ')}"


def _brought(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.id, text) for step in steps for text in (*step.documents, *step.consequences, step.confirm) if text]
