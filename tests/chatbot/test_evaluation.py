"""What the figures of an evaluation mean."""

import pytest

from chatbot.answering.evaluation import Scored, best_coverage, figures_of, operating

SCORED = [
    Scored("a", "a", 0.95),
    Scored("a", "a", 0.85),
    Scored("b", "a", 0.85),
    Scored("b", "b", 0.55),
    Scored(None, "b", 0.81),
    Scored(None, "a", 0.10),
    Scored(None, None, 0.0),
    Scored("c", None, 0.0),
]


def test_counts_coverage_over_all_messages_and_precision_over_answers() -> None:
    found = operating(SCORED, 0.80)
    assert found.coverage == 4 / 8
    assert found.precision == 2 / 4


def test_top_1_is_of_messages_in_scope_and_handing_off_of_those_outside() -> None:
    figures = figures_of(SCORED)
    assert figures.top_1 == 3 / 5
    assert figures.out_of_scope_handed_off == 2 / 3


def test_answers_of_equal_confidence_go_together() -> None:
    assert best_coverage(SCORED, 1.0) == 1 / 8
    assert best_coverage(SCORED, 0.66) == 3 / 8
    assert best_coverage(SCORED[5:], 0.8) == 0.0


def test_calibration_error_weighs_bins_by_their_messages() -> None:
    half_right = [Scored("a", "a", 0.9), Scored("b", "a", 0.9)]
    assert figures_of(half_right).calibration_error == pytest.approx(0.4)
    sure = [Scored("a", "a", 1.0)] * 3 + [Scored(None, "a", 0.0)]
    assert figures_of(sure).calibration_error == 0.0
    assert [found.count for found in figures_of(sure).bins] == [1, 3]


def test_nothing_to_count_is_said() -> None:
    with pytest.raises(ValueError, match="no messages"):
        figures_of([])
