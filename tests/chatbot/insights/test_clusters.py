"""Questions that ask the same come together, whatever their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.insights.clusters import by_typicality, clusters_of
from knowledge.field import unit


def around(*counts: int, spread: float = 0.15, seed: int = 0) -> np.ndarray:
    """Return unit vectors around as many directions as there are counts."""
    luck = np.random.default_rng(seed)
    middles = np.eye(len(counts), 16)
    rows = np.repeat(np.arange(len(counts)), counts)
    noise = luck.normal(0, spread, (len(rows), 16))
    return unit((middles[rows] + noise).astype(np.float32))


def test_what_is_alike_comes_together_the_largest_first() -> None:
    found = clusters_of(around(2, 6, 4), alike=0.5)
    assert [sorted(rows) for rows in found] == [
        list(range(2, 8)),
        list(range(8, 12)),
        [0, 1],
    ]


def test_nothing_comes_together_where_nothing_is_alike() -> None:
    vectors = np.eye(5, 16, dtype=np.float32)
    assert clusters_of(vectors, alike=0.5) == [[0], [1], [2], [3], [4]]
    assert clusters_of(vectors[:0], alike=0.5) == []
    assert clusters_of(vectors[:1], alike=0.5) == [[0]]


def test_a_cluster_begins_with_its_middle() -> None:
    middle, left, right = [1.0, 0.0], [0.8, 0.6], [0.8, -0.6]
    vectors = unit(np.array([left, middle, right], dtype=np.float32))
    assert clusters_of(vectors, alike=0.2)[0][0] == 1
    assert by_typicality([], np.zeros((0, 0))) == []


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_vector_joins_nothing(broken: float) -> None:
    vectors = around(3, 3)
    vectors[0] = broken
    found = clusters_of(vectors, alike=0.5)
    assert [0] in found
    assert [3, 4, 5] in [sorted(rows) for rows in found]


@given(seed=st.integers(0, 500), order=st.permutations(list(range(9))))
@hypothesis_settings(deadline=None, max_examples=40)
def test_the_order_of_the_questions_does_not_matter(seed: int, order: list[int]) -> None:
    vectors = around(4, 3, 2, spread=0.25, seed=seed)
    straight = {frozenset(rows) for rows in clusters_of(vectors, alike=0.4)}
    turned = {
        frozenset(order[row] for row in rows) for rows in clusters_of(vectors[order], alike=0.4)
    }
    assert straight == turned
    assert clusters_of(vectors, alike=0.4) == clusters_of(vectors, alike=0.4)
