"""Decisions after a filing: notices, patrols and what they see, and the risks that follow from all of it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from beianhub.events.v1 import events_pb2 as ev
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1 import task_pb2
from beianhub_core import names
from beianhub_core.domain import commands as cmd
from beianhub_core.domain import deadlines, risks
from beianhub_core.domain.draft import Draft, refused
from beianhub_core.domain.lookup import SERVICE_FILED, find_service
from beianhub_core.domain.periods import MORNING, day_of, end_of
from beianhub_core.errors import ErrorKind
from beianhub_core.findings import SEVERITY_WARNING
from beianhub_core.rules.certificates import last_day

if TYPE_CHECKING:
    from beianhub.resources.v1.plugin_pb2 import Plugin
    from beianhub.resources.v1.resources_pb2 import Finding, Notice, Observation
    from beianhub.resources.v1.task_pb2 import Task, TaskOutcome

RECTIFICATION: Final = "RECTIFICATION"
_MOST_NOTICES: Final = 100
_LEAD: Final = timedelta(days=7)  # how long before its last day a notice is warned of; ours, and no source's


def reconcile(draft: Draft) -> None:
    """Raises what is new or weighs otherwise, and clears what is gone; appends nothing where nothing changed."""
    known = {risk.name: risk for risk in draft.record.subject.risks}
    found = {risk.name: risk for risk in risks.find(draft.record, day_of(draft.context.now))}
    gone = [risk for name, risk in known.items() if name not in found]
    for name, risk in found.items():
        if name in known:
            risk.since.CopyFrom(known[name].since)
        else:
            risk.since.FromDatetime(draft.context.now)
        if risk != known.get(name):
            draft.append(ev.RiskRaised(risk=risk))
    for risk in gone:
        draft.append(ev.RiskCleared(name=risk.name, kind=risk.kind, resource=risk.resource))


def report_notice(draft: Draft, command: cmd.ReportNotice) -> None:
    """A notice arrived, or one that is open has another date; the same once more changes nothing."""
    if not draft.record.version:
        raise refused(
            ErrorKind.NOT_FOUND,
            "SUBJECT_NOT_FOUND",
            "parent",
            "主体不存在",
            "there is no such subject",
            "请列出。 / List them.",
        )
    given = command.notice
    if given.service and find_service(draft.record, given.service) is None:
        raise refused(
            ErrorKind.NOT_FOUND,
            "SERVICE_NOT_FOUND",
            "notice.service",
            "服务不存在",
            "the subject has no such service",
            "请查询该主体的服务。 / Get the subject to see its services.",
        )
    known = same_notice(draft.record.subject, given)
    notice = res.Notice()
    notice.CopyFrom(given)
    if known is not None:
        notice.name = known.name
        notice.report_time.CopyFrom(known.report_time)
    else:
        notice.report_time.FromDatetime(draft.context.now)
    if known is None and len(draft.record.subject.notices) >= _MOST_NOTICES:
        raise refused(
            ErrorKind.PRECONDITION,
            "TOO_MANY_NOTICES",
            "notice",
            f"未办结的通知已达 {_MOST_NOTICES} 条",
            f"{_MOST_NOTICES} notices are open",
            "请只处理已满足的通知。 / Resolve those that were met.",
        )
    if notice != known:
        draft.append(ev.NoticeReported(notice=notice))
        _set_deadline(draft, notice)


def _set_deadline(draft: Draft, notice: Notice) -> None:
    """The end of the notice's last day in China (S4.39, HW-KB doc_0202): warned of, and told when it passes."""
    path = f"notices/{names.last(notice.name)}"
    due = last_day(notice.due_date)
    known = deadlines.find(draft.record.subject.deadlines, RECTIFICATION, path)
    if due is None:
        deadlines.put(draft, "", [], [known] if known is not None else [])
        return
    made = res.Deadline(kind=RECTIFICATION, path=path, source=("S4.39", "HW-KB doc_0202"))
    made.start_time.CopyFrom(notice.report_time)
    made.time.FromDatetime(end_of(due))
    made.warn_time.FromDatetime(datetime.combine(due - _LEAD, MORNING))
    if known is None or known.time != made.time:
        deadlines.put(draft, "", [made])


def same_notice(subject: res.Subject, given: Notice) -> Notice | None:
    """The open notice that the given one repeats."""
    key = given.kind, given.service, given.provider, given.reference
    return next((n for n in subject.notices if (n.kind, n.service, n.provider, n.reference) == key), None)


def resolve_notice(draft: Draft, command: cmd.ResolveNotice) -> None:
    """The notice was met, or taken back."""
    if all(notice.name != command.notice for notice in draft.record.subject.notices):
        raise refused(
            ErrorKind.NOT_FOUND,
            "NOTICE_NOT_FOUND",
            "name",
            "没有这条未办结的通知",
            "no such notice is open",
            "请查询该主体未处理的通知。 / Get the subject to see its open notices.",
        )
    draft.append(ev.NoticeResolved(name=command.notice))
    path = f"notices/{names.last(command.notice)}"
    known = deadlines.find(draft.record.subject.deadlines, RECTIFICATION, path)
    deadlines.put(draft, "", [], [known] if known is not None else [])


