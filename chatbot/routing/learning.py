"""Who is good at what, learned from what came of their conversations. Pure: plain values, numpy.

For each agent and topic a normal model of the logarithm of working minutes (log-normal service
times: Brown et al. 2005, JASA 100), and of shares (solved, quality) and ratings, shrunk from the
team to the person (`shrinking`). Each case counts 2 ** (-age / half-life), and by how likely
nothing has changed since it (`changes`). docs/routing-model.md has it in words.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chatbot.routing.changes import unchanged_since
from chatbot.routing.shrinking import Shrunk, shrink

__all__ = ["Estimate", "Expertise", "Learner", "Outcome", "signs", "unchanged_since"]

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
Pair = tuple[int, str]

HALF_LIFE = 60.0  # days
MANY_FOLLOW_UPS = 4  # messages of the customer after the first answer
USUAL_MINUTES = 20.0  # where nothing at all is known
USUAL_SHARE = 0.75
USUAL_RATING = 4.0
USUAL_SPREAD = 0.6  # standard deviation of log minutes within a pair, until measured
_KEPT = 120  # newest cases of a pair; what is older weighs next to nothing
_LEVEL = 0.12  # what a declared level is thought to be worth in log minutes, until measured
_ELSEWHERE = 0.3  # who has changed in one topic: so much of what was known of the others stays
_SHAKEN = 10.0  # days; half-life of the doubt about their other topics
_WANDERS = 0.03  # standard deviation of what somebody changes in a day unseen, in log minutes
_SLOWED, _SLOWED_WORTH = 0.5, 5.0  # what other open cases cost, until measured


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a conversation in one agent's hands.

    at: days since any fixed origin. minutes: working time from the assignment to the resolution,
    None where they did not resolve it. solved: at first contact, that is resolved, not passed on
    and not reopened within 7 days. follow_ups: the customer's messages after the first answer.
    rating: the customer's, 1 to 5. open: the agent's other open conversations at the assignment.
    """

    agent: int
    topic: str
    at: float
    minutes: float | None = None
    solved: bool | None = None
    follow_ups: int = 0
    rating: int | None = None
    open: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of one agent in one topic.

    cases: how many count, after fading. minutes: expected working time; log_minutes its logarithm's
    mean, known to within `doubt` (standard deviation). solves: share solved at first contact.
    quality: the share of good signs, 0 to 1. rating: 1 to 5.
    """

    cases: float = 0.0
    minutes: float = USUAL_MINUTES
    log_minutes: float = math.log(USUAL_MINUTES)
    doubt: float = USUAL_SPREAD
    solves: float = USUAL_SHARE
    quality: float = USUAL_SHARE
    rating: float = USUAL_RATING


def signs(outcome: Outcome, usual_minutes: float) -> tuple[float, float]:
    """Return the weights of good and of bad signs in an outcome.

    A quick solution counts +1 (any other +1/2), a content customer +2, an escalation -1, many
    follow-ups -2, a customer who was not content -2.
    """
    good, bad = _signs(
        np.array([math.nan if outcome.solved is None else float(outcome.solved)]),
        np.array([outcome.minutes is not None and outcome.minutes <= usual_minutes]),
        np.array([float(outcome.follow_ups >= MANY_FOLLOW_UPS)]),
        np.array([math.nan if outcome.rating is None else float(outcome.rating)]),
    )
    return float(good[0]), float(bad[0])


def _signs(
    solved: Array, quick: NDArray[np.bool_], many: Array, rating: Array
) -> tuple[Array, Array]:
    good = (solved == 1) * np.where(quick, 1.0, 0.5) + 2.0 * (rating >= 4)
    bad = 1.0 * (solved == 0) + 2.0 * many + 2.0 * (rating <= 2)
    return good, bad


# --- What is known ----------------------------------------------------------------------------
_AT, _LOG, _SOLVED, _MANY, _RATING, _OPEN = range(6)


@dataclass(slots=True)
class _History:
    """The cases of a pair, the oldest first: a row each, NaN where something is not known."""

    rows: list[tuple[float, ...]] = field(default_factory=list)
    table: Array | None = None
    unchanged: Array | None = None

    def add(self, one: Outcome) -> None:
        self.rows.append(
            (
                one.at,
                math.nan if one.minutes is None else math.log(max(one.minutes, 0.5)),
                math.nan if one.solved is None else float(one.solved),
                float(one.follow_ups >= MANY_FOLLOW_UPS),
                math.nan if one.rating is None else float(one.rating),
                math.log1p(one.open),
            )
        )
        del self.rows[:-_KEPT]
        self.table = self.unchanged = None

    def as_table(self) -> Array:
        if self.table is None:
            self.table = np.array(self.rows, dtype=np.float64)
        return self.table


class Learner:
    """Takes outcomes as they come and says what is known at a time."""

    def __init__(self, outcomes: Iterable[Outcome] = (), half_life: float = HALF_LIFE) -> None:
        self.half_life = half_life
        self._pairs: dict[Pair, _History] = {}
        for outcome in sorted(outcomes, key=lambda one: one.at):
            self.add(outcome)

    def add(self, outcome: Outcome) -> None:
        """Add the newest outcome."""
        self._pairs.setdefault((outcome.agent, outcome.topic), _History()).add(outcome)

    def expertise(self, now: float, declared: Mapping[Pair, int] | None = None) -> "Expertise":
        """Return what is known at `now`, in days; `declared`: levels of skill, 1 to 5."""
        declared = declared or {}
        agents = sorted({agent for agent, _ in (*self._pairs, *declared)})
        topics = sorted({topic for _, topic in (*self._pairs, *declared)})
        rows = {agent: row for row, agent in enumerate(agents)}
        columns = {topic: column for column, topic in enumerate(topics)}
        shape = (len(agents), len(topics))
        levels = np.full(shape, np.nan)
        for (agent, topic), level in declared.items():
            levels[rows[agent], columns[topic]] = level - 3.0
        if not self._pairs:
            return Expertise.of(agents, topics, _Sums.none(shape), levels)
        tables = [history.as_table() for history in self._pairs.values()]
        cases = np.concatenate(tables)
        pair = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
        at = np.array(
            [(rows[agent], columns[topic]) for agent, topic in self._pairs], dtype=np.intp
        )
        log = _at_usual_load(cases, pair)
        spread = _spread(log, pair)
        usual = _usual(log, cases[:, _SOLVED], at[pair, 1], len(topics))
        starts = np.searchsorted(pair, np.arange(len(tables)))
        changed = self._look_for_changes(log, starts, at[:, 1], usual, spread)
        same = self._same(changed)
        counts = same * 2.0 ** (-np.maximum(now - cases[:, _AT], 0.0) / self.half_life)
        quick = cases[:, _LOG] <= usual[0][at[pair, 1]]
        sums = _Sums(shape, at[pair, 0] * shape[1] + at[pair, 1], counts, spread)
        sums.note("log", log)
        sums.note("solves", cases[:, _SOLVED])
        good, bad = _signs(cases[:, _SOLVED], quick, cases[:, _MANY], cases[:, _RATING])
        told = good + bad
        sums.note(
            "quality", np.divide(good, told, out=np.full(len(told), np.nan), where=told > 0), told
        )
        sums.note("rating", cases[:, _RATING])
        sums.shaken = _shaken(changed, agents, topics, now)
        latest = np.full(shape, -np.inf)
        latest[at[:, 0], at[:, 1]] = [table[-1, _AT] for table in tables]
        sums.idle = np.maximum(now - latest, 0.0)
        return Expertise.of(agents, topics, sums, levels)

    def _look_for_changes(
        self, log: Array, starts: Ints, topic: Ints, usual: tuple[Array, Array], spread: float
    ) -> dict[int, list["_Change"]]:
        """Bring every pair's `unchanged` up to date; return who has probably changed, and where."""
        changed: dict[int, list[_Change]] = {}
        for place, ((agent, name), history) in enumerate(self._pairs.items()):
            table = history.as_table()
            if history.unchanged is None:
                history.unchanged = unchanged_since(
                    log[starts[place] : starts[place] + len(table)],
                    table[:, _SOLVED],
                    float(usual[0][topic[place]]),
                    spread,
                    float(usual[1][topic[place]]),
                )
            if history.unchanged[0] < 0.5:
                found = _Change(name, table[:, _AT], 1.0 - history.unchanged)
                changed.setdefault(agent, []).append(found)
        return changed

    def _same(self, changed: Mapping[int, Sequence["_Change"]]) -> Array:
        """Return for each case how likely nothing has changed since it, there or elsewhere."""
        parts = []
        for (agent, name), history in self._pairs.items():
            others = np.zeros(len(history.rows))
            for one in changed.get(agent, ()):
                if one.topic != name:
                    others = np.maximum(others, one.since(history.as_table()[:, _AT]))
            kept = history.unchanged if history.unchanged is not None else np.ones(len(others))
            parts.append(kept * (1.0 - (1.0 - _ELSEWHERE) * others))
        return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _Change:
    """That an agent has probably changed in a topic: how likely since each of its cases."""

    topic: str
    at: Array
    likely: Array

    def since(self, at: Array) -> Array:
        """Return how likely the change came after each of these times."""
        before = np.searchsorted(self.at, at, side="right") - 1
        result: Array = self.likely[np.maximum(before, 0)]
        return result

    def matters(self, now: float) -> float:
        """Return how much it still shakes what is thought of the agent's other topics."""
        happened = float(self.at[int(np.argmax(self.likely < 0.5))])
        fading: float = 0.5 ** (max(now - happened, 0.0) / _SHAKEN)
        return float(self.likely[0]) * fading


