"""The situation: what is known today. Every fact is optional; ``None`` means that nobody said it, never a default."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic import Field as Limits
from pydantic_core import PydanticCustomError

from beianhub_core.planner import vocabulary as words
from beianhub_core.planner.vocabulary import Kind, Nature, Region, ServiceStatus, SubjectStatus, Wish
from beianhub_core.rules.provinces import BY_ABBREVIATION, BY_ENGLISH, BY_NAME, canonical_province

E = TypeVar("E", bound=StrEnum)
_PROVIDERS: Final = {
    "腾讯": "tencent",
    "腾讯云": "tencent",
    "tencent cloud": "tencent",
    "tencentcloud": "tencent",
    "qcloud": "tencent",
    "阿里": "aliyun",
    "阿里云": "aliyun",
    "alibaba cloud": "aliyun",
    "alibabacloud": "aliyun",
    "alibaba": "aliyun",
    "aliyuncs": "aliyun",
    "华为": "huawei",
    "华为云": "huawei",
    "huawei cloud": "huawei",
    "huaweicloud": "huawei",
}
_LONGEST_LIST: Final = 64


def _word(enum: type[E], aliases: dict[str, E] | None = None) -> BeforeValidator:
    """Reads an enum's member by its name or another spelling."""

    def read(value: Any) -> E:
        word = words.spelled(value) if isinstance(value, str) else ""
        known = {**enum.__members__, **(aliases or {})}
        if word not in known:
            raise _none_of(list(enum.__members__))
        return known[word]

    return BeforeValidator(read)


def _none_of(choices: list[str]) -> PydanticCustomError:
    return PydanticCustomError("none_of", "is none of {choices}", {"choices": ", ".join(choices)})


def _province(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    short = BY_ABBREVIATION.get(text) or BY_ENGLISH.get(text.casefold())
    name = canonical_province(text) or (short.name if short is not None else "")
    if name not in BY_NAME:
        raise _none_of([*BY_NAME])
    return name


def _provider(value: Any) -> Any:
    return _PROVIDERS.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value


def _date(value: Any) -> Any:
    """A date is written YYYY-MM-DD; YAML may have read it already."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except (TypeError, ValueError):
        raise PydanticCustomError("no_date", "is no date") from None


Province = Annotated[str, BeforeValidator(_province)]
Provider = Annotated[str, BeforeValidator(_provider), Limits(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Providers = Annotated[list[Provider], Limits(max_length=_LONGEST_LIST)]
Day = Annotated[dt.date, BeforeValidator(_date)]
Count = Annotated[int, Limits(ge=0, le=1_000_000)]
Text = Annotated[str, Limits(max_length=300)]
OrderWord = Annotated[words.Order, _word(words.Order, words.ORDER_ALIASES)]
StateWord = Annotated[words.State, _word(words.State, words.STATE_ALIASES)]
FieldWord = Annotated[words.Field, _word(words.Field, words.FIELD_ALIASES)]
Fields = Annotated[list[FieldWord], Limits(max_length=_LONGEST_LIST)]


class Part(BaseModel):
    """A part of the situation: strict, so that a misspelt field or a quoted boolean is said, not guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CurrentOrder(Part):
    """The subject's latest order. ``sms_answered`` is asked for where a console hides it (S3.11)."""

    type: OrderWord | None = None
    state: StateWord | None = None
    provider: Provider | None = None
    identity_passed: bool | None = None
    sms_answered: bool | None = None
    by_email: bool | None = None


class OtherSites(Part):
    """The subject's other filed sites."""

    all_open: bool | None = None
    footers_ok: bool | None = None


class Subject(Part):
    """The subject (主体). ``services`` counts those that are filed now."""

    nature: Annotated[Nature, _word(Nature)] | None = None
    province: Province | None = None
    id_province: Province | None = None
    filed: bool | None = None
    filed_at: Providers | None = None
    services: Count | None = None
    status: Annotated[SubjectStatus, _word(SubjectStatus)] | None = None
    order: CurrentOrder | None = None
    other_sites: OtherSites = OtherSites()


class Service(Part):
    """The service that the wish is about. ``pre_approval`` lists the categories it falls under."""

    kind: Annotated[Kind, _word(Kind)] | None = None
    filed: bool | None = None
    filed_at: Providers | None = None
    status: Annotated[ServiceStatus, _word(ServiceStatus)] | None = None
    order_in_flight: bool | None = None
    commercial: bool | None = None
    licence_held: bool | None = None
    pre_approval: Annotated[list[Text], Limits(max_length=_LONGEST_LIST)] | None = None
    pre_approval_held: bool | None = None


class Domain(Part):
    """The domain. ``filed`` speaks of its registrable parent."""

    name: Text | None = None
    filed: bool | None = None
    expired: bool | None = None
    expires_on: Day | None = None
    holder_matches: bool | None = None
    real_name_verified: bool | None = None
    registered_abroad: bool | None = None


class Server(Part):
    """The server to be used; with LEAVE_PROVIDER, the provider to leave."""

    provider: Provider | None = None
    ip: Text | None = None
    region: Annotated[Region, _word(Region)] | None = None


class Contact(Part):
    """The service principal's contact 1 as filed."""

    phone_reachable: bool | None = None
    matches_old_provider: bool | None = None
    email: bool | None = None


class Site(Part):
    """This service's own site."""

    opens: bool | None = None
    footer_ok: bool | None = None


class Target(Part):
    """Where to: the subject or account that takes over, the provider that comes next."""

    nature: Annotated[Nature, _word(Nature)] | None = None
    account: Text | bool | None = None
    provider: Provider | None = None
    order_in_flight: bool | None = None
    province: Province | None = None
    filed: bool | None = None
    legal_rep_is_subject: bool | None = None
    same_person: bool | None = None


class NoticeFacts(Part):
    """A rectification notice (整改通知)."""

    kind: Text | None = None
    due: Day | None = None


class Situation(Part):
    """All that is known."""

    today: Day | None = None
    subject: Subject = Subject()
    service: Service = Service()
    domain: Domain = Domain()
    domains_on_service: Count | None = None
    server: Server = Server()
    contact: Contact = Contact()
    access_differences: Fields | None = None
    filing_password_known: bool | None = None
    site: Site = Site()
    target: Target = Target()
    notice: NoticeFacts = NoticeFacts()


class Document(Part):
    """What a file holds: the situation, the wish and what it changes."""

    situation: Situation = Situation()
    wish: Annotated[Wish, _word(Wish)]
    change: Fields | None = None
