"""Fits the confidence model on labelled evidence.

Each part minimises -sum(weight (y log p + (1 - y) log(1 - p))) + ridge/2 |w|^2 on standardised
features (the bias held by next to nothing), by accelerated projected gradient (Nesterov 1983;
Beck and Teboulle 2009), because signs are held: more of a feature never makes an answer less
likely, but for `unknown`, where it never makes it more likely. What is free to choose a sign
uses it to fit one site's quirks, and is overconfident at the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from chatbot.answering.confidence import ConfidenceModel, Logistic, logit_of

Numbers: TypeAlias = npt.NDArray[np.float64]

COVERED = ("typical", "unknown", "alike", "near_own", "margin_alike")
RIGHT = ("margin", "margin_alike", "margin_typical", "entries")
_NEGATIVE = ("unknown",)
RIDGE = 40.0
_SITE_WEIGHT = 1000.0  # messages that a site counts for, whatever it has
_PER_MESSAGE = 5.0  # at most, so that twenty messages do not count for a thousand
_RECALIBRATION_PRIOR = 5.0  # messages' worth of trust that nothing has to move
_BIAS_RIDGE = 0.5  # next to nothing, but a handful of messages cannot promise certainty
_STEPS = 3_000
_RECALIBRATED_FROM = 2  # sites; of one there is none to leave out


@dataclass(frozen=True, slots=True)
class Example:
    """One message's evidence; whether any entry answers it, and whether the best one did."""

    evidence: Mapping[str, float]
    in_scope: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Examples:
    """Messages over one knowledge base; `weight` is what they count, 1 for a whole site."""

    rows: Sequence[Example]
    weight: float = 1.0

    @property
    def has_outside(self) -> bool:
        """Whether some messages are out of scope: else it tells nothing of what is covered."""
        return any(not row.in_scope for row in self.rows)


# By site: its examples, and those over parts of its knowledge base, if there are any.
Sites: TypeAlias = Mapping[str, Sequence[Examples]]


def fit(sites: Sites, *, ridge: float = RIDGE) -> dict[str, Any]:
    """Return the model fitted on `sites`, as `confidence.json` holds it.

    `shift` and `slope` are fitted on what each site is given by a model of the other sites: how
    sure such a model is where it has never been. Raises ValueError where no message is out of
    scope.
    """
    parts = _parts(sites, ridge)
    shift, slope = 0.0, 1.0
    if len(sites) >= _RECALIBRATED_FROM:
        shift, slope = _recalibrated(sites, ridge)
    return {
        "covered": _raw(parts.covered),
        "right": _raw(parts.right),
        "shift": round(shift, 5),
        "slope": round(slope, 5),
    }


def _raw(part: Logistic) -> dict[str, Any]:
    return {
        "bias": part.bias,
        "weights": dict(part.weights),
        "means": dict(part.means),
        "scales": dict(part.scales),
    }


def _parts(sites: Sites, ridge: float) -> ConfidenceModel:
    every = [found for pieces in sites.values() for found in pieces]
    outside = [found for found in every if found.has_outside]
    if not outside:
        raise ValueError("no messages are out of scope")
    return ConfidenceModel(
        covered=_logistic(
            COVERED,
            [(row, row.in_scope, weight) for row, weight in _weighted(outside)],
            ridge,
        ),
        right=_logistic(
            RIGHT,
            [(row, row.right, weight) for row, weight in _weighted(every) if row.in_scope],
            ridge,
        ),
    )


def _weighted(pieces: Sequence[Examples]) -> list[tuple[Example, float]]:
    return [
        (row, min(_SITE_WEIGHT, _PER_MESSAGE * len(found.rows)) * found.weight / len(found.rows))
        for found in pieces
        for row in found.rows
    ]