def _shaken(
    changed: Mapping[int, Sequence[_Change]],
    agents: Sequence[int],
    topics: Sequence[str],
    now: float,
) -> Array:
    """Return how much a recent change in another topic matters, 0 to 1: (agents, topics)."""
    result = np.zeros((len(agents), len(topics)))
    for row, agent in enumerate(agents):
        for one in changed.get(agent, ()):
            elsewhere = np.array([topic != one.topic for topic in topics])
            result[row, elsewhere] = np.maximum(result[row, elsewhere], one.matters(now))
    return result


def _at_usual_load(cases: Array, pair: Ints) -> Array:
    """Return log minutes as if the agent had had as much else to do as is usual.

    An agent who is given more is slower for that alone. How much, is a regression within pairs.
    """
    log, busy = cases[:, _LOG], cases[:, _OPEN]
    known = ~np.isnan(log)
    x, y = _centred(busy[known], pair[known]), _centred(log[known], pair[known])
    slope = (_SLOWED_WORTH * _SLOWED + x @ y) / (_SLOWED_WORTH + x @ x)
    result: Array = log - np.clip(slope, 0.0, 1.0) * (busy - busy.mean())
    return result


def _centred(values: Array, pair: Ints) -> Array:
    count = np.bincount(pair)
    mean = np.bincount(pair, values) / np.maximum(count, 1)
    result: Array = values - mean[pair]
    return result


