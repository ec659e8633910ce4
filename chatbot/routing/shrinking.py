"""From the team to the person: posterior means of agents by topics. Pure.

    prior[a, t] = topic[t] + agent[a] + slope * declared[a, t] + alike[a, t]
    mean[a, t]  = (k * prior[a, t] + W[a, t] * observed[a, t]) / (k + W[a, t])

The shape of arrays is (agents, topics). Sources: Efron and Morris 1975, JASA 70; Gelman et al.,
Bayesian Data Analysis, ch. 5; Sarwar et al. 2001, WWW10, for `alike`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEAST_K, _MOST_K, _USUAL_K = 1.5, 8.0, 3.0
_ROUNDS = 3  # of fitting topics, agents and the declared in turn; more change nothing
_DECLARED_WORTH = 20.0  # what is believed of declared levels counts as so many squared levels


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Means and standard deviations, (agents + 1, topics): last, somebody quite unknown."""

    mean: Array
    doubt: Array


def shrink(
    sums: tuple[Array, Array],
    *,
    usual: float,
    spread: float,
    declared: Array,
    slope: float,
    shaken: Array,
) -> Shrunk:
    """Return what is known of each pair.

    sums: weights, and weighted values. usual: where nothing at all is known. spread: standard
    deviation within a pair. declared: levels less 3, NaN where none. slope: what a level is thought
    to be worth. shaken: 0 to 1, how likely somebody who changed elsewhere has changed here too, so
    that the prior is worth less.
    """
    weights, values = sums
    observed = values / np.maximum(weights, 1e-9)
    sure = weights / (weights + _USUAL_K)  # few cases say little of an agent, or of a topic
    levels = np.nan_to_num(declared)
    believed = slope
    agent = np.zeros((len(weights), 1))
    topic = np.full(weights.shape[1], usual)
    for _ in range(_ROUNDS):
        rest = observed - agent - believed * levels
        overall = (2 * usual + (sure * rest).sum()) / (2 + sure.sum())
        topic = (overall + (sure * rest).sum(axis=0)) / (1 + sure.sum(axis=0))
        rest = sure * (observed - topic - believed * levels)
        agent = (rest.sum(axis=1) / (1 + sure.sum(axis=1)))[:, None]
        rest = sure * (observed - topic - agent)
        believed = (_DECLARED_WORTH * slope + (rest * levels).sum()) / (
            _DECLARED_WORTH + (sure * levels**2).sum()
        )
    prior = topic + agent + believed * levels
    prior = prior + _alike(sure * (observed - prior), sure)
    usual_k = _worth(observed - prior, weights, spread)
    k = usual_k / (1 + usual_k * shaken)
    mean = (k * prior + weights * observed) / (k + weights)
    doubt = spread / np.sqrt(k + weights)
    unknown = np.full((1, weights.shape[1]), spread / math.sqrt(usual_k))
    return Shrunk(np.vstack([mean, topic[None, :]]), np.vstack([doubt, unknown]))


def _alike(off: Array, sure: Array) -> Array:
    """Return what similar agents and similar topics say of each pair."""
    by_agents = _neighbours(off, sure)
    by_topics = _neighbours(off.T, sure.T).T
    result: Array = (by_agents + by_topics) / 2
    return result


def _neighbours(off: Array, sure: Array) -> Array:
    length = np.sqrt((off**2).sum(axis=1, keepdims=True))
    unit = off / np.maximum(length, 1e-9)
    similar = unit @ unit.T
    common = sure @ sure.T
    similar *= common / (common + 2)  # of few topics in common, little follows
    np.fill_diagonal(similar, 0.0)
    result: Array = (similar @ off) / (np.abs(similar) @ sure + 1.0)
    return result


def _worth(rest: Array, weights: Array, spread: float) -> float:
    """Return how many cases the prior is worth: noise over what pairs truly differ by."""
    seen = weights > 1.0
    if seen.sum() < 4:
        return _USUAL_K
    noise = spread**2 / weights[seen]
    true = float(np.average(rest[seen] ** 2 - noise, weights=weights[seen]))
    return float(np.clip(spread**2 / max(true, 1e-6), _LEAST_K, _MOST_K))
