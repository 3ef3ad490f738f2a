"""The lists in the root's configuration name exactly the folders that are there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


CONFIG = load(ROOT / "pyproject.toml")
MEMBERS = sorted(
    manifest.parent
    for pattern in CONFIG["tool"]["uv"]["workspace"]["members"]
    for manifest in ROOT.glob(f"{pattern}/pyproject.toml")
)


def import_names(member: Path) -> set[str]:
    return {package.name for package in (member / "src").iterdir() if (package / "__init__.py").exists()}


def test_every_distribution_is_a_member() -> None:
    """A folder with a pyproject.toml of its own is a member of the workspace."""
    folders = {
        manifest.parent
        for depth in ("*", "*/*")
        for manifest in ROOT.glob(f"{depth}/pyproject.toml")
        if not manifest.is_relative_to(ROOT / ".venv")
    }
    assert folders == set(MEMBERS)


def test_every_member_is_a_workspace_source() -> None:
    """Each of our distributions comes from the workspace, and none from an index."""
    names = {load(member / "pyproject.toml")["project"]["name"] for member in MEMBERS}
    assert set(CONFIG["tool"]["uv"]["sources"]) == names
    assert all(source == {"workspace": True} for source in CONFIG["tool"]["uv"]["sources"].values())


def test_mypy_sees_every_source_folder() -> None:
    """mypy_path lists each member's src, literally: globs are not expanded there."""
    assert sorted(CONFIG["tool"]["mypy"]["mypy_path"]) == sorted(f"{m.relative_to(ROOT)}/src" for m in MEMBERS)


def test_import_linter_knows_every_package() -> None:
    """The contracts of imports speak of every import package that we have."""
    assert set(CONFIG["tool"]["importlinter"]["root_packages"]) == set().union(*map(import_names, MEMBERS))


def test_pytest_looks_everywhere() -> None:
    """Each folder of tests lies under one of the test paths."""
    paths = [ROOT / path for path in CONFIG["tool"]["pytest"]["ini_options"]["testpaths"]]
    folders = [member / "tests" for member in MEMBERS if (member / "tests").exists()]
    assert all(any(folder.is_relative_to(path) for path in paths) for folder in folders)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: str(member.relative_to(ROOT)))
def test_a_member_is_laid_out_like_the_others(member: Path) -> None:
    """A member has one typed import package under src, a README, the licence and the same build."""
    manifest = load(member / "pyproject.toml")
    (package,) = import_names(member)
    assert (member / "src" / package / "py.typed").exists()
    assert (member / "README.md").exists()
    assert manifest["project"]["license"] == "Apache-2.0"
    assert manifest["project"]["requires-python"] == CONFIG["project"]["requires-python"]
    assert manifest["build-system"] == {"requires": ["hatchling>=1.27"], "build-backend": "hatchling.build"}
    # Without it an editable install would want one more build dependency.
    assert manifest["tool"]["hatch"]["build"]["dev-mode-dirs"] == ["src"]
    assert "tool" not in manifest or set(manifest["tool"]) == {"hatch"}, "tools are configured at the root alone"
