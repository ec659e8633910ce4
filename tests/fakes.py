"""Fakes of what lies outside, built to behave like the documented thing, errors included."""

import hashlib

import numpy as np
from langchain_core.embeddings import Embeddings


class WordEmbeddings(Embeddings):
    """Another embedding model: 64 dimensions from the words, the same at every run."""

    def embed_query(self, text: str) -> list[float]:
        vector = np.full(64, 1e-3)
        for word in text.lower().split():
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 64] += 1
        return list(map(float, vector / np.linalg.norm(vector)))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


class BrokenEmbeddings(WordEmbeddings):
    """A model that does not answer one question; indexing and all others work."""

    def embed_query(self, text: str) -> list[float]:
        if "unreachable" in text:
            raise TimeoutError("the embedding server did not answer")
        return super().embed_query(text)
