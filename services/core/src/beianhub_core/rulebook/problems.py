"""All problems of a pack at once, each with its path, both languages and the remedy."""

from __future__ import annotations

from beianhub.resources.v1.resources_pb2 import Finding
from beianhub_core.findings import blocker
from beianhub_core.rulebook.model import PackError


class Problems:
    """Collects findings; ``file`` names the pack in their paths."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Finding] = []

    def add(self, code: str, path: str, zh: str, en: str, remedy: str) -> None:
        """One more problem at ``path`` inside the file."""
        self.found.append(blocker(code, f"{self.file}: {path}" if path else self.file, zh, en, remedy))

    def copy(self) -> Problems:
        """The same problems, to which others may be added."""
        made = Problems(self.file)
        made.found.extend(self.found)
        return made

    def check(self) -> None:
        """Raises PackError where there was a problem."""
        if self.found:
            raise PackError(self.found)
