"""Fits the confidence to one site's own outcomes.

Only the shift and the slope of the shipped model move, held to where they were: a hundred
labels can tell how much of a site's traffic is out of scope, but not eleven weights. What comes
out is kept only if it predicts labels that it did not see better than the shipped model does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chatbot.answering.confidence import ConfidenceModel, logit_of
from chatbot.answering.fitting import Numbers, platt

ENOUGH = 40  # labels; fewer move nothing
_PRIOR = 10.0  # labels' worth of trust in the shipped model
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Label:
    """The evidence for an answer, and whether it was right."""

    evidence: Mapping[str, float]
    right: bool


@dataclass(frozen=True, slots=True)
class Refit:
    """The model to use, and the log loss of both on labels they did not see (less is better)."""

    model: ConfidenceModel
    labels: int
    loss_before: float | None = None
    loss_after: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the refitted model is the better one, and so the one to use."""
        if self.loss_before is None or self.loss_after is None:
            return False
        return self.loss_after < self.loss_before


def refit(shipped: ConfidenceModel, labels: Sequence[Label], *, seed: int = 0) -> Refit:
    """Return `shipped` moved to `labels`, or itself where they are few or do not help."""
    usable = [label for label in labels if label.evidence]
    if len(usable) < ENOUGH or len({label.right for label in usable}) < 2:
        return Refit(shipped, len(usable))
    logits = np.array([logit_of(shipped.probability(label.evidence)) for label in usable])
    right = np.array([float(label.right) for label in usable])
    fold = np.random.default_rng(seed).permutation(len(usable)) % _FOLDS
    after = np.empty(len(usable))
    for number in range(_FOLDS):
        held, others = fold == number, fold != number
        shift, slope = _moved(logits[others], right[others])
        after[held] = shift + slope * logits[held]
    found = Refit(
        model=_with(shipped, *_moved(logits, right)),
        labels=len(usable),
        loss_before=_loss(logits, right),
        loss_after=_loss(after, right),
    )
    return found if found.is_kept else replace(found, model=shipped)


def _moved(logits: Numbers, right: Numbers) -> tuple[float, float]:
    return platt(logits, right, np.ones(len(logits)), prior=_PRIOR)


def _with(shipped: ConfidenceModel, shift: float, slope: float) -> ConfidenceModel:
    """Return the model whose logits are `shift` + `slope` times the shipped one's."""
    return replace(shipped, shift=shift + slope * shipped.shift, slope=slope * shipped.slope)


def _loss(logits: Numbers, right: Numbers) -> float:
    signed = np.where(right > 0.5, logits, -logits)
    return float(np.logaddexp(0.0, -signed).mean())
