"""Compares the protos with the last landed ones: `buf breaking` against a commit.

The commit is BEIANHUB_BREAKING_BASE where it is set; else where this branch left origin/main, else HEAD. When the
protos are still those of that commit, as in a fresh clone of main, it is the one before it, so that CI sees what just
landed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTO = "protos/proto"


def git(*arguments: str) -> str | None:
    """What git prints, or ``None`` when it refuses."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def base() -> str | None:
    """The commit to compare with; ``None`` before there is one that has protos."""
    commit = os.environ.get("BEIANHUB_BREAKING_BASE") or git("merge-base", "HEAD", "origin/main") or "HEAD"
    if git("diff", "--quiet", commit, "--", PROTO) is not None:
        commit = f"{commit}^1"
    return commit if git("cat-file", "-e", f"{commit}:{PROTO}") is not None else None


def main() -> int:
    """Returns buf's exit code; 0 when no earlier commit has protos."""
    commit = base()
    if commit is None:
        print("no earlier commit has protos to compare with")
        return 0
    archive = subprocess.run(["git", "archive", commit, "protos"], cwd=ROOT, check=True, capture_output=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        buf = Path(sys.executable).parent / "buf"
        print(f"buf breaking: against {git('log', '-1', '--format=%h %s', commit)}", flush=True)
        return subprocess.run(
            [buf, "breaking", "protos", "--against", f"{folder}/protos"], cwd=ROOT, check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
