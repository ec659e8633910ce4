"""Who should get a conversation: a pure function over plain values.

`rank_agents` is given what a conversation needs, the agents and the time. First it rejects who
cannot take it, each for one reason; the others get a score, the sum of named factors:

    points = weight * value, rounded half up to four decimals
    score  = the sum of the points

Weights and values are whole multiples of 0.0001 and points are computed in integers, so that the
sum holds to the last digit.

Values are between 0 and 1. The four factors of room (open, complexity, availability, preference)
share one weight of the strategy by `Room`. docs/routing-model.md has the table with its reasons.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from chatbot.routing.hours import Hours, minutes_left
from chatbot.routing.learning import Estimate

Rejection = Literal["", "offline", "away", "absent", "off_hours", "declined", "lacks_skill", "full"]
FACTORS = (
    "language", "speed", "soonest", "quality", "rating", "declared", "open", "complexity",
    "availability", "preference", "balance", "exploration", "continuity",
)  # fmt: skip
DIGITS = 4
STEEPNESS = 10  # of the price of having had more than one's share
_UNIT = 10**DIGITS


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of `skills` is needed. Of several that nobody here has, that of least priority goes."""

    skills: frozenset[str]
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Needs:
    """What a conversation needs.

    complexity: 0 to 1. last_agent: who had it before. declined: agents who would not or could not.
    """

    requirements: tuple[Requirement, ...] = ()
    language: str = "en"
    topic: str = ""
    complexity: float = 0.5
    last_agent: int | None = None
    declined: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as the policy sees one.

    skills: level by slug, 1 to 5. open, complexity: how many conversations they have and the sum of
    their complexities. recent: what they were given lately relative to their fair share, 1 being
    that. days_off: first and last day, both included. stands_in_for: who is absent now and named
    them. expertise: by topic; `usual` where nothing is known.
    """

    id: int
    name: str
    presence: Literal["online", "away", "offline"] = "online"
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    open: int = 0
    capacity: int = 4
    complexity: float = 0.0
    recent: float = 1.0
    preferences: frozenset[str] = frozenset()
    hours: Hours = field(default_factory=dict)
    zone: str = "UTC"
    days_off: tuple[tuple[date, date], ...] = ()
    stands_in_for: frozenset[int] = frozenset()
    expertise: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Room:
    """How the weight of room is shared."""

    open: float = 0.4
    complexity: float = 0.3
    availability: float = 0.2
    preference: float = 0.1


@dataclass(frozen=True, slots=True)
class Strategy:
    """What matters for a kind of conversation: a weight for each factor."""

    name: str
    language: float = 1.0
    speed: float = 0.0
    soonest: float = 0.0
    quality: float = 0.0
    rating: float = 0.0
    declared: float = 0.0
    room: float = 0.0
    balance: float = 0.0
    exploration: float = 0.0
    continuity: float = 0.0
    shares: Room = Room()


# The weights beside the language's add up to 1, so that they read as shares, and a shared language
# outweighs them all together.
ROUTINE = Strategy(
    "routine",
    balance=0.25,
    speed=0.14,
    room=0.2,
    soonest=0.14,
    quality=0.09,
    continuity=0.1,
    exploration=0.06,
    declared=0.02,
)
COMPLEX = Strategy(
    "complex",
    quality=0.33,
    speed=0.28,
    balance=0.12,
    room=0.12,
    continuity=0.1,
    declared=0.03,
    exploration=0.02,
)
CRITICAL = Strategy(
    "critical",
    soonest=0.5,
    speed=0.15,
    quality=0.1,
    balance=0.1,
    room=0.08,
    continuity=0.05,
    declared=0.02,
)
VIP = Strategy(
    "vip",
    rating=0.4,
    quality=0.15,
    balance=0.13,
    speed=0.1,
    room=0.1,
    continuity=0.1,
    declared=0.02,
)
STRATEGIES = {one.name: one for one in (ROUTINE, COMPLEX, CRITICAL, VIP)}


class Factor(NamedTuple):
    """A part of a score: `points` is `weight` times `value`, rounded half up."""

    name: str
    value: float
    weight: float
    points: float


class Candidate(NamedTuple):
    """An agent considered: the score by factor, or why not."""

    agent: Agent
    rejected: Rejection
    factors: tuple[Factor, ...]
    estimate: Estimate

    @property
    def score(self) -> float:
        """The sum of the factors' points, exact to the fourth decimal; 0 for the rejected."""
        return round(sum(factor.points for factor in self.factors), DIGITS)


