"""How long a customer waits for a person, what was promised, and when people are back."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from chatbot.conversations.models import Channel, Conversation, Status
from chatbot.conversations.selectors import measured_reply_minutes, queue
from chatbot.routing import selectors
from chatbot.routing.holidays import Closed, closed_on
from chatbot.routing.hours import is_at_work, next_at_work
from chatbot.routing.measuring import measured
from chatbot.routing.models import Assignment
from chatbot.routing.queueing import delay_of, in_round_minutes, predict

_REPLIES_SECONDS = 2.0
# Rejections that pass while one waits; the others mean that somebody is not the one to wait for.
_PASSING = ("", "full", "offline", "away")


@dataclass(frozen=True, slots=True)
class Wait:
    """What a customer who waits can expect.

    people_here: who is here now. position: place among those who wait for the same people, None
    where they do not wait. minutes: until somebody says something, rounded. seconds: until
    somebody has the conversation; None where nobody here can. opens_at: None while it is open.
    """

    people_here: int
    position: int | None
    minutes: int
    seconds: float | None
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Person:
    """An agent who is here now."""

    id: int
    open: int
    capacity: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who is here, who waits, and for whom they do not wait."""

    here: Sequence[_Person]
    queue: Sequence[int]
    unsuitable: Mapping[int, frozenset[int]]

    def suitable(self, conversation_id: int) -> frozenset[int]:
        """Return who of those here can take a conversation."""
        here = frozenset(person.id for person in self.here)
        return here - self.unsuitable.get(conversation_id, frozenset())

    def position(self, conversation_id: int) -> int:
        """Return the place among those who wait for the same people; 1 is next."""
        mine, place = self.suitable(conversation_id), 1
        for other in self.queue:
            if other == conversation_id:
                break
            # Whom nobody here quite fits stand before nobody else, and behind all: in the end
            # they go to somebody who is here.
            place += not mine or not mine.isdisjoint(self.suitable(other))
        return place


_desk: ContextVar[_Desk | None] = ContextVar("desk", default=None)


def _look() -> _Desk:
    known = _desk.get()
    if known is not None:
        return known
    here = [
        _Person(agent.id, agent.open, agent.capacity)
        for agent in selectors.agents()
        if agent.presence == "online"
    ]
    waiting = queue()
    return _Desk(here, waiting, _unsuitable() if waiting else {})


# By assignment: what was recorded of one never changes, and every look needs all who wait.
_rejected: dict[int, frozenset[int]] = {}
_MOST_REJECTED = 5_000


def _unsuitable() -> Mapping[int, frozenset[int]]:
    """Return by waiting conversation who cannot take it, as routing found last."""
    rows = Assignment.objects.filter(agent=None, ended_at=None, conversation__status=Status.QUEUED)
    waiting = dict(rows.values_list("pk", "conversation_id"))
    known = {pk: kept for pk in waiting if (kept := _rejected.get(pk)) is not None}
    for pk, candidates in rows.exclude(pk__in=known).values_list("pk", "candidates"):
        known[pk] = frozenset(
            one["agent"] for one in candidates if one.get("rejected", "") not in _PASSING
        )
    if len(_rejected) > _MOST_REJECTED:
        _rejected.clear()
    _rejected.update(known)
    return {waiting[pk]: agents for pk, agents in known.items() if pk in waiting}


@contextmanager
def one_look() -> Iterator[None]:
    """Look once for all who are told meanwhile, who may be many."""
    token = _desk.set(_look())
    try:
        yield
    finally:
        _desk.reset(token)


def expected_wait(conversation: Conversation) -> Wait:
    """Return what to tell the customer: people here, place in the queue, minutes, opening."""
    now = timezone.now()
    desk = _look()
    position = desk.position(conversation.pk) if _is_waiting(conversation) else None
    suitable = desk.suitable(conversation.pk)
    # Where nobody here quite fits, it is a place of theirs in the end, but no free one.
    people = [person for person in desk.here if person.id in suitable or not suitable]
    free = sum(max(person.capacity - person.open, 0) for person in people)
    taken = sum(min(person.open, person.capacity) for person in people)
    channel, known = conversation.channel, measured()
    predicted = predict(
        position=position or 1,
        free=free if suitable else 0,
        taken=taken if suitable else free + taken,
        holding=known.holding,
        delay=delay_of(known.delays.get(channel.kind, ()), usual=channel.reply_minutes),
    )
    return Wait(
        people_here=len(desk.here),
        position=position,
        minutes=(
            in_round_minutes(predicted.until_reply)
            if predicted
            else reply_minutes(channel, now=now)
        ),
        seconds=predicted.until_assigned * 60 if predicted and suitable else None,
        opens_at=opens_at(channel, now=now),
    )


def _is_waiting(conversation: Conversation) -> bool:
    return conversation.status == Status.QUEUED and conversation.handed_off_at is not None


def somebody_has_room() -> bool:
    """Return whether anybody who is here could take one more conversation."""
    return any(person.open < person.capacity for person in _look().here)


def reply_minutes(channel: Channel, *, now: datetime | None = None) -> int:
    """Return the minutes until a person usually replies: measured, else what the site promises."""
    return _usual_reply(now or timezone.now()) or channel.reply_minutes


_replies: tuple[float, int | None] = (float("-inf"), None)


def _usual_reply(now: datetime) -> int | None:
    """Return the measured minutes, read again every two seconds: every handoff asks for them."""
    global _replies
    moment = time.monotonic()
    if moment - _replies[0] > _REPLIES_SECONDS:
        _replies = (moment, measured_reply_minutes(now=now))
    return _replies[1]


# --- Opening ----------------------------------------------------------------------------------
def is_open(channel: Channel, *, now: datetime | None = None) -> bool:
    """Return whether the site's people are at work: by its hours, and on no holiday."""
    local = timezone.localtime(now or timezone.now())
    return is_at_work(channel.opening_hours, _closed(channel), local)


def opens_at(channel: Channel, *, now: datetime | None = None) -> datetime | None:
    """Return when the site's people are back, if they are away now."""
    local = timezone.localtime(now or timezone.now())
    return next_at_work(channel.opening_hours, _closed(channel), local)


def _closed(channel: Channel) -> Closed:
    return closed_on(channel.holidays, channel.closed_days)


# --- What was promised ------------------------------------------------------------------------
def promised_and_actual(*, since: datetime) -> Sequence[tuple[float, float]]:
    """Return for those who waited in the queue the minutes promised, and until the reply.

    Of conversations since then that a person has replied to; who gave up before is not there.
    """
    rows = Conversation.objects.filter(
        handed_off_at__gte=since,
        first_reply_at__isnull=False,
        handoff__has_key="promised_minutes",
    ).values_list("handoff", "handed_off_at", "first_reply_at")
    return [
        (float(handoff["promised_minutes"]), (replied - began).total_seconds() / 60)
        for handoff, began, replied in rows
        if began is not None and replied is not None
    ]
