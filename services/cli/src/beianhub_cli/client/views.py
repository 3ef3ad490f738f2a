"""How each kind of answer looks as a table. Machines read the messages themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.task_pb2 import Handoff, Task
from beianhub_cli.client import words
from beianhub_cli.client.output import Grid
from beianhub_core.names import last

Cells = Sequence[tuple[str, str]]


def grids(*messages: Message) -> list[Grid]:
    """The tables of messages of one kind: the items of a listing in one, a single subject or order in several."""
    if len(messages) == 1:
        (message,) = messages
        listed = _items(message)
        if listed is not None:
            return [table(listed)]
        details = _DETAILS.get(message.DESCRIPTOR.full_name)
        if details is not None:
            return details(message)
    return [table(messages)]


def table(messages: Iterable[Message], title: str = "") -> Grid:
    """One row a message."""
    rows = [cells_of(message) for message in messages]
    header = tuple(name for name, _ in rows[0]) if rows else ()
    return Grid(header, [[value for _, value in row] for row in rows], title)


def cells_of(message: Message) -> Cells:
    """The columns of a message in a table, each with its name."""
    special = _CELLS.get(message.DESCRIPTOR.full_name)
    return special(message) if special is not None else _plain_cells(message)


def moment(time: Timestamp) -> str:
    """Local time to the second; "" when it is not set."""
    if not (time.seconds or time.nanos):
        return ""
    return time.ToDatetime(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _items(message: Message) -> Sequence[Message] | None:
    fields = message.DESCRIPTOR.fields
    repeated = [f for f in fields if f.is_repeated and f.message_type is not None]
    others = [f for f in fields if not f.is_repeated and f.name != "next_page_token"]
    return list(getattr(message, repeated[0].name)) if len(repeated) == 1 and not others else None


def _plain_cells(message: Message) -> Cells:
    return [(f.name, _text(message, f.name)) for f in message.DESCRIPTOR.fields if not f.is_repeated]


def _text(message: Message, field: str) -> str:
    value = getattr(message, field)
    if isinstance(value, Timestamp):
        return moment(value)
    if message.DESCRIPTOR.fields_by_name[field].enum_type is not None:
        return _enum(message, field)
    return last(value) if field == "name" else str(value)


def _enum(message: Message, field: str) -> str:
    enum: Any = message.DESCRIPTOR.fields_by_name[field].enum_type
    return words.say(enum, getattr(message, field))


def _subject_cells(subject: res.Subject) -> Cells:
    domains = [domain for service in subject.services for domain in service.domains]
    return [
        ("subject", last(subject.name)),
        ("customer", subject.customer),
        ("title", subject.profile.title),
        ("nature", _enum(subject.profile, "nature")),
        ("state", _enum(subject, "state")),
        ("licence", subject.licence_number),
        ("domains", " ".join(domains)),
    ]


def _subject(subject: res.Subject) -> list[Grid]:
    profile, principal = subject.profile, subject.profile.principal
    facts = [
        *_subject_cells(subject)[:-1],
        ("place", f"{profile.province} {profile.city} {profile.address}".strip()),
        ("certificate", f"{_enum(profile.certificate, 'type')} {profile.certificate.number}"),
        ("principal", f"{principal.full_name} {principal.mobile} {principal.email}"),
        ("etag", subject.etag),
        ("updated", moment(subject.update_time)),
    ]
    accesses = [(service, access) for service in subject.services for access in service.accesses]
    return [
        Grid(("field", "value"), facts),
        table(subject.services, "services"),
        Grid(
            ("service", "provider", "state", "account", "ips"),
            [(last(s.name), a.provider, _enum(a, "state"), last(a.account), " ".join(a.ips)) for s, a in accesses],
            "accesses",
        ),
        *([table(told, "registrations")] if (told := _registrations(subject)) else []),
        *([table(subject.deadlines, "deadlines")] if subject.deadlines else []),
        *[listed for listed in (table(subject.notices, "notices"), table(subject.risks, "risks")) if listed.rows],
    ]


def _registrations(subject: res.Subject) -> list[res.DomainRegistration]:
    return [registration for service in subject.services for registration in service.registrations]


def _registration_cells(registration: res.DomainRegistration) -> Cells:
    return [
        ("domain", registration.domain),
        ("expires on", registration.expires_on),
        ("holder matches", _yes(registration, "holder_matches")),
        ("real name verified", _yes(registration, "real_name_verified")),
    ]


def _yes(message: Any, field: str) -> str:
    """Unknown is not no."""
    return ("yes" if getattr(message, field) else "no") if message.HasField(field) else ""


def _service_cells(service: res.Service) -> Cells:
    return [
        ("service", last(service.name)),
        ("kind", _enum(service, "kind")),
        ("title", service.title),
        ("domains", " ".join(service.domains)),
        ("state", _enum(service, "state")),
        ("licence", service.licence_number),
    ]


def _order_cells(order: res.Order) -> Cells:
    return [
        ("order", last(order.name)),
        ("subject", last(order.subject)),
        ("type", _enum(order, "type")),
        ("account", last(order.account)),
        ("provider", order.provider),
        ("state", _enum(order, "state")),
        ("submission", _enum(order.submission, "state")),
        ("vendor's number", order.provider_order_id),
        ("vendor's word", order.provider_status),
        ("waits for", _waits_for(order)),
    ]


def _waits_for(order: res.Order) -> str:
    """The orders before it; nothing once they are filed."""
    waits = order.state == res.ORDER_STATE_DRAFT and not order.HasField("release_time")
    return " ".join(last(name) for name in order.waits_for) if waits else ""


def _order(order: res.Order) -> list[Grid]:
    facts = [
        *_order_cells(order),
        ("service", last(order.service)),
        ("channel", _enum(order.submission, "channel")),
        ("ips", " ".join(order.ips)),
        ("documents", " ".join(last(d) for d in order.documents)),
        ("target account", last(order.target_account)),
        ("planned date", order.planned_date),
        ("target subject", last(order.target_subject)),
        ("target service", last(order.target_service)),
        ("returned by", _enum(order, "returned_by")),
        ("when released", "submitted by itself" if order.submit_when_released else ""),
        ("released", moment(order.release_time)),
        ("updated", moment(order.update_time)),
    ]
    tables = [
        table(order.verifications, "verifications"),
        table(order.findings, "findings"),
        table(order.deadlines, "deadlines"),
    ]
    return [Grid(("field", "value"), [fact for fact in facts if fact[1]]), *[t for t in tables if t.rows]]


def _verification_cells(verification: res.Verification) -> Cells:
    return [
        ("kind", _enum(verification, "kind")),
        ("state", _enum(verification, "state")),
        ("until", moment(verification.deadline)),
        ("who", verification.challenge.recipient),
        ("link", verification.challenge.link),
        ("what to do", f"{verification.challenge.instructions_zh} {verification.challenge.instructions_en}".strip()),
    ]


def _finding_cells(finding: res.Finding) -> Cells:
    return [
        ("severity", _enum(finding, "severity")),
        ("code", finding.code),
        ("path", finding.path),
        ("finding", f"{finding.message_zh} / {finding.message_en}"),
        ("remedy", finding.suggestion),
        ("source", ", ".join(finding.source)),
    ]


def _deadline_cells(deadline: res.Deadline) -> Cells:
    return [
        ("deadline", words.deadline(deadline.kind)),
        ("about", deadline.path),
        ("time", f"{moment(deadline.time)}{' provisional (暂定)' if deadline.provisional else ''}"),
        ("left", _left(deadline.time)),
        ("state", _enum(deadline, "state")),
        ("source", ", ".join(deadline.source)),
    ]


def _listed_deadline_cells(listed: Any) -> Cells:
    own = f"{last(listed.subject)}/{last(listed.name)}" if listed.name else ""
    order = ("order", last(listed.order))
    return [("name", own), ("subject", last(listed.subject)), order, *_deadline_cells(listed.deadline)]


def _left(time: Timestamp) -> str:
    """The time until then in its two largest units, or since then as overdue."""
    minutes = int((time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)).total_seconds() // 60)
    days, rest = divmod(abs(minutes), 24 * 60)
    text = f"{days} d {rest // 60} h" if days else f"{rest // 60} h {rest % 60} min"
    return f"{text} overdue" if minutes < 0 else text


def _risk_cells(risk: res.Risk) -> Cells:
    return [
        ("subject", risk.name.split("/")[3]),
        ("risk", _enum(risk, "kind")),
        ("severity", _enum(risk.finding, "severity")),
        ("at", "/".join(risk.resource.split("/")[5:])),
        ("until", risk.due_date),
        ("since", moment(risk.since)),
        ("finding", f"{risk.finding.message_zh} / {risk.finding.message_en}"),
        ("remedy", risk.finding.suggestion),
        ("wish", risk.wish),
        ("source", ", ".join(risk.finding.source)),
    ]


def _notice_cells(notice: res.Notice) -> Cells:
    return [
        ("notice", "/".join(notice.name.split("/")[3::2])),
        ("kind", _enum(notice, "kind")),
        ("service", last(notice.service)),
        ("provider", notice.provider),
        ("reference", notice.reference),
        ("until", notice.due_date),
        ("reported", moment(notice.report_time)),
    ]


def _verdict_cells(answer: Any) -> Cells:
    return [
        ("domain", answer.domain),
        ("provider", answer.provider),
        ("verdict", _enum(answer, "verdict")),
        ("reason", _enum(answer, "reason")),
        ("licence", answer.licence_number),
        ("valid until", moment(answer.valid_until)),
        ("source", ", ".join(answer.source)),
    ]


def _event_cells(event: Any) -> Cells:
    kind = event.WhichOneof("payload") or ""
    payload = getattr(event, kind) if kind else None
    order = getattr(payload, "order", "") if payload is not None else ""
    state = _enum(payload, "state") if payload is not None and "state" in payload.DESCRIPTOR.fields_by_name else ""
    return [
        ("version", str(event.version)),
        ("time", moment(event.time)),
        ("event", kind),
        ("order", last(order if isinstance(order, str) else order.name)),
        ("state", state),
        ("actor", event.actor),
    ]


def _task_cells(task: Task) -> Cells:
    return [
        ("task", last(task.name)),
        ("kind", _enum(task, "kind")),
        ("plugin", task.plugin),
        ("order", last(task.order) or last(task.account)),
        ("state", _enum(task, "state")),
        ("phase", _enum(task, "phase")),
        ("attempt", str(task.attempt)),
        ("due", moment(task.due_time)),
        ("assignee", task.assignee),
        ("last error", task.last_error),
    ]


def _handoff_cells(handoff: Handoff) -> Cells:
    return [
        ("hand-off", last(handoff.name)),
        ("provider", handoff.task.plugin),
        ("order", last(handoff.task.order)),
        ("subject", last(handoff.task.subject)),
        ("state", _enum(handoff.task, "state")),
        ("assignee", handoff.task.assignee),
        ("lease until", moment(handoff.task.lease_expire_time)),
    ]


def _handoff(handoff: Handoff) -> list[Grid]:
    facts = [
        *_handoff_cells(handoff),
        ("title", handoff.title),
        ("page", handoff.deep_link),
        ("documents", "、".join(handoff.documents)),
        ("说明", handoff.instructions_zh),
        ("what to do", handoff.instructions_en),
    ]
    fields = [(f.label, f.key, f.value) for f in handoff.fields]
    return [Grid(("field", "value"), facts), Grid(("label", "parameter", "value"), fields, "form")]


def _plugin_cells(plugin: Plugin) -> Cells:
    return [
        ("plugin", last(plugin.name)),
        ("kind", _enum(plugin, "kind")),
        ("title", plugin.title),
        ("version", f"{plugin.distribution} {plugin.version}".strip()),
        ("state", _enum(plugin, "state") + (" circuit open" if plugin.circuit_open else "")),
        ("verifies", _enum(plugin, "verification")),
        ("rules", "yes" if plugin.rule_pack else ""),
        ("reason", plugin.reason),
    ]


def capabilities(plugins: Iterable[Plugin]) -> Grid:
    """The channel of each plugin, operation and order type."""
    rows = [
        (
            last(plugin.name),
            _enum(line, "operation"),
            _enum(line, "order_type"),
            _enum(line, "channel"),
            " ".join(line.provinces) or "all",
            " ".join(words.say(res.Nature.DESCRIPTOR, n) for n in line.natures) or "all",
            ", ".join(line.source),
            line.as_of,
        )
        for plugin in plugins
        for line in plugin.capabilities
    ]
    return Grid(
        ("plugin", "operation", "order type", "channel", "provinces", "natures", "source", "as of"), rows, "channels"
    )


def _key_cells(key: Any) -> Cells:
    return [
        ("key", last(key.name)),
        ("role", _enum(key, "role")),
        ("customer", key.customer),
        ("created", moment(key.create_time)),
        ("revoked", moment(key.revoke_time)),
    ]


def _document_cells(document: res.Document) -> Cells:
    return [
        ("document", last(document.name)),
        ("purpose", document.purpose),
        ("type", document.content_type),
        ("bytes", str(document.size_bytes)),
        ("sha256", document.sha256),
        ("created", moment(document.create_time)),
    ]


_CELLS: Final[Mapping[str, Callable[[Any], Cells]]] = {
    "beianhub.resources.v1.Subject": _subject_cells,
    "beianhub.resources.v1.Service": _service_cells,
    "beianhub.resources.v1.Order": _order_cells,
    "beianhub.resources.v1.Verification": _verification_cells,
    "beianhub.resources.v1.Finding": _finding_cells,
    "beianhub.resources.v1.Document": _document_cells,
    "beianhub.resources.v1.Deadline": _deadline_cells,
    "beianhub.resources.v1.DomainRegistration": _registration_cells,
    "beianhub.resources.v1.Risk": _risk_cells,
    "beianhub.resources.v1.Notice": _notice_cells,
    "beianhub.resources.v1.Task": _task_cells,
    "beianhub.resources.v1.Handoff": _handoff_cells,
    "beianhub.resources.v1.Plugin": _plugin_cells,
    "beianhub.filing.v1.ApiKey": _key_cells,
    "beianhub.filing.v1.ListedDeadline": _listed_deadline_cells,
    "beianhub.filing.v1.CheckAccessResponse": _verdict_cells,
    "beianhub.events.v1.Event": _event_cells,
}
_DETAILS: Final[Mapping[str, Callable[[Any], list[Grid]]]] = {
    "beianhub.resources.v1.Subject": _subject,
    "beianhub.resources.v1.Order": _order,
    "beianhub.resources.v1.Handoff": _handoff,
}