def _spread(log: Array, pair: Ints) -> float:
    """Return the standard deviation of log minutes within a pair."""
    known = ~np.isnan(log)
    rest = _centred(log[known], pair[known])
    free = len(rest) - len(np.unique(pair[known]))
    return math.sqrt((float(rest @ rest) + 4 * USUAL_SPREAD**2) / (free + 4))


def _usual(log: Array, solved: Array, topic: Ints, topics: int) -> tuple[Array, Array]:
    """Return each topic's median of log minutes and its share of solved cases."""
    known, said = ~np.isnan(log), ~np.isnan(solved)
    median = np.full(topics, math.log(USUAL_MINUTES))
    for one in np.unique(topic[known]):
        median[one] = np.median(log[known & (topic == one)])
    good = np.bincount(topic[said], solved[said], topics)
    share = (good + 4 * USUAL_SHARE) / (np.bincount(topic[said], minlength=topics) + 4)
    return median, share


class _Sums:
    """Weights, and weighted values, of pairs by what was noted; each of shape (agents, topics)."""

    def __init__(self, shape: tuple[int, int], place: Ints, counts: Array, spread: float) -> None:
        self.shape, self.place, self.counts, self.spread = shape, place, counts, spread
        self.idle = np.full(shape, np.inf)  # days since the latest case
        self.shaken = np.zeros(shape)  # how much a recent change in another topic matters
        self.by_name: dict[str, tuple[Array, Array]] = {}

    @classmethod
    def none(cls, shape: tuple[int, int]) -> "_Sums":
        empty = np.zeros(0)
        return cls(shape, np.zeros(0, dtype=np.intp), empty, USUAL_SPREAD)

    def note(self, name: str, values: Array, weights: Array | float = 1.0) -> None:
        """Add up `values`, one for each case, NaN where there is none."""
        known = ~np.isnan(values)
        counts = (self.counts * weights)[known]
        size = self.shape[0] * self.shape[1]
        self.by_name[name] = (
            np.bincount(self.place[known], counts, size).astype(np.float64).reshape(self.shape),
            np.bincount(self.place[known], counts * values[known], size)
            .astype(np.float64)
            .reshape(self.shape),
        )

    def of(self, name: str) -> tuple[Array, Array]:
        """Return weights, and weighted values."""
        nothing = np.zeros(self.shape, dtype=np.float64)
        return self.by_name.get(name, (nothing, nothing))


