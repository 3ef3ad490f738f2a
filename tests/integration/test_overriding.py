"""A bureau's rule, from the rulebook to the vendor: it refuses, an owner overrides it, the history says who and why."""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

import grpc
import pytest
from rehearsal.world import world

import beianhub_verification as verification
from beianhub.filing.v1 import order_service_pb2 as orders
from beianhub.filing.v1 import subject_service_pb2 as subjects
from beianhub.resources.v1 import resources_pb2 as res
from beianhub_core.rulebook import load_rulebook
from beianhub_sdk.testing.samples import sample
from beianhub_verification.domain_rules import refused_suffix, unit_suffix, unlisted_suffix
from beianhub_verification.rules import Basis, Rule

WHY: Final = "管局电话确认 .org 可以备案"


def test_a_provincial_blocker_refuses_and_an_override_sends_it(tmp_path: Path) -> None:
    """Beijing does not take .org (TC-DOC 北京, S2.14): refused, then sent by the owner with a reason, and filed."""
    with world(tmp_path) as made:
        given = sample(1).subject
        given.services[0].domains[:] = ["rules-of-beijing.org"]
        request = subjects.CreateSubjectRequest(parent=made.api.parent, subject=given, subject_id="org")
        subject: res.Subject = made.api.call(made.api.subjects.CreateSubject, request)
        order = made.draft("org", "tencent", subject)

        shown = made.api.call(made.api.orders.CheckOrder, orders.CheckOrderRequest(name=order.name)).findings
        (refused,) = [found for found in shown if found.severity == res.SEVERITY_BLOCKER]
        assert (refused.code, refused.rule, refused.path) == ("SUFFIX_REFUSED", "suffix.refused", "service.domains[0]")
        with pytest.raises(grpc.RpcError) as caught:
            made.submit("org")
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert made.api.order("org").state == res.ORDER_STATE_DRAFT

        override = orders.SubmitOrderRequest(name=order.name, override_reason=WHY, override_codes=[refused.code])
        made.api.call(made.api.orders.SubmitOrder, override)
        filed = made.api.until_state("org", res.ORDER_STATE_FILED)

        page = made.api.call(made.api.subjects.ListEvents, subjects.ListEventsRequest(parent=subject.name))
        (event,) = [one for one in page.events if one.HasField("order_blockers_overridden")]
        assert event.actor.startswith("key:")
        assert event.order_blockers_overridden.reason == WHY
        assert [found.code for found in event.order_blockers_overridden.findings] == ["SUFFIX_REFUSED"]
        assert [(kept.actor, kept.reason) for kept in filed.overrides] == [(event.actor, WHY)]
        seen = {facet.kind: facet for facet in filed.verifications}[res.VERIFICATION_KIND_DOMAIN]
        assert seen.state == res.VERIFICATION_STATE_FAILED  # it looked for itself, and says so
        assert ("DOMAIN_SUFFIX_REFUSED", "suffix.refused") in [(found.code, found.rule) for found in seen.findings]


SHARED: Final = {
    "domain.certificate",
    "domain.real_name",
    "domain.reserved_suffixes",
    "footer.number",
    "ip.public_only",
    "ip.resolves_to_filed",
    "shell.add_directly",
    "sites.closed_before_filing",
    "sites.must_be_open",
    "suffix.allowed",
    "suffix.refused",
    "suffix.refused.access_if_filed_before",
    "suffix.withdrawn",
}


def test_verifiers_and_rulebook_call_a_rule_by_one_name() -> None:
    """An override in one is an override in the other: what both have, both name alike."""
    modules = [import_module(found.name) for found in iter_modules(verification.__path__, "beianhub_verification.")]
    values = [value for module in modules for value in vars(module).values()]
    tables = [table.values() for table in values if isinstance(table, dict)]
    made = [rule for rule in [*values, *chain.from_iterable(tables)] if isinstance(rule, Rule)]
    basis = Basis((), "")
    for severity in (res.SEVERITY_WARNING, res.SEVERITY_BLOCKER):
        made += [refused_suffix("北京", basis, severity), unit_suffix(".cn", basis, severity)]
    made.append(unlisted_suffix("北京", basis))
    named = {rule.id for rule in made}
    assert named & set(load_rulebook().definitions) == SHARED
