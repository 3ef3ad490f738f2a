"""The planner: from a situation and a wish to orders in sequence, findings with their sources, and questions. Pure."""

from beianhub_core.planner.answer import Answer, Finding, Question, Step
from beianhub_core.planner.planning import plan, plan_document
from beianhub_core.planner.reading import Request, read
from beianhub_core.planner.situation import Situation
from beianhub_core.planner.vocabulary import Wish

__all__ = ["Answer", "Finding", "Question", "Request", "Situation", "Step", "Wish", "plan", "plan_document", "read"]
