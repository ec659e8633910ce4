"""A made-up team and its cases: who is good at what, who is there when, what comes in.

Times are minutes since Monday 2024-01-01 00:00 UTC. Everything random is drawn here, by case and
agent, so that every policy meets the same cases with the same luck (common random numbers: Law,
Simulation Modeling and Analysis, ch. 11).
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chatbot.routing.hours import Hours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY, WEEK = 1440.0, 7 * 1440.0
OPENS, CLOSES = 8, 18  # Monday to Friday; every shift lies within
KINDS = ("routine", "complex", "critical", "vip")
_DRAIN = 2  # weeks of shifts after the last arrival, so that every case ends
_WEEKDAYS = (1.3, 1.1, 1.0, 1.0, 0.9, 0.1, 0.08)
_BY_HOUR = (
    *(0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.05, 0.2, 0.8, 1.2, 1.3, 1.3),
    *(1.0, 1.1, 1.2, 1.1, 0.9, 0.6, 0.15, 0.1, 0.08, 0.06, 0.05, 0.03),
)  # two peaks and few at night, as Brown et al. 2005, figure 1, have them


@dataclass(frozen=True, slots=True)
class Settings:
    """What kind of world.

    utilisation: share of the time present that random routing would keep the team busy. contrast:
    how many times as fast an expert is as a novice. experts: share of the topics that an agent is
    an expert in. spread: standard deviation of log minutes, one agent, one topic. drift: standard
    deviation of the change of a skill (0 to 1) in a week. juniors: share of agents who begin as
    novices and grow. wrong: share of declared levels that are wrong. absence: probability that an
    agent is away for some days of a week. working: an agent's time is shared among their open cases
    or goes to one at a time, oldest first. capacity: open cases of an agent at most. swap: when two
    experts swap skills, in weeks from the start. kinds: shares of routine, complex, critical, VIP.
    """

    agents: int = 10
    topics: int = 6
    weeks: int = 8
    seed: int = 0
    utilisation: float = 0.7
    contrast: float = 2.5
    experts: float = 1 / 3
    spread: float = 0.5
    drift: float = 0.03
    juniors: float = 0.2
    wrong: float = 0.15
    absence: float = 0.1
    working: Literal["shared", "serial"] = "shared"
    capacity: int = 4
    swap: float | None = None
    kinds: tuple[float, float, float, float] = (0.7, 0.15, 0.1, 0.05)
    minutes: float = 20.0
    fails: tuple[float, float] = (0.25, 0.05)  # a novice's, an expert's share of cases passed on
    reopens: tuple[float, float] = (0.12, 0.03)
    rated: float = 0.3  # share of customers who rate
    begins: tuple[int, ...] = (8, 8, 9, 10)  # hours at which shifts of eight hours begin, in turn


@dataclass(frozen=True, slots=True)
class Cases:
    """What comes in, by case; luck by case and agent, twice: at first and once reopened."""

    at: Floats  # (cases,) ascending
    topic: Ints
    complexity: Floats  # 0 to 1
    kind: Ints
    noise: Floats  # (2, cases, agents) of log minutes
    fail: Floats  # (cases, agents) uniform
    reopen: Floats  # (cases, agents) uniform
    reopen_after: Floats  # (cases,) minutes
    follow_ups: Floats  # (cases, agents) uniform
    rates: Floats  # (cases,) uniform
    mood: Floats  # (cases, agents) normal


@dataclass(frozen=True, slots=True)
class World:
    """A team over some weeks.

    skills: true, 0 to 1, of shape (days, agents, topics); shifts: (start, end) by agent.
    """

    settings: Settings
    cases: Cases
    skills: Floats
    base: Floats  # (topics,) log minutes of the middling
    declared: Ints  # (agents, topics) levels 1 to 5
    prefers: Ints  # (agents,) a topic
    shifts: tuple[tuple[tuple[float, float], ...], ...]
    hours: tuple[Hours, ...]
    days_off: tuple[tuple[tuple[date, date], ...], ...]
    swapped: tuple[tuple[int, int], tuple[int, int]] | None = field(default=None)
    """Of a swap: the two agents, and the topic that each was the expert in."""

    def skill(self, at: float, agent: int, topic: int) -> float:
        """Return the true skill, 0 to 1."""
        return float(self.skills[min(int(at / DAY), len(self.skills) - 1), agent, topic])

    def log_minutes(self, at: float, agent: int, topic: int, complexity: float = 0.5) -> float:
        """Return the mean logarithm of the minutes of work on a case."""
        skill = self.skill(at, agent, topic)
        return (
            float(self.base[topic])
            - math.log(self.settings.contrast) * (skill - 0.5) / 0.8
            + 0.6 * (complexity - 0.5)
        )

    def fails(self, at: float, agent: int, topic: int, complexity: float = 0.5) -> float:
        """Return the probability that the agent has to pass a case on."""
        at_skill = between(self.settings.fails, self.skill(at, agent, topic))
        return min(0.9, at_skill * (0.6 + 0.8 * complexity))


def between(ends: tuple[float, float], skill: float) -> float:
    """Return the geometric interpolation from a novice's (skill 0.1) to an expert's (0.9)."""
    novice, expert = ends
    return novice * float((expert / novice) ** ((skill - 0.1) / 0.8))


def open_minutes(at: float) -> float:
    """Return the minutes of opening time from the start until `at`."""
    weeks, rest = divmod(at, WEEK)
    days, minute = divmod(rest, DAY)
    today = min(max(minute - 60 * OPENS, 0.0), 60.0 * (CLOSES - OPENS)) if days < 5 else 0.0
    return (weeks * 5 + min(days, 5)) * 60 * (CLOSES - OPENS) + today


def make_world(settings: Settings) -> World:
    """Return the world of `settings`: the same for the same settings.

    A swap changes nothing else: with and without it the cases, shifts and luck are the same.
    """
    draw = np.random.default_rng(settings.seed)
    skills, declared = _skills(settings, draw)
    shifts, hours, days_off = _shifts(settings, draw)
    demand = draw.dirichlet(np.full(settings.topics, 12.0))
    base = math.log(settings.minutes) + draw.normal(0.0, 0.25, settings.topics)
    prefers = np.array([draw.choice(_best(row)) for row in skills[0]], dtype=np.int64)
    present = sum(
        end - start for spans in shifts for start, end in spans if _counts(start, settings)
    )
    usual = _usual_minutes(settings, demand, base, skills)
    cases = _cases(settings, draw, demand, settings.utilisation * present / usual)
    swapped = None
    if settings.swap is not None:
        skills, swapped = _swap(skills, int(settings.swap * 7))
    return World(settings, cases, skills, base, declared, prefers, shifts, hours, days_off, swapped)


def _counts(start: float, settings: Settings) -> bool:
    return start < settings.weeks * WEEK


def _best(row: Floats) -> Ints:
    return np.argsort(-row)[: max(1, len(row) // 3)]


def _skills(settings: Settings, draw: np.random.Generator) -> tuple[Floats, Ints]:
    """Return true skills by day, and what was declared of them at the start."""
    agents, topics = settings.agents, settings.topics
    days = (settings.weeks + _DRAIN) * 7
    expert = max(1, round(settings.experts * topics))
    middling = max(1, round(topics / 3))
    first = np.full((agents, topics), 0.1)
    growth = np.zeros((agents, topics))
    order = np.resize(draw.permutation(topics), agents * expert)  # every topic has its experts
    for agent in range(agents):
        best = list(dict.fromkeys(order[agent * expert : (agent + 1) * expert]))
        others = draw.permutation([topic for topic in range(topics) if topic not in best])
        first[agent, best] = 0.9
        first[agent, others[:middling]] = 0.5
        if agent < round(settings.juniors * agents):
            first[agent] = 0.15
            growth[agent, best] = 0.6 / 56  # to 0.75 after eight weeks
    first += draw.normal(0.0, 0.07, first.shape)
    walk = draw.normal(0.0, settings.drift / math.sqrt(7), (days, agents, topics)).cumsum(axis=0)
    skills = np.clip(first + walk + growth * np.arange(days)[:, None, None], 0.0, 1.0)
    declared = np.clip(np.rint(1 + 4 * first), 1, 5).astype(np.int64)
    wrong = draw.random(declared.shape) < settings.wrong
    declared[wrong] = draw.integers(1, 6, int(wrong.sum()))
    return skills, declared


def _swap(skills: Floats, day: int) -> tuple[Floats, tuple[tuple[int, int], tuple[int, int]]]:
    """Swap the two experts of different topics that differ most, from `day` on."""
    now = skills[day]
    pairs = [
        (now[a, s] - now[b, s] + now[b, t] - now[a, t], a, b, s, t)
        for a in range(len(now))
        for b in range(len(now))
        for s, t in ((int(now[a].argmax()), int(now[b].argmax())),)
        if s != t
    ]
    _, a, b, s, t = max(pairs)
    skills = skills.copy()
    skills[day:, [a, b]] = skills[day:, [b, a]]
    return skills, ((a, b), (s, t))


def _shifts(
    settings: Settings, draw: np.random.Generator
) -> tuple[
    tuple[tuple[tuple[float, float], ...], ...],
    tuple[Hours, ...],
    tuple[tuple[tuple[date, date], ...], ...],
]:
    """Return eight-hour shifts, their weekly hours, and the days off."""
    spans, hours, off = [], [], []
    for agent in range(settings.agents):
        begins = settings.begins[agent % len(settings.begins)]
        free = int(draw.integers(0, 5)) if draw.random() < 0.2 else -1  # four days a week
        weekdays = [day for day in range(5) if day != free]
        span = [f"{begins:02}:00", f"{begins + 8:02}:00"]
        hours.append({str(day): [span] for day in weekdays})
        absent: set[int] = set()
        for week in range(settings.weeks):
            is_away, first, length = draw.random(), int(draw.integers(5)), int(draw.integers(1, 5))
            if is_away < settings.absence:
                absent.update(range(7 * week + first, 7 * week + first + length))
        off.append(tuple((_date(day), _date(day)) for day in sorted(absent)))
        spans.append(
            tuple(
                (day * DAY + 60 * begins, day * DAY + 60 * (begins + 8))
                for day in range((settings.weeks + _DRAIN) * 7)
                if day % 7 in weekdays and day not in absent
            )
        )
    return tuple(spans), tuple(hours), tuple(off)


def _date(day: int) -> date:
    return (START + timedelta(days=day)).date()


def _usual_minutes(settings: Settings, demand: Floats, base: Floats, skills: Floats) -> float:
    """Return the mean work of a case given to anybody, passed on and reopened ones included."""
    level = settings.contrast ** (-(skills[: settings.weeks * 7] - 0.5) / 0.8)
    again = 1 + (sum(settings.fails) + sum(settings.reopens)) / 4
    usual = float((np.exp(base) * demand * level.mean(axis=(0, 1))).sum())
    return usual * math.exp(settings.spread**2 / 2) * again


def _cases(settings: Settings, draw: np.random.Generator, demand: Floats, expected: float) -> Cases:
    """Return arrivals: Poisson, with a rate that is constant within each hour of the week.

    demand: share of each topic. expected: cases in all.
    """
    rates = np.tile(np.outer(_WEEKDAYS, _BY_HOUR).ravel(), settings.weeks)
    rates *= expected / rates.sum()
    counts = draw.poisson(rates)
    count, agents = int(counts.sum()), settings.agents
    at = np.sort(60.0 * (np.repeat(np.arange(len(rates)), counts) + draw.random(count)))
    kind = draw.choice(len(KINDS), count, p=settings.kinds)
    complexity = draw.beta(2.0, 2.0, count)
    complexity = np.where(kind == KINDS.index("complex"), 0.5 + complexity / 2, complexity)
    shared = draw.normal(0.0, 1.0, (2, count, 1))  # a hard case is hard for everybody
    own = draw.normal(0.0, 1.0, (2, count, agents))
    return Cases(
        at=at,
        topic=draw.choice(settings.topics, count, p=demand),
        complexity=complexity,
        kind=kind,
        noise=settings.spread * (shared + own) / math.sqrt(2),
        fail=draw.random((count, agents)),
        reopen=draw.random((count, agents)),
        reopen_after=draw.uniform(0.2, 4.0, count) * DAY,
        follow_ups=draw.random((count, agents)),
        rates=draw.random(count),
        mood=draw.normal(0.0, 0.8, (count, agents)),
    )
