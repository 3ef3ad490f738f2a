"""The plugin under test also provides the servers; directories that root's PostgreSQL may enter."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def directory() -> Iterator[Path]:
    """Yield an empty directory outside pytest's own, which pytest keeps closed to other accounts."""
    path = Path(tempfile.mkdtemp(prefix="beianhub-local-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)  # a killed server's children may still remove files of their own
