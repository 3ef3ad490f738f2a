"""Tells the story on standard error, live, for a person who watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console

from beianhub.resources.v1 import resources_pb2 as res

if TYPE_CHECKING:
    from beianhub.events.v1.events_pb2 import Event

STATES: Final = {
    res.ORDER_STATE_DRAFT: "草稿 draft",
    res.ORDER_STATE_PROVIDER_REVIEW: "接入商审核中 in provider review",
    res.ORDER_STATE_PROVIDER_REJECTED: "接入商驳回 rejected by the provider",
    res.ORDER_STATE_READY_TO_SUBMIT: "待提交管局 ready to submit",
    res.ORDER_STATE_REGULATOR_REVIEW: "管局审核中 in regulator review",
    res.ORDER_STATE_REGULATOR_REJECTED: "管局驳回 rejected by the regulator",
    res.ORDER_STATE_FILED: "[green]已通过 filed[/green]",
    res.ORDER_STATE_WITHDRAWN: "已撤销 withdrawn",
    res.ORDER_STATE_ABANDONED: "已放弃 abandoned",
    res.ORDER_STATE_EXPIRED: "已过期 expired",
}


class Teller:
    """Writes the story's lines."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def chapter(self, text: str) -> None:
        """A new part of the story."""
        self._console.print(f"\n[bold]{text}[/bold]")

    def line(self, text: str) -> None:
        """Something that happened."""
        self._console.print(f"  {text}")

    def event(self, order: res.Order, event: Event) -> None:
        """An event of an order, as the watch brings it."""
        what = _WORDS.get(str(event.WhichOneof("payload")))
        if what is None:
            return
        text = what(order, event)
        if text:
            when = event.time.ToDatetime().strftime("%H:%M:%S")
            self._console.print(f"  [dim]{when}[/dim] {order.name.rpartition('/')[2]:<18} {order.provider:<8} {text}")


def _returned(order: res.Order, _event: Event) -> str:
    reasons = "; ".join(f.message_zh or f.message_en for f in order.findings)
    return f"[red]{STATES[order.state]}[/red]: {reasons}"


def _verification(_order: res.Order, event: Event) -> str:
    facet = event.verification_changed.verification
    kind = res.VerificationKind.Name(facet.kind).removeprefix("VERIFICATION_KIND_")
    state = res.VerificationState.Name(facet.state).removeprefix("VERIFICATION_STATE_").lower()
    text = f"核验 {kind} {state}"
    if facet.state == res.VERIFICATION_STATE_WAITING and facet.challenge.link:
        until = facet.deadline.ToDatetime().strftime("%H:%M:%S")
        text += f"\n      [yellow]→ {facet.challenge.recipient} {facet.challenge.link}（{until} UTC 前）[/yellow]"
        text += f"\n      {facet.challenge.instructions_zh}"
    return text


_WORDS = {
    "order_created": lambda order, _: f"草稿 drafted ({res.OrderType.Name(order.type).removeprefix('ORDER_TYPE_')})",
    "order_submission_requested": lambda order, _: (
        "提交 submitted over " + res.Channel.Name(order.submission.channel).removeprefix("CHANNEL_")
    ),
    "order_submission_in_doubt": lambda *_: "[yellow]结果未知 in doubt: asked before it is sent again[/yellow]",
    "order_accepted": lambda order, _: f"接入商受理 accepted as {order.provider_order_id}",
    "order_status_changed": lambda order, _: f"{STATES[order.state]}（{order.provider_status}）",
    "order_returned": _returned,
    "order_filed": lambda *_: STATES[res.ORDER_STATE_FILED],
    "order_ended": lambda order, _: STATES[order.state],
    "verification_changed": _verification,
}
