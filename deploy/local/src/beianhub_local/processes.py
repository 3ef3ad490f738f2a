"""Server processes that do not outlive us, and the pidfile of the process in charge of them."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from beianhub_local import launch
from beianhub_local.errors import LocalServerError
from beianhub_local.ports import wait_until

# Linux sends the parent-death signal when the *thread* that forked ends. One thread that lives as long as
# this process therefore starts every server: a broker restarted from a short-lived thread survives it.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beianhub-local-starter")
_LOG_TAIL_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account that a server runs as; -1 stands for our own."""

    uid: int = -1
    gid: int = -1


def _launch(command: list[str], account: Account, orphan_signal: signal.Signals) -> list[str]:
    """Wrap a command in `launch.py`."""
    numbers = [os.getpid(), int(orphan_signal), account.uid, account.gid]
    script = Path(launch.__file__).resolve()
    return [sys.executable, "-I", "-S", str(script), *map(str, numbers), *command]


def run_as(account: Account, command: list[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as `account`; standard output holds standard error too."""
    return subprocess.run(
        _launch(command, account, signal.SIGKILL),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


class ServerProcess:
    """One server: its command, its log file and, while it runs, its process."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        account: Account | None = None,
        orphan_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Describe a server; nothing runs before `start`.

        Args:
            name: For messages.
            command: Absolute path of the executable, then its arguments.
            log: File that receives standard output and error, appended to.
            account: Whom to run as; only root may name another.
            orphan_signal: What Linux sends to the server when this process dies.
        """
        self.name = name
        self.command = command
        self.log = log
        self.account = account or Account()
        self.orphan_signal = orphan_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id; raises `LocalServerError` when the server was never started."""
        if self._process is None:
            raise LocalServerError(f"{self.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; does not wait for it to be ready."""
        if self.running:
            raise LocalServerError(f"{self.name} already runs as process {self.pid}")
        with self.log.open("ab") as log:
            self._process = _STARTER.submit(self._spawn, log).result()

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            _launch(self.command, self.account, self.orphan_signal),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self.log.parent,
            start_new_session=True,  # Ctrl-C in a terminal reaches us alone; we then stop the servers in order
        )

    def wait_ready(self, check: Callable[[], bool], *, timeout: float) -> None:
        """Wait until `check()` holds; kills the server and raises `LocalServerError` when it died or is late."""

        def ready() -> bool:
            if not self.running:
                raise LocalServerError(f"{self.name} died while starting; log:\n{self.log_tail()}")
            return check()

        try:
            wait_until(ready, timeout=timeout, what=f"{self.name} is not ready; see {self.log}")
        except BaseException:  # a signal to us too must not leave a server that nobody knows of
            self.kill()
            raise

    def log_tail(self) -> str:
        """Return the end of the log."""
        return self.log.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send a signal if the process is alive."""
        if self.running:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process at once with SIGKILL, as a crash would, and reap it."""
        self.send(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, timeout: float = 10) -> None:
        """Ask the process to end, wait up to `timeout` seconds, then insist with SIGKILL."""
        if self._process is None:
            return
        self.send(number)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()


class PidFile:
    """A locked file that names the process in charge of a directory.

    The lock, not the number, tells whether that process is alive: the kernel drops it with the process, so a
    number that was given to a stranger meanwhile is never signalled.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take charge; raises `LocalServerError` when a living process already is."""
        file = self.path.open("a+", encoding="ascii")
        if not _try_lock(file):
            file.close()
            raise LocalServerError(f"{self.path.parent} is already in use by process {self.owner()}; stop it first")
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give up charge. The file stays: removing it would let two others lock two files of the same name."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def owner(self) -> int | None:
        """Return the process in charge, or None when there is none alive."""
        if not self.path.exists():
            return None
        with self.path.open("r+", encoding="ascii") as file:
            if _try_lock(file):
                return None
            return int(file.read() or 0) or None

    def stop_owner(self, *, timeout: float) -> bool:
        """Send SIGTERM to the process in charge and wait until it has let go; False when there is none."""
        pid = self.owner()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: self.owner() is None, timeout=timeout, what=f"process {pid} does not stop")
        return True


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
