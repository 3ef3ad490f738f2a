"""One order instead of a wish: what the rules say of an order of this type as it stands. The same checks, no steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from beianhub_core.planner.accessing import add_access
from beianhub_core.planner.answer import Answer, Step, StepKind
from beianhub_core.planner.changing import change_service, change_subject, remove_domain
from beianhub_core.planner.checks import check_server
from beianhub_core.planner.closing import close_service, close_subject, leave_provider
from beianhub_core.planner.drafting import Draft
from beianhub_core.planner.facts import Facts
from beianhub_core.planner.moving import move_service
from beianhub_core.planner.rules import Rules
from beianhub_core.planner.serving import add_service, change_server_ip, claim, file_first
from beianhub_core.planner.vocabulary import SUBMISSIONS, Field, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from beianhub_core.planner.situation import Situation
    from beianhub_core.rulebook.book import Rulebook

# Whether a plugin can file it is its capabilities' matter, which are asked beside the rules.
_OF_THE_CHANNEL: Final = frozenset(
    {"MIGRATION_NOT_OFFERED", "MIGRATION_OFFER_UNKNOWN", "ACCOUNT_TRANSFER", "ACCOUNT_TRANSFER_UNKNOWN"}
)


class _Look(Draft):
    """Collects what is found; of the orders that a plan would list only the types are kept."""

    def order(self, order_type: Order, provider: str = "", **_parts: Any) -> str:
        """Notes that there is an order, without the papers and times of its profile."""
        step = Step(self._next_id(), StepKind.ORDER, order_type=str(order_type), provider=provider)
        self._steps.append(step)
        return step.id


def check(situation: Situation, order_type: Order, change: Sequence[Field], book: Rulebook) -> Answer:
    """Findings and questions about an order of this type at the situation's provider; ``change`` is what it changes."""
    facts = Facts(situation, tuple(change))
    draft = _Look(facts, Rules(book, facts.province, facts.nature, situation.today))
    if order_type in SUBMISSIONS:
        check_server(draft)
    _CHECKS[order_type](draft)
    answer = draft.answer()
    kept = tuple(found for found in answer.findings if found.code not in _OF_THE_CHANNEL)
    return Answer(findings=kept, questions=answer.questions)


def _change_service(draft: Draft) -> None:
    """A change of the domains deletes some of them, as the order's own check has seen to (HW-KB doc_0194)."""
    if Field.DOMAIN in draft.facts.change:
        remove_domain(draft)
        return
    change_service(draft)


_CHECKS: Final[dict[Order, Callable[[Draft], None]]] = {
    Order.FIRST_FILING: file_first,
    Order.ADD_SERVICE: add_service,
    Order.ADD_ACCESS: add_access,
    Order.CHANGE_SUBJECT: change_subject,
    Order.CHANGE_SERVICE: _change_service,
    Order.CHANGE_ACCESS: change_server_ip,
    Order.CANCEL_SUBJECT: close_subject,
    Order.CANCEL_SERVICE: close_service,
    Order.CANCEL_ACCESS: leave_provider,
    Order.MIGRATE_SERVICE: move_service,
    Order.TRANSFER_ACCOUNT: change_subject,
    Order.CLAIM: claim,
}
