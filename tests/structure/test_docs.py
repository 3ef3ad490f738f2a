"""The documents say what is so: their links lead somewhere and their code runs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
PATH = re.compile(r"`((?:protos|plugins|services|gateway|deploy|docs|tests|scripts)/[\w./-]*)`")
BLOCK = re.compile(r"^```(python|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (str(document.relative_to(ROOT)), text)
        for document in DOCUMENTS
        for found, text in BLOCK.findall(document.read_text(encoding="utf-8"))
        if found == language
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    """A relative link, and a path of the repository that is named as code, exist."""
    text = document.read_text(encoding="utf-8")
    targets = [document.parent / link for link in LINK.findall(text)] + [ROOT / path for path in PATH.findall(text)]
    assert [str(target) for target in targets if not target.exists()] == []


@pytest.mark.parametrize(("document", "code"), blocks("python"))
def test_python_in_the_documents_runs(document: str, code: str) -> None:
    """An example can be pasted into a file and imported, without a warning."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own documents
    assert done.returncode == 0, f"{document}: {done.stderr}"


@pytest.mark.parametrize(("document", "text"), blocks("toml"))
def test_toml_in_the_documents_is_toml(document: str, text: str) -> None:
    """An example of configuration can be read."""
    assert tomllib.loads(text), document


def test_make_help_names_every_verb() -> None:
    """Each verb of the Makefile that a person types is explained by `make help`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z-]+):.* ## ", makefile, re.MULTILINE))
    assert verbs >= {"setup", "demo", "demo-scale", "up", "test", "check", "proto", "lock", "clean"}
