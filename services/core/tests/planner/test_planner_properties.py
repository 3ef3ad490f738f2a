"""What holds of every plan, whatever the situation."""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from beianhub_core.planner import Answer, plan_document
from beianhub_core.planner import vocabulary as words
from beianhub_core.planner.answer import StepKind
from beianhub_core.rulebook import load_rulebook

BOOK = load_rulebook()
PROVIDERS = st.sampled_from(["tencent", "aliyun", "huawei", "other"])
PROVINCES = st.sampled_from(["北京", "河南", "江苏", "广东", "安徽", "天津", "四川", "新疆", "陕西", "湖南"])
DAYS = st.dates(date(2019, 1, 1), date(2030, 12, 31)).map(date.isoformat)
IPS = st.sampled_from(["8.8.8.8", "10.0.0.1", "203.0.113.9", "::1", "none"])
NAMES = st.sampled_from(["example.com", "a.example.com", "例子.中国", "example.org", "gov.cn", "x", "аррӏе.com", ""])


def of(enum: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([str(member) for member in enum])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping in which any field may be missing."""
    return st.fixed_dictionaries({}, optional=fields)


ORDERS = some(
    type=of(words.Order),
    state=of(words.State),
    provider=PROVIDERS,
    identity_passed=st.booleans(),
    sms_answered=st.booleans(),
    by_email=st.booleans(),
)
SITUATIONS = some(
    today=DAYS,
    subject=some(
        nature=of(words.Nature),
        province=PROVINCES,
        id_province=PROVINCES,
        filed=st.booleans(),
        filed_at=st.lists(PROVIDERS, max_size=2),
        services=st.integers(0, 3),
        status=of(words.SubjectStatus),
        order=ORDERS,
        other_sites=some(all_open=st.booleans(), footers_ok=st.booleans()),
    ),
    service=some(
        kind=of(words.Kind),
        filed=st.booleans(),
        filed_at=st.lists(PROVIDERS, max_size=2),
        status=of(words.ServiceStatus),
        order_in_flight=st.booleans(),
        commercial=st.booleans(),
        pre_approval=st.lists(st.sampled_from(["新闻", "出版"]), max_size=2),
    ),
    domain=some(
        name=NAMES,
        filed=st.booleans(),
        expired=st.booleans(),
        expires_on=DAYS,
        holder_matches=st.booleans(),
        real_name_verified=st.booleans(),
    ),
    domains_on_service=st.integers(0, 3),
    server=some(provider=PROVIDERS, ip=IPS, region=of(words.Region)),
    contact=some(phone_reachable=st.booleans(), matches_old_provider=st.booleans(), email=st.booleans()),
    access_differences=st.lists(of(words.Field), max_size=3),
    filing_password_known=st.booleans(),
    site=some(opens=st.booleans(), footer_ok=st.booleans()),
    target=some(nature=of(words.Nature), account=st.sampled_from(["own", ""]), provider=PROVIDERS),
    notice=some(kind=of(words.Notice), due=DAYS),
)
FILED = {
    "today": "2026-03-02",
    "subject": {"nature": "ENTERPRISE", "province": "河南", "filed": True, "filed_at": ["tencent"], "services": 2},
    "service": {"kind": "WEBSITE", "filed": True, "filed_at": ["tencent"]},
    "domain": {"name": "example.com", "filed": True, "expired": False},
    "server": {"provider": "aliyun", "ip": "8.8.8.8", "region": "MAINLAND"},
    "target": {"nature": "ENTERPRISE", "account": "own"},
    "notice": {"kind": "FOOTER_LINK", "due": "2026-04-01"},
}
UNFILED = {
    "today": "2026-03-02",
    "subject": {"nature": "ENTERPRISE", "province": "河南", "filed": False},
    "service": {"kind": "WEBSITE", "filed": False},
    "domain": {"name": "example.com", "filed": False, "expired": False},
    "server": {"provider": "aliyun", "ip": "8.8.8.8", "region": "MAINLAND"},
}
SHELL = {**UNFILED, "subject": {"nature": "ENTERPRISE", "province": "河南", "filed": True, "services": 0}}


def leaves(prefix: str, fields: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(f"{prefix}{name}", value) for name, value in fields.items() if not isinstance(value, dict)] + [
        leaf for name, value in fields.items() if isinstance(value, dict) for leaf in leaves(f"{prefix}{name}.", value)
    ]


def put(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    return {**base, head: put(dict(base.get(head, {})), rest, value) if rest else value}


@st.composite
def altered(draw: st.DrawFn) -> dict[str, Any]:
    """A situation that holds together, with a few facts of another one put into it."""
    situation = draw(st.sampled_from([FILED, UNFILED, SHELL]))
    facts = leaves("", draw(SITUATIONS))
    for path, value in draw(st.lists(st.sampled_from(facts), max_size=3)) if facts else []:
        situation = put(situation, path, value)
    return situation


ANY = SITUATIONS | altered()
DOCUMENTS = st.fixed_dictionaries(
    {"situation": ANY, "wish": of(words.Wish)},
    optional={"change": st.lists(of(words.Field), max_size=3)},
)
CHANGES = {"CHANGE_SUBJECT", "CHANGE_SERVICE"}


def planned(document: dict[str, Any]) -> Answer:
    return plan_document(document, BOOK)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_a_plan_is_whole(document: dict[str, Any]) -> None:
    """Every finding has rule, sources and both languages; steps come after earlier steps alone; once is as twice."""
    answer = planned(document)
    for finding in answer.findings:
        assert finding.rule
        assert finding.source
        assert finding.as_of
        assert all((finding.message_zh, finding.message_en))
        assert "。 / " in finding.suggestion
        assert not set(finding.source) & set(finding.conflicts_with)
    seen: set[str] = set()
    for step in answer.steps:
        assert set(step.after) <= seen
        assert bool(step.order_type) == (step.kind is StepKind.ORDER)
        assert step.source
        seen.add(step.id)
    assert planned(document) == answer


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_orders_follow_one_another(document: dict[str, Any]) -> None:
    """The regulator takes one order at a time, so each order waits for the one before (MIIT-V3 1003)."""
    orders = [step for step in planned(document).steps if step.kind is StepKind.ORDER]
    for before, order in itertools.pairwise(orders):
        assert before.id in order.after


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_no_order_is_listed_twice(document: dict[str, Any]) -> None:
    """The same change, access or cancellation at the same provider stands in a plan once."""
    orders = [(step.order_type, step.provider, step.changes) for step in planned(document).steps if step.order_type]
    assert len(orders) == len(set(orders))


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_messages_use_words(document: dict[str, Any]) -> None:
    """No provider's id, no field's name and no member of an enum stands raw in a Chinese message."""
    raw = re.compile(r"tencent|aliyun|huawei|[a-z]+_[a-z_]+|[A-Z]+_[A-Z_]+")
    answer = planned(document)
    readable = [found for found in answer.findings if found.rule != "planner.schema"]
    assert [found.message_zh for found in readable if raw.search(found.message_zh)] == []


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_nothing_is_cancelled_in_order_to_move(document: dict[str, Any]) -> None:
    """A service is cancelled only where that is wished, and always with a confirmation (S0.1, S1.26 against S3.2)."""
    answer = planned(document)
    for step in answer.steps:
        if step.order_type.startswith("CANCEL"):
            assert step.confirm
            assert step.consequences
    closing = {"CLOSE_SERVICE", "REMOVE_DOMAIN"}
    disused = document["wish"] == "ANSWER_NOTICE"
    returned = document["situation"].get("subject", {}).get("order") or {}
    again = document["wish"] == "RESUBMIT" and returned.get("type") == "CANCEL_SERVICE"
    if document["wish"] not in closing and not disused and not again:
        assert not [step for step in answer.steps if step.order_type == "CANCEL_SERVICE"]


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_a_required_change_comes_before_the_access(situation: dict[str, Any]) -> None:
    """Where the data must equal the filed ones, no access comes before its change (S1.6, S1.19)."""
    answer = planned({"situation": situation, "wish": "SERVE_DOMAIN"})
    if not any(finding.code in ("DIFFERENCES_FIRST", "OLD_PHONE_DEAD") for finding in answer.findings):
        return
    types = [step.order_type for step in answer.steps]
    changes = [index for index, type_ in enumerate(types) if type_ in CHANGES]
    if "ADD_ACCESS" in types and changes:
        assert min(changes) < types.index("ADD_ACCESS")


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["situation", "wish", "subject", "change", "today", "x"]) | st.integers(), inner
            )
        ),
        max_leaves=12,
    )
)
def test_no_input_breaks_the_planner(document: Any) -> None:
    """Whatever is put in, the answer says what is wrong with it."""
    answer = planned(document)
    assert answer.findings
