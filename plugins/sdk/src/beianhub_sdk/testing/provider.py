"""The contract of a provider, as pytest cases: what the engine relies on, tried against a vendor over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from beianhub.resources.v1 import resources_pb2 as pb
from beianhub.resources.v1.task_pb2 import TaskAssignment
from beianhub_sdk.testing.declarations import Declarations
from beianhub_sdk.testing.faults import Faults
from beianhub_sdk.testing.filings import Filings
from beianhub_sdk.testing.samples import sample
from beianhub_sdk.testing.steps import numbers

if TYPE_CHECKING:
    from beianhub_sdk.provider import Provider


class ProviderContract(Declarations, Filings, Faults):
    """Subclass it, name the provider's class, and give a fixture ``bench``."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Cases with an ``order_type`` run for each that the vendor has a name for."""
        if "order_type" in metafunc.fixturenames:
            names = self.provider_class.manifest.order_type_names
            metafunc.parametrize("order_type", list(names), ids=[pb.OrderType.Name(kind) for kind in names])

    @pytest.fixture
    def provider(self) -> Provider:
        """The provider under test."""
        return self.provider_class()

    @pytest.fixture
    def filing(self) -> TaskAssignment:
        """A first filing of a company that nobody else uses."""
        return sample(next(numbers))
