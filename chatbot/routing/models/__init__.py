"""Who can help with what, who is here, why a conversation went to whom, and what came of it."""

from chatbot.routing.models.assignments import Assignment, HandoffNotice
from chatbot.routing.models.blocks import Block
from chatbot.routing.models.outcomes import Expertise, Outcome
from chatbot.routing.models.people import (
    Absence,
    AgentConnection,
    AgentProfile,
    AgentSkill,
    Shift,
    Skill,
    site_zone,
)
from chatbot.routing.models.problems import CaseVector, NewProblem, UnknownCase
from chatbot.routing.models.promises import Closing, Promise
from chatbot.routing.models.rules import (
    RoutingRule,
    RoutingSettings,
    ServiceLevel,
    StrategyWeights,
)

__all__ = [
    "Absence",
    "AgentConnection",
    "AgentProfile",
    "AgentSkill",
    "Assignment",
    "Block",
    "CaseVector",
    "Closing",
    "Expertise",
    "HandoffNotice",
    "NewProblem",
    "Outcome",
    "Promise",
    "RoutingRule",
    "RoutingSettings",
    "ServiceLevel",
    "Shift",
    "Skill",
    "StrategyWeights",
    "UnknownCase",
    "site_zone",
]
