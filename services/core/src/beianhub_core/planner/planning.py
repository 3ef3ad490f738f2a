"""``plan``: one function per wish, then the dates. The same situation always gives the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from beianhub_core.planner.answer import Answer
from beianhub_core.planner.changing import change_service, change_subject, remove_domain
from beianhub_core.planner.checks import check_providers
from beianhub_core.planner.closing import close_service, close_subject, leave_provider
from beianhub_core.planner.contradictions import doubts
from beianhub_core.planner.drafting import Draft
from beianhub_core.planner.ending import end_order, resubmit
from beianhub_core.planner.facts import Facts
from beianhub_core.planner.moving import move_service
from beianhub_core.planner.noticing import answer_notice
from beianhub_core.planner.reading import read
from beianhub_core.planner.rules import Rules
from beianhub_core.planner.scheduling import schedule
from beianhub_core.planner.serving import change_server_ip, serve_domain
from beianhub_core.planner.vocabulary import Field, Wish
from beianhub_core.rulebook.workdays import CHINA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from beianhub_core.planner.situation import Situation
    from beianhub_core.rulebook.book import Rulebook
    from beianhub_core.rulebook.workdays import Calendar

_WISHES: Final[dict[Wish, Callable[[Draft], None]]] = {
    Wish.SERVE_DOMAIN: serve_domain,
    Wish.CHANGE_SERVER_IP: change_server_ip,
    Wish.CHANGE_SUBJECT: change_subject,
    Wish.CHANGE_SERVICE: change_service,
    Wish.REMOVE_DOMAIN: remove_domain,
    Wish.LEAVE_PROVIDER: leave_provider,
    Wish.CLOSE_SERVICE: close_service,
    Wish.CLOSE_SUBJECT: close_subject,
    Wish.MOVE_SERVICE_TO_SUBJECT: move_service,
    Wish.END_ORDER: end_order,
    Wish.RESUBMIT: resubmit,
    Wish.ANSWER_NOTICE: answer_notice,
}
_OF_A_SERVICE: Final = {Field.NAME: Field.SERVICE_NAME, Field.PRINCIPAL: Field.SERVICE_PRINCIPAL}


def plan(
    situation: Situation, wish: Wish, change: Sequence[Field], book: Rulebook, calendar: Calendar = CHINA
) -> Answer:
    """The steps that fulfil the wish, what stands against them, and what is not known; ``calendar`` counts the days."""
    facts = Facts(situation, _meant(wish, change))
    rules = Rules(book, facts.province, facts.nature, situation.today)
    draft = Draft(facts, rules)
    draft.note(doubts(situation))
    check_providers(draft)
    _WISHES[wish](draft)
    schedule(draft, calendar)
    return draft.answer()


def _meant(wish: Wish, change: Sequence[Field]) -> tuple[Field, ...]:
    """The fields as the wish means them: the name and the principal of a service are not the subject's."""
    if wish is not Wish.CHANGE_SERVICE:
        return tuple(change)
    return tuple(dict.fromkeys(_OF_A_SERVICE.get(field, field) for field in change))


def plan_document(document: Any, book: Rulebook) -> Answer:
    """Plans what YAML or JSON gave; what cannot be read comes back as findings."""
    request = read(document)
    if isinstance(request, Answer):
        return request
    return plan(request.situation, request.wish, request.change, book)
