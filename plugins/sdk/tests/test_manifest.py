"""What a plugin says of itself, and how it goes over the wire."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from beianhub.resources.v1 import plugin_pb2
from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import PLUGIN_API, Capability, Guarantee, ProviderManifest, VerifierManifest

KINDS = plugin_pb2.SubmissionGuarantee


def test_a_capability_crosses_the_wire_whole() -> None:
    """Every field of the line is in the message, and in the message's bytes."""
    line = Capability(
        operation=pb.OPERATION_SUBMIT,
        order_type=pb.ORDER_TYPE_FIRST_FILING,
        channel=pb.CHANNEL_CONSOLE,
        source=("S4", "HW-KB doc_0188"),
        as_of="2026-05-01",
        provinces=("北京", "上海"),
        natures=(pb.NATURE_ENTERPRISE, pb.NATURE_INDIVIDUAL),
    )
    message = plugin_pb2.Capability.FromString(line.to_proto().SerializeToString())
    for field in dataclasses.fields(Capability):
        sent, value = getattr(message, field.name), getattr(line, field.name)
        assert (tuple(sent) if isinstance(value, tuple) else sent) == value


def test_a_capability_for_all_has_no_condition() -> None:
    """Empty provinces and natures mean any."""
    line = Capability(pb.OPERATION_QUERY, pb.ORDER_TYPE_ADD_ACCESS, pb.CHANNEL_API, ("PKG",), "2026-01-01")
    assert not line.to_proto().provinces
    assert not line.to_proto().natures


@pytest.mark.parametrize(
    ("guarantee", "kind", "seconds"),
    [
        (Guarantee.client_token(timedelta(hours=24)), KINDS.KIND_CLIENT_TOKEN, (86400, 0, 0)),
        (Guarantee.search(timedelta(minutes=15), timedelta(seconds=0.5)), KINDS.KIND_SEARCH, (0, 900, 0.5)),
        (Guarantee.manual(), KINDS.KIND_MANUAL, (0, 0, 0)),
    ],
)
def test_a_guarantee_keeps_its_times(guarantee: Guarantee, kind: int, seconds: tuple[float, float, float]) -> None:
    """Settling after an unknown outcome is measured by them, down to fractions of a second."""
    message = KINDS.FromString(guarantee.to_proto().SerializeToString())
    times = (message.token_validity, message.signature_validity, message.visibility_delay)
    assert message.kind == kind
    assert tuple(time.ToTimedelta().total_seconds() for time in times) == seconds


def test_a_manifest_needs_its_guarantee() -> None:
    """Without one calls could count twice, so that it has no default."""
    with pytest.raises(TypeError, match="guarantee"):
        ProviderManifest(id="x", title="示例", version="1", capabilities=(), personal_data=())  # type: ignore[call-arg]  # the point


def test_manifests_are_values() -> None:
    """They cannot be changed, compare by content, and are written for this host's contract by default."""
    manifests = [
        VerifierManifest(
            id="x", title="核验", version="1", kind=pb.VERIFICATION_KIND_DOMAIN, precheck=True, source=("S2",)
        )
        for _ in range(2)
    ]
    assert manifests[0] == manifests[1]
    assert manifests[0].api == PLUGIN_API
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifests[0].id = "y"  # type: ignore[misc]  # the point
