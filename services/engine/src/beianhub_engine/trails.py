"""Where an exception came from, for logs: frames without their values, which may be personal data, and no message."""

from __future__ import annotations

import traceback
from pathlib import Path

_FRAMES = 4


def trail(error: BaseException) -> str:
    """The innermost frames, outermost first: ``work.py:12:submit > client.py:30:send``."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames)
