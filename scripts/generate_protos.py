"""Generates the committed stubs under protos/src from protos/proto; with --check, only compares."""

from __future__ import annotations

import argparse
import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

PROTOS = Path(__file__).resolve().parent.parent / "protos"
WELL_KNOWN = Path(protoc.__file__).parent / "_proto"


def generate(target: Path) -> None:
    """Writes messages, services and their type stubs, with an ``__init__.py`` in every folder, to ``target``."""
    sources = sorted(str(path.relative_to(PROTOS / "proto")) for path in (PROTOS / "proto").rglob("*.proto"))
    outputs = [f"--{kind}_out={target}" for kind in ("python", "grpc_python")]
    outputs += [f"--{kind}_out=quiet:{target}" for kind in ("mypy", "mypy_grpc")]
    plugin_folder = Path(sys.executable).parent
    plugins = [f"--plugin={plugin_folder / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    code = protoc.main(["protoc", f"-I{PROTOS / 'proto'}", f"-I{WELL_KNOWN}", *plugins, *outputs, *sources])
    if code:
        raise SystemExit(code)
    for empty in [p for p in target.rglob("*_pb2_grpc.py*") if not _declares_service(p, target)]:
        empty.unlink()
    for folder in [target / "beianhub", *(p for p in (target / "beianhub").rglob("*") if p.is_dir())]:
        (folder / "__init__.py").write_text('"""Generated; see protos/proto."""\n')
        (folder / "__init__.pyi").unlink(missing_ok=True)
    (target / "beianhub" / "py.typed").touch()


def _declares_service(stub: Path, target: Path) -> bool:
    source = PROTOS / "proto" / stub.relative_to(target).parent / (stub.name.split("_pb2_grpc")[0] + ".proto")
    return "\nservice " in source.read_text(encoding="utf-8")


def differences(left: Path, right: Path) -> list[str]:
    """Names the files that differ between two trees, or that only one of them has."""
    names = {
        str(p.relative_to(tree)) for tree in (left, right) for p in tree.rglob("*.py*") if "__pycache__" not in p.parts
    }
    _, mismatch, missing = filecmp.cmpfiles(left, right, sorted(names), shallow=False)
    return sorted(mismatch + missing)


def main() -> int:
    """Returns 1 when --check finds that the committed stubs are not those of the protos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        if check:
            stale = differences(fresh / "beianhub", PROTOS / "src" / "beianhub")
            print("\n".join(f"out of step: {name}" for name in stale) or "stubs are in step")
            return 1 if stale else 0
        shutil.rmtree(PROTOS / "src" / "beianhub", ignore_errors=True)
        shutil.copytree(fresh / "beianhub", PROTOS / "src" / "beianhub")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
