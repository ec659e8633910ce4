"""How sure an answer is: evidence, and the probability made of it."""

import json
import math
from dataclasses import asdict, fields
from datetime import date

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answering.confidence import (
    ConfidenceModel,
    Evidence,
    gather_evidence,
    lexical_agreement,
    load_model,
)
from chatbot.answering.fitting import FEATURES, Example, fit
from chatbot.answering.retrieval import Candidate, Match

RISING = ConfidenceModel(
    bias=0.4,
    weights={"similarity": 2.0, "support": 0.5, "margin": 1.5, "lexical": 0.7},
    means={"similarity": 0.9, "support": 0.88, "margin": 0.03, "lexical": 0.5},
    scales={"similarity": 0.04, "support": 0.04, "margin": 0.02, "lexical": 0.2},
)
VALUES = st.builds(
    Evidence,
    similarity=st.floats(-1, 1),
    support=st.floats(-1, 1),
    margin=st.floats(0, 2),
    lexical=st.floats(0, 1),
)


def entry(name: str, *found: tuple[str, float]) -> Candidate:
    """Return an entry with the texts that were found of it."""
    return Candidate(name, tuple(Match(text, "en", similarity) for text, similarity in found))


def test_the_evidence_is_what_retrieval_shows() -> None:
    evidence = gather_evidence(
        "Where is my parcel?",
        [
            entry(
                "track",
                ("track an order", 0.95),
                ("Where is my parcel", 0.93),
                ("parcel late", 0.88),
                ("where is my parcel??", 0.10),
            ),
            entry("cost", ("what does delivery cost", 0.90), ("price of a parcel", 0.89)),
            entry("time", ("how long does it take", 0.70)),
        ],
    )
    assert evidence is not None
    assert evidence.similarity == 0.95
    assert evidence.support == pytest.approx((0.95 + 0.93 + 0.88) / 3)
    assert evidence.margin == pytest.approx(0.95 - 0.90)
    assert evidence.lexical == 1.0  # of the three nearest texts, the one with the same words


def test_few_texts_are_filled_up_with_the_last_one() -> None:
    one = gather_evidence("x", [entry("a", ("x", 0.9))])
    assert one is not None
    assert one.support == pytest.approx(0.9)
    assert one.margin == 0.9  # no rival at all
    two = gather_evidence("x", [entry("a", ("x", 0.9), ("y", 0.6))])
    assert two is not None
    assert two.support == pytest.approx((0.9 + 0.6 + 0.6) / 3)


def test_only_the_nearest_three_texts_count_as_words() -> None:
    far = entry("a", ("aaa", 0.9), ("bbb", 0.8), ("ccc", 0.7), ("my own words", 0.6))
    evidence = gather_evidence("my own words", [far])
    assert evidence is not None
    assert evidence.lexical < 0.5


def test_words_agree_in_any_order_and_case_and_with_typos() -> None:
    same = lexical_agreement("WHERE is my parcel?!", "my parcel: where is")
    typo = lexical_agreement("where is my parcle", "where is my parcel")
    other = lexical_agreement("where is my parcel", "which cards do you take")
    assert same == 1.0
    assert 0.85 < typo < 1.0
    assert 0.0 <= other < 0.55 < typo


def test_without_evidence_the_answer_is_never_right() -> None:
    assert gather_evidence("anything", []) is None
    assert RISING.probability(None) == 0.0
    assert load_model(settings.CONFIDENCE_MODEL).probability(None) == 0.0


def test_the_probability_is_the_formula() -> None:
    evidence = Evidence(similarity=0.94, support=0.90, margin=0.02, lexical=0.9)
    logit = 0.4 + 2.0 * 1 + 0.5 * 0.5 + 1.5 * -0.5 + 0.7 * 2
    assert RISING.probability(evidence) == pytest.approx(1 / (1 + math.exp(-logit)))
    mean = Evidence(similarity=0.9, support=0.88, margin=0.03, lexical=0.5)
    assert RISING.probability(mean) == pytest.approx(1 / (1 + math.exp(-0.4)))


@given(evidence=VALUES, feature=st.sampled_from(FEATURES), more=st.floats(0, 1))
def test_more_evidence_never_makes_it_less_sure(
    evidence: Evidence, feature: str, more: float
) -> None:
    values = asdict(evidence)
    stronger = Evidence(**(values | {feature: values[feature] + more}))
    assert 0.0 <= RISING.probability(evidence) <= RISING.probability(stronger) <= 1.0


