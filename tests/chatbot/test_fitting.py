"""What fitting makes of labelled evidence, on worlds whose probabilities are known."""

import json
import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from chatbot.answering.confidence import ConfidenceModel
from chatbot.answering.fitting import COVERED, RIGHT, Example, Examples, fit, platt

IN_SCOPE = {"typical": 1.2, "unknown": -0.6, "alike": 0.5, "near_own": 0.9, "margin_alike": 0.0}
IS_RIGHT = {"margin": 0.9, "margin_alike": 0.4, "margin_typical": 0.7, "entries": 0.3}
NAMES = tuple(dict.fromkeys((*COVERED, *RIGHT)))


def sigmoid(logit: float) -> float:
    """Return the logistic function."""
    return 1 / (1 + math.exp(-logit))


def world(
    count: int,
    *,
    seed: int = 0,
    bias: float = 0.5,
    in_scope: Mapping[str, float] = IN_SCOPE,
    is_right: Mapping[str, float] = IS_RIGHT,
) -> list[Example]:
    """Return messages drawn where a standardised feature's weight is what is given."""
    luck = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        evidence = {name: float(luck.normal()) for name in NAMES}
        inside = luck.random() < sigmoid(bias + sum(w * evidence[n] for n, w in in_scope.items()))
        right = luck.random() < sigmoid(1.0 + sum(w * evidence[n] for n, w in is_right.items()))
        rows.append(Example(evidence, bool(inside), bool(inside and right)))
    return rows


def steady(in_scope: int, outside: int) -> list[Example]:
    """Return messages whose evidence is all the same."""
    evidence = dict.fromkeys(NAMES, 0.5)
    return [
        *(Example(evidence, True, number % 2 == 0) for number in range(in_scope)),
        *(Example(evidence, False, False) for _ in range(outside)),
    ]


def covered_bias(sites: Mapping[str, list[Examples]]) -> float:
    """Return P(covered) of messages that tell nothing."""
    return sigmoid(fit(sites)["covered"]["bias"])


def test_fitting_finds_the_weights_that_made_the_data() -> None:
    found = fit({"one": [Examples(world(12_000))]}, ridge=1e-3)
    assert found["covered"]["bias"] == pytest.approx(0.5, abs=0.1)
    assert found["right"]["bias"] == pytest.approx(1.0, abs=0.15)
    for name, weight in IN_SCOPE.items():
        assert found["covered"]["weights"][name] == pytest.approx(weight, abs=0.1)
    for name, weight in IS_RIGHT.items():
        assert found["right"]["weights"][name] == pytest.approx(weight, abs=0.1)


def test_a_feature_that_misleads_at_one_site_is_left_out_not_turned_round() -> None:
    found = fit(
        {
            "odd": [
                Examples(
                    world(
                        3_000,
                        in_scope=IN_SCOPE | {"alike": -1.0, "unknown": 0.8},
                        is_right=IS_RIGHT | {"margin_typical": -1.0},
                    )
                )
            ]
        }
    )
    assert found["covered"]["weights"]["alike"] == 0.0
    assert found["covered"]["weights"]["unknown"] == 0.0
    assert found["right"]["weights"]["margin_typical"] == 0.0
    assert found["covered"]["weights"]["typical"] > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_signs_hold_whatever_the_labels_are(seed: int) -> None:
    luck = np.random.default_rng(seed)
    rows = [
        Example(row.evidence, bool(luck.random() < 0.5), False) for row in world(120, seed=seed)
    ]
    rows = [Example(r.evidence, r.in_scope, r.in_scope and bool(luck.random() < 0.5)) for r in rows]
    found = fit({"noise": [Examples(rows)]}, ridge=0.1)
    for part in (found["covered"], found["right"]):
        for name, weight in part["weights"].items():
            assert weight <= 0 if name == "unknown" else weight >= 0, name


