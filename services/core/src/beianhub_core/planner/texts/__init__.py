"""The catalogue of findings: code → severity, path, Chinese, English, what to do, sources, contradicting sources."""

from __future__ import annotations

from typing import Final

from beianhub_core.planner.answer import Texts
from beianhub_core.planner.texts import accessing, changing, closing, domains, ending, noticing, provincial, serving

TEXTS: Final[dict[str, Texts]] = {
    code: texts
    for module in (serving, provincial, domains, accessing, changing, closing, ending, noticing)
    for code, texts in module.TEXTS.items()
}