def rank_agents(
    needs: Needs, agents: Sequence[Agent], now: datetime, strategy: Strategy = ROUTINE
) -> list[Candidate]:
    """Return every agent as a candidate: the best first, the rejected last.

    `now` is aware. Ties go to the one with fewer open conversations, then to the lower id.
    """
    estimates = [_estimate(agent, needs.topic) for agent in agents]
    usual = sum(one.log_minutes for one in estimates) / len(estimates) if estimates else 0.0
    weights = [
        (place, name, weight, weight / _UNIT)
        for place, (name, weight) in enumerate(zip(FACTORS, _weights(strategy), strict=True))
        if weight
    ]
    local: dict[str, datetime] = {}  # a team has few zones
    ranked = []
    for agent, estimate in zip(agents, estimates, strict=True):
        here = local.get(agent.zone)
        if here is None:
            here = local[agent.zone] = now.astimezone(ZoneInfo(agent.zone))
        left = minutes_left(agent.hours, here)
        rejected = _rejection(needs, agent, here, left)
        score, factors = 0, []
        if not rejected:
            values = _values(needs, agent, estimate, usual, left)
            for place, name, weight, shown in weights:
                # Whole units of the last digit: what is added is what is shown.
                value = int(values[place] * _UNIT + 0.5)
                points = (value * weight + _UNIT // 2) // _UNIT
                score += points
                factors.append(Factor(name, value / _UNIT, shown, points / _UNIT))
        candidate = Candidate(agent, rejected, tuple(factors), estimate)
        ranked.append((bool(rejected), -score, agent.open, agent.id, candidate))
    ranked.sort(key=itemgetter(0, 1, 2, 3))
    return [entry[-1] for entry in ranked]


def choose(ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the best of `ranked` who was not rejected, or None when nobody fits."""
    return ranked[0] if ranked and not ranked[0].rejected else None


def relax(needs: Needs, agents: Iterable[Agent]) -> tuple[Requirement, ...]:
    """Return the requirements that are left once one that nobody here meets is let go.

    Of several it is the one of least priority. Unchanged where somebody here meets each.
    """
    here = [agent for agent in agents if agent.presence == "online"]
    missing = [one for one in needs.requirements if not any(_meets(agent, one) for agent in here)]
    if not missing:
        return needs.requirements
    least = min(missing, key=lambda one: one.priority)
    return tuple(one for one in needs.requirements if one is not least)


def _meets(agent: Agent, requirement: Requirement) -> bool:
    return not requirement.skills.isdisjoint(agent.skills)


def _rejection(needs: Needs, agent: Agent, here: datetime, left: float | None) -> Rejection:
    """Return one reason: what the agent can change least comes first."""
    if agent.days_off:
        today = here.date()
        if any(first <= today <= last for first, last in agent.days_off):
            return "absent"
    if agent.presence != "online":
        return "away" if agent.presence == "away" else "offline"
    if left is not None and left <= 0:
        return "off_hours"
    if not all(_meets(agent, one) for one in needs.requirements):
        return "lacks_skill"
    if agent.id in needs.declined:
        return "declined"
    return "full" if agent.open >= agent.capacity else ""


_UNKNOWN = Estimate()


def _estimate(agent: Agent, topic: str) -> Estimate:
    return agent.expertise.get(topic) or agent.expertise.get("") or _UNKNOWN


def _values(
    needs: Needs, agent: Agent, estimate: Estimate, usual: float, left: float | None
) -> tuple[float, ...]:
    """Return the factors' values in the order of `FACTORS`.

    `usual`: the mean over the agents of what is expected, in log minutes. `left`: minutes until the
    agent's shift ends, None without end.
    """
    slowness = math.exp(estimate.log_minutes - usual)
    last = needs.last_agent
    return (
        1.0 if needs.language in agent.languages else 0.0,
        1 / (1 + slowness),
        1 / (1 + slowness * (1 + agent.open)),
        _bounded(estimate.quality),
        _bounded((estimate.rating - 1) / 4),
        # What was declared matters until there are cases that say more.
        _level(needs, agent) / 5 * 3 / (3 + estimate.cases) if needs.requirements else 0.0,
        max(0.0, 1 - agent.open / agent.capacity),
        _bounded(1 - (agent.complexity + needs.complexity) / agent.capacity),
        1.0 if left is None else min(1.0, left / (2 * math.exp(estimate.log_minutes))),
        1.0 if needs.topic in agent.preferences else 0.0,
        1 / (1 + min(max(agent.recent, 0.0), 10.0) ** STEEPNESS),
        _bounded(estimate.doubt),
        1.0 if last is not None and (last == agent.id or last in agent.stands_in_for) else 0.0,
    )


def _bounded(value: float) -> float:
    return 0.0 if value < 0 else min(value, 1.0)


def _level(needs: Needs, agent: Agent) -> int:
    """Return the highest level declared of what is needed, 5 at most."""
    wanted = frozenset[str]().union(*(one.skills for one in needs.requirements))
    levels = (level for slug, level in agent.skills.items() if slug in wanted)
    return min(5, max(levels, default=0))


@lru_cache(maxsize=64)
def _weights(strategy: Strategy) -> tuple[int, ...]:
    """Return the factors' weights in units of the last digit."""
    shares = strategy.shares
    room = {
        "open": shares.open,
        "complexity": shares.complexity,
        "availability": shares.availability,
        "preference": shares.preference,
    }
    return tuple(
        round((strategy.room * room[name] if name in room else getattr(strategy, name)) * _UNIT)
        for name in FACTORS
    )
