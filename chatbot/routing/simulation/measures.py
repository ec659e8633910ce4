"""How runs went: resolution, wait, escalations, load, and recovery from a swap of skills."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from chatbot.routing.simulation.engine import Run
from chatbot.routing.simulation.world import DAY, Floats

TOLERANCE = 1.15  # recovered: at most so much above the same days without the swap
_WINDOW, _STAYS = 3, 10  # working days


@dataclass(frozen=True, slots=True)
class Figures:
    """Minutes of opening time; escalations in 100 cases; loads as shares.

    load: time worked to time present, the mean of the team. spread: how far the agent who is
    farthest from that mean is from it, relative to it.
    """

    mean_resolution: float
    p90_resolution: float
    mean_wait: float
    p90_wait: float
    escalations: float
    load: float
    spread: float


def figures_of(run: Run) -> Figures:
    """Measure one run."""
    loads = run.worked / run.present
    mean = float(loads.mean())
    return Figures(
        mean_resolution=float(run.resolution.mean()),
        p90_resolution=float(np.quantile(run.resolution, 0.9)),
        mean_wait=float(run.wait.mean()),
        p90_wait=float(np.quantile(run.wait, 0.9)),
        escalations=100.0 * float(run.passed_on.mean()),
        load=mean,
        spread=float(np.abs(loads / mean - 1).max()),
    )


def mean_of(several: Sequence[Figures]) -> Figures:
    """Return the mean of several runs' figures, one by one."""
    names = [one.name for one in fields(Figures)]
    rows = np.array([[getattr(figures, name) for name in names] for figures in several])
    return Figures(*rows.mean(axis=0).tolist())


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a swap did to the two topics that it concerns.

    excess: by working day since the swap, mean resolution relative to the same day without it.
    days: working days until the mean of three days is within `TOLERANCE` and stays there for two
    weeks; None: not in the run.
    """

    excess: Floats
    days: int | None


def recovery(swapped: Sequence[Run], same: Sequence[Run]) -> Recovery:
    """Compare runs with a swap to runs of the same policy in the same worlds without it.

    Until the swap they are equal. Days are taken over all runs, since a single day is noisy.
    """
    after = np.sum([_by_day(run, one) for run, one in zip(swapped, swapped, strict=True)], axis=0)
    usual = np.sum([_by_day(run, one) for run, one in zip(same, swapped, strict=True)], axis=0)
    excess = (after[0] / after[1]) / (usual[0] / usual[1])
    windows = [slice(day, day + _WINDOW) for day in range(len(excess) - _WINDOW + 1)]
    is_back = [_mean(after[:, window]) <= TOLERANCE * _mean(usual[:, window]) for window in windows]
    days = next((day for day in range(len(windows)) if all(is_back[day : day + _STAYS])), None)
    return Recovery(excess, days)


def _mean(by_day: Floats) -> float:
    minutes, cases = by_day.sum(axis=1)
    return float(minutes / cases)


def _by_day(run: Run, swapped: Run) -> Floats:
    """Return minutes, and cases, of the swap's topics by working day since it: (2, days)."""
    world = swapped.world
    if world.swapped is None or world.settings.swap is None:
        raise ValueError("a world without a swap")
    day = (run.world.cases.at // DAY).astype(np.int64)
    first = int(world.settings.swap * 7)
    concerned: NDArray[np.bool_] = np.isin(run.world.cases.topic, world.swapped[1])
    workdays = [d for d in range(first, world.settings.weeks * 7) if d % 7 < 5]
    by_day = np.array(
        [
            (run.resolution[concerned & (day == d)].sum(), (concerned & (day == d)).sum())
            for d in workdays
        ]
    )
    return by_day.T