@given(evidence=VALUES)
def test_the_shipped_model_gives_a_probability_for_anything(evidence: Evidence) -> None:
    assert 0.0 <= load_model(settings.CONFIDENCE_MODEL).probability(evidence) <= 1.0


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_evidence_that_is_no_number_is_none(feature: str, broken: float) -> None:
    """A model that has stopped working must not make the bot sure."""
    usual = {"similarity": 0.9, "support": 0.88, "margin": 0.03, "lexical": 0.5}
    assert RISING.probability(Evidence(**(usual | {feature: broken}))) == 0.0


def drawn(count: int) -> tuple[list[Example], ConfidenceModel]:
    """Return messages of a world whose probabilities are known, and that world."""
    luck = np.random.default_rng(20261121)
    world = ConfidenceModel(
        bias=0.8,
        weights={"similarity": -0.9, "support": 1.6, "margin": 1.1, "lexical": 0.0},
        means={"similarity": 0.9, "support": 0.85, "margin": 0.05, "lexical": 0.5},
        scales={"similarity": 0.04, "support": 0.05, "margin": 0.02, "lexical": 0.2},
    )
    examples = []
    for _ in range(count):
        evidence = Evidence(
            **{name: float(luck.normal(world.means[name], world.scales[name])) for name in FEATURES}
        )
        examples.append(Example(evidence, bool(luck.random() < world.probability(evidence))))
    return examples, world


def test_fitting_finds_the_weights_that_made_the_data() -> None:
    examples, world = drawn(20_000)
    fitted = ConfidenceModel(**fit(examples, ridge=1e-3))
    assert fitted.bias == pytest.approx(world.bias, abs=0.08)
    for name in FEATURES:
        assert fitted.means[name] == pytest.approx(world.means[name], abs=0.01)
        assert fitted.scales[name] == pytest.approx(world.scales[name], rel=0.03)
        assert fitted.weights[name] == pytest.approx(world.weights[name], abs=0.08)


def test_a_fitted_probability_means_what_it_says() -> None:
    examples, _ = drawn(4_000)
    fitted = ConfidenceModel(**fit(examples))
    p = np.array([fitted.probability(example.evidence) for example in examples])
    right = np.array([example.right for example in examples], dtype=float)
    assert p.mean() == pytest.approx(right.mean(), abs=1e-4)  # the score equation of the bias
    for low in (0.2, 0.4, 0.6, 0.8):
        inside = (p >= low) & (p < low + 0.2)
        assert right[inside].mean() == pytest.approx(p[inside].mean(), abs=0.06)


def test_the_ridge_pulls_weights_down_and_saves_separable_data() -> None:
    examples, _ = drawn(500)
    loose, tight = fit(examples, ridge=1e-3)["weights"], fit(examples, ridge=500.0)["weights"]
    assert sum(abs(w) for w in tight.values()) < sum(abs(w) for w in loose.values()) / 2
    separable = [Example(Evidence(v, v, 0.1, v), v > 0.5) for v in np.linspace(0, 1, 40)]
    fitted = fit(separable, ridge=1.0)
    assert all(math.isfinite(weight) for weight in fitted["weights"].values())


def test_a_feature_that_never_differs_says_nothing() -> None:
    luck = np.random.default_rng(7)
    examples = [
        Example(Evidence(v, v / 2, 0.1, 1 - v), bool(luck.random() < v))
        for v in luck.random(200).tolist()
    ]
    fitted = fit(examples)
    assert fitted["weights"]["margin"] == pytest.approx(0.0, abs=1e-4)
    assert fitted["scales"]["margin"] == 1.0
    assert 0.0 < ConfidenceModel(**fitted).probability(Evidence(0.5, 0.25, 0.2, 0.5)) < 1.0


def test_the_shipped_model_loads_and_says_where_it_comes_from() -> None:
    raw = json.loads(settings.CONFIDENCE_MODEL.read_text("utf-8"))
    model = load_model(settings.CONFIDENCE_MODEL)
    names = {field.name for field in fields(Evidence)}
    assert set(model.weights) == set(model.means) == set(model.scales) == names == set(FEATURES)
    assert all(scale > 0 for scale in model.scales.values())
    provenance = raw["provenance"]
    date.fromisoformat(provenance["fitted"])
    assert provenance["embedding"].startswith("knowledge.embeddings.")
    total = sum(provenance["sets"].values())
    assert total >= 1000
    assert 0 < provenance["right"] < total


def test_the_shipped_model_tells_good_evidence_from_poor() -> None:
    model = load_model(settings.CONFIDENCE_MODEL)
    clear = Evidence(similarity=0.99, support=0.97, margin=0.08, lexical=0.95)
    muddled = Evidence(similarity=0.86, support=0.85, margin=0.002, lexical=0.3)
    assert model.probability(clear) > 0.95
    assert model.probability(muddled) < 0.35
