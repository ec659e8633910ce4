"""A site's own outcomes move the shipped confidence, or leave it alone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.answering.confidence import ConfidenceModel, Logistic
from chatbot.answering.refitting import ENOUGH, Label, Refit, refit

# The logit of its probability is, but for the last digits, the margin.
SHIPPED = ConfidenceModel(
    covered=Logistic(bias=25.0, weights={}, means={}, scales={}),
    right=Logistic(
        bias=0.0, weights={"margin": 1.0}, means={"margin": 0.0}, scales={"margin": 1.0}
    ),
)
LOOKED_AT = [{"margin": value} for value in np.linspace(-3, 4, 29).tolist()]


def traffic(count: int, *, outside: float = 0.0, seed: int = 0, mean: float = 1.5) -> list[Label]:
    """Return outcomes as the shipped model promises them, but for a share that is out of scope."""
    luck = np.random.default_rng(seed)
    labels = []
    for margin in luck.normal(mean, 1.5, count).tolist():
        inside = luck.random() >= outside
        right = inside and luck.random() < 1 / (1 + math.exp(-margin))
        labels.append(Label({"margin": margin}, bool(right)))
    return labels


def mean_probability(model: ConfidenceModel, labels: list[Label]) -> float:
    """Return how many of `labels` the model promises to be right."""
    return float(np.mean([model.probability(label.evidence) for label in labels]))


def test_few_labels_move_nothing() -> None:
    found = refit(SHIPPED, traffic(ENOUGH - 1, outside=0.5))
    assert found == Refit(SHIPPED, ENOUGH - 1)
    assert not found.is_kept
    assert refit(SHIPPED, []).model is SHIPPED


@pytest.mark.parametrize("right", [True, False])
def test_labels_of_one_kind_move_nothing(right: bool) -> None:
    found = refit(SHIPPED, [Label(label.evidence, right) for label in traffic(200)])
    assert found.model is SHIPPED
    assert found.loss_before is found.loss_after is None
    assert not found.is_kept


def test_messages_for_which_nothing_was_found_are_no_labels() -> None:
    nothing = [Label({}, False)] * 500
    assert refit(SHIPPED, nothing).labels == 0
    labels = traffic(100, outside=0.5)
    assert refit(SHIPPED, [*labels, *nothing]) == refit(SHIPPED, labels)


def test_a_site_that_is_asked_much_else_becomes_less_sure() -> None:
    labels, later = traffic(200, outside=0.5, seed=2), traffic(4_000, outside=0.5, seed=1)
    found = refit(SHIPPED, labels)
    assert found.is_kept
    assert found.labels == 200
    assert found.loss_after is not None
    assert found.loss_before is not None
    assert found.loss_after < found.loss_before
    for evidence in LOOKED_AT:
        if evidence["margin"] >= 0:
            assert found.model.probability(evidence) < SHIPPED.probability(evidence)
    observed = float(np.mean([label.right for label in later]))
    assert mean_probability(SHIPPED, later) > observed + 0.3
    assert mean_probability(found.model, later) == pytest.approx(observed, abs=0.1)


def test_a_shipped_model_that_was_moved_already_is_moved_from_there() -> None:
    def moved_by(margin: float) -> dict[str, float]:
        return {"margin": 0.9 + 0.5 * margin}

    labels = traffic(400, outside=0.5)
    found = refit(ConfidenceModel(SHIPPED.covered, SHIPPED.right, shift=0.9, slope=0.5), labels)
    same = refit(
        SHIPPED, [Label(moved_by(label.evidence["margin"]), label.right) for label in labels]
    )
    assert found.is_kept
    for evidence in LOOKED_AT:
        assert found.model.probability(evidence) == pytest.approx(
            same.model.probability(moved_by(evidence["margin"])), abs=1e-3
        )


def test_learning_by_heart_does_not_count_as_helping() -> None:
    """Of labels that were seen any refit is the better one; of those that were not, few are."""
    kept = [refit(SHIPPED, traffic(60, seed=seed)).is_kept for seed in range(40)]
    assert sum(kept) < 30


@pytest.mark.parametrize("seed", range(5))
def test_labels_that_agree_hardly_move_it(seed: int) -> None:
    found = refit(SHIPPED, traffic(400, seed=seed))
    for evidence in LOOKED_AT:
        before, after = SHIPPED.probability(evidence), found.model.probability(evidence)
        assert after == pytest.approx(before, abs=0.08)


@pytest.mark.parametrize("turned", [False, True])
def test_what_was_surer_is_never_less_sure_after(turned: bool) -> None:
    labels = [
        Label({"margin": -label.evidence["margin"]} if turned else label.evidence, label.right)
        for label in traffic(300, outside=0.3)
    ]
    model = refit(SHIPPED, labels).model
    given_to = [model.probability(evidence) for evidence in LOOKED_AT]
    assert given_to == sorted(given_to)


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(ENOUGH, 150),
    outside=st.floats(0, 0.9),
    mean=st.floats(-2, 3),
)
@hypothesis_settings(deadline=None, max_examples=60)
def test_what_does_not_help_on_unseen_labels_is_not_used(
    seed: int, count: int, outside: float, mean: float
) -> None:
    found = refit(SHIPPED, traffic(count, outside=outside, seed=seed, mean=mean))
    if found.is_kept:
        assert found.loss_after is not None
        assert found.loss_before is not None
        assert found.loss_after < found.loss_before
        assert found.model != SHIPPED
    else:
        assert found.model is SHIPPED


def test_the_losses_are_the_log_loss_of_what_was_promised() -> None:
    labels = traffic(100, outside=0.5)
    said = [SHIPPED.probability(label.evidence) for label in labels]
    loss = -float(
        np.mean(
            [math.log(p if label.right else 1 - p) for p, label in zip(said, labels, strict=True)]
        )
    )
    assert refit(SHIPPED, labels).loss_before == pytest.approx(loss, rel=1e-6)


def test_the_same_labels_give_the_same_model() -> None:
    labels = traffic(150, outside=0.4)
    assert refit(SHIPPED, labels) == refit(SHIPPED, labels)
    assert refit(SHIPPED, labels, seed=3).model == refit(SHIPPED, labels, seed=4).model
