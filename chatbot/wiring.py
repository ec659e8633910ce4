"""Which implementation stands behind each port, and what a process starts beside serving."""

import functools
import gc
import hashlib
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from chatbot import composing
from chatbot.actions import errands, proof
from chatbot.answering.confidence import ConfidenceModel, load_model
from chatbot.answering.retrieval import Answer, Candidate, Found, Knowledge
from chatbot.answering.understanding import detect_language
from chatbot.background import enqueue, start_threads
from chatbot.conversations import attachments, calibration, deliveries, received, selectors
from chatbot.routing import closing, moving, notices, outcomes, presence, snoozing
from chatbot.routing import selectors as routing
from knowledge import crawling, ingest, search, store

logger = logging.getLogger(__name__)
# Younger pending messages are being answered right now.
_LEFT_BEHIND = timedelta(seconds=5)
_WRITING = timedelta(seconds=settings.LANGUAGE_MODEL_SECONDS if settings.LANGUAGE_MODEL else 0)
_MODELS_SECONDS = 10.0
_REFIT_SECONDS = 3_600.0  # between looks whether there is enough to refit; that it does once a day
_TIDY_SECONDS = 3_600.0
_LEARN_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 30.0  # seconds between reminders of the same work


class IndexedKnowledge:
    """answering's `Knowledge`, by the index and the rows of the knowledge app."""

    def find(self, question: str, language: str) -> Found:
        ranking = search.find_entries(question, language)
        return Found(
            tuple(
                Candidate(found.entry, found.score, found.similarity, found.text, found.language)
                for found in ranking.entries
            ),
            ranking.evidence,
        )

    def answer(self, entry: str, language: str, question: str = "") -> Answer | None:
        found = search.published_answer(entry, "da" if language == "nb" else language, question)
        if found is None:
            return None
        return Answer(
            entry=entry,
            topic=found.topic,
            category=found.category,
            title=found.title,
            text=found.text,
            html=found.html,
            language=found.language,
            updated_at=found.updated_at,
            url=found.url,
            threshold=found.threshold,
            action=found.action,
            offers=found.offers,
        )


@functools.cache
def knowledge() -> Knowledge:
    """Return what the bot knows."""
    return IndexedKnowledge()


def prepare(question: str) -> None:
    """Have what `knowledge().find(question)` needs first computed; it waits for it."""
    search.prepare(question)


# --- How sure to be -----------------------------------------------------------------------------
def shipped_model() -> ConfidenceModel:
    """Return the confidence model as it was shipped."""
    return load_model(settings.CONFIDENCE_MODEL)


@functools.lru_cache(maxsize=4)
def _named(description: str) -> str:
    return hashlib.sha256(description.encode()).hexdigest()


def shipped_name() -> str:
    """Return what tells the shipped model from those of other versions."""
    return _named(repr(shipped_model()))


class _Models:
    """The model of each channel, read again at most every so many seconds."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._models: Mapping[int | None, ConfidenceModel] = {}

    def of(self, channel_id: int | None) -> ConfidenceModel:
        now = time.monotonic()
        if now - self._read_at > _MODELS_SECONDS:
            shipped = shipped_model()
            self._models = {
                channel: replace(shipped, shift=shift, slope=slope)
                for channel, (shift, slope) in calibration.active_moves(
                    shipped=shipped_name()
                ).items()
            }
            self._read_at = now
        for name in (channel_id, None):
            if name in self._models:
                return self._models[name]
        return shipped_model()

    def forget(self) -> None:
        self._read_at = float("-inf")


_models = _Models()


def confidence_model(channel_id: int | None) -> ConfidenceModel:
    """Return how sure to be on a channel: by its own outcomes, else by all, else as shipped."""
    return _models.of(channel_id)


def forget_models() -> None:
    """Read the models again before the next answer of this process."""
    _models.forget()


class BackgroundWork:
    """Warms this process up and picks up what was left, until it is stopped."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="svar-sweep", daemon=True)

    def start(self) -> None:
        start_threads()
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the running sweep to end."""
        self._stopping.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        try:
            if settings.ONE_PROCESS:  # else other processes' inboxes may well be open
                presence.forget_all()
            warm_up()
            sweep(everything=True)
        except Exception:
            logger.exception("could not warm up; trying again at the next sweep")
        keep_what_is_loaded()
        keep_sweeping(self._stopping)


@functools.cache
def _background_work() -> BackgroundWork:
    work = BackgroundWork()
    work.start()
    return work


def start_background_work() -> None:
    """Start this process's background work, if it has not started yet."""
    _background_work()


