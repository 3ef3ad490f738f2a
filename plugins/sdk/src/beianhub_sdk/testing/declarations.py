"""Cases of what a provider says of itself, and of its forms: nobody is called."""

# ruff: noqa: S101  a conformance kit asserts

from __future__ import annotations

import itertools
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, ClassVar

import pluggy

from beianhub.resources.v1 import plugin_pb2
from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk import specs
from beianhub_sdk.specs import ENTRY_POINT_GROUP, PROJECT
from beianhub_sdk.testing.personal import is_personal, personal_paths, put
from beianhub_sdk.testing.samples import sample

if TYPE_CHECKING:
    from beianhub_sdk.provider import Provider

_ORDER_TYPES = tuple(number for number in pb.OrderType.values() if number)
_OF_ACCOUNTS = frozenset({pb.OPERATION_LIST_FILINGS})
_OPERATIONS = tuple(number for number in pb.Operation.values() if number and number not in _OF_ACCOUNTS)


class Declarations:
    """Part of :class:`~beianhub_sdk.testing.ProviderContract`."""

    provider_class: ClassVar[type[Provider]]

    def test_an_entry_point_registers_it(self, provider: Provider) -> None:
        """The host finds it by the group, and by no list of its own."""
        host = pluggy.PluginManager(PROJECT)
        host.add_hookspecs(specs)
        for entry in entry_points(group=ENTRY_POINT_GROUP, name=provider.manifest.id):
            host.register(entry.load())
        assert host.hook.beianhub_register_providers() == [[self.provider_class]]

    def test_every_operation_of_every_order_type_has_a_sourced_channel(self, provider: Provider) -> None:
        """The planner finds a channel and its source for whatever is asked."""
        lines = provider.manifest.capabilities
        declared = {(line.operation, line.order_type) for line in lines}
        assert declared >= set(itertools.product(_OPERATIONS, _ORDER_TYPES))
        assert declared >= {(operation, pb.ORDER_TYPE_UNSPECIFIED) for operation in _OF_ACCOUNTS}
        assert all(line.source and line.channel for line in lines)

    def test_a_guarantee_is_declared_with_its_times(self, provider: Provider) -> None:
        """A provider that says nothing of repeated calls is refused by the host."""
        guarantee = provider.manifest.guarantee
        kinds = plugin_pb2.SubmissionGuarantee
        assert guarantee.kind != kinds.KIND_UNSPECIFIED
        assert guarantee.token_validity or guarantee.kind != kinds.KIND_CLIENT_TOKEN
        assert guarantee.signature_validity or guarantee.kind != kinds.KIND_SEARCH

    def test_what_can_be_withdrawn_has_its_source(self, provider: Provider) -> None:
        """Each line says yes, no, or to let the SMS lapse, and who says so; the sources' silence needs no line."""
        for line in provider.manifest.withdrawals:
            assert line.answer
            assert line.source
            assert provider.manifest.order_type_names.keys() >= set(line.order_types)

    def test_personal_data_is_asked_for_field_by_field(self, provider: Provider) -> None:
        """Each path of the manifest leads to a field that is declared personal data."""
        for path in provider.manifest.personal_data:
            assert is_personal(path), path

    def test_a_form_needs_no_personal_data_beyond_the_manifest(
        self, provider: Provider, order_type: pb.OrderType.ValueType
    ) -> None:
        """Fields that the manifest does not name stay masked, so that a form must not read them."""
        assignment = sample(1, order_type)
        masked = sample(1, order_type)
        for path in personal_paths(TaskAssignment(subject=assignment.subject, service=assignment.service)):
            if path not in provider.manifest.personal_data:
                put(masked, path, "***")
        assert provider.prepare(masked) == provider.prepare(assignment)

    def test_the_same_assignment_renders_the_same_bytes(
        self, provider: Provider, order_type: pb.OrderType.ValueType
    ) -> None:
        """A body is pinned and repeated, so that nothing in it may come from a clock or a random source."""
        first, second = sample(2, order_type), TaskAssignment.FromString(sample(2, order_type).SerializeToString())
        assert provider.render(first, provider.prepare(first)) == provider.render(second, provider.prepare(second))

    def test_a_complete_order_has_no_blocker(self, provider: Provider, order_type: pb.OrderType.ValueType) -> None:
        """The sample has everything that an order may need."""
        assert not provider.check(sample(3, order_type))

    def test_an_empty_order_is_blocked_field_by_field(
        self, provider: Provider, order_type: pb.OrderType.ValueType
    ) -> None:
        """What the vendor would refuse is found before it is asked, each with its path, both languages and a source."""
        findings = provider.check(TaskAssignment(order=pb.Order(type=order_type)))
        assert {finding.severity for finding in findings} == {pb.SEVERITY_BLOCKER}
        assert all(f.path and f.message_zh and f.message_en and f.source for f in findings)

    def test_a_form_serves_an_operator(self, provider: Provider, order_type: pb.OrderType.ValueType) -> None:
        """A hand-off has labels, a link to the vendor's console, and instructions in both languages."""
        form = provider.prepare(sample(4, order_type))
        assert all(field.key and field.label and field.value for field in form.fields)
        assert form.deep_link.startswith("https://")
        assert form.instructions_zh
        assert form.instructions_en
