"""The checks of `make check` find what they are there to find."""

from __future__ import annotations

import check_lock
import check_sizes
import check_text
import pytest
from packaging.requirements import Requirement


def test_a_lock_is_read_with_its_markers() -> None:
    """A pin that holds on another platform alone is not one of ours."""
    lock = "# text\nDemo_Pkg==1.2 \\\n    --hash=sha256:00\n    # via x\nother==3 ; sys_platform == 'none' \\\n"
    assert check_lock.pins(lock) == {"demo-pkg": "1.2"}


def test_a_requirement_without_a_pin_is_found() -> None:
    """What a member asks for and the lock lacks is named with who asks."""
    found = check_lock.problems({}, set(), [("beianhub-core", Requirement("nowhere>=1"))])
    assert found == ["beianhub-core asks for nowhere>=1, which is not locked"]


def test_a_pin_below_the_asked_version_is_found() -> None:
    """A raised lower bound makes the lock stale."""
    found = check_lock.problems({"pluggy": "1.0"}, set(), [("beianhub-sdk", Requirement("pluggy>=1.7"))])
    assert "beianhub-sdk asks for pluggy>=1.7, locked is 1.0" in found


def test_a_pin_that_nobody_asks_for_is_found() -> None:
    """A removed dependency leaves the lock."""
    found = check_lock.problems({"pluggy": "1.7"}, set(), [])
    assert found == ["pluggy is locked and nobody asks for it"]


# Put together here, so that this file passes the check itself.
LOCAL = ["see https://{}.org/x".format("pypi"), "cd /{}/project".format("root"), '"/{}/x"'.format("tmp")]


@pytest.mark.parametrize("line", LOCAL)
def test_text_of_one_machine_is_found(line: str) -> None:
    """A registry's host and a path of somebody's machine are refused, with file and line."""
    assert [found.split(": ")[0] for found in check_text.findings("a.md", f"fine\n{line}")] == ["a.md:2"]


@pytest.mark.parametrize("line", ["tests/tmp/x", "~/tmp/x", "GET /sandbox/submissions", "a workspace/root/x"])
def test_text_of_any_machine_is_let_through(line: str) -> None:
    """A relative path and a URL's path are no machine's."""
    assert list(check_text.findings("a.md", line)) == []


def test_sizes_leave_out_generated_code() -> None:
    """Modules are counted by their path; stubs under protos/src are not ours."""
    found = check_sizes.sizes()
    assert "scripts/check_sizes.py" in found
    assert not any(name.startswith("protos/src") for name in found)
