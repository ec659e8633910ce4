"""Reads the sources that are due: new ones, changed ones, and pages whose time has come again.

A row is due when its `next_at` has come. Whoever reads it moves that on first, to the end of a
lease: after a crash the source is due again by itself, and an edit meanwhile, which sets
`next_at` too, makes what was read void.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from django_tasks import task

from chatbot.background import enqueue
from knowledge.models import Passage, Source
from knowledge.sources.chunking import Chunk, chunks, compare
from knowledge.sources.documents import Document, Unreadable
from knowledge.sources.failures import FetchFailed, Told, Unreachable
from knowledge.sources.fetching import fetch
from knowledge.sources.languages import detect
from knowledge.sources.reading import read
from knowledge.sources.robots import Robots

logger = logging.getLogger(__name__)
_VERSION = "1:"  # of reading and chunking; another one reads everything anew
_LEASE = timedelta(minutes=10)
_LONGEST_PAUSE = timedelta(hours=12)
_LONGEST_DELAY = 10.0  # seconds between two requests that a site may ask for
_GONE = (404, 410)
_PLACED = ("position", "path", "label", "anchor", "page", "language")
_ROWS = 500

_reading = threading.Lock()
_robots = Robots()
_asked_at: dict[str, float] = {}  # by host


@dataclass(frozen=True, slots=True)
class _Content:
    """What a source holds now; None where that is as it was."""

    document: Document | None
    digest: str = ""
    etag: str = ""
    modified: str = ""


def has_due() -> bool:
    """Return whether a source wants to be read."""
    return Source.objects.filter(status=Source.Status.ACTIVE, next_at__lte=timezone.now()).exists()


@task()
def crawl_due() -> None:
    """Read the sources that are due, one after the other."""
    if not _reading.acquire(blocking=False):
        return  # who is reading will come to them
    try:
        while (source := _claim()) is not None:
            _crawl(source)
    finally:
        _reading.release()


def _claim() -> Source | None:
    """Take the source that has been due longest, before anybody else does."""
    while True:
        now = timezone.now()
        source = (
            Source.objects.filter(status=Source.Status.ACTIVE, next_at__lte=now)
            .order_by("next_at")
            .defer("indexed_ids")
            .first()
        )
        if source is None:
            return None
        lease = now + _LEASE
        if Source.objects.filter(
            pk=source.pk, next_at=source.next_at, status=Source.Status.ACTIVE
        ).update(state=Source.State.READING, next_at=lease):
            source.next_at = lease
            return source


def _crawl(source: Source) -> None:
    try:
        content = _content(source)
        found = None if content.document is None else chunks(content.document)
    except FetchFailed as failure:
        status = failure.status if isinstance(failure, Unreachable) else None
        _record_failure(source, failure, retry=failure.retry, status=status)
    except Unreadable as failure:
        _record_failure(source, failure, retry=False)
    except Exception:
        logger.exception("could not read source %s", source.pk)
        unknown = Told(_("It could not be read; the server's log says why."))
        _record_failure(source, unknown, retry=True)
    else:
        _record(source, content, found)


def _content(source: Source) -> _Content:
    """Return what the source holds. Raises FetchFailed, Unreadable or what storage raises."""
    known = source.digest if source.digest.startswith(_VERSION) else ""
    if source.kind == Source.Kind.FILE:
        with source.file.open("rb") as file:
            content = file.read()
        name, media_type, charset, etag, modified = source.filename, "", "", "", ""
    else:
        _wait_politely(source.url)
        fetched = fetch(
            source.url,
            etag=source.etag if known else "",
            modified=source.modified if known else "",
            contact=settings.CRAWL_CONTACT,
            robots=_robots,
            allow_private=settings.CRAWL_PRIVATE_HOSTS,
        )
        etag, modified = fetched.etag[:500], fetched.modified[:100]
        if fetched.unchanged:
            return _Content(None, known, etag, modified)
        content, media_type, charset = fetched.content, fetched.media_type, fetched.charset
        at = urlsplit(fetched.url)
        name = at.path if at.path.strip("/") else at.netloc
    digest = _VERSION + hashlib.sha256(content).hexdigest()
    if digest == known:
        return _Content(None, known, etag, modified)
    document = read(content, media_type, name=name, charset=charset)
    return _Content(_in_its_language(document, source.language), digest, etag, modified)


def _wait_politely(url: str) -> None:
    """Leave the time between two requests that the site asks for."""
    parts = urlsplit(url)
    delay = min(_robots.delay(f"{parts.scheme}://{parts.netloc}"), _LONGEST_DELAY)
    time.sleep(max(0.0, _asked_at.get(parts.netloc, 0.0) + delay - time.monotonic()))
    _asked_at[parts.netloc] = time.monotonic()


def _in_its_language(document: Document, chosen: str) -> Document:
    """Return the document with a language: as chosen, as it says itself, or as it reads."""
    words = " ".join(
        [section.text for section in document.sections[:20]]
        + [f"{pair.question} {pair.answer}" for pair in document.pairs[:20]]
    )
    language = chosen or document.language or detect(words)
    pairs = document.pairs
    if not chosen and not document.language:
        pairs = tuple(
            pair if pair.language else replace(pair, language=detect(pair.answer))
            for pair in document.pairs
        )
    return replace(document, language=language, pairs=pairs)


def _record(source: Source, content: _Content, found: Sequence[Chunk] | None) -> None:
    now = timezone.now()
    with transaction.atomic():
        if not _still_ours(source).update(
            state=Source.State.READY,
            error={},
            attempts=0,
            read_at=now,
            next_at=next_reading(source, after=now),
            etag=content.etag,
            modified=content.modified,
            digest=content.digest,
        ):
            return
        if found is not None and _replace_passages(source, found):
            _mark_changed(source)


def _record_failure(
    source: Source, failure: Told, *, retry: bool, status: int | None = None
) -> None:
    """Note what went wrong. A page that is gone twice takes its passages with it."""
    now = timezone.now()
    attempts = source.attempts + 1
    gone = status in _GONE
    taken_out = gone and source.error.get("status") in _GONE
    if gone and not taken_out:
        next_at: datetime | None = now + _pause(attempts + 2)  # a new version may be going online
    elif retry:
        next_at = now + _pause(attempts)
    else:
        next_at = next_reading(source, after=now)
    logger.warning("source %s could not be read: %s", source.pk, failure)
    error = {"sentence": failure.sentence, "values": failure.values, "status": status}
    fields = {"state": Source.State.FAILED, "error": error, "attempts": attempts}
    if taken_out:
        fields |= {"etag": "", "modified": "", "digest": ""}
    with transaction.atomic():
        if not _still_ours(source).update(next_at=next_at, **fields) or not taken_out:
            return
        if Passage.objects.filter(source=source).delete()[0]:
            _mark_changed(source)


def _still_ours(source: Source) -> QuerySet[Source]:
    return Source.objects.filter(pk=source.pk, next_at=source.next_at)


def next_reading(source: Source, *, after: datetime) -> datetime | None:
    """Return when a source that was read at `after` is read again; None for never."""
    if source.kind == Source.Kind.FILE or source.recrawl_hours is None:
        return None
    return after + timedelta(hours=source.recrawl_hours)


def _pause(attempts: int) -> timedelta:
    """Return how long to wait after the failures so far: 1, 4, 16 minutes and so on."""
    seconds = settings.CRAWL_RETRY_SECONDS * 4.0 ** min(attempts - 1, 10)
    return min(timedelta(seconds=seconds), _LONGEST_PAUSE)


def _mark_changed(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(changed_at=timezone.now(), indexed_at=None)
    enqueue("index")


def _replace_passages(source: Source, found: Sequence[Chunk]) -> bool:
    """Make the passages those that were `found`; return whether the index has to know."""
    before = {passage.digest: passage for passage in source.passages.defer("text", "embedded")}
    changes = compare(before, found)
    for start in range(0, len(changes.removed), _ROWS):
        source.passages.filter(digest__in=changes.removed[start : start + _ROWS]).delete()
    moved = []
    for chunk in changes.kept:
        passage, place = before[chunk.digest], _place(chunk)
        if any(getattr(passage, name) != value for name, value in place.items()):
            for name, value in place.items():
                setattr(passage, name, value)
            moved.append(passage)
    Passage.objects.bulk_update(moved, _PLACED, batch_size=_ROWS)
    Passage.objects.bulk_create(
        [
            Passage(
                source=source,
                text=chunk.text,
                question=chunk.question,
                embedded=chunk.embedded,
                digest=chunk.digest,
                **_place(chunk),
            )
            for chunk in changes.added
        ],
        batch_size=_ROWS,
    )
    return bool(changes.added or changes.removed or moved)


def _place(chunk: Chunk) -> dict[str, object]:
    return {
        "position": chunk.position,
        "path": list(chunk.path),
        "label": chunk.label,
        "anchor": chunk.anchor or "",
        "page": chunk.page,
        "language": chunk.language,
    }
