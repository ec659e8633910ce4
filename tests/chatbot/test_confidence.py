"""How sure an answer is: the probability made of what retrieval shows."""

import json
import math
from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answering.confidence import ConfidenceModel, Logistic, load_model
from chatbot.answering.fitting import COVERED, RIGHT

FEATURES = tuple(dict.fromkeys((*COVERED, *RIGHT)))
SMALL = ConfidenceModel(
    covered=Logistic(
        bias=1.0,
        weights={"typical": 2.0, "unknown": -0.5},
        means={"typical": 0.4, "unknown": 0.3},
        scales={"typical": 0.2, "unknown": 0.25},
    ),
    right=Logistic(
        bias=2.0, weights={"margin": 1.5}, means={"margin": 0.3}, scales={"margin": 0.2}
    ),
)
CLEAR = {
    "typical": 0.8,
    "unknown": 0.0,
    "alike": 0.9,
    "near_own": 0.1,
    "margin": 0.8,
    "margin_typical": 0.5,
    "margin_alike": 0.6,
    "entries": 4.0,
}
HOPELESS = {
    "typical": -0.05,
    "unknown": 1.0,
    "alike": 0.05,
    "near_own": -0.6,
    "margin": 0.02,
    "margin_typical": 0.0,
    "margin_alike": 0.0,
    "entries": 4.0,
}
EVIDENCE = st.fixed_dictionaries({name: st.floats(-2, 6) for name in FEATURES})


def shipped() -> ConfidenceModel:
    """Return the model that is shipped."""
    return load_model(settings.CONFIDENCE_MODEL)


@given(evidence=EVIDENCE)
def test_the_shipped_model_gives_a_probability_for_any_evidence(
    evidence: dict[str, float],
) -> None:
    assert 0.0 <= shipped().probability(evidence) <= 1.0


@given(evidence=EVIDENCE, feature=st.sampled_from(FEATURES), more=st.floats(0, 3))
def test_more_of_what_speaks_for_an_answer_never_makes_it_less_sure(
    evidence: dict[str, float], feature: str, more: float
) -> None:
    stronger = evidence | {feature: evidence[feature] + more}
    less, greater = (evidence, stronger) if feature != "unknown" else (stronger, evidence)
    assert shipped().probability(less) <= shipped().probability(greater)


def test_the_probability_is_the_formula() -> None:
    evidence = {"typical": 0.5, "unknown": 0.8, "margin": 0.1}
    covered = 1 / (1 + math.exp(-(1.0 + 2.0 * 0.5 - 0.5 * 2.0)))
    right = 1 / (1 + math.exp(-(2.0 + 1.5 * -1.0)))
    assert SMALL.probability(evidence) == pytest.approx(covered * right)
    logit = math.log(covered * right / (1 - covered * right))
    moved = replace(SMALL, shift=-0.3, slope=1.4)
    assert moved.probability(evidence) == pytest.approx(1 / (1 + math.exp(0.3 - 1.4 * logit)))


def test_it_fails_as_a_whole_where_either_part_does() -> None:
    nothing_written = SMALL.probability({"typical": -0.6, "unknown": 1.0, "margin": 0.9})
    between_two = SMALL.probability({"typical": 0.9, "unknown": 0.0, "margin": -0.9})
    both_good = SMALL.probability({"typical": 0.9, "unknown": 0.0, "margin": 0.9})
    assert nothing_written < 0.01
    assert between_two < 0.01
    assert both_good > 0.99


def test_without_evidence_no_answer_is_right() -> None:
    assert SMALL.probability({}) == 0.0
    assert shipped().probability({}) == 0.0


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_broken_embedding_never_makes_the_bot_sure(feature: str, broken: float) -> None:
    assert shipped().probability(CLEAR | {feature: broken}) == 0.0


@pytest.mark.parametrize("extreme", [-1e9, 1e9])
def test_numbers_beyond_all_reason_still_give_a_probability(extreme: float) -> None:
    assert 0.0 <= shipped().probability(dict.fromkeys(FEATURES, extreme)) <= 1.0


def test_the_shipped_model_tells_a_clear_answer_from_a_hopeless_one() -> None:
    assert shipped().probability(CLEAR) >= 0.8
    assert shipped().probability(HOPELESS) <= 0.1
    assert shipped().probability(CLEAR) > settings.CONFIDENCE_THRESHOLD


def test_the_shipped_model_weighs_what_fitting_knows_and_holds_its_signs() -> None:
    raw = json.loads(settings.CONFIDENCE_MODEL.read_text("utf-8"))
    for fitted in (raw["model"], *raw["without"].values()):
        model = ConfidenceModel.of(fitted)
        assert set(model.covered.weights) == set(COVERED)
        assert set(model.right.weights) == set(RIGHT)
        assert model.slope > 0
        for part in (model.covered, model.right):
            assert set(part.weights) == set(part.means) == set(part.scales)
            assert all(scale > 0 for scale in part.scales.values())
            for name, weight in part.weights.items():
                assert weight <= 0 if name == "unknown" else weight >= 0, name


def test_the_shipped_model_says_what_it_was_fitted_on() -> None:
    raw = json.loads(settings.CONFIDENCE_MODEL.read_text("utf-8"))
    about = raw["provenance"]
    assert date.fromisoformat(about["fitted"]) <= date.today()  # noqa: DTZ011  # a date alone
    assert about["embedding"].startswith("knowledge.embeddings.")
    assert len(about["sets"]) >= 2
    for one in about["sets"].values():
        assert 0 < one["right"] <= one["messages"] - one["out_of_scope"]
        assert 0 < len(one["sketch"]) <= 100
        assert list(one["sketch"]) == sorted(set(one["sketch"]))
    assert any(one["out_of_scope"] for one in about["sets"].values())


def test_each_set_can_be_scored_by_a_model_that_never_saw_it() -> None:
    raw = json.loads(settings.CONFIDENCE_MODEL.read_text("utf-8"))
    assert set(raw["without"]) == set(raw["provenance"]["sets"])
    for fitted in raw["without"].values():
        assert fitted != raw["model"]
        assert ConfidenceModel.of(fitted).probability(CLEAR) >= 0.8
        assert ConfidenceModel.of(fitted).probability(HOPELESS) <= 0.1


def test_a_model_that_is_not_recalibrated_says_what_its_parts_say() -> None:
    raw = json.loads(settings.CONFIDENCE_MODEL.read_text("utf-8"))["model"]
    bare = ConfidenceModel.of({"covered": raw["covered"], "right": raw["right"]})
    product = bare.covered.probability(CLEAR) * bare.right.probability(CLEAR)
    assert bare.probability(CLEAR) == pytest.approx(product)
