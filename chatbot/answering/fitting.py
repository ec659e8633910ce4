"""Fits the confidence model: logistic regression with a ridge, by Newton's method.

Minimises -sum(y log p + (1 - y) log(1 - p)) + ridge/2 |w|^2 (the bias free), on standardised
features (Bishop 2006, Pattern Recognition and Machine Learning, 4.3.3).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from chatbot.answering.confidence import Evidence

FEATURES = tuple(field.name for field in fields(Evidence))
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Example:
    """One message's evidence, and whether the best entry was right."""

    evidence: Evidence
    right: bool


def fit(examples: Sequence[Example], *, ridge: float = 1.0) -> dict[str, Any]:
    """Return bias, weights, means and scales, as `confidence.json` holds them."""
    rows = np.array([[asdict(example.evidence)[name] for name in FEATURES] for example in examples])
    y = np.array([example.right for example in examples], dtype=float)
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales[scales < 5e-6] = 1.0  # what would be rounded to 0 below
    x = np.hstack([np.ones((len(rows), 1)), (rows - means) / scales])
    w = _newton(x, y, ridge)
    return {
        "bias": round(float(w[0]), 5),
        "weights": dict(zip(FEATURES, (round(float(v), 5) for v in w[1:]), strict=True)),
        "means": dict(zip(FEATURES, (round(float(v), 5) for v in means), strict=True)),
        "scales": dict(zip(FEATURES, (round(float(v), 5) for v in scales), strict=True)),
    }


def _newton(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], ridge: float
) -> npt.NDArray[np.float64]:
    w = np.zeros(x.shape[1])
    penalty = np.diag([0.0] + [ridge] * (x.shape[1] - 1))
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - y) + penalty @ w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w