def test_separable_data_do_not_run_away() -> None:
    luck = np.random.default_rng(1)
    rows = []
    for number in range(300):
        inside, right = number % 3 != 0, number % 4 != 0
        evidence = {n: (1.0 if inside else -1.0) + float(luck.normal(0, 0.05)) for n in COVERED}
        evidence |= {n: (1.0 if right else -1.0) + float(luck.normal(0, 0.05)) for n in RIGHT}
        evidence["unknown"] = -evidence["typical"]
        rows.append(Example(evidence, inside, inside and right))
    found = fit({"clear": [Examples(rows)]})
    model = ConfidenceModel.of(found)
    weights = [*found["covered"]["weights"].values(), *found["right"]["weights"].values()]
    assert all(abs(weight) < 3 for weight in weights)
    assert min(model.probability(row.evidence) for row in rows if row.right) > 0.8
    assert max(model.probability(row.evidence) for row in rows if not row.right) < 0.35


def test_the_ridge_pulls_weights_towards_nothing() -> None:
    sites = {"one": [Examples(world(500))]}
    loose, tight = fit(sites, ridge=1.0)["covered"], fit(sites, ridge=4_000.0)["covered"]
    assert all(abs(tight["weights"][name]) <= abs(loose["weights"][name]) for name in COVERED)
    assert tight["weights"]["typical"] < loose["weights"]["typical"] / 3


def test_a_feature_that_never_differs_says_nothing() -> None:
    rows = [Example(row.evidence | {"entries": 4.0}, row.in_scope, row.right) for row in world(300)]
    found = fit({"one": [Examples(rows)]})["right"]
    assert found["weights"]["entries"] == 0.0
    assert found["scales"]["entries"] == 1.0


def test_a_large_site_counts_no_more_than_a_small_one() -> None:
    large, small = Examples(steady(900, 100)), Examples(steady(20, 180))
    assert covered_bias({"large": [large], "small": [small]}) == pytest.approx(0.5, abs=0.01)


def test_a_handful_of_messages_does_not_count_for_a_site() -> None:
    large, handful = Examples(steady(900, 100)), Examples(steady(2, 18))
    assert covered_bias({"large": [large], "handful": [handful]}) > 0.7


def test_a_site_counts_by_its_weight() -> None:
    half, whole = Examples(steady(90, 10), weight=0.5), Examples(steady(10, 90))
    expected = (0.5 * 0.9 + 0.1) / 1.5
    assert covered_bias({"half": [half], "whole": [whole]}) == pytest.approx(expected, abs=0.01)


def test_a_site_without_questions_outside_says_nothing_of_what_is_covered() -> None:
    usual, collected = Examples(steady(60, 40)), Examples(steady(100, 0))
    found = covered_bias({"usual": [usual], "collected": [collected]})
    assert found == pytest.approx(0.6, abs=0.01)


def test_without_a_question_outside_nothing_can_be_fitted() -> None:
    with pytest.raises(ValueError, match="no messages are out of scope"):
        fit({"collected": [Examples(steady(50, 0))]})
    with pytest.raises(ValueError, match="no messages are out of scope"):
        fit({})


def test_what_is_fitted_once_is_fitted_the_same_again() -> None:
    def sites() -> dict[str, list[Examples]]:
        return {
            "a": [Examples(world(300, seed=1)), Examples(world(200, seed=2), weight=0.2)],
            "b": [Examples(world(300, seed=3))],
        }

    assert json.dumps(fit(sites())) == json.dumps(fit(sites()))


def test_what_is_fitted_is_a_model_that_json_can_hold() -> None:
    found = fit({"a": [Examples(world(300))]})
    model = ConfidenceModel.of(json.loads(json.dumps(found)))
    assert (model.shift, model.slope) == (0.0, 1.0)  # there is no other site to learn it from
    rows = world(2_000, seed=9)
    predicted = float(np.mean([model.probability(row.evidence) for row in rows]))
    assert predicted == pytest.approx(float(np.mean([row.right for row in rows])), abs=0.05)


def test_sites_alike_need_no_recalibration() -> None:
    alike = {name: [Examples(world(2_000, seed=seed))] for seed, name in enumerate("abc")}
    found = fit(alike, ridge=1e-3)
    assert found["shift"] == pytest.approx(0.0, abs=0.15)
    assert found["slope"] == pytest.approx(1.0, abs=0.12)


