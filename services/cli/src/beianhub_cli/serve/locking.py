"""One embedded beianhub per data directory."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from beianhub_cli.client.errors import local_failure


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Holds the directory while the block runs; the system lets go of it however the process ends.

    Raises:
        CommandError: another process holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = data_dir / "up.lock"
    lock.touch(mode=0o600)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise local_failure(
                "DATA_DIR_IN_USE",
                "data_dir",
                f"{data_dir} 正被另一个 beianhub up 使用",
                f"another `beianhub up` runs on {data_dir}",
                (
                    "请停止它，或使用其他 data_dir；要运行多个进程，请使用 PostgreSQL 存储。 / "
                    "Stop it, or use another data_dir; to run several processes, use a PostgreSQL store."
                ),
            ) from None
        yield
