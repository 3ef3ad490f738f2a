"""域名核验: registrable, well written, under a suffix that such a subject can file (domain facts 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import Verifier, VerifierManifest
from beianhub_sdk.regulator import NATURES
from beianhub_verification import domain_rules as rules
from beianhub_verification.names import ascii_form, is_address, is_ascii_name, split
from beianhub_verification.orders import MAKES_ACCESS, NEW_SITE
from beianhub_verification.rules import answer
from beianhub_verification.tables import SUFFIX_LISTS, UNIT_SUFFIXES, WITHDRAWN_SUFFIXES, SuffixList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beianhub.resources.v1.resources_pb2 import Finding
    from beianhub.resources.v1.task_pb2 import TaskAssignment
    from beianhub_sdk import Call, Failed, Passed

_APP_LEVELS: Final = 4  # HW-KB doc_0121: 用到哪级备哪级, down to the fourth
_BELOW_REGISTRABLE: Final = frozenset({pb.SERVICE_KIND_APP, pb.SERVICE_KIND_MINI_PROGRAM, pb.SERVICE_KIND_QUICK_APP})


class DomainVerifier(Verifier):
    """域名核验, before anything is sent. It calls nobody."""

    manifest = VerifierManifest(
        id="domain",
        title="域名核验",
        version="1.0.0",
        kind=pb.VERIFICATION_KIND_DOMAIN,
        precheck=True,
        source=("MIIT-V3 独立域名", "S2", "HW-KB", "TC-DOC", "ALI-2019"),
        order_types=MAKES_ACCESS,
    )

    def verify(self, call: Call) -> Passed | Failed:
        """Every domain of the service."""
        assignment = call.assignment
        domains = assignment.service.domains
        if not domains:
            apart = assignment.service.kind in _BELOW_REGISTRABLE
            return answer([] if apart else [rules.REQUIRED.at("service.domains")])
        found = [f for index, domain in enumerate(domains) for f in _check(domain, index, assignment)]
        return answer(found)


def _check(domain: str, index: int, assignment: TaskAssignment) -> Iterator[Finding]:
    """A domain that cannot be read is not judged further."""
    path = f"service.domains[{index}]"
    unreadable = list(_spelling(domain, path)) or list(_place(domain, path, assignment.service.kind))
    if unreadable:
        yield from unreadable
        return
    yield from _depth(domain, path)
    yield from _suffix(domain, path, assignment)
    yield from _unit(domain, path, assignment)


def _spelling(domain: str, path: str) -> Iterator[Finding]:
    if is_address(domain):
        yield rules.IS_IP.at(path)
    elif not is_ascii_name(domain):
        ascii_name = ascii_form(domain)
        yield rules.NOT_ASCII.at(path, ascii=ascii_name) if ascii_name else rules.INVALID.at(path)


def _place(domain: str, path: str, kind: pb.ServiceKind.ValueType) -> Iterator[Finding]:
    """Where the name stands below its public suffix; a website has a registrable domain, an APP may have more."""
    parts = split(domain)
    if not parts.suffix:
        yield rules.SUFFIX_UNKNOWN.at(path, domain=domain)
    elif not parts.domain:
        yield rules.IS_SUFFIX.at(path, domain=domain)
    elif parts.subdomain and kind not in _BELOW_REGISTRABLE:
        registrable = parts.top_domain_under_public_suffix
        yield rules.NOT_REGISTRABLE.at(path, domain=domain, registrable=registrable)


def _depth(domain: str, path: str) -> Iterator[Finding]:
    if split(domain).subdomain and domain.count(".") >= _APP_LEVELS:
        yield rules.TOO_DEEP.at(path, domain=domain)


def _suffix(domain: str, path: str, assignment: TaskAssignment) -> Iterator[Finding]:
    """What the bureau's list and, for a new filing, the older approvals say of the top-level domain."""
    top = domain.rpartition(".")[2]
    province = assignment.subject.profile.province
    listed = SUFFIX_LISTS.get(province)
    if listed:
        yield from _listed(listed, top, path, assignment)
    filing = assignment.order.type in NEW_SITE
    if filing and top in WITHDRAWN_SUFFIXES and not (listed and top in listed.accepted | listed.refused):
        yield rules.SUFFIX_WITHDRAWN.at(path, suffix=top)


def _listed(listed: SuffixList, top: str, path: str, assignment: TaskAssignment) -> Iterator[Finding]:
    province = assignment.subject.profile.province
    if top in listed.refused:
        excepted = assignment.order.type == pb.ORDER_TYPE_ADD_ACCESS and top in listed.access_only
        severity = pb.SEVERITY_WARNING if excepted else pb.SEVERITY_BLOCKER
        yield rules.refused_suffix(province, listed.basis, severity).at(path, suffix=top)
    elif top not in listed.accepted:
        yield rules.unlisted_suffix(province, listed.basis).at(path, suffix=top)


def _unit(domain: str, path: str, assignment: TaskAssignment) -> Iterator[Finding]:
    profile = assignment.subject.profile
    rows = (r for r in UNIT_SUFFIXES if r.nature == profile.nature and r.province in {"", profile.province})
    row = next(rows, None)
    if row and not domain.endswith(tuple(f".{suffix}" for suffix in row.suffixes)):
        words = "、".join(f".{suffix.encode().decode('idna')}" for suffix in row.suffixes)
        rule = rules.unit_suffix(words, row.basis, row.severity)
        yield rule.at(path, domain=domain, nature=NATURES[profile.nature])
