"""The only file that knows Chroma.

A collection holds one building of the index, in cosine space, with our own vectors. Embedded
Chroma is not safe with several processes on one folder, so one process owns it by a file lock;
more processes share a Chroma server (`SVAR_CHROMA_URL`).
"""

import fcntl
import functools
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings

from knowledge.embeddings import StoredEmbeddings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from langchain_chroma import Chroma

logger = logging.getLogger(__name__)
_COSINE: Any = {"hnsw": {"space": "cosine"}}  # the default is l2 and cannot be changed later
_BATCH = 1_000  # Chroma takes at most 5,461 at once

_lock_file: IO[str] | None = None
_owning = threading.Lock()


class NotOwner(RuntimeError):
    """Another process owns the embedded index."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an article as it stands in the index."""

    id: str
    text: str
    article: int
    language: str
    is_question: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """An indexed text near a vector; `similarity` is a cosine."""

    text: str
    article: int
    language: str
    similarity: float


def own() -> bool:
    """Try to become the process that uses the embedded index; return whether it is.

    Always true with a Chroma server. The lock goes with the process.
    """
    global _lock_file
    if settings.CHROMA_URL:
        return True
    with _owning:
        if _lock_file is not None:
            return True
        settings.CHROMA_DIR.mkdir(parents=True, exist_ok=True)
        file = (settings.CHROMA_DIR / "owner.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        _lock_file = file
        return True


@functools.cache
def _client() -> "ClientAPI":
    if not own():
        raise NotOwner(
            "Another process uses the index in this folder. To run several, start a Chroma "
            "server and set SVAR_CHROMA_URL."
        )
    import chromadb
    from chromadb.config import Settings

    quiet = Settings(anonymized_telemetry=False)
    if settings.CHROMA_URL:
        from urllib.parse import urlsplit

        url = urlsplit(settings.CHROMA_URL)
        return chromadb.HttpClient(
            host=url.hostname or "localhost",
            port=url.port or 8000,
            ssl=url.scheme == "https",
            settings=quiet,
        )
    return chromadb.PersistentClient(path=str(settings.CHROMA_DIR), settings=quiet)


@functools.lru_cache(maxsize=8)
def _collection(name: str, as_query: bool, create: bool) -> "Chroma":
    from langchain_chroma import Chroma

    return Chroma(
        collection_name=name,
        client=_client(),
        embedding_function=StoredEmbeddings(as_query=as_query),
        collection_configuration=_COSINE if create else None,
        create_collection_if_not_exists=create,
    )


def create(name: str) -> None:
    """Create the empty collection `name`."""
    _collection(name, True, True)


def exists(name: str) -> bool:
    """Return whether the collection `name` is there."""
    return any(collection.name == name for collection in _client().list_collections())


def drop(name: str) -> None:
    """Remove the collection `name`, if it is there."""
    if exists(name):
        _client().delete_collection(name)
    _collection.cache_clear()
    _bare.cache_clear()


def size(name: str) -> int:
    """Return how many texts the collection holds."""
    return int(_client().get_collection(name, embedding_function=None).count())


def put(name: str, texts: Sequence[Text]) -> None:
    """Embed and store `texts`, replacing those of the same ids."""
    for as_query in (True, False):
        chosen = [text for text in texts if text.is_question is as_query]
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            _collection(name, as_query, False).add_texts(
                [text.text for text in batch],
                metadatas=[{"article": text.article, "language": text.language} for text in batch],
                ids=[text.id for text in batch],
            )
            _known_texts.forget(name, [text.id for text in batch])


def remove(name: str, ids: Sequence[str]) -> None:
    """Remove the texts with `ids`; those that are not there are ignored."""
    for start in range(0, len(ids), _BATCH):
        batch = list(ids[start : start + _BATCH])
        _collection(name, True, False).delete(ids=batch)
        _known_texts.forget(name, batch)


def nearest(name: str, vector: Sequence[float], count: int) -> list[Hit]:
    """Return the `count` texts nearest to `vector`, best first."""
    if settings.CHROMA_URL:  # the texts may have been replaced by another process
        return _nearest_with_texts(name, vector, count)
    found = _bare(name).query(
        query_embeddings=[cast(Any, vector)], n_results=count, include=["distances"]
    )
    ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
    known = _known_texts.of(name, ids)
    return [
        Hit(text.text, text.article, text.language, 1.0 - distance)
        for text, distance in zip(map(known.get, ids), distances, strict=True)
        if text is not None  # removed meanwhile
    ]


@functools.lru_cache(maxsize=8)
def _bare(name: str) -> "Collection":
    return _client().get_collection(name, embedding_function=None)


class _KnownTexts:
    """Texts of the embedded index by collection and id.

    Chroma gives ids and distances in a third of the time that it takes with texts.
    """

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], Text] = {}

    def of(self, name: str, ids: Sequence[str]) -> dict[str, Text]:
        """Return the texts with `ids`, as far as they are there."""
        known = {id: text for id in ids if (text := self._texts.get((name, id)))}
        missing = [id for id in ids if id not in known]
        if missing:
            found = _collection(name, True, False).get(ids=missing)
            for id, words, about in zip(
                found["ids"], found["documents"], found["metadatas"], strict=True
            ):
                article, language = int(about["article"]), str(about["language"])
                known[id] = Text(id, words, article, language, not id.startswith("a"))
            if len(self._texts) > _MOST_TEXTS:
                self._texts.clear()
            self._texts.update({(name, id): known[id] for id in missing if id in known})
        return known

    def load(self, name: str) -> None:
        """Read all texts of a collection at once, if they are not too many."""
        collection = _bare(name)
        if collection.count() <= _MOST_TEXTS:
            self.of(name, collection.get(include=[])["ids"])

    def forget(self, name: str, ids: Sequence[str]) -> None:
        """Read these again when they are next asked for."""
        for id in ids:
            self._texts.pop((name, id), None)


_MOST_TEXTS = 50_000
_known_texts = _KnownTexts()


def load_texts(name: str) -> None:
    """Read the texts of the collection `name` ahead of the first questions."""
    if not settings.CHROMA_URL:
        _known_texts.load(name)


def _nearest_with_texts(name: str, vector: Sequence[float], count: int) -> list[Hit]:
    found = _collection(name, True, False).similarity_search_by_vector_with_relevance_scores(
        list(vector), k=count
    )
    return [
        Hit(
            text=document.page_content,
            article=int(document.metadata["article"]),
            language=str(document.metadata["language"]),
            similarity=1.0 - distance,
        )
        for document, distance in found
    ]