@dataclass(frozen=True, slots=True)
class Expertise:
    """What is known of all agents and topics at a time."""

    topics: Mapping[str, Estimate]  # the team: of somebody of whom nothing is known
    agents: Mapping[int, Mapping[str, Estimate]]

    @classmethod
    def of(
        cls, agents: Sequence[int], topics: Sequence[str], sums: "_Sums", declared: Array
    ) -> "Expertise":
        """Shrink what was noted to estimates."""
        if not topics:
            return cls({}, {})

        def known(name: str, usual: float, spread: float, slope: float) -> Shrunk:
            return shrink(
                sums.of(name),
                usual=usual,
                spread=spread,
                declared=declared,
                slope=slope,
                shaken=sums.shaken,
            )

        log = known("log", math.log(USUAL_MINUTES), sums.spread, -_LEVEL)
        solves = known("solves", USUAL_SHARE, 0.4, 0.04)
        quality = known("quality", USUAL_SHARE, 0.4, 0.04)
        rating = known("rating", USUAL_RATING, 1.0, 0.1)
        # Somebody who was not tried for long may have changed; never less is known than nothing.
        doubt = log.doubt.copy()
        doubt[:-1] = np.minimum(
            np.sqrt(log.doubt[:-1] ** 2 + _WANDERS**2 * np.minimum(sums.idle, 1e6)),
            np.maximum(log.doubt[-1:], log.doubt[:-1]),
        )
        cases = np.vstack(
            [np.maximum(sums.of("log")[0], sums.of("solves")[0]), np.zeros(len(topics))]
        )
        columns = [
            cases,
            np.exp(log.mean + sums.spread**2 / 2),  # the mean of a log-normal
            log.mean,
            doubt,
            np.clip(solves.mean, 0.02, 0.99),
            np.clip(quality.mean, 0.02, 0.99),
            np.clip(rating.mean, 1.0, 5.0),
        ]
        table = np.stack(columns, axis=2).tolist()
        by_row = [
            {topic: Estimate(*values) for topic, values in zip(topics, row, strict=True)}
            for row in table
        ]
        return cls(by_row[-1], dict(zip(agents, by_row[:-1], strict=True)))

    def estimate(self, agent: int, topic: str) -> Estimate:
        """Return what is known of `agent` in `topic`; of the unknown, what the team does."""
        known = self.agents.get(agent, {}).get(topic)
        return known or self.topics.get(topic) or Estimate()
