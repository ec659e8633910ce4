"""What handed-off conversations were about, as vectors, and past ones that were alike.

E5's cosines crowd between .75 and 1.0, since all texts share a large common part, and texts of one
language a part of their own: vectors are compared after the mean of questions of their language
was taken off (`knowledge.catalog.prior`; Libovicky et al. 2020, On the Language Neutrality of
Pre-trained Multilingual Representations). Then what says the same in two languages is as near as
in one. How near is alike was measured: docs/new-problems.md.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import F, Q
from django.utils import timezone

from chatbot.conversations.models import Conversation, Status
from chatbot.routing.models import Assignment, CaseVector, Outcome
from knowledge.catalog import prior
from knowledge.embeddings import embedded_question, fingerprint, query_vector
from knowledge.field import Array, unit

ALIKE = 0.40  # cosine of two centred questions from which an agent is shown the one for the other
_MOST = 20_000  # newest handed-off conversations that are looked through
_AT_ONCE = 40  # of those near, whose rows are read at a time
_OVERLAP = timedelta(seconds=10)  # a row may be committed after one that was made later
_WHAT = ("error", "what")  # of what an action collected, what went wrong


@dataclass(frozen=True, slots=True)
class PastCase:
    """A resolved conversation that was alike.

    solved_by: the agent's name. minutes: of working time where that was kept, else from when
    they got it until it was resolved. rating: 1 to 5, or None. similarity: the cosine, at most 1.
    """

    conversation_id: int
    question: str
    language: str
    solved_by: str
    minutes: float | None
    rating: int | None
    resolved_at: datetime
    similarity: float


# --- What a conversation is about ---------------------------------------------------------------
def told(handoff: Mapping[str, Any]) -> str:
    """Return what a customer wants, in their words: what an action collected, or the question."""
    form: dict[str, Any] = dict(handoff.get("form", ()))
    collected = next((form[name] for name in _WHAT if form.get(name)), "")
    return str(collected or handoff.get("question") or "")


def made_by() -> str:
    """Return which embeddings are in use, in few characters."""
    return hashlib.sha256(fingerprint().encode()).hexdigest()[:32]


def centred(vector: Array, language: str) -> Array:
    """Return a question's vector as questions are compared: of unit length, without its language.

    A language that is not known counts as the mean of all.
    """
    general = prior()
    return unit(vector - general.by_language.get(language, general.mean))


def unpacked(kept: Sequence[tuple[bytes | memoryview, str]]) -> Array:
    """Return the vectors of `CaseVector` rows, (vector, language), centred, one a row."""
    general = prior()
    if not kept:
        return np.zeros((0, len(general.mean)), dtype=np.float32)
    vectors = np.stack([np.frombuffer(bytes(packed), dtype="<f4") for packed, _ in kept])
    return unit(vectors - np.stack([general.by_language.get(n, general.mean) for _, n in kept]))


def vector_of(question: str, language: str) -> Array:
    """Return the vector of `question` as questions are compared."""
    return centred(query_vector(embedded_question(question)), language)


def unseen(*, since: datetime | None, most: int = 200) -> Sequence[Conversation]:
    """Return the newest handed-off conversations whose question is not kept yet, at most `most`.

    Also those that were handed off again since it was kept, or whose vector is of other
    embeddings. `since`: only what was handed off from then on; None looks at all. What says
    nothing in words, such as a picture, has no question.
    """
    stale = (
        Q(case_vector=None)
        | Q(case_vector__at__lt=F("handed_off_at"))
        | ~Q(case_vector__made_by=made_by())
    )
    rows = Conversation.objects.filter(handed_off_at__isnull=False)
    if since is not None:
        rows = rows.filter(status__in=Status.values, handed_off_at__gte=since)  # by their index
    newest = rows.filter(stale).order_by("-handed_off_at", "-pk")[:_MOST]
    found: list[Conversation] = []
    for conversation in newest.iterator(chunk_size=500):
        if told(conversation.handoff).strip():
            found.append(conversation)
        if len(found) >= most:
            break
    return found


def embed(question: str) -> Array:
    """Return what is kept of a question. It takes a while: not within a transaction."""
    packed: Array = query_vector(embedded_question(question)).astype("<f4")
    return packed


def keep_vector(*, conversation: Conversation, packed: Array) -> Array:
    """Keep what a handed-off conversation is about, as of `embed`; return it centred."""
    CaseVector.objects.update_or_create(
        conversation=conversation,
        defaults={
            "vector": packed.tobytes(),
            "language": conversation.language,
            "made_by": made_by(),
            "at": timezone.now(),
        },
    )
    return centred(packed, conversation.language)


def is_kept(conversation: Conversation) -> bool:
    """Return whether what a handed-off conversation is about is kept, as of its last handoff."""
    return _kept(conversation) is not None


def _kept(conversation: Conversation) -> CaseVector | None:
    found = CaseVector.objects.filter(conversation=conversation, made_by=made_by())
    if conversation.handed_off_at is not None:
        found = found.filter(at__gte=conversation.handed_off_at)
    return found.first()


# --- Past conversations -------------------------------------------------------------------------
class _Vectors:
    """The newest vectors in this process; each reading takes up what came since the last one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget("")

    def _forget(self, maker: str) -> None:
        self._maker = maker
        self._vectors: Array = np.zeros((0, 0), dtype=np.float32)
        self._ids: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._row: dict[int, int] = {}
        self._next = 0
        self._read_until: datetime | None = None

    def near(self, vector: Array, *, least: float) -> list[tuple[int, float]]:
        """Return (conversation's id, cosine) of what is at least so near, nearest first."""
        with self._lock:
            self._read()
            count = len(self._row)
            if not count or self._vectors.shape[1] != len(vector):
                return []
            cosines = self._vectors[:count] @ vector
            near = np.flatnonzero(cosines >= least)
            order = near[np.argsort(-cosines[near], kind="stable")]
            return list(zip(self._ids[order].tolist(), cosines[order].tolist(), strict=True))

    def _read(self) -> None:
        maker = made_by()
        if maker != self._maker:
            self._forget(maker)
        rows = CaseVector.objects.filter(made_by=maker)
        if self._read_until is None:
            newest = rows.order_by("-at", "-pk")[:_MOST]
            found = list(_values(newest))[::-1]
        else:
            found = list(_values(rows.filter(at__gte=self._read_until - _OVERLAP).order_by("at")))
        for start in range(0, len(found), 1_000):
            self._take(found[start : start + 1_000])
        if found:
            self._read_until = found[-1][3]

    def _take(self, rows: Sequence[tuple[int, str, bytes, datetime]]) -> None:
        vectors = unpacked([(packed, language) for _, language, packed, _ in rows])
        for (conversation, *_), vector in zip(rows, vectors, strict=True):
            at = self._row.get(conversation)
            if at is None:
                at = self._next
                self._next = (self._next + 1) % _MOST
                if at >= len(self._ids):
                    self._grow(len(vector))
                elif len(self._row) >= _MOST:  # the oldest makes room
                    del self._row[int(self._ids[at])]
                self._row[conversation] = at
                self._ids[at] = conversation
            self._vectors[at] = vector

    def _grow(self, dimensions: int) -> None:
        size = min(_MOST, max(256, 2 * len(self._ids)))
        vectors = np.zeros((size, dimensions), dtype=np.float32)
        ids = np.zeros(size, dtype=np.int64)
        if len(self._ids):
            vectors[: len(self._ids)] = self._vectors
            ids[: len(self._ids)] = self._ids
        self._vectors, self._ids = vectors, ids


