"""Calls of verifiers, for the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import Call, Credential, Failed, FetchedPage, FetchError, NoSuchNameError, Passed
from beianhub_sdk.testing import OfflineHttp, sample

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def call(assignment: TaskAssignment, now: datetime = NOW) -> Call:
    return Call(assignment, Credential("key", "secret"), OfflineHttp(), now)


@dataclass
class Web:
    """A :class:`~beianhub_sdk.Fetch` of a few sites, by host; all others do not exist. It keeps what was asked."""

    sites: dict[str, FetchedPage | FetchError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> FetchedPage:
        self.asked.append(url)
        given = self.sites.get(url.removeprefix("http://").partition("/")[0], NoSuchNameError("NO_SUCH_NAME"))
        if isinstance(given, FetchError):
            raise given
        return given

    def call(self, assignment: TaskAssignment) -> Call:
        return replace(call(assignment), fetch=self)


def page(html: str = "", status: int = 200) -> FetchedPage:
    return FetchedPage("http://site.example/", status, {"content-type": "text/html"}, html.encode())


def order(order_type: pb.OrderType.ValueType = pb.ORDER_TYPE_FIRST_FILING, **profile: object) -> TaskAssignment:
    """A sample order; ``profile`` replaces fields of the subject's, as in ``province="上海"``."""
    assignment = sample(7, order_type)
    for name, value in profile.items():
        setattr(assignment.subject.profile, name, value)
    return assignment


def found(answer: object, path: str | None = None) -> dict[str, int]:
    """The codes of an answer's findings, at a path or anywhere, with their severities."""
    assert isinstance(answer, Passed | Failed)
    return {f.code: f.severity for f in answer.findings if path is None or f.path == path}
