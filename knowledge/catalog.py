"""The entries of the index in this process's memory, in step with the index in use.

A process looks at the run in use at most once a second, and reads again what has changed.
"""

import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
from django.conf import settings

from chatbot.text import normalise
from knowledge import passages
from knowledge.embeddings import StoredEmbeddings
from knowledge.field import Array, EntryTexts, Prior
from knowledge.fields import Fields
from knowledge.ingest import active_run, texts_of
from knowledge.models import Article, Source
from knowledge.passages import PassageEntry
from knowledge.store import Text

logger = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0  # seconds


class NoIndex(RuntimeError):
    """There is no index to search yet."""


class _Catalog:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = 0.0
        self._run: tuple[str, int] = ("", 0)
        self._as_of: datetime | None = None
        self._texts: dict[str, EntryTexts] = {}
        self._sources: dict[int, tuple[datetime, dict[PassageEntry, EntryTexts]]] = {}
        self._fields: Fields | None = None

    def current(self) -> tuple[str, Fields]:
        """Return the name of the index in use and its fields. Raises NoIndex."""
        with self._lock:
            now = time.monotonic()
            if self._fields is None or now - self._looked_at > _LOOK_AGAIN:
                self._look()
                self._looked_at = now
            if self._fields is None:
                raise NoIndex("The index is not built yet: run manage.py reindex.")
            return self._run[0], self._fields

    def look_again(self) -> None:
        """Look at the run in use before the next search."""
        self._looked_at = 0.0

    def _look(self) -> None:
        run = active_run()
        if run is None:
            self._fields = None
            return
        if (run.collection, run.revision) == self._run and self._fields is not None:
            return
        if run.collection != self._run[0]:
            self._texts, self._as_of, self._sources = {}, None, {}
        self._read_articles()
        self._read_sources()
        self._fields = Fields.of(self._every_text(), prior())
        self._run = (run.collection, run.revision)

    def _every_text(self) -> dict[str, EntryTexts]:
        return self._texts | {
            entry.name: texts
            for _, entries in self._sources.values()
            for entry, texts in entries.items()
        }

    def _read_articles(self) -> None:
        published = Article.objects.filter(
            status=Article.Status.PUBLISHED, indexed_at__isnull=False
        )
        changed = published if self._as_of is None else published.filter(indexed_at__gt=self._as_of)
        articles = list(changed.prefetch_related("translations", "questions"))
        self._texts.update(entries_of(articles))
        there = {
            str(pk)
            for pk in Article.objects.filter(status=Article.Status.PUBLISHED).values_list(
                "pk", flat=True
            )
        }
        for gone in self._texts.keys() - there:
            del self._texts[gone]
        times = [article.indexed_at for article in articles if article.indexed_at]
        self._as_of = max([*times, *([self._as_of] if self._as_of else [])], default=None)

    def _read_sources(self) -> None:
        """Read the passages of sources that were indexed again; what was there before stays."""
        active = Source.objects.filter(status=Source.Status.ACTIVE)
        there = dict(active.values_list("pk", "indexed_at"))
        for gone in self._sources.keys() - there.keys():
            del self._sources[gone]
        for source, indexed_at in there.items():
            as_of, known = self._sources.get(source, (None, {}))
            if indexed_at is None or indexed_at == as_of:
                continue  # None: the index does not have all of it yet
            entries = passages.entries_of(source)
            fresh = passages.texts_of(entry for entry in entries if entry not in known)
            read = with_vectors(fresh)
            self._sources[source] = (
                indexed_at,
                {
                    entry: known[entry] if entry in known else read[entry.name]
                    for entry in entries
                    if entry in known or entry.name in read
                },
            )


catalog = _Catalog()


def entries_of(articles: Iterable[Article]) -> dict[str, EntryTexts]:
    """Return the texts of `articles` with their vectors, by entry."""
    texts = {str(article.pk): texts_of(article) for article in articles}
    return with_vectors(texts)


def with_vectors(texts: Mapping[str, Sequence[Text]]) -> dict[str, EntryTexts]:
    """Return indexed texts with their vectors, by entry; each text is embedded at most once."""
    asked = [text for entry in texts.values() for text in entry if text.is_question]
    said = [text for entry in texts.values() for text in entry if not text.is_question]
    vectors = dict(zip([text.id for text in asked], _vectors(asked, as_query=True), strict=True))
    answers = dict(zip([text.id for text in said], _vectors(said, as_query=False), strict=True))
    dimensions = len(prior().mean)
    return {
        entry: EntryTexts(
            questions=tuple((t.id, t.text, t.language) for t in found if t.is_question),
            vectors=_stacked([vectors[t.id] for t in found if t.is_question], dimensions),
            answers=tuple((t.id, t.language) for t in found if not t.is_question),
            answer_vectors=_stacked(
                [answers[t.id] for t in found if not t.is_question], dimensions
            ),
            answer_words=frozenset(
                word for t in found if not t.is_question for word in normalise(t.text).split()
            ),
        )
        for entry, found in texts.items()
    }


def _vectors(texts: Sequence[Text], *, as_query: bool) -> Sequence[Array]:
    return StoredEmbeddings(as_query=as_query).embed_arrays([text.text for text in texts])


def _stacked(vectors: Sequence[Array], dimensions: int) -> Array:
    return np.stack(vectors) if vectors else np.zeros((0, dimensions), dtype=np.float32)


@cache
def prior() -> Prior:
    """Return the means of questions in general, or zeros for an unknown embedding model."""
    known = json.loads((Path(__file__).parent / "prior.json").read_text("utf-8"))
    if known["embeddings"] == settings.EMBEDDINGS and not settings.EMBEDDINGS_OPTIONS:
        means = {
            language: np.array(mean, dtype=np.float32) for language, mean in known["means"].items()
        }
        means["nb"] = means["da"]  # nearer to it than to any other
        return Prior(np.mean([means[name] for name in known["means"]], axis=0), means)
    dimensions = len(StoredEmbeddings(as_query=True).embed_query("a"))
    return Prior(np.zeros(dimensions, dtype=np.float32), {})
