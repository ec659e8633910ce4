"""Has somebody changed? A change point in the cases of one agent and topic. Pure."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HAZARD = 1 / 100  # prior probability that somebody changes between two cases of a pair
_CHANGE = 0.8  # standard deviation of such a change, in log minutes
_SHARE_WORTH = 4.0  # cases that the team's share of solved ones counts as


def unchanged_since(
    values: Sequence[float] | Array,
    solved: Sequence[float] | Array,
    usual: float,
    spread: float,
    share: float,
) -> Array:
    """Return for each case of a pair, oldest first, how likely nothing has changed since it.

    `values`: log minutes, NaN where unknown; `solved`: 1, 0 or NaN; `usual`, `spread`, `share`: the
    team's mean and standard deviation of log minutes and its share of solved cases in the topic.

    The posterior over at most one change point with conjugate normal and beta-Bernoulli segments
    (Smith 1975, Biometrika 62; Barry and Hartigan 1993, JASA 88). Shape (n,), between 0 and 1.
    """
    count = len(values)
    if count < 3:
        return np.ones(count)
    x = np.asarray(values, dtype=np.float64) - usual
    y = np.asarray(solved, dtype=np.float64)
    known, said = ~np.isnan(x), ~np.isnan(y)
    x, y = np.where(known, x, 0.0), np.where(said, y, 0.0)
    # Sums over the first 0, 1, ... n cases; what comes after a split is the rest.
    sums = np.zeros((5, count + 1))
    sums[:, 1:] = np.cumsum([known, x, x * x, y, said - y], axis=1)
    first = _evidence(sums, spread, share)
    second = _evidence(sums[:, -1:] - sums, spread, share)
    none = first[-1] + (count - 1) * math.log1p(-HAZARD)
    split = first[1:-1] + second[1:-1] + math.log(HAZARD) + (count - 2) * math.log1p(-HAZARD)
    weights = np.concatenate(([none], split))
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    changed = np.zeros(count)
    changed[:-1] = np.cumsum(weights[:0:-1])[::-1]  # a change after this case
    return np.clip(1.0 - changed, 0.0, 1.0)


def _evidence(sums: Array, spread: float, share: float) -> Array:
    """Return the log marginal likelihood of segments given by their sums, shape (5, segments)."""
    n, total, squares, good, bad = sums
    noise, prior = spread**2, _CHANGE**2
    mean = total / np.maximum(n, 1)
    normal = (
        -(squares - n * mean**2) / (2 * noise)
        - 0.5 * np.log1p(n * prior / noise)
        - n * mean**2 / (2 * (noise + n * prior))
    )
    a, b = _SHARE_WORTH * share, _SHARE_WORTH * (1 - share)
    most = sums.shape[1]
    result: Array = normal + _rising(a, good, most) + _rising(b, bad, most)
    return result - _rising(a + b, good + bad, most)


def _rising(start: float, steps: Array, most: int) -> Array:
    """Return log(Gamma(start + steps) / Gamma(start)); `steps` are whole and below `most` + 1."""
    most = max(most, int(steps.max()) + 1)
    table = np.zeros(most)
    table[1:] = np.cumsum(np.log(start + np.arange(most - 1)))
    result: Array = table[steps.astype(np.intp)]
    return result
