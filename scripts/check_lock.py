"""Compares requirements.lock with what the members ask for; needs no network.

From every requirement of the workspace (members, their extras, the development groups) it walks through the installed
packages' own requirements: each one reached has a pin that satisfies it, and each pin of this platform is reached.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<pin>[^\s#\\][^\\]*)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """The locked versions that this platform installs, by canonical name."""
    found = (Requirement(match["pin"].strip()) for match in PIN.finditer(lock))
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in found
        if pin.marker is None or pin.marker.evaluate()
    }


def asked() -> Iterator[tuple[str, Requirement]]:
    """Every requirement that the workspace states, with who states it."""
    root = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for group, entries in root["dependency-groups"].items():
        yield from ((f"group {group}", Requirement(entry)) for entry in entries)
    for pattern in root["tool"]["uv"]["workspace"]["members"]:
        for manifest in sorted(ROOT.glob(f"{pattern}/pyproject.toml")):
            project = tomllib.loads(manifest.read_text(encoding="utf-8"))["project"]
            for entry in project.get("dependencies", []):
                yield project["name"], Requirement(entry)


def applicable(entries: Iterable[str], extras: Iterable[str]) -> Iterator[Requirement]:
    """Those of a package's requirements that hold here, with the extras asked for."""
    for requirement in map(Requirement, entries):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in ["", *extras]):
            yield requirement


def problems(locked: dict[str, str], members: set[str], queue: list[tuple[str, Requirement]]) -> list[str]:
    """What the lock lacks, contradicts, or has in excess."""
    found: list[str] = []
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        by, requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if name not in members and name not in locked:
            found.append(f"{by} asks for {requirement}, which is not locked")
            continue
        if name in locked and not requirement.specifier.contains(locked[name], prereleases=True):
            found.append(f"{by} asks for {requirement}, locked is {locked[name]}")
        if (key := (name, frozenset(requirement.extras))) in seen:
            continue
        seen.add(key)
        try:
            entries = distribution(name).requires or []
        except PackageNotFoundError:
            found.append(f"{name} is locked and not installed: run `make setup`")
            continue
        queue += [(name, inner) for inner in applicable(entries, requirement.extras)]
    excess = sorted(set(locked) - {name for name, _ in seen})
    return found + [f"{name} is locked and nobody asks for it" for name in excess]


def main() -> int:
    """Returns 1 when the lock is not that of the manifests."""
    locked = pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    queue = list(asked())
    members: set[str] = {canonicalize_name(by) for by, _ in queue if not by.startswith("group ")}
    found = sorted(set(problems(locked, members, queue)))
    print("\n".join(found) or f"requirements.lock is in step: {len(locked)} packages for this platform")
    if found:
        print("run `make lock`")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
