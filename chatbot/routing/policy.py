"""Who should get a conversation: a pure function over plain values.

Skill needed by topic, then who is here and has room, then the language, then the least loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Rejection = Literal["", "offline", "away", "full", "lacks_skill"]

# A shared language outweighs any difference of load: half of the load is never more than 0.5.
_LANGUAGE_WEIGHT = 1.0
_ROOM_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Needs:
    """What a conversation needs: a skill of one of these slugs (any, where empty), a language."""

    skills: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as the policy sees one."""

    id: int
    name: str
    presence: Literal["online", "away", "offline"]
    skills: frozenset[str]
    languages: frozenset[str]
    open: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent considered: the score by factor, or why not."""

    agent: Agent
    rejected: Rejection
    skill: float  # 1 has a needed skill, 0 lacks it
    language: float  # 1 speaks it
    room: float  # free share of the capacity, 0 to 1

    @property
    def score(self) -> float:
        """Greater is better; 0 for the rejected."""
        if self.rejected:
            return 0.0
        return _LANGUAGE_WEIGHT * self.language + _ROOM_WEIGHT * self.room


def rank_agents(needs: Needs, agents: Sequence[Agent]) -> list[Candidate]:
    """Return every agent as a candidate: the best first, the rejected last.

    Ties go to the one with fewer open conversations, then to the lower id.
    """
    candidates = [_consider(needs, agent) for agent in agents]
    return sorted(candidates, key=lambda c: (bool(c.rejected), -c.score, c.agent.open, c.agent.id))


def choose(ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best of `ranked` who was not rejected, or None when nobody fits."""
    return ranked[0] if ranked and not ranked[0].rejected else None


def _consider(needs: Needs, agent: Agent) -> Candidate:
    skilled = not needs.skills or bool(needs.skills & agent.skills)
    rejected: Rejection = ""
    if agent.presence != "online":
        rejected = "away" if agent.presence == "away" else "offline"
    elif not skilled:
        rejected = "lacks_skill"
    elif agent.open >= agent.capacity:
        rejected = "full"
    return Candidate(
        agent=agent,
        rejected=rejected,
        skill=float(skilled),
        language=float(needs.language in agent.languages),
        room=max(0.0, 1 - agent.open / agent.capacity) if agent.capacity else 0.0,
    )
