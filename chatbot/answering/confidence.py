"""How sure an answer is: evidence from retrieval, turned into a probability.

    P(right) = P(the knowledge covers the question) * P(then the best entry is the right one)

Two logistic models over the evidence of `knowledge.field`, multiplied, and the logit of their
product moved by `shift` and `slope` (Platt 1999). Their numbers are in `confidence.json` with
what they were fitted on. Apart, because they fail apart: a question about nothing that is
written has no near entry, and one between two entries has two. Never a raw cosine: those crowd
between .75 and .95 whatever the question.
"""

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SURE = 30.0  # logit beyond which nothing changes


@dataclass(frozen=True, slots=True)
class Logistic:
    """P = sigmoid(bias + sum of weight_i * (x_i - mean_i) / scale_i), by feature name."""

    bias: float
    weights: Mapping[str, float]
    means: Mapping[str, float]
    scales: Mapping[str, float]

    def probability(self, evidence: Mapping[str, float]) -> float:
        """Return P, 0 to 1; 0 where the evidence is no number."""
        logit = self.bias + sum(
            weight * (evidence[name] - self.means[name]) / self.scales[name]
            for name, weight in self.weights.items()
        )
        return _sigmoid(logit) if math.isfinite(logit) else 0.0


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """The fitted model: `covered` times `right`, its logit moved by `shift` and `slope`."""

    covered: Logistic
    right: Logistic
    shift: float = 0.0
    slope: float = 1.0

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "ConfidenceModel":
        """Return the model that `raw` describes, as `confidence.json` does."""
        return cls(
            covered=Logistic(**raw["covered"]),
            right=Logistic(**raw["right"]),
            shift=raw.get("shift", 0.0),
            slope=raw.get("slope", 1.0),
        )

    def probability(self, evidence: Mapping[str, float]) -> float:
        """Return P(the answer is right), 0 to 1; 0 where nothing was found."""
        if not evidence:
            return 0.0
        product = self.covered.probability(evidence) * self.right.probability(evidence)
        if product <= 0.0:  # a broken embedding must not make the bot sure
            return 0.0
        return _sigmoid(self.shift + self.slope * logit_of(product))


def logit_of(probability: float) -> float:
    """Return log(p / (1 - p)), kept within what tells anything."""
    clipped = min(max(probability, 1e-6), 1.0 - 1e-6)
    return math.log(clipped / (1.0 - clipped))


def _sigmoid(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-_SURE, min(_SURE, logit))))


@functools.cache
def load_model(path: Path) -> ConfidenceModel:
    """Return the model in the JSON file `path`, as `manage.py fit_confidence` writes it."""
    return ConfidenceModel.of(json.loads(path.read_text("utf-8"))["model"])
