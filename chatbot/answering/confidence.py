"""How sure an answer is: evidence from retrieval, turned into a probability.

P(right) = sigmoid(bias + sum of weight_i * (x_i - mean_i) / scale_i), a logistic model whose
numbers are in `confidence.json` with what they were fitted on. Never a raw cosine: those crowd
between .75 and .95 whatever the question.
"""

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rapidfuzz import fuzz

from chatbot.answering.retrieval import Candidate
from chatbot.answering.understanding import normalise


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval shows for the best entry; every value grows with the answer's chances.

    similarity: cosine of the nearest text of the best entry.
    support: mean cosine of its three nearest texts (the last one repeated where fewer).
    margin: similarity less the best cosine of the next different entry.
    lexical: 0 to 1, how far the question's words are those of the best entry's nearest text.
    """

    similarity: float
    support: float
    margin: float
    lexical: float


def gather_evidence(question: str, candidates: Sequence[Candidate]) -> Evidence | None:
    """Return the evidence for the first of `candidates`, or None where there is none."""
    if not candidates:
        return None
    best = candidates[0]
    nearest = [match.similarity for match in best.matches[:3]]
    nearest += [nearest[-1]] * (3 - len(nearest))
    rival = candidates[1].similarity if len(candidates) > 1 else 0.0
    return Evidence(
        similarity=best.similarity,
        support=sum(nearest) / 3,
        margin=best.similarity - rival,
        lexical=max(lexical_agreement(question, match.text) for match in best.matches[:3]),
    )


def lexical_agreement(question: str, text: str) -> float:
    """Return 0 to 1: how alike the words are, in any order and with typos.

    rapidfuzz's token_sort_ratio: the normalised Indel similarity of the sorted words.
    """
    return fuzz.token_sort_ratio(normalise(question), normalise(text)) / 100.0


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """A fitted logistic model over `Evidence`, by feature name."""

    bias: float
    weights: Mapping[str, float]
    means: Mapping[str, float]
    scales: Mapping[str, float]

    def probability(self, evidence: Evidence | None) -> float:
        """Return P(the answer is right), 0 to 1; 0 where nothing was found."""
        if evidence is None:
            return 0.0
        values = asdict(evidence)
        logit = self.bias + sum(
            weight * (values[name] - self.means[name]) / self.scales[name]
            for name, weight in self.weights.items()
        )
        if not math.isfinite(logit):  # a broken embedding must not make the bot sure
            return 0.0
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


@functools.cache
def load_model(path: Path) -> ConfidenceModel:
    """Return the model in the JSON file `path`, as `manage.py fit_confidence` writes it."""
    raw = json.loads(path.read_text("utf-8"))
    return ConfidenceModel(
        bias=raw["bias"], weights=raw["weights"], means=raw["means"], scales=raw["scales"]
    )
