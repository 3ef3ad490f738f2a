"""Refuses committed text that holds only on one machine: a package registry's host, or a path of somebody's machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Put together here, so that this file passes its own check.
HOSTS = ("pypi", "pythonhosted", "npmjs", "repo1.maven", "repo.maven.apache", "crates", "proxy.golang", "rubygems")
FOLDERS = ("work", "root", "tmp", "home", "Users", "opt/wheels")
RULES = {
    "a registry's host": re.compile(rf"\b(?:{'|'.join(map(re.escape, HOSTS))})\.(?:org|com|io)\b"),
    "a path of one machine": re.compile(rf"(?<![\w./~$}}*-])/(?:{'|'.join(FOLDERS)})/[\w.-]"),
}


def committed() -> list[Path]:
    """The files that git knows, and those that it would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def findings(name: str, text: str) -> Iterator[str]:
    """What of ``text`` breaks a rule, with file and line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for rule, pattern in RULES.items():
            if found := pattern.search(line):
                yield f"{name}:{number}: {rule}: {found.group()}"


def main() -> int:
    """Returns 1 when a file breaks a rule."""
    found: list[str] = []
    files = committed()
    for path in files:
        found += findings(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace"))
    print("\n".join(found) or f"{len(files)} files name no registry and no machine's path")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
