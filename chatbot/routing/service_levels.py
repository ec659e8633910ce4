"""The clocks of service levels: set, paused and ended with what happens to a conversation.

Functions return changes of a conversation, for the write that they belong to.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone

from chatbot.conversations import services as conversations
from chatbot.conversations.models import Channel, Conversation, Message, Status
from chatbot.routing import sla
from chatbot.routing.holidays import closed_on
from chatbot.routing.models import Promise, ServiceLevel
from chatbot.routing.options import at_least

_SECONDS = 2.0
_OFF: Mapping[str, Any] = {"reply_due_at": None, "resolve_due_at": None}


@dataclass(frozen=True, slots=True)
class Level:
    """A service level as plain values; minutes while the channel is open, None: not promised."""

    channels: frozenset[int]
    from_priority: str
    for_vips: bool
    first_reply: int | None
    next_reply: int | None
    resolve: int | None

    def fits(self, conversation: Conversation, priority: str) -> bool:
        """Return whether all that it asks for is so."""
        return (
            (not self.channels or conversation.channel_id in self.channels)
            and (not self.from_priority or at_least(priority, self.from_priority))
            and (not self.for_vips or conversation.contact.is_vip)
        )

    def reply(self, conversation: Conversation) -> int | None:
        """Return the minutes to the next reply in a conversation."""
        return self.first_reply if conversation.first_reply_at is None else self.next_reply


_NONE = Level(frozenset(), "", False, None, None, None)
_cached: tuple[float, tuple[Level, ...]] | None = None


def _levels() -> tuple[Level, ...]:
    global _cached
    now = time.monotonic()
    if _cached is None or now - _cached[0] > _SECONDS:
        rows = ServiceLevel.objects.filter(is_active=True).prefetch_related("channels")
        _cached = (now, tuple(map(_level, rows)))
    return _cached[1]


def _level(row: ServiceLevel) -> Level:
    return Level(
        channels=frozenset(channel.pk for channel in row.channels.all()),
        from_priority=row.from_priority,
        for_vips=row.for_vips,
        first_reply=row.first_reply_minutes,
        next_reply=row.next_reply_minutes,
        resolve=row.resolve_minutes,
    )


def _forget(**_: Any) -> None:
    global _cached
    _cached = None


post_save.connect(_forget, sender=ServiceLevel, dispatch_uid="service-level-saved")
post_delete.connect(_forget, sender=ServiceLevel, dispatch_uid="service-level-gone")
m2m_changed.connect(
    _forget, sender=ServiceLevel.channels.through, dispatch_uid="service-level-channels"
)


def level_of(conversation: Conversation, priority: str = "") -> Level:
    """Return what is promised in a conversation, as if its priority were `priority`."""
    wanted = priority or conversation.priority
    return next((one for one in _levels() if one.fits(conversation, wanted)), _NONE)


# --- What happens to a conversation -------------------------------------------------------------
def begun(
    conversation: Conversation, now: datetime, *, waits: bool = True, priority: str = ""
) -> dict[str, Any]:
    """Return the clocks of a conversation that people have from now on.

    `waits`: its customer waits for a first reply.
    """
    level = level_of(conversation, priority)
    channel = conversation.channel
    return {
        "reply_due_at": _due(channel, now, level.first_reply if waits else None),
        "resolve_due_at": _due(channel, now, level.resolve),
    }


def answered(conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Return the clocks after an agent's reply, and keep whether it came in time."""
    if conversation.reply_due_at is None:
        return {}
    is_first = conversation.first_reply_at is None
    kind = Promise.Kind.FIRST_REPLY if is_first else Promise.Kind.REPLY
    _keep(conversation, kind, conversation.reply_due_at, now)
    return {"reply_due_at": None}