def warm_up() -> None:
    """Load what the first answer needs, and see that there is an index."""
    composing.warm_up()
    load_model(settings.CONFIDENCE_MODEL)
    detect_language("hello there")
    if not store.own():
        logger.error(
            "Another process uses the index in %s. Stop it, or start a Chroma server and set "
            "SVAR_CHROMA_URL in both.",
            settings.CHROMA_DIR,
        )
        return
    ingest.index_stale.call()
    search.warm_up()


def keep_what_is_loaded() -> None:
    """Have the garbage collector leave alone what this process holds now: it stays anyway.

    To look through all modules and models takes it a fifth of a second, in which nothing else
    runs, and it would at every few thousand rows that are read.
    """
    gc.collect()
    gc.freeze()


def keep_sweeping(stopping: threading.Event) -> None:
    """Sweep every `settings.SWEEP_SECONDS` until `stopping` is set."""
    while not stopping.wait(settings.SWEEP_SECONDS):
        try:
            sweep()
        except Exception:
            logger.exception("a sweep failed; trying again at the next one")
        finally:
            close_old_connections()


class Reminders:
    """Enqueues work that still waits again, but ever more seldom.

    An engine that is busy or away keeps every call, and each one more lengthens its list.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[Any, ...], tuple[float, float]] = {}

    def remind(self, waiting: Iterable[tuple[Any, ...]]) -> None:
        """Enqueue what is waiting and due; forget what waits no more."""
        now = time.monotonic()
        upcoming = {}
        for call in waiting:
            at, pause = self._next.get(call, (now, _FIRST_PAUSE))
            if at <= now:
                enqueue(*call)
                at, pause = now + pause, min(pause * 2, _LONGEST_PAUSE)
            upcoming[call] = (at, pause)
        self._next = upcoming


_reminders = Reminders()


class Interval:
    """Says once in so many seconds that the time has come, for the first time soon."""

    def __init__(self, seconds: float, first: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + first

    def has_come(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


_refits = Interval(_REFIT_SECONDS, first=300.0)
_tidying = Interval(_TIDY_SECONDS, first=120.0)
_learning = Interval(_LEARN_SECONDS, first=10.0)
_followups = Interval(settings.FOLLOWUP_SECONDS, first=5.0)


def sweep(*, everything: bool = False) -> None:
    """Enqueue every row that waits: a crash, an engine that was away, a time that has come."""
    left = timedelta(0) if everything else _LEFT_BEHIND
    # Two workers with the same question would both write, and the customer see both drafts.
    answers = selectors.conversations_left(older_than=left if everything else left + _WRITING)
    before = timezone.now() - left
    to_deliver = deliveries.conversations_to_deliver(left=left)
    waiting: list[tuple[Any, ...]] = [("answer", conversation_id) for conversation_id in answers]
    waiting += [("deliver-outside", conversation_id) for conversation_id in to_deliver]
    waiting += [("errand", errand_id) for errand_id in errands.due(now=before)]
    waiting += [("read", channel_id) for channel_id in received.channels_waiting(now=before)]
    waiting += [("fetch", attachment_id) for attachment_id in attachments.waiting_files(now=before)]
    waiting += [("notice", notice_id) for notice_id in notices.due(now=before)]
    if _followups.has_come():
        waiting.append(("followup",))
    if ingest.has_work():
        waiting.append(("index",))
    if crawling.has_due():
        waiting.append(("crawl",))
    now = timezone.now()
    if presence.forget_silent() or routing.is_waiting():
        waiting.append(("assign",))
    waiting += [("unanswered", assignment_id) for assignment_id in moving.unanswered(now=now)]
    waiting += [("wake", conversation_id) for conversation_id in snoozing.due(now=now)]
    waiting += [("closing", closing_id) for closing_id in closing.due(now=now)]
    waiting += [("give-back", agent_id) for agent_id in moving.gone(now=now)]
    if _learning.has_come() and outcomes.has_news():
        waiting.append(("learn",))
    if _tidying.has_come():
        proof.forget_old()
        attachments.remove_unsent()
        received.forget_old()
    if _refits.has_come():
        waiting.append(("refit",))
    _reminders.remind(waiting)
