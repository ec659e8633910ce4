"""A question's vector is computed once, by whoever asks first."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from knowledge import embeddings

SECONDS = 10


class Slow(Embeddings):
    """Embeds when it is let, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.fails = False

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        if self.fails:
            raise RuntimeError("out of memory")
        return [1.0, 0.0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr(embeddings, "base_embeddings", lambda: made)
    embeddings.query_vectors.clear()
    yield made
    embeddings.query_vectors.clear()


def test_who_asks_meanwhile_waits_for_the_same_vector(slow: Slow) -> None:
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(embeddings.query_vector, "hvor er min pakke")
        assert slow.begun.wait(SECONDS)
        others = [pool.submit(embeddings.query_vector, "hvor er min pakke") for _ in range(3)]
        slow.go_on.set()
        vectors = [future.result(SECONDS) for future in (first, *others)]
    assert slow.asked == ["hvor er min pakke"]
    assert all(np.allclose(vector, [1.0, 0.0]) for vector in vectors)


def test_a_failure_reaches_who_waits_and_is_not_kept(slow: Slow) -> None:
    slow.fails = True
    slow.go_on.set()
    with pytest.raises(RuntimeError):
        embeddings.query_vector("hej")
    slow.fails = False
    assert np.allclose(embeddings.query_vector("hej"), [1.0, 0.0])
    assert slow.asked == ["hej", "hej"]