def ended(conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Return the clocks of a resolved conversation, and keep whether that was in time."""
    if conversation.resolve_due_at is not None:
        _keep(conversation, Promise.Kind.RESOLUTION, conversation.resolve_due_at, now)
    return dict(_OFF)


def stopped() -> dict[str, Any]:
    """Return the clocks of a conversation that people do not have any more."""
    return dict(_OFF)


def paused(conversation: Conversation, now: datetime, until: datetime) -> dict[str, Any]:
    """Return the clocks that go on at `until` with what is left now; nobody sees them before."""
    return _moved(conversation, now, until)


def resumed(conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Return the clocks of a conversation that wakes before its time."""
    if conversation.snoozed_until is None or conversation.snoozed_until <= now:
        return {}
    return _moved(conversation, conversation.snoozed_until, now)


def _moved(conversation: Conversation, since: datetime, until: datetime) -> dict[str, Any]:
    hours, closed = _clock(conversation.channel)
    return {
        name: sla.moved(
            hours,
            closed,
            timezone.localtime(due),
            timezone.localtime(since),
            timezone.localtime(until),
        )
        for name in _OFF
        if (due := getattr(conversation, name)) is not None
    }


def reclassified(conversation: Conversation, before: str, after: str) -> dict[str, Any]:
    """Return the clocks after another priority: what has passed of the old time counts."""
    old, new = level_of(conversation, before), level_of(conversation, after)
    if old == new or conversation.status not in (Status.QUEUED, Status.ASSIGNED):
        return {}
    begun_at = conversation.handed_off_at
    waits_since = conversation.waiting_since
    return {
        "reply_due_at": _again(
            conversation,
            conversation.reply_due_at,
            old.reply(conversation),
            new.reply(conversation) if waits_since else None,
            waits_since,
        ),
        "resolve_due_at": _again(
            conversation, conversation.resolve_due_at, old.resolve, new.resolve, begun_at
        ),
    }


def _again(
    conversation: Conversation,
    due: datetime | None,
    old: int | None,
    new: int | None,
    since: datetime | None,
) -> datetime | None:
    """Return when it is due by another level; `since` counts where no clock ran before."""
    if new is None:
        return None
    channel, now = conversation.channel, timezone.now()
    if due is None or old is None:
        return _due(channel, since or now, new)
    hours, closed = _clock(channel)
    here, then = timezone.localtime(now), timezone.localtime(due)
    left = sla.open_minutes(hours, closed, here, then)
    if due < now:
        left = -sla.open_minutes(hours, closed, then, here)
    still = left + new - old
    if still >= 0:
        return sla.due_at(hours, closed, here, still)
    return sla.due_at(hours, closed, then, max(new - old, 0)) if new > old else due


def hear_message(*, conversation: Conversation, message: Message, **_: Any) -> None:
    """Follow the core's signal: a customer who writes to people is promised a reply."""
    if (
        message.author != Message.Author.CONTACT
        or conversation.status not in (Status.QUEUED, Status.ASSIGNED)
        or conversation.waiting_since is None
        or conversation.reply_due_at is not None
        or not _levels()
    ):
        return
    minutes = level_of(conversation).reply(conversation)
    due = _due(conversation.channel, timezone.now(), minutes)
    if due is not None:
        conversations.change_conversation(
            conversation=conversation,
            expected={"waiting_since__isnull": False, "reply_due_at": None},
            reply_due_at=due,
        )


def _due(channel: Channel, start: datetime, minutes: int | None) -> datetime | None:
    if minutes is None:
        return None
    hours, closed = _clock(channel)
    return sla.due_at(hours, closed, timezone.localtime(start), minutes)


def _clock(channel: Channel) -> tuple[Any, Any]:
    return channel.opening_hours, closed_on(channel.holidays, channel.closed_days)


def _keep(conversation: Conversation, kind: str, due: datetime, now: datetime) -> None:
    Promise.objects.create(conversation=conversation, kind=kind, due_at=due, done_at=now)


# --- Reads --------------------------------------------------------------------------------------
def amber_times(conversation: Conversation) -> tuple[datetime | None, datetime | None]:
    """Return from when on the clocks of reply and resolution are amber; None where none runs."""
    reply, resolve = conversation.reply_due_at, conversation.resolve_due_at
    if reply is None and resolve is None:
        return None, None
    level = level_of(conversation)
    hours, closed = _clock(conversation.channel)

    def amber(due: datetime | None, minutes: int | None) -> datetime | None:
        if due is None:
            return None
        return sla.amber_at(hours, closed, timezone.localtime(due), minutes or 0)

    return amber(reply, level.reply(conversation)), amber(resolve, level.resolve)


@dataclass(frozen=True, slots=True)
class Kept:
    """How many promises of a kind there were, and how many were kept."""

    kind: str
    label: str
    kept: int
    all: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.kept / self.all


def kept_promises(*, since: datetime) -> list[Kept]:
    """Return of each kind what was due since then; what is late and not done yet is not kept."""
    now = timezone.now()
    done = Promise.objects.filter(done_at__gte=since)
    people = Conversation.objects.filter(status__in=[Status.QUEUED, Status.ASSIGNED])
    late_reply = people.filter(reply_due_at__lt=now, snoozed_until=None)
    late = {
        Promise.Kind.FIRST_REPLY: late_reply.filter(first_reply_at=None),
        Promise.Kind.REPLY: late_reply.exclude(first_reply_at=None),
        Promise.Kind.RESOLUTION: people.filter(resolve_due_at__lt=now, snoozed_until=None),
    }
    found = []
    for kind in Promise.Kind:
        of_kind = done.filter(kind=kind)
        kept = of_kind.filter(done_at__lte=F("due_at")).count()
        total = of_kind.count() + late[kind].count()
        if total:
            found.append(Kept(kind.value, str(kind.label), kept, total))
    return found
