"""Refuses a module of ours over 600 lines, and names those over 400."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARD = 600
SOFT = 400
FOLDERS = ("gateway", "plugins", "services", "deploy", "scripts", "tests", "protos/tests", "bench")


def sizes() -> dict[str, int]:
    """Lines of each Python module of ours, by its path; generated stubs are not ours."""
    modules = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return {str(m.relative_to(ROOT)): len(m.read_text(encoding="utf-8").splitlines()) for m in sorted(modules)}


def main() -> int:
    """Returns 1 when a module is over the hard limit."""
    found = sizes()
    for name, lines in found.items():
        if lines > SOFT:
            print(f"{name}: {lines} lines; {'split it' if lines > HARD else 'large, still allowed'}")
    print(f"{len(found)} modules, the longest of {max(found.values())} lines")
    return int(max(found.values()) > HARD)


if __name__ == "__main__":
    raise SystemExit(main())
