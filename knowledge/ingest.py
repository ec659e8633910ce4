"""Keeps the index in step with the rows.

One process writes the index (see `knowledge.store`). Others only mark rows: an article with
`indexed_at` null is stale, an `IndexRun` in state requested wants a rebuild; the owner's sweep
finds both.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from knowledge import store
from knowledge.embeddings import fingerprint
from knowledge.models import Article, IndexRun, RemovedText

logger = logging.getLogger(__name__)
_ANSWER_CHARACTERS = 800  # what of an answer is embedded; the model reads 512 tokens
_ARTICLES_AT_ONCE = 8
_WRITER = "knowledge:index-writer"
_WRITER_SECONDS = 120  # after a crash, until another writer may begin
_writing = threading.Lock()


def texts_of(article: Article) -> list[store.Text]:
    """Return the texts of a published article that are indexed: questions, titles, answers."""

    def text(id: str, language: str, words: str, *, is_question: bool) -> store.Text:
        return store.Text(id, words, article.pk, language, is_question)

    texts = []
    for translation in article.translations.all():
        language, title = translation.language, translation.title
        answer = f"{title}\n{translation.answer}"[:_ANSWER_CHARACTERS]
        texts.append(text(f"t{translation.pk}", language, title, is_question=True))
        texts.append(text(f"a{translation.pk}", language, answer, is_question=False))
    for question in article.questions.all():
        texts.append(text(f"q{question.pk}", question.language, question.text, is_question=True))
    return texts


def active_run() -> IndexRun | None:
    """Return the index in use, if there is one."""
    return IndexRun.objects.filter(status=IndexRun.Status.ACTIVE).first()


def usable_run() -> IndexRun | None:
    """Return the index in use if it is there and of the present embedding model."""
    run = active_run()
    if run is None or run.embedding != fingerprint() or not store.exists(run.collection):
        return None
    return run


def has_work() -> bool:
    """Return whether the index is behind the rows."""
    return (
        Article.objects.filter(indexed_at__isnull=True).exists()
        or RemovedText.objects.exists()
        or IndexRun.objects.filter(status=IndexRun.Status.REQUESTED).exists()
    )


@task()
def index_stale() -> None:
    """Bring the index up to date: rebuilt where that is wanted or needed, else what changed."""
    if not store.own():
        return  # the owner's sweep does it
    with _alone(wait=False) as alone:
        if not alone:
            return  # a later sweep finds what is left
        wanted = IndexRun.objects.filter(status=IndexRun.Status.REQUESTED).order_by("id").first()
        run = usable_run()
        if wanted is not None or run is None:
            run = _rebuild(wanted, lambda done, of: None)
        _index_changes(run)


@contextmanager
def _alone(*, wait: bool) -> Iterator[bool]:
    """Keep other threads, and other processes of the same cache, from writing the index.

    Gives whether that was possible at once; with `wait`, waits until it is.
    """
    if not _writing.acquire(blocking=wait):
        yield False
        return
    try:
        while not (mine := cache.add(_WRITER, True, _WRITER_SECONDS)) and wait:
            time.sleep(0.2)
        try:
            yield mine
        finally:
            if mine:
                cache.delete(_WRITER)
    finally:
        _writing.release()


def _go_on() -> None:
    """Tell other writers that this one is still at it."""
    cache.touch(_WRITER, _WRITER_SECONDS)


def _index_changes(run: IndexRun) -> None:
    removed = list(RemovedText.objects.values_list("vector_id", flat=True))
    if removed:
        store.remove(run.collection, removed)
        RemovedText.objects.filter(vector_id__in=removed).delete()
    for article in (
        Article.objects.filter(indexed_at__isnull=True)
        .select_related("category")
        .prefetch_related("translations", "questions")
    ):
        published = article.status == Article.Status.PUBLISHED
        texts = texts_of(article) if published else []
        ids = [text.id for text in texts]
        gone = [i for i in article.indexed_ids if i not in set(ids)]
        store.remove(run.collection, gone)
        store.put(run.collection, texts)
        _mark_indexed(article, ids)
        _go_on()


def _mark_indexed(article: Article, ids: Sequence[str]) -> None:
    # Only if nobody edited it meanwhile: then it stays stale and comes round again.
    Article.objects.filter(pk=article.pk, updated_at=article.updated_at).update(
        indexed_at=timezone.now(), indexed_ids=list(ids)
    )


def rebuild(
    *, run: IndexRun | None = None, progress: Callable[[int, int], Any] = lambda done, of: None
) -> IndexRun:
    """Build a new collection from all published articles, promote it, and drop the others.

    The old index answers until the new one is complete. Raises whatever failed, after noting
    it on the run.
    """
    with _alone(wait=True):
        return _rebuild(run, progress)


def _rebuild(run: IndexRun | None, progress: Callable[[int, int], Any]) -> IndexRun:
    run = run or IndexRun(status=IndexRun.Status.BUILDING)
    run.status, run.embedding = IndexRun.Status.BUILDING, fingerprint()
    run.save()
    run.collection = f"knowledge-{run.pk}"
    run.save(update_fields=["collection"])
    try:
        _fill(run, progress)
    except Exception as error:
        run.status, run.error = IndexRun.Status.FAILED, str(error)[:500]
        run.finished_at = timezone.now()
        run.save(update_fields=["status", "error", "finished_at"])
        raise
    for collection in _promote(run):
        store.drop(collection)
    logger.info("index %s is in use with %d texts", run.collection, run.texts)
    return run


def _fill(run: IndexRun, progress: Callable[[int, int], Any]) -> None:
    store.drop(run.collection)
    store.create(run.collection)
    articles = list(
        Article.objects.filter(status=Article.Status.PUBLISHED).prefetch_related(
            "translations", "questions"
        )
    )
    for start in range(0, len(articles), _ARTICLES_AT_ONCE):
        batch = articles[start : start + _ARTICLES_AT_ONCE]
        texts = {article: texts_of(article) for article in batch}
        every = [text for found in texts.values() for text in found]
        store.put(run.collection, every)
        for article, found in texts.items():
            _mark_indexed(article, [text.id for text in found])
        run.texts += len(every)
        progress(start + len(batch), len(articles))
        _go_on()


def _promote(run: IndexRun) -> list[str]:
    """Point searches at `run`; return the collections that nobody needs any more."""
    with transaction.atomic():
        IndexRun.objects.filter(status=IndexRun.Status.ACTIVE).update(
            status=IndexRun.Status.RETIRED
        )
        run.status, run.finished_at = IndexRun.Status.ACTIVE, timezone.now()
        run.save(update_fields=["status", "finished_at", "texts"])
        others = IndexRun.objects.exclude(pk=run.pk).exclude(collection="")
        old = list(others.values_list("collection", flat=True))
        others.update(collection="")
    return old
