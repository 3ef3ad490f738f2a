"""Names to addresses, in bounded time."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Sequence
from typing import Final, Protocol

from beianhub_sdk import FetchFailedError, NoSuchNameError

_AT_ONCE: Final = 16
_NO_SUCH_NAME: Final = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})


class Resolver(Protocol):
    """Asked once for each hop; what it answers is checked, and is where the connection goes."""

    def resolve(self, host: str, seconds: float) -> Sequence[str]:
        """All addresses of the name, in the order in which to try them; never empty.

        Raises:
            NoSuchNameError: it has none.
            FetchFailedError: it could not be found out within ``seconds``.
        """
        ...


class SystemResolver:
    """The operating system's. Its call cannot be cut short, so that it runs in a thread that nobody waits for after the
    time is up, and that does not keep the process from ending.
    """

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def resolve(self, host: str, seconds: float) -> Sequence[str]:
        """See :class:`Resolver`."""
        if not self._places.acquire(blocking=False):
            raise FetchFailedError("RESOLVER_BUSY")
        answers: queue.SimpleQueue[list[str] | int] = queue.SimpleQueue()
        threading.Thread(target=self._ask, args=(host, answers), name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=seconds)
        except queue.Empty:
            raise FetchFailedError("RESOLVER_TIMEOUT") from None
        if isinstance(answer, list):
            return answer
        raise NoSuchNameError("NO_SUCH_NAME") if answer in _NO_SUCH_NAME else FetchFailedError("RESOLVER_FAILED")

    def _ask(self, host: str, answers: queue.SimpleQueue[list[str] | int]) -> None:
        try:
            # The dot ends the name: no search domain of this machine's network is tried.
            found = socket.getaddrinfo(f"{host}.", None, type=socket.SOCK_STREAM)
            answers.put([str(entry[4][0]) for entry in found])
        except OSError as error:
            answers.put(error.errno or socket.EAI_FAIL)
        except UnicodeError:
            answers.put(socket.EAI_NONAME)
        finally:
            self._places.release()
