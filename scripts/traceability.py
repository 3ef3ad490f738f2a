"""Writes docs/traceability.md: each statement of the seeds, the rule or behaviour that follows it, and the test of it.

A statement's id, such as S1.5, stands where it is followed: in a rule pack, in code, in a scenario or a test. What
cannot be followed is named in docs/out-of-reach.toml with the reason. With --check, only compares; either way it fails
when an id has neither, or has both.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "traceability.md"
OUT_OF_REACH: Final = ROOT / "docs" / "out-of-reach.toml"
# How many statements each seed has; their texts are not ours to copy.
SEEDS: Final = {"S0": 32, "S1": 28, "S2": 27, "S3": 23, "S4": 45}
ID: Final = re.compile(r"\bS([0-4])\.(\d{1,2})\b")
# "S0.14 to S0.16" and "S4.35 to S4.41" cite what is between them too.
RANGE: Final = re.compile(r"\bS([0-4])\.(\d{1,2}) (?:to|–|-|…) S\1\.(\d{1,2})\b")
SUFFIXES: Final = {".py", ".yaml", ".yml", ".toml", ".json"}
FOLDERS: Final = ("gateway", "plugins", "services", "tests", "protos/proto")
SHOWN: Final = 4


def all_ids() -> list[str]:
    """Every statement's id, in order."""
    return [f"{seed}.{number}" for seed, count in SEEDS.items() for number in range(1, count + 1)]


def cited(text: str) -> set[str]:
    """The ids that a text cites."""
    found = {f"S{seed}.{number}" for seed, number in ID.findall(text)}
    for seed, first, last in RANGE.findall(text):
        found |= {f"S{seed}.{number}" for number in range(int(first), int(last) + 1)}
    return found


def citations() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """For each id, the files that follow it, and those that test it."""
    follows: dict[str, list[str]] = defaultdict(list)
    tests: dict[str, list[str]] = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                target = tests if "tests" in path.relative_to(ROOT).parts else follows
                for statement in cited(path.read_text(encoding="utf-8")):
                    target[statement].append(name)
    return follows, tests


def problems(follows: dict[str, list[str]], tests: dict[str, list[str]], reasons: dict[str, str]) -> list[str]:
    """What keeps the page from being complete."""
    found = []
    for statement in all_ids():
        followed = statement in follows and statement in tests
        if statement in reasons and followed:
            found.append(f"{statement}: is followed and tested; take it out of docs/out-of-reach.toml")
        elif statement not in reasons and not followed:
            what = "rule" if statement not in follows else "test"
            found.append(f"{statement}: no {what} cites it, and docs/out-of-reach.toml gives no reason")
    unknown = (set(follows) | set(tests) | set(reasons)) - set(all_ids())
    return found + [f"{statement}: no seed has this statement" for statement in sorted(unknown)]


def page(follows: dict[str, list[str]], tests: dict[str, list[str]], reasons: dict[str, str]) -> str:
    """The page."""
    lines = [
        "# Traceability",
        "",
        "Each statement of the seed documents by its id, what follows it in the product, and what tests it; or why it",
        "is out of reach. Written by `make traceability`, and compared by `make check`.",
        "",
        "| statement | rule or behaviour | test |",
        "|---|---|---|",
    ]
    for statement in all_ids():
        if statement in reasons:
            lines.append(f"| {statement} | out of reach: {reasons[statement]} | – |")
        else:
            lines.append(f"| {statement} | {_files(follows[statement])} | {_files(tests[statement])} |")
    return "\n".join(lines) + "\n"


def _files(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def main() -> int:
    """Returns 1 when a statement is missing, or when --check finds the page out of step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args().check
    follows, tests = citations()
    reasons: dict[str, str] = tomllib.loads(OUT_OF_REACH.read_text(encoding="utf-8"))["reasons"]
    found = problems(follows, tests, reasons)
    if found:
        print("\n".join(found), file=sys.stderr)
        return 1
    written = page(follows, tests, reasons)
    if not check:
        PAGE.write_text(written, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != written:
        print("docs/traceability.md is out of step; run `make traceability`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
