"""The generated code loads as committed, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in (SOURCE / "beianhub").rglob("*_pb2*.py")
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own interpreter


def test_there_is_generated_code() -> None:
    """Every proto has its messages, and every service its stubs."""
    assert "beianhub.events.v1.events_pb2" in MODULES
    assert "beianhub.filing.v1.order_service_pb2_grpc" in MODULES


def test_generated_code_loads_with_warnings_as_errors() -> None:
    """All of it loads in one process without a warning: the runtime is one that the generator's code supports."""
    program = "\n".join(f"import {name}" for name in MODULES)
    done = run("-W", "error", "-c", program)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["resources", "events"])
def test_messages_need_no_grpc(package: str) -> None:
    """A plugin author's packages load no grpc."""
    wanted = [name for name in MODULES if name.startswith(f"beianhub.{package}.")]
    program = "\n".join(["import sys", *(f"import {n}" for n in wanted), "sys.exit('grpc' in sys.modules)"])
    assert run("-c", program).returncode == 0
