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
    import numpy as np
    import numpy.typing as npt
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection
    from langchain_chroma import Chroma

logger = logging.getLogger(__name__)
_COSINE: Any = {"hnsw": {"space": "cosine", "ef_search": 200}}
_BATCH = 1_000  # Chroma takes at most 5,461 at once

_lock_file: IO[str] | None = None
_owning = threading.Lock()
_opening = threading.Lock()


class NotOwner(RuntimeError):
    """Another process owns the embedded index."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an entry as it is embedded: a question, or an answer."""

    id: str
    text: str
    entry: str
    language: str
    is_question: bool


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


def _client() -> "ClientAPI":
    # One thread opens it: Chroma's embedded client is not ready when a second one finds it begun,
    # as when the first question comes while the index is being warmed up.
    with _opening:
        return _opened()


@functools.cache
def _opened() -> "ClientAPI":
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


def _names(name: str) -> tuple[str, str]:
    """Return the collections of questions and of answers.

    Apart, because a question is nearer to any question than to the answer that it wants.
    """
    return f"{name}-questions", f"{name}-answers"


@functools.lru_cache(maxsize=8)
def _collection(name: str, as_query: bool, create: bool) -> "Chroma":
    from langchain_chroma import Chroma

    questions, answers = _names(name)
    return Chroma(
        collection_name=questions if as_query else answers,
        client=_client(),
        embedding_function=StoredEmbeddings(as_query=as_query),
        collection_configuration=_COSINE if create else None,
        create_collection_if_not_exists=create,
    )


@functools.lru_cache(maxsize=8)
def _bare(name: str, as_query: bool) -> "Collection":
    return _client().get_collection(_names(name)[not as_query], embedding_function=None)


def release() -> None:
    """Let go of the index's folder, so that the settings may name another one."""
    global _lock_file
    for known in (_opened, _collection, _bare):
        known.cache_clear()
    with _owning:
        if _lock_file is not None:
            _lock_file.close()
            _lock_file = None


def create(name: str) -> None:
    """Create the empty collections of an index `name`."""
    for as_query in (True, False):
        _collection(name, as_query, True)


def exists(name: str) -> bool:
    """Return whether the index `name` is there."""
    return set(_names(name)) <= {collection.name for collection in _client().list_collections()}


def drop(name: str) -> None:
    """Remove the index `name`, as far as it is there."""
    there = {collection.name for collection in _client().list_collections()}
    for collection in {name, *_names(name)} & there:
        _client().delete_collection(collection)
    _collection.cache_clear()
    _bare.cache_clear()


def size(name: str) -> int:
    """Return how many texts the index holds."""
    return sum(_bare(name, as_query).count() for as_query in (True, False))


def put(name: str, texts: Sequence[Text]) -> None:
    """Embed and store `texts`, replacing those of the same ids."""
    for as_query in (True, False):
        chosen = [text for text in texts if text.is_question is as_query]
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            _collection(name, as_query, False).add_texts(
                [text.text for text in batch],
                metadatas=[{"entry": text.entry, "language": text.language} for text in batch],
                ids=[text.id for text in batch],
            )


def remove(name: str, ids: Sequence[str]) -> None:
    """Remove the texts with `ids`; those that are not there are ignored."""
    for as_query in (True, False):
        for start in range(0, len(ids), _BATCH):
            _collection(name, as_query, False).delete(ids=list(ids[start : start + _BATCH]))


def nearest(
    name: str, vector: "npt.NDArray[np.float32]", count: int, *, questions: bool = True
) -> list[str]:
    """Return the ids of the `count` questions, or answers, nearest to `vector`, nearest first.

    Ids alone: Chroma takes three times as long with the texts, which `knowledge.field` has.
    """
    found = _bare(name, questions).query(
        query_embeddings=cast(Any, [vector]), n_results=count, include=[]
    )
    return found["ids"][0]
