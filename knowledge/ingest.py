"""Keeps the index in step with the rows.

One process writes the index (see `knowledge.store`). Others only mark rows: an article or source
with `indexed_at` null is stale, an `IndexRun` in state requested wants a rebuild; the owner's
sweep finds them.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from knowledge import passages, store
from knowledge.embeddings import embedded_question, fingerprint
from knowledge.models import Article, IndexRun, RemovedText, Source

logger = logging.getLogger(__name__)
_ANSWER_CHARACTERS = 800  # what of an answer is embedded; the model reads 512 tokens
_ARTICLES_AT_ONCE = 8
_ENTRIES_AT_ONCE = 8  # of sources; a second or so, after which articles may come first
_NOTE_SECONDS = 5.0  # of putting, that a crash may repeat
_ROWS = 500  # at once, for databases that limit the parameters of a query
_WRITER = "knowledge:index-writer"
_WRITER_SECONDS = 120  # after a crash, until another writer may begin
_writing = threading.Lock()


def texts_of(article: Article) -> list[store.Text]:
    """Return the texts of a published article that are indexed: questions, titles, answers.

    Questions are embedded without case and punctuation, as what customers type is.
    """

    def text(id: str, language: str, words: str, *, is_question: bool) -> store.Text:
        return store.Text(id, words, str(article.pk), language, is_question)

    texts, known = [], set()
    asked = [(f"q{one.pk}", one.language, one.text) for one in article.questions.all()]
    for translation in article.translations.all():
        asked.append((f"t{translation.pk}", translation.language, translation.title))
        answer = translation.answer[:_ANSWER_CHARACTERS]
        texts.append(text(f"a{translation.pk}", translation.language, answer, is_question=False))
    for id, language, words in asked:
        embedded = embedded_question(words)
        if embedded not in known:
            known.add(embedded)
            texts.append(text(id, language, embedded, is_question=True))
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
        or Source.objects.filter(indexed_at__isnull=True).exists()
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
    _index_articles(run)
    for source in Source.objects.filter(indexed_at__isnull=True):
        _index_source(run, source)
        _note_change(run)


def _index_articles(run: IndexRun) -> None:
    """Drop what was deleted, and index the articles that were edited."""
    changed = False
    removed = list(RemovedText.objects.values_list("vector_id", flat=True))
    if removed:
        changed = True
        store.remove(run.collection, removed)
        for start in range(0, len(removed), _ROWS):
            RemovedText.objects.filter(vector_id__in=removed[start : start + _ROWS]).delete()
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
        changed = True
        _go_on()
    if changed:
        _note_change(run)


def _note_change(run: IndexRun) -> None:
    IndexRun.objects.filter(pk=run.pk).update(revision=F("revision") + 1)


def _index_source(run: IndexRun, source: Source) -> None:
    """Embed the source's new passages and drop the gone; articles edited meanwhile go first."""
    active = source.status == Source.Status.ACTIVE
    entries = passages.entries_of(source.pk) if active else []
    now = [id for entry in entries for id in entry.ids]
    before = set(source.indexed_ids)
    store.remove(run.collection, sorted(before - set(now)))
    put = before & set(now)
    fresh = [entry for entry in entries if not put.issuperset(entry.ids)]
    this = Source.objects.filter(pk=source.pk)
    unedited = this.filter(changed_at=source.changed_at)
    noted = time.monotonic()
    for start in range(0, len(fresh), _ENTRIES_AT_ONCE):
        batch = fresh[start : start + _ENTRIES_AT_ONCE]
        _put_passages(run, batch, known=before)
        put.update(id for entry in batch for id in entry.ids)
        _go_on()
        _index_articles(run)
        if time.monotonic() - noted > _NOTE_SECONDS:
            if not unedited.update(indexed_ids=sorted(put)):
                break
            noted = time.monotonic()
    if unedited.update(indexed_at=timezone.now(), indexed_ids=now):
        return
    # Edited meanwhile, it comes round again; deleted, it leaves nothing.
    if not this.update(indexed_ids=sorted(put)):
        store.remove(run.collection, sorted(put))


def _put_passages(
    run: IndexRun, entries: Sequence[passages.PassageEntry], *, known: set[str]
) -> int:
    """Put the texts of entries that the index does not know; return how many those are."""
    found = [text for texts in passages.texts_of(entries).values() for text in texts]
    fresh = [text for text in found if text.id not in known]
    store.put(run.collection, fresh)
    members = {pk for entry in entries for pk, _ in entry.members}
    passages.store_sentences([pk for pk in members if f"p{pk}" not in known])
    return len(fresh)


def _mark_indexed(article: Article, ids: Sequence[str]) -> None:
    # Only if nobody edited it meanwhile: then it stays stale and comes round again.
    Article.objects.filter(pk=article.pk, updated_at=article.updated_at).update(
        indexed_at=timezone.now(), indexed_ids=list(ids)
    )


def _mark_source(source: Source, ids: Sequence[str]) -> None:
    Source.objects.filter(pk=source.pk, changed_at=source.changed_at).update(
        indexed_at=timezone.now(), indexed_ids=list(ids)
    )


def rebuild(
    *, run: IndexRun | None = None, progress: Callable[[int, int], Any] = lambda done, of: None
) -> IndexRun:
    """Build a new collection from all articles and sources, promote it, and drop the others.

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
        marks = _fill(run, progress)
    except Exception as error:
        run.status, run.error = IndexRun.Status.FAILED, str(error)[:500]
        run.finished_at = timezone.now()
        run.save(update_fields=["status", "error", "finished_at"])
        raise
    for collection in _promote(run, marks):
        store.drop(collection)
    logger.info("index %s is in use with %d texts", run.collection, run.texts)
    return run


def _fill(run: IndexRun, progress: Callable[[int, int], Any]) -> list[Callable[[], None]]:
    """Put everything into the new collection; return what marks the rows once it is in use."""
    store.drop(run.collection)
    store.create(run.collection)
    marks: list[Callable[[], None]] = []
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
            marks.append(partial(_mark_indexed, article, [text.id for text in found]))
        run.texts += len(every)
        progress(start + len(batch), len(articles))
        _go_on()
    for source in Source.objects.filter(status=Source.Status.ACTIVE):
        marks.append(_fill_from(run, source))
    return marks


def _fill_from(run: IndexRun, source: Source) -> Callable[[], None]:
    """Put all passages of a source into a new collection; return what marks it."""
    entries = passages.entries_of(source.pk)
    ids = [id for entry in entries for id in entry.ids]
    for start in range(0, len(entries), _ENTRIES_AT_ONCE):
        run.texts += _put_passages(run, entries[start : start + _ENTRIES_AT_ONCE], known=set())
        _go_on()
    return partial(_mark_source, source, ids)


def _promote(run: IndexRun, marks: Sequence[Callable[[], None]]) -> list[str]:
    """Point searches at `run`; return the collections that nobody needs any more."""
    with transaction.atomic():
        for mark in marks:
            mark()
        IndexRun.objects.filter(status=IndexRun.Status.ACTIVE).update(
            status=IndexRun.Status.RETIRED
        )
        run.status, run.finished_at = IndexRun.Status.ACTIVE, timezone.now()
        run.save(update_fields=["status", "finished_at", "texts"])
        others = IndexRun.objects.exclude(pk=run.pk).exclude(collection="")
        old = list(others.values_list("collection", flat=True))
        others.update(collection="")
    return old
