"""Two groups of conversations beside each other, with how sure that is. Pure: numpy.

Intervals are percentile intervals of the bootstrap (Efron and Tibshirani 1993, An Introduction to
the Bootstrap, chapter 13) with a fixed seed, so that a page says the same when it is read again.
Differences are taken within topics: each topic's difference weighs n*m / (n + m), as Mantel and
Haenszel (1959, JNCI 22) weigh strata.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]  # of samples in rows

FEWEST = 5  # of which an interval says something
_DRAWS = 500
_AT_ONCE = 2_000_000  # numbers drawn at a time
_MOST = 20_000  # newest values of a group that are drawn from
_SEED = 20_260_301


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of a group: of `n` conversations, with a 95 % interval where they are enough."""

    n: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """A difference within topics: the first group against the second.

    value: of means, as a difference; of minutes, as a factor: 0.8 is a fifth less. n: how
    many conversations it rests on, in `topics` that both groups have.
    """

    n: int
    topics: int
    value: float
    low: float | None
    high: float | None


def median(samples: Array) -> Array:
    """Return each row's median."""
    return np.asarray(np.median(samples, axis=1), dtype=np.float64)


def ninetieth(samples: Array) -> Array:
    """Return the value in each row that nine of ten do not exceed."""
    return np.asarray(np.quantile(samples, 0.9, axis=1), dtype=np.float64)


def mean(samples: Array) -> Array:
    """Return each row's mean."""
    return np.asarray(samples.mean(axis=1), dtype=np.float64)


def measured(values: Sequence[float], statistic: Statistic) -> Measured:
    """Return a statistic of `values` with its 95 % interval; no value where there are none."""
    if not values:
        return Measured(0, None)
    array = np.asarray(values, dtype=np.float64)
    value = float(statistic(array[None, :])[0])
    if len(array) < FEWEST:
        return Measured(len(array), value)
    drawn = _drawn(array[-_MOST:], statistic, np.random.default_rng(_SEED))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Measured(len(array), value, float(low), float(high))


def difference_within(
    first: Mapping[str, Sequence[float]], second: Mapping[str, Sequence[float]]
) -> Within | None:
    """Return the difference of means within topics, first less second; None without common topics.

    The mappings are from topic to values.
    """
    common = sorted(topic for topic in first if first[topic] and second.get(topic))
    if not common:
        return None
    rng = np.random.default_rng(_SEED)
    total, value, drawn, count = 0.0, 0.0, np.zeros(_DRAWS), 0
    for topic in common:
        a = np.asarray(first[topic][-_MOST:], dtype=np.float64)
        b = np.asarray(second[topic][-_MOST:], dtype=np.float64)
        weight = len(a) * len(b) / (len(a) + len(b))
        value += weight * float(a.mean() - b.mean())
        drawn += weight * (_drawn(a, mean, rng) - _drawn(b, mean, rng))
        total += weight
        count += len(a) + len(b)
    enough = min(sum(len(each[topic]) for topic in common) for each in (first, second)) >= FEWEST
    low, high = np.quantile(drawn / total, (0.025, 0.975)) if enough else (None, None)
    return Within(
        n=count,
        topics=len(common),
        value=value / total,
        low=None if low is None else float(low),
        high=None if high is None else float(high),
    )


def factor_within(
    first: Mapping[str, Sequence[float]], second: Mapping[str, Sequence[float]]
) -> Within | None:
    """Return by what factor the first group's values are the second's, within topics.

    Of geometric means: minutes are log-normal (Brown et al. 2005, JASA 100).
    """
    found = difference_within(_logs(first), _logs(second))
    if found is None:
        return None
    low = None if found.low is None else float(np.exp(found.low))
    high = None if found.high is None else float(np.exp(found.high))
    return Within(found.n, found.topics, float(np.exp(found.value)), low, high)


def _logs(values: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    return {topic: np.log(np.maximum(its, 0.5)).tolist() for topic, its in values.items() if its}


def _drawn(array: Array, statistic: Statistic, rng: np.random.Generator) -> Array:
    """Return the statistic of samples drawn from `array` with replacement."""
    rows = max(1, _AT_ONCE // len(array))
    parts = []
    for start in range(0, _DRAWS, rows):
        size = (min(rows, _DRAWS - start), len(array))
        parts.append(statistic(array[rng.integers(0, len(array), size)]))
    return np.concatenate(parts)
