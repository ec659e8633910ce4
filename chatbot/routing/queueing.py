"""How long somebody in the queue waits: predicted from what was measured. Pure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_PRIOR_HOLDING = 15.0  # minutes that a conversation keeps a place, before any was measured
# Measured cases that a prior weighs as much as: the variance of the logarithm within a site over
# that between sites is below one, and two keeps the first hours of slow and fast ones even.
_PRIOR_CASES = 2.0
_PRIOR_SPREAD = 0.8  # standard deviation of log minutes until a reply
_WIDEST_SPREAD = 1.2  # a few replies after the weekend say nothing of the others
_QUARTILES = 1.349  # standard deviations between a normal distribution's quartiles


@dataclass(frozen=True, slots=True)
class Holding:
    """How long conversations keep a place: how many ended, in how many minutes of taken places.

    Conversations that have not ended count with their minutes alone: their ratio is the rate at
    which a taken place becomes free (the occurrence/exposure rate, which censoring does not bias).
    """

    ended: float = 0.0
    minutes: float = 0.0

    @property
    def mean(self) -> float:
        """Minutes that a place stays taken, shrunk toward the prior where little was measured."""
        return (self.minutes + _PRIOR_CASES * _PRIOR_HOLDING) / (self.ended + _PRIOR_CASES)


@dataclass(frozen=True, slots=True)
class Delay:
    """Minutes from the assignment to the first reply: log-normal, by its median and spread."""

    median: float
    spread: float

    @property
    def mean(self) -> float:
        return self.median * math.exp(self.spread**2 / 2)

    @property
    def variance(self) -> float:
        return self.mean**2 * math.expm1(self.spread**2)


def delay_of(minutes: Sequence[float], *, usual: float) -> Delay:
    """Return the delay that `minutes` were measured of, shrunk toward the median `usual`.

    By quartiles: one reply that came the next morning moves nothing.
    """
    count, prior = float(len(minutes)), math.log(max(usual, 0.1))
    if count < 2:
        return Delay(math.exp(prior), _PRIOR_SPREAD)
    logs = [math.log(max(one, 0.1)) for one in minutes]
    low, middle, high = statistics.quantiles(logs, n=4)
    spread = (high - low) / _QUARTILES
    total = count + _PRIOR_CASES
    return Delay(
        median=math.exp((count * middle + _PRIOR_CASES * prior) / total),
        spread=min((count * spread + _PRIOR_CASES * _PRIOR_SPREAD) / total, _WIDEST_SPREAD),
    )


@dataclass(frozen=True, slots=True)
class Prediction:
    """Minutes until a person has the conversation, and until they have said something.

    Both are medians: half of those who are told so wait less.
    """

    until_assigned: float
    until_reply: float


def predict(
    *, position: int, free: int, taken: int, holding: Holding, delay: Delay
) -> Prediction | None:
    """Return the wait of whoever is `position` in line (1 is next); None where nobody works.

    free, taken: places of the people who can help, who are here now.

    Until it is their turn `n = position - free` places have to become free. While all are taken
    that happens at the rate `taken / holding.mean`, so that the time is Erlang distributed with
    mean n / rate and variance n / rate^2: the queue-length estimator of the M/M/s delay (Whitt
    1999, "Predicting queueing delays", Management Science 45; Ibrahim and Whitt 2009, "Real-time
    delay estimation in overloaded multiserver queues", Operations Research 57). Service times
    need not be exponential where several places are taken: together they end nearly as a Poisson
    process. Then comes the reply. The sum's median is that of a log-normal distribution with its
    mean m and variance v, m^2 / sqrt(v + m^2) (Fenton 1960; within 3 % of
    Erlang's own median).

    It knows neither who gives up, which makes the wait shorter, nor who comes with something
    more urgent, which makes it longer.
    """
    if free + taken <= 0:
        return None
    needed = max(position - max(free, 0), 0)
    mean = variance = 0.0
    if needed:
        rate = max(taken, 1) / holding.mean
        mean, variance = needed / rate, needed / rate**2
    return Prediction(
        until_assigned=_median(mean, variance),
        until_reply=_median(mean + delay.mean, variance + delay.variance),
    )


def _median(mean: float, variance: float) -> float:
    return mean**2 / math.sqrt(variance + mean**2) if mean else 0.0


def in_round_minutes(minutes: float) -> int:
    """Return minutes as people say them: at least 1, from 20 in fives, from 90 in half hours."""
    if minutes < 20:
        return max(1, math.floor(minutes + 0.5))
    step = 5 if minutes < 90 else 30
    return step * math.floor(minutes / step + 0.5)