def complete_deadline(draft: Draft, command: cmd.CompleteDeadline) -> None:
    """What the deadline asks for was done. The date of a notice goes with its notice. One that is done stays so."""
    subject = draft.record.subject
    known = next((d for d in subject.deadlines if deadlines.name_of(subject.name, d) == command.deadline), None)
    if known is None:
        raise refused(
            ErrorKind.NOT_FOUND,
            "DEADLINE_NOT_FOUND",
            "name",
            "主体没有这条期限",
            "the subject has no such deadline",
            "请列出该主体的期限；订单的期限随订单结束。 / "
            "List its deadlines; those of an order end with what becomes of the order.",
        )
    if known.state == res.DEADLINE_STATE_DONE:
        return
    done = res.Deadline()
    done.CopyFrom(known)
    done.state = res.DEADLINE_STATE_DONE
    draft.append(ev.DeadlineCompleted(deadline=done, note=command.note))
    if done.kind == RECTIFICATION:
        resolve_notice(draft, cmd.ResolveNotice(f"{subject.name}/{done.path}"))


def patrol(draft: Draft, command: cmd.Patrol) -> None:
    """Has each filed site looked at by each verifier that patrols, and ends what needs no more looking at.

    ``command.accounts`` says for which services, each for which account. The risks follow by :func:`reconcile`.
    """
    catalog = draft.context.catalog
    wanted = {
        (service.name, names.last(plugin.name)): (command.accounts[service.name], plugin)
        for service in risks.filed_services(draft.record)
        if service.name in command.accounts
        for plugin in catalog.patrols()
    }
    kept = set()
    for task in [t for t in draft.record.tasks if t.kind == task_pb2.TASK_KIND_PATROL]:
        account, _ = wanted.get((task.service, task.plugin), ("", None))
        if account == task.account and account:
            kept.add((task.service, task.plugin))
        else:
            draft.append(ev.TaskClosed(task=task.name, reason="PATROL_ENDED"))
    for service_plugin, (account, plugin) in wanted.items():
        if service_plugin not in kept:
            _open(draft, service_plugin[0], account, plugin)
    _forget(draft, {(service, plugin.verification) for (service, _), (_, plugin) in wanted.items()})


def _open(draft: Draft, service: str, account: str, plugin: Plugin) -> None:
    """A standing task; its first look is somewhere within the interval, so that not all sites are visited at once."""
    interval = timedelta(seconds=plugin.patrol_interval_seconds)
    task = task_pb2.Task(
        name=names.task_name(draft.context.tenant, draft.context.new_id()),
        kind=task_pb2.TASK_KIND_PATROL,
        plugin=names.last(plugin.name),
        subject=draft.record.subject.name,
        account=account,
        state=task_pb2.Task.STATE_OPEN,
        phase=task_pb2.TASK_PHASE_SEND,
        verification=plugin.verification,
        service=service,
    )
    task.due_time.FromDatetime(draft.context.now + interval * share(f"{service}|{task.plugin}"))
    task.create_time.FromDatetime(draft.context.now)
    draft.append(ev.TaskOpened(task=task))


def share(key: str) -> float:
    """A number in [0, 1) that depends on the key alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32


def _forget(draft: Draft, wanted: set[tuple[str, res.VerificationKind.ValueType]]) -> None:
    """What was seen of a site that is not looked at any more tells nothing of it."""
    stale = [o for o in draft.record.subject.observations if (o.service, o.verification) not in wanted]
    for one in stale:
        empty = res.Observation(service=one.service, verification=one.verification)
        draft.append(ev.ObservationChanged(observation=empty))


def observed(draft: Draft, task: Task, outcome: TaskOutcome.Observed) -> None:
    """What a patrol saw. Where it is what was seen before, nothing is appended; its row is due again by itself."""
    service = find_service(draft.record, task.service)
    if service is None or service.state not in SERVICE_FILED:
        return
    known = find_observation(draft.record.subject, task.service, task.verification)
    before = list(known.findings) if known is not None else []
    findings = [f for f in outcome.findings if f.severity >= SEVERITY_WARNING]
    findings += [f for f in before if f.path in outcome.unseen]
    seen = res.Observation(service=task.service, verification=task.verification, findings=findings)
    seen.time.FromDatetime(draft.context.now)
    if _said(findings) != _said(before):
        draft.append(ev.ObservationChanged(observation=seen))


def find_observation(
    subject: res.Subject, service: str, verification: res.VerificationKind.ValueType
) -> Observation | None:
    """What a patrol of this kind saw of the service."""
    return next((o for o in subject.observations if (o.service, o.verification) == (service, verification)), None)


def _said(findings: list[Finding]) -> list[tuple[str, str, int, str]]:
    return sorted((f.path, f.code, f.severity, f.message_en) for f in findings)