def _values(rows: Any) -> Iterator[tuple[int, str, bytes, datetime]]:
    found: Iterator[tuple[int, str, bytes, datetime]] = rows.values_list(
        "conversation_id", "language", "vector", "at"
    ).iterator(chunk_size=2_000)
    return found


_vectors = _Vectors()


def past_cases(*, conversation: Conversation, question: str, most: int = 5) -> Sequence[PastCase]:
    """Return resolved conversations that were about the same as `question`, the nearest first.

    Those that a person solved; `conversation` itself is left out.
    """
    kept = _kept(conversation)
    if kept is None:
        vector = vector_of(question, conversation.language)
    else:
        vector = centred(np.frombuffer(bytes(kept.vector), dtype="<f4"), kept.language)
    near = _vectors.near(vector, least=ALIKE)
    found: list[PastCase] = []
    for start in range(0, len(near), _AT_ONCE):
        part = dict(near[start : start + _AT_ONCE])
        part.pop(conversation.pk, None)
        found += _solved(part, most - len(found))
        if len(found) >= most:
            break
    return found


def _solved(near: Mapping[int, float], most: int) -> list[PastCase]:
    rows = Conversation.objects.filter(
        pk__in=near, status=Status.RESOLVED, assignee__isnull=False, resolved_at__isnull=False
    ).select_related("assignee__agent", "rating")
    best = sorted(rows, key=lambda row: -near[row.pk])[:most]
    minutes = _minutes(best)
    return [
        PastCase(
            conversation_id=row.pk,
            question=told(row.handoff),
            language=row.language,
            solved_by=_name(row),
            minutes=minutes.get(row.pk),
            rating=row.rating.score if hasattr(row, "rating") else None,
            resolved_at=row.resolved_at,
            similarity=near[row.pk],
        )
        for row in best
        if row.resolved_at is not None
    ]


def _name(conversation: Conversation) -> str:
    user = conversation.assignee
    if user is None:
        return ""
    return user.agent.name if hasattr(user, "agent") else user.get_username()


def _minutes(rows: Sequence[Conversation]) -> Mapping[int, float]:
    """Return how long each took: working time where it was kept, else from assigned to resolved."""
    ids = [row.pk for row in rows]
    given = dict(
        Assignment.objects.filter(conversation__in=ids, agent__isnull=False)
        .order_by("pk")
        .values_list("conversation_id", "created_at")
    )
    worked = dict(
        Outcome.objects.filter(conversation__in=ids, minutes__isnull=False)
        .order_by("at")
        .values_list("conversation_id", "minutes")
    )
    found = {}
    for row in rows:
        began = given.get(row.pk) or row.handed_off_at
        if worked.get(row.pk) is not None:
            found[row.pk] = float(worked[row.pk] or 0.0)
        elif began is not None and row.resolved_at is not None:
            found[row.pk] = max(0.0, (row.resolved_at - began).total_seconds() / 60)
    return found
