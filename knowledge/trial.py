"""A throw-away index over entries that are no articles: for measuring and fitting."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from django.conf import settings

from knowledge import store
from knowledge.catalog import prior, with_vectors
from knowledge.embeddings import embedded_question, query_vector
from knowledge.field import ANSWERS, Array, Ranking
from knowledge.fields import Fields


@contextmanager
def alone() -> Iterator[None]:
    """Keep throw-away indexes of this process in a folder of their own.

    A server may own the index meanwhile. For commands, which do nothing else with it.
    """
    before = settings.CHROMA_DIR, settings.CHROMA_URL
    with TemporaryDirectory(prefix="svar-trial-") as folder:
        store.release()
        settings.CHROMA_DIR, settings.CHROMA_URL = Path(folder), ""
        try:
            yield
        finally:
            store.release()
            settings.CHROMA_DIR, settings.CHROMA_URL = before


@dataclass(frozen=True, slots=True)
class TrialEntry:
    """An entry's texts, each with its language: what asks for it, and what it says."""

    questions: Sequence[tuple[str, str]]
    answers: Sequence[tuple[str, str]] = ()


class Trial:
    """An index of `entries` by name, searched as the real one is; gone when it is left."""

    def __init__(self, entries: Mapping[str, TrialEntry]) -> None:
        self._name = f"trial-{secrets.token_hex(6)}"
        texts = {name: _texts(name, entry) for name, entry in entries.items()}
        store.create(self._name)
        store.put(self._name, [text for found in texts.values() for text in found])
        self._fields = Fields.of(with_vectors(texts), prior())

    def find(self, question: str, language: str = "") -> Ranking:
        """Return the entries near `question`, as `knowledge.search.find_entries` does."""
        return self.rank(question, query_vector(embedded_question(question)), language)

    def rank(self, question: str, vector: Array, language: str = "") -> Ranking:
        """Return the same for a question that is embedded already."""
        vector = self._fields.every.moved(vector, language)
        near = store.nearest(self._name, vector, self._fields.wanted)
        near_answers = store.nearest(self._name, vector, ANSWERS, questions=False)
        return self._fields.rank(question, vector, language, near, near_answers)

    def __enter__(self) -> "Trial":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        store.drop(self._name)


def _texts(name: str, entry: TrialEntry) -> list[store.Text]:
    questions = {
        embedded_question(text): language for text, language in entry.questions if text.strip()
    }
    texts = [
        store.Text(f"q{name}-{number}", text, name, language, True)
        for number, (text, language) in enumerate(questions.items())
    ]
    texts += [
        store.Text(f"a{name}-{number}", text, name, language, False)
        for number, (text, language) in enumerate(entry.answers)
        if text.strip()
    ]
    return texts
