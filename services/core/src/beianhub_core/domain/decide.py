"""``decide(record, command, context) -> events``: pure; raises :class:`BeianhubError` and then changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from beianhub_core.domain import commands as cmd
from beianhub_core.domain import drifting, handover, orders, outcomes, settling, subjects, timers, watching
from beianhub_core.domain.draft import Context, Draft

if TYPE_CHECKING:
    from beianhub.events.v1.events_pb2 import Event
    from beianhub.events.v1.record_pb2 import Record
    from beianhub_core.domain.handover import Handover

_DECIDE: Final[dict[type, Callable[[Draft, Any], None]]] = {
    cmd.CreateSubject: subjects.create,
    cmd.UpdateSubject: subjects.update,
    cmd.ApplyDrift: drifting.apply,
    cmd.CreateOrder: orders.create,
    cmd.CreateOrders: orders.create_all,
    cmd.SubmitOrder: orders.submit,
    cmd.WithdrawOrder: orders.withdraw,
    cmd.AbandonOrder: orders.abandon,
    cmd.ReportProgress: outcomes.report_progress,
    cmd.ReportTask: outcomes.report_task,
    cmd.CompleteHandoff: outcomes.complete_handoff,
    cmd.GiveUpTask: outcomes.give_up,
    cmd.FireTimer: timers.fire,
    cmd.RecountDeadlines: settling.recount,
    cmd.CompleteDeadline: watching.complete_deadline,
    cmd.ReportNotice: watching.report_notice,
    cmd.ResolveNotice: watching.resolve_notice,
    cmd.Patrol: watching.patrol,
}


def decide(record: Record | None, command: cmd.Command, context: Context) -> list[Event]:
    """The events that the command causes, in order; none when it changes nothing."""
    return draft(record, command, context).events


def draft(
    record: Record | None,
    command: cmd.Command,
    context: Context,
    target: tuple[str, Record | None] | None = None,
    prepared: Handover | None = None,
) -> Draft:
    """Like :func:`decide`, with the record after the events. The risks follow what changed, and at a patrol the day.

    A command about a migration is decided with its ``target``, the other subject's id and record, whose events are in
    the result's ``target``; the one that files it also with what the vault has ``prepared``.
    """
    result = Draft(record, context, _target(target, context) if target else None, prepared)
    _DECIDE[type(command)](result, command)
    settling.settle(result)
    handover.settle(record, result)
    if result.target is not None:
        settling.settle(result.target)
    for one in (result, result.target):
        if one is not None and (one.events or isinstance(command, cmd.Patrol)):
            watching.reconcile(one)
    return result


def _target(target: tuple[str, Record | None], context: Context) -> Draft:
    subject, record = target
    return Draft(record, replace(context, subject=subject, tasks={}))
