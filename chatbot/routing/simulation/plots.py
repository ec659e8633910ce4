"""Pictures of a trial, for those who have matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatbot.routing.simulation.engine import Run
from chatbot.routing.simulation.trial import Trial
from chatbot.routing.simulation.world import WEEK, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(trial: Trial, folder: Path) -> list[Path]:
    """Write SVG pictures of a trial into `folder`; return them.

    Raises ImportError where matplotlib is not installed.
    """
    import matplotlib as mpl  # heavy, and only developers have it
    from matplotlib.figure import Figure

    pictures = {"figures": _figures, "load": _load, "weeks": _weeks}
    if trial.recoveries:
        pictures["recovery"] = _recovery
    written = []
    with mpl.rc_context({"svg.hashsalt": "svar", "font.size": 9}):
        for name, paint in pictures.items():
            figure = Figure(figsize=(7.2, 3.4), layout="constrained")
            paint(trial, figure)
            path = folder / f"{name}.svg"
            figure.savefig(path, metadata={"Date": None})
            written.append(path)
    return written


def _figures(trial: Trial, figure: "Figure") -> None:
    """Bars: resolution, wait and escalations by policy."""
    figures = trial.figures()
    names = list(figures)
    axes: Sequence[Axes] = figure.subplots(1, 3)
    for axis, title, means, tops in (
        (axes[0], "resolution, min", "mean_resolution", "p90_resolution"),
        (axes[1], "wait, min", "mean_wait", "p90_wait"),
        (axes[2], "escalations in 100 cases", "escalations", None),
    ):
        axis.bar(names, [getattr(figures[name], means) for name in names], label="mean")
        if tops:
            tall = [getattr(figures[name], tops) for name in names]
            axis.plot(names, tall, "k_", markersize=14, label="90th percentile")
            axis.legend(frameon=False, fontsize=7)
        axis.set_title(title)
        axis.tick_params(axis="x", rotation=40)


def _load(trial: Trial, figure: "Figure") -> None:
    """Dots: each agent's load in each seed, relative to the mean."""
    axis = figure.subplots()
    for place, runs in enumerate(trial.runs.values()):
        loads = np.concatenate([_relative_load(run) for run in runs])
        apart = np.linspace(-0.25, 0.25, len(loads))
        axis.plot(place + apart, loads, ".", markersize=5)
    axis.axhspan(0.8, 1.2, alpha=0.12)
    axis.set_xticks(range(len(trial.runs)), list(trial.runs))
    axis.set_title("each agent's load relative to the mean; shaded: within 20 %")


def _relative_load(run: Run) -> Floats:
    loads = run.worked / run.present
    relative: Floats = loads / loads.mean()
    return relative


def _weeks(trial: Trial, figure: "Figure") -> None:
    """Lines: mean resolution by week."""
    axis = figure.subplots()
    weeks = range(trial.settings.weeks)
    for name, runs in trial.runs.items():
        resolution = np.concatenate([run.resolution for run in runs])
        week = np.concatenate([run.world.cases.at // WEEK for run in runs])
        axis.plot([w + 1 for w in weeks], [resolution[week == w].mean() for w in weeks], label=name)
    axis.set_ylim(bottom=0)
    axis.set_xlabel("week")
    axis.set_title("mean resolution, min")
    axis.legend(frameon=False)


def _recovery(trial: Trial, figure: "Figure") -> None:
    """Lines: what a swap of skills does to its topics, by working day."""
    axis = figure.subplots()
    for name, one in trial.recoveries.items():
        axis.plot(range(1, len(one.excess) + 1), one.excess, ".-", label=name)
    axis.axhline(1.0, color="black", linewidth=0.7)
    axis.set_xlabel("working day since two experts swapped skills")
    axis.set_title("mean resolution of their topics, relative to no swap")
    axis.legend(frameon=False)
