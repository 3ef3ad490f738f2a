"""Visits to customers' sites through the host's safe fetcher: which sites an order is about, and how they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import FetchedPage, FetchError, FetchRefusedError, NoSuchNameError, NotSentError, Observed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from beianhub.resources.v1.resources_pb2 import Finding, Service
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call

Visit = FetchedPage | FetchError

MOST_SITES: Final = 5
"""Of one order; the sites beyond it are said to be unchecked. A visit may take as long as the host lets it."""


@dataclass(frozen=True, slots=True)
class Site:
    """A domain of a service, and its path in findings."""

    path: str
    domain: str
    service: Service


def observed(call: Call, judge: Callable[[Call, Site], Iterable[Finding]]) -> Observed:
    """What a patrol sees of the service's sites, up to five: what is wrong, and which could not be looked at. A site
    of which there are remarks alone was not judged.

    Raises:
        NotSentError: none of them could be looked at.
    """
    sites = own_sites(call.assignment)
    found = {site.path: list(judge(call, site)) for site in sites[:MOST_SITES]}
    unseen = [path for path, findings in found.items() if any(f.severity == pb.SEVERITY_INFO for f in findings)]
    unseen += [site.path for site in sites[MOST_SITES:]]
    if sites and len(unseen) == len(sites):
        raise NotSentError("NO_SITE_SEEN")
    wrong = [f for path, findings in found.items() if path not in unseen for f in findings]
    return Observed(wrong, unseen)


def own_sites(assignment: TaskAssignment) -> list[Site]:
    """The order's own website, by domain; nothing of an APP."""
    return list(_sites("service", assignment.service))


def filed_sites(assignment: TaskAssignment) -> list[Site]:
    """The subject's filed websites (S4.13), the order's own first where it is one of them."""
    own, sites = assignment.service, list[Site]()
    if own.licence_number:
        sites += _sites("service", own)
    for index, service in enumerate(assignment.subject.services):
        cancelled = service.state == pb.SERVICE_STATE_CANCELLED
        if service.licence_number and service.licence_number != own.licence_number and not cancelled:
            sites += _sites(f"services[{index}]", service)
    return sites


def _sites(path: str, service: Service) -> Iterator[Site]:
    if service.kind == pb.SERVICE_KIND_WEBSITE:
        for index, domain in enumerate(service.domains):
            yield Site(f"{path}.domains[{index}]", domain, service)


def visit(call: Call, domain: str) -> Visit:
    """The page that a visitor of the domain, or else of its www, gets; where none opens, the most telling answer."""
    answers = []
    for host in own_names(domain):
        answered = _ask(call, f"http://{host}/")
        if isinstance(answered, FetchedPage) and answered.opens:
            return answered
        answers.append(answered)
    return min(answers, key=_silence)


def own_names(domain: str) -> tuple[str, str]:
    """The names under which a site is visited."""
    return domain, f"www.{domain}"


def _ask(call: Call, url: str) -> Visit:
    try:
        return call.fetch(url)
    except FetchError as error:
        return error


def _silence(answered: Visit) -> int:
    """Less for what says more: a page, a failure on the way, a refusal, no such name."""
    if isinstance(answered, FetchedPage):
        return 0
    return 3 if isinstance(answered, NoSuchNameError) else 2 if isinstance(answered, FetchRefusedError) else 1