def _logistic(
    names: Sequence[str], rows: Sequence[tuple[Example, bool, float]], ridge: float
) -> Logistic:
    x = np.array([[row.evidence[name] for name in names] for row, _, _ in rows])
    y = np.array([is_so for _, is_so, _ in rows], dtype=float)
    w = np.array([weight for _, _, weight in rows])
    means = (w[:, None] * x).sum(axis=0) / w.sum()
    scales = np.sqrt((w[:, None] * (x - means) ** 2).sum(axis=0) / w.sum())
    scales[scales < 1e-6] = 1.0  # a feature that is the same everywhere
    found = _descend(np.hstack([np.ones((len(x), 1)), (x - means) / scales]), y, w, names, ridge)
    return Logistic(
        bias=round(float(found[0]), 5),
        weights=_named(names, found[1:]),
        means=_named(names, means),
        scales=_named(names, scales),
    )


def _named(names: Sequence[str], values: Numbers) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in zip(names, values, strict=True)}


def _descend(z: Numbers, y: Numbers, w: Numbers, names: Sequence[str], ridge: float) -> Numbers:
    penalty = np.concatenate([[_BIAS_RIDGE], np.full(len(names), ridge)])
    negative = np.array([name in _NEGATIVE for name in names])
    low = np.concatenate([[-np.inf], np.where(negative, -np.inf, 0.0)])
    high = np.concatenate([[np.inf], np.where(negative, 0.0, np.inf)])
    step = 1 / (0.25 * np.linalg.eigvalsh((z * w[:, None]).T @ z).max() + ridge)
    at = ahead = np.zeros(z.shape[1])
    for number in range(_STEPS):
        gradient = z.T @ (w * (1 / (1 + np.exp(-z @ ahead)) - y)) + penalty * ahead
        new = np.clip(ahead - step * gradient, low, high)
        moved = np.abs(new - at).max()
        ahead = new + number / (number + 3) * (new - at)
        at = new
        if moved < 1e-8:  # it stands still
            break
    found: Numbers = at
    return found


def _recalibrated(sites: Sites, ridge: float) -> tuple[float, float]:
    logits, right, weights = [], [], []
    for name, pieces in sites.items():
        others = {other: found for other, found in sites.items() if other != name}
        if not any(found.has_outside for pieces in others.values() for found in pieces):
            continue
        model = _parts(others, ridge)
        for row, weight in _weighted(pieces):
            logits.append(logit_of(model.probability(row.evidence)))
            right.append(float(row.right))
            weights.append(weight)
    if not logits:
        return 0.0, 1.0
    return platt(np.array(logits), np.array(right), np.array(weights), prior=_RECALIBRATION_PRIOR)


def platt(
    logits: Numbers, right: Numbers, weights: Numbers, *, prior: float = 0.0
) -> tuple[float, float]:
    """Return the shift and slope of the logits that fit `right` best (Platt 1999).

    `prior` is how strongly they are held to 0 and 1, in units of the weights. The slope is never
    negative: that would turn round what the signs hold.
    """
    x = np.column_stack([np.ones(len(logits)), logits])
    start = np.array([0.0, 1.0])

    def loss(at: Numbers) -> float:
        z = x @ at
        held = prior / 2 * ((at - start) ** 2).sum()
        return float(weights @ (np.logaddexp(0.0, z) - right * z) + held)

    at = start
    for _ in range(50):
        p = (1 + np.tanh(x @ at / 2)) / 2
        gradient = x.T @ (weights * (p - right)) + prior * (at - start)
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + prior * np.eye(2)
        step = np.linalg.solve(hessian + 1e-9 * np.eye(2), gradient)
        while np.abs(step).max() >= 1e-9 and loss(at - step) > loss(at):
            step = step / 2  # whole steps may overshoot and come back for ever
        if np.abs(step).max() < 1e-9:  # it stands still
            break
        at = at - step
    if at[1] < 0:
        return platt(np.zeros(len(logits)), right, weights, prior=prior)[0], 0.0
    return float(at[0]), float(at[1])