def test_sites_that_differ_teach_it_to_be_less_sure() -> None:
    biases = {"a": -1.0, "b": 0.5, "c": 2.0}
    found = fit(
        {name: [Examples(world(2_000, bias=bias))] for name, bias in biases.items()}, ridge=1e-3
    )
    assert 0.2 < found["slope"] < 0.85


def test_sites_that_contradict_each_other_do_not_turn_the_confidence_round() -> None:
    """Each is predicted by the other to be the opposite of what it is."""
    found = fit({"a": [Examples(world(800, bias=-4.0))], "b": [Examples(world(800, bias=4.0))]})
    assert found["slope"] >= 0


def drawn(
    truth: Callable[[np.ndarray], np.ndarray], count: int = 20_000
) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and outcomes whose own logits are `truth` of them."""
    luck = np.random.default_rng(5)
    logits = luck.normal(0.5, 1.5, count)
    return logits, (luck.random(count) < 1 / (1 + np.exp(-truth(logits)))).astype(float)


@pytest.mark.parametrize(("shift", "slope"), [(0.0, 1.0), (-1.2, 1.0), (0.3, 0.5), (0.8, 1.7)])
def test_platt_finds_the_shift_and_the_slope_that_made_the_data(shift: float, slope: float) -> None:
    logits, right = drawn(lambda z: shift + slope * z)
    assert platt(logits, right, np.ones(len(logits))) == pytest.approx((shift, slope), abs=0.06)


def test_platt_counts_what_weighs_nothing_as_not_there() -> None:
    logits, right = drawn(lambda z: -0.5 + z, 2_000)
    known = platt(logits, right, np.ones(2_000))
    padded = platt(
        np.concatenate([logits, logits]),
        np.concatenate([right, 1 - right]),
        np.concatenate([np.ones(2_000), np.zeros(2_000)]),
    )
    assert padded == pytest.approx(known, abs=1e-6)


def test_platt_moves_little_where_it_is_held() -> None:
    logits, right = drawn(lambda z: -2.0 + 0.3 * z, 100)
    free, held = (platt(logits, right, np.ones(100), prior=prior) for prior in (0.0, 1e6))
    assert free[0] < -1.0
    assert held == pytest.approx((0.0, 1.0), abs=0.01)


@pytest.mark.parametrize("prior", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("seed", range(6))
def test_platt_ends_where_no_step_makes_it_better(seed: int, prior: float) -> None:
    """Plain Newton bounces for ever on labels like these: surely predicted, half of them wrong."""
    luck = np.random.default_rng(seed)
    logits = luck.normal(1.5, 1.5, 200)
    right = ((luck.random(200) < 0.5) & (luck.random(200) < 1 / (1 + np.exp(-logits)))).astype(
        float
    )

    def loss(shift: float, slope: float) -> float:
        z = shift + slope * logits
        return float(
            (np.logaddexp(0, z) - right * z).sum() + prior / 2 * (shift**2 + (slope - 1) ** 2)
        )

    shift, slope = platt(logits, right, np.ones(200), prior=prior)
    for by in (0.1, 0.01, 1e-3):
        for there in ((by, 0.0), (-by, 0.0), (0.0, by), (0.0, -by)):
            if slope + there[1] >= 0:
                assert loss(shift, slope) <= loss(shift + there[0], slope + there[1])


def test_platt_is_held_on_labels_that_are_told_apart_exactly() -> None:
    logits, right = np.array([-1.0, -0.5, 0.5, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    shift, slope = platt(logits, right, np.ones(4), prior=1.0)
    assert shift == pytest.approx(0.0, abs=1e-6)
    assert 1.0 < slope < 3.0
    free = platt(np.append(logits, [-13.8, 13.8]), np.append(right, [0.0, 1.0]), np.ones(6))
    assert all(map(math.isfinite, free))


def test_platt_never_turns_what_is_surer_into_what_is_less_sure() -> None:
    logits, right = drawn(lambda z: 0.4 - z, 2_000)
    shift, slope = platt(logits, right, np.ones(2_000))
    assert slope == 0.0
    assert sigmoid(shift) == pytest.approx(float(right.mean()), abs=1e-3)
