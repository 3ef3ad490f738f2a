"""What the rulebook says of an order: the planner's checks over what the record knows, as the API's findings. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core import names
from beianhub_core.domain.lookup import find_service
from beianhub_core.findings import SEVERITY_INFO, finding
from beianhub_core.planner import ordering
from beianhub_core.planner import vocabulary as words
from beianhub_core.planner.recorded import domain_of, recorded, recorded_target

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from beianhub.events.v1.record_pb2 import Record
    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub_core.planner.answer import Answer, Question
    from beianhub_core.planner.answer import Finding as Found
    from beianhub_core.planner.situation import Situation, Target
    from beianhub_core.rulebook import Rulebook

# A situation's path, or the beginning of one, and the field of the order, its subject or its service that it is about.
_PATHS: Final = (
    ("subject.nature", "subject.profile.nature"),
    ("subject.province", "subject.profile.province"),
    ("subject.id_province", "subject.profile.certificate"),
    ("subject.filed_at", "subject.services"),
    ("subject.services", "subject.services"),
    ("subject.other_sites", "subject.services"),
    ("subject.filed", "subject.state"),
    ("subject.status", "subject.state"),
    ("subject.order", "order"),
    ("subject", "subject.profile"),
    ("service.kind", "service.kind"),
    ("service.filed_at", "service.accesses"),
    ("service.filed", "service.state"),
    ("service.status", "service.state"),
    ("domains_on_service", "service.domains"),
    ("domain", "service.domains"),
    ("site", "service.domains"),
    ("server.provider", "order.account"),
    ("server", "order.ips"),
    ("contact.email", "service.principal.email"),
    ("contact", "service.principal.mobile"),
    ("access_differences", "subject.profile"),
    ("target.account", "order.target_account"),
    ("target.province", "order.target_subject"),
    ("target.filed", "order.target_subject"),
    ("target.order_in_flight", "order.target_subject"),
    ("target", "order.change.profile"),
    ("change", "order.change.paths"),
    ("wish", "order.type"),
)
_FIELDS: Final = (
    ("profile.title", words.Field.NAME),
    ("profile.certificate.number", words.Field.CERT_NUMBER),
    ("profile.certificate.type", words.Field.CERT_TYPE),
    ("profile.certificate.address", words.Field.CERT_ADDRESS),
    ("profile.address", words.Field.ADDRESS),
    ("profile.nature", words.Field.NATURE),
    ("profile.province", words.Field.PROVINCE),
    ("profile.principal.mobile", words.Field.PHONE),
    ("profile.principal.email", words.Field.EMAIL),
    ("profile.principal.full_name", words.Field.PRINCIPAL),
    ("profile.principal.certificate", words.Field.PRINCIPAL),
    ("service.title", words.Field.SERVICE_NAME),
    ("service.domains", words.Field.DOMAIN),
    ("service.principal.mobile", words.Field.PHONE),
    ("service.principal.email", words.Field.EMAIL),
    ("service.principal.full_name", words.Field.SERVICE_PRINCIPAL),
    ("service.principal.certificate", words.Field.SERVICE_PRINCIPAL),
)


def ruling(
    record: Record, order: res.Order, today: dt.date, book: Rulebook, target: Record | None = None
) -> list[Finding]:
    """Every finding of the rules that apply to the order on ``today``, a day in China, the gravest first; ``target`` is
    the record of the subject that a migration goes to.

    A fact that matters and that no record holds is a finding FACT_UNKNOWN, never a blocker. Orders beside this one are
    the domain's own matter.
    """
    word = words.Order.__members__.get(res.OrderType.Name(order.type).removeprefix("ORDER_TYPE_"))
    if word is None:
        return []
    found: dict[tuple[str, str, str], Finding] = {}
    for situation, numbers in _situations(record, order, today, target):
        answer = ordering.check(situation, word, _change(order), book)
        for each in _findings(answer, numbers):
            found.setdefault((each.rule, each.code, each.path), each)
    return sorted(found.values(), key=lambda each: -each.severity)


def _situations(
    record: Record, order: res.Order, today: dt.date, taker: Record | None
) -> Iterator[tuple[Situation, tuple[int, int]]]:
    """One for each domain and address, since a situation holds one of each; with their numbers."""
    base = recorded(record, order.service, order.provider, today)
    subject = base.subject.model_copy(update={"order": None})
    target = base.target if taker is None else _target(taker, order)
    if order.change.HasField("profile"):
        nature = res.Nature.Name(order.change.profile.nature).removeprefix("NATURE_")
        target = target.model_copy(update={"nature": words.Nature.__members__.get(nature)})
    base = base.model_copy(update={"subject": subject, "target": target})
    service = find_service(record, order.service)
    pairs = zip_longest(enumerate(service.domains if service is not None else ()), enumerate(order.ips))
    for domain, ip in list(pairs) or [(None, None)]:
        update: dict[str, object] = {}
        if domain is not None and service is not None:
            update["domain"] = domain_of(service, domain[1])
        if ip is not None:
            update["server"] = base.server.model_copy(update={"ip": ip[1]})
        yield base.model_copy(update=update), (domain[0] if domain else 0, ip[0] if ip else 0)


def _target(record: Record, order: res.Order) -> Target:
    """The subject that takes the service; orders beside this one, and whose account it is, the domain looks at."""
    known = recorded_target(record, order.provider, order.name)
    return known.model_copy(update={"order_in_flight": False, "account": names.last(order.target_account)})


def _change(order: res.Order) -> list[words.Field]:
    changed = [field for path in order.change.paths for begins, field in _FIELDS if _is_under(path, begins)]
    if order.type == res.ORDER_TYPE_TRANSFER_ACCOUNT:
        changed.append(words.Field.ACCOUNT)
    return list(dict.fromkeys(changed))


def _is_under(path: str, begins: str) -> bool:
    return path == begins or path.startswith(f"{begins}.")


def _findings(answer: Answer, numbers: tuple[int, int]) -> Iterator[Finding]:
    for found in answer.findings:
        yield _finding(found, _path(found.path, numbers))
    for question in answer.questions:
        yield _unknown(question, _path(question.path, numbers))


def _path(path: str, numbers: tuple[int, int]) -> str:
    """The field that the situation's path is about; a domain and an address by their numbers."""
    if path == "server.ip":
        return f"order.ips[{numbers[1]}]"
    if path.startswith("domain."):
        return f"service.domains[{numbers[0]}]"
    return next((ours for theirs, ours in _PATHS if _is_under(path, theirs)), path if "." in path else "order")


def _finding(found: Found, path: str) -> Finding:
    return finding(
        res.Severity.Value(f"SEVERITY_{found.severity}"),
        found.code,
        path,
        found.message_zh,
        found.message_en,
        found.suggestion,
        rule=found.rule,
        source=found.source,
        as_of=found.as_of,
    )


def _unknown(question: Question, path: str) -> Finding:
    """What the record cannot know, by the name that a situation of `beianhub plan` gives it."""
    return finding(
        SEVERITY_INFO,
        "FACT_UNKNOWN",
        path,
        f"记录中没有 {question.path}：{question.why_zh}",
        f"the record does not hold {question.path}: {question.why}",
        "提交订单前查明。 / Find it out before the order is sent.",
        rule=f"planner.question.{question.path}",
    )
