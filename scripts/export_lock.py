"""Writes requirements.lock from uv.lock: versions and hashes of everything but the members, and no address."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# Every dependency of every member and of development, by version and hash; `make lock` writes it.
# It names no address: pip and uv ask the index that they are configured for, and the hashes decide.
"""
EXPORT = "export --quiet --no-header --frozen --all-packages --all-groups --no-emit-workspace --format requirements-txt"
ADDRESS = re.compile(r"://|^-|^\.|^/", re.MULTILINE)


def export() -> str:
    """The lock's text.

    Raises:
        SystemExit: the export has an address, an option or a path in it.
    """
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run([uv, *EXPORT.split()], cwd=ROOT, check=True, capture_output=True, text=True)
    if found := ADDRESS.search(done.stdout):
        raise SystemExit(f"the lock would name an address: {done.stdout[found.start() :].splitlines()[0]}")
    return HEADER + done.stdout


if __name__ == "__main__":
    (ROOT / "requirements.lock").write_text(export(), encoding="utf-8")
