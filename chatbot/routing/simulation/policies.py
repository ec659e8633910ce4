"""Ways to route: round robin, least busy, static skills, what Svar does, and one that knows all."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from chatbot.routing.learning import Estimate, Expertise, Learner, Outcome
from chatbot.routing.policy import STRATEGIES, Agent, Needs, Strategy, choose, rank_agents
from chatbot.routing.shares import expected_work, fair_shares
from chatbot.routing.simulation.engine import Case, Desk, Policy
from chatbot.routing.simulation.world import DAY, KINDS, START, World, between

_REFIT = 120.0  # minutes
_MEMORY = 10 * DAY  # half-life of what somebody was given


@dataclass(slots=True)
class RoundRobin:
    """The next in turn who has room."""

    last: int = -1

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        """Return the next in turn."""
        for step in range(1, len(desks) + 1):
            desk = desks[(self.last + step) % len(desks)]
            if desk.has_room and desk.id not in case.declined:
                self.last = desk.id
                return desk.id
        return None

    def learn(self, outcome: Outcome) -> None:
        """Learn nothing."""


class LeastBusy:
    """Whoever has the fewest open cases; of several, who was given one longest ago."""

    def __init__(self) -> None:
        self.given: dict[int, float] = {}

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        """Return the least busy."""
        return self.least([d for d in desks if d.has_room and d.id not in case.declined], now)

    def least(self, desks: Sequence[Desk], now: float) -> int | None:
        """Return the least busy of `desks`."""
        if not desks:
            return None
        one = min(desks, key=lambda d: (len(d.pieces), self.given.get(d.id, -1.0), d.id))
        self.given[one.id] = now
        return one.id

    def learn(self, outcome: Outcome) -> None:
        """Learn nothing."""


class StaticSkills(LeastBusy):
    """The least busy of those who have the skill, declared at level 3 or more; else of all."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.able = world.declared >= 3

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        """Return the least busy of the able."""
        free = [d for d in desks if d.has_room and d.id not in case.declined]
        return self.least([d for d in free if self.able[d.id, case.topic]] or free, now)


class Learned:
    """What Svar does: what was learned, ranked by the strategy of the case's kind."""

    def __init__(self, world: World, strategy: Callable[[Case], Strategy] | None = None) -> None:
        self.world, self.learner = world, Learner()
        self.strategy = strategy or (lambda case: STRATEGIES[KINDS[case.kind]])
        self.declared = {
            (agent, str(topic)): int(level)
            for (agent, topic), level in np.ndenumerate(world.declared)
        }
        self.known: Expertise | None = None
        self.fitted = self.seen = -math.inf
        count = world.settings.agents
        self.given, self.present = np.zeros(count), np.zeros(count)
        self.counted = np.zeros(count)
        self.skills = [
            {str(t): int(level) for t, level in enumerate(row)} for row in world.declared
        ]

    def learn(self, outcome: Outcome) -> None:
        """Add the outcome to what is known."""
        self.learner.add(outcome)

    def expertise(self, now: float) -> Expertise:
        """Return what is known."""
        return self.learner.expertise(now / DAY, self.declared)

    def choose(self, case: Case, desks: Sequence[Desk], now: float) -> int | None:
        """Return the best of `rank_agents`."""
        if self.known is None or now - self.fitted >= _REFIT:
            self.known, self.fitted = self.expertise(now), now
        self.pass_time(desks, now)
        needs = Needs(
            topic=str(case.topic),
            complexity=case.complexity,
            last_agent=case.last if case.is_reopened else None,
            declined=frozenset(case.declined),
        )
        shares = fair_shares(
            dict(enumerate(self.given.tolist())), dict(enumerate(self.present.tolist()))
        )
        agents = [self.agent(desk, shares[desk.id]) for desk in desks]
        at = START + timedelta(minutes=now)
        chosen = choose(rank_agents(needs, agents, at, self.strategy(case)))
        if chosen is None:
            return None
        self.given[chosen.agent.id] += expected_work(chosen.estimate)
        return chosen.agent.id

    def agent(self, desk: Desk, recent: float) -> Agent:
        """Return the agent as the policy sees one."""
        known = self.known.agents.get(desk.id, {}) if self.known else {}
        return Agent(
            id=desk.id,
            name=f"agent {desk.id}",
            presence="online" if desk.on_shift else "offline",
            skills=self.skills[desk.id],
            languages=frozenset({"en"}),
            open=len(desk.pieces),
            capacity=desk.capacity,
            complexity=sum(piece.case.complexity for piece in desk.pieces),
            recent=recent,
            preferences=frozenset({str(self.world.prefers[desk.id])}),
            hours=self.world.hours[desk.id],
            days_off=self.world.days_off[desk.id],
            expertise=known,
        )

    def pass_time(self, desks: Sequence[Desk], now: float) -> None:
        """Let what was given fade, and count who is here."""
        passed = now - self.seen if math.isfinite(self.seen) else 0.0
        self.seen = now
        fading = 0.5 ** (passed / _MEMORY)
        self.given *= fading
        self.present *= fading
        until_now = np.array([desk.present(now) for desk in desks])
        self.present += until_now - self.counted
        self.counted = until_now


class Oracle(Learned):
    """The same, told the truth at every moment instead of learning: how good it could be."""

    def expertise(self, now: float) -> Expertise:
        """Return the truth."""
        world, settings = self.world, self.world.settings
        agents: dict[int, dict[str, Estimate]] = {}
        for agent in range(settings.agents):
            agents[agent] = {}
            for topic in range(settings.topics):
                log = world.log_minutes(now, agent, topic)
                solves = (1 - world.fails(now, agent, topic)) * (
                    1 - between(settings.reopens, world.skill(now, agent, topic))
                )
                agents[agent][str(topic)] = Estimate(
                    cases=100.0,
                    minutes=math.exp(log + settings.spread**2 / 2),
                    log_minutes=log,
                    doubt=0.0,
                    solves=solves,
                    quality=solves,
                    rating=3.0 + 1.5 * world.skill(now, agent, topic),
                )
        return Expertise({}, agents)


OURS = "Svar"
POLICIES: Mapping[str, Callable[[World], Policy]] = {
    "round robin": lambda _world: RoundRobin(),
    "least busy": lambda _world: LeastBusy(),
    "static skills": StaticSkills,
    OURS: Learned,
}
