"""The reads of conversations."""

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from chatbot.conversations import at_hand
from chatbot.conversations.models import (
    Channel,
    Conversation,
    Delivery,
    Message,
    Priority,
    Status,
)

MEASURED_REPLIES = 5  # fewer say too little about how fast we are


def active_channel(*, key: str, kind: str) -> Channel | None:
    """Return the active channel of `kind` with the public `key`."""
    return Channel.objects.filter(key=key, kind=kind, is_active=True).first()


def latest_conversation(*, channel_id: int, sender_id: str) -> Conversation | None:
    """Return the customer's newest conversation on the channel, open or resolved."""
    rows = Conversation.objects.select_related("channel", "contact", "assignee", "identity")
    found = (
        rows.filter(identity__channel_id=channel_id, identity__external_id=sender_id)
        .order_by("-id")
        .first()
    )
    if found is not None and found.merged_into_id is not None:
        return rows.filter(pk=found.merged_into_id).first()  # it goes on there
    return found


def inbound_message(channel_id: int, external_id: str) -> Message | None:
    """Return the message that the channel knows as `external_id`, if it was recorded."""
    return (
        Message.objects.select_related("conversation")
        .filter(channel_id=channel_id, external_id=external_id)
        .first()
    )


def visible_messages(*, channel_id: int, sender_id: str) -> QuerySet[Message]:
    """Return what a customer may read on one channel: everything but private notes.

    Where a conversation of theirs was merged: of the one that goes on, what they wrote here and
    what was sent here.
    """
    theirs = Conversation.objects.filter(
        identity__channel_id=channel_id, identity__external_id=sender_id
    )
    shown = Q(
        conversation__identity__channel_id=channel_id,
        conversation__identity__external_id=sender_id,
    )
    goes_on = list(
        theirs.filter(merged_into__isnull=False).values_list("merged_into_id", flat=True)
    )
    if goes_on:
        sent_here = Delivery.objects.filter(
            message=OuterRef("pk"),
            identity__channel_id=channel_id,
            identity__external_id=sender_id,
        )
        wrote_here = Q(identity__channel_id=channel_id, identity__external_id=sender_id)
        shown |= Q(conversation__in=goes_on) & (wrote_here | Q(Exists(sent_here)))
    return (
        Message.objects.select_related("conversation").filter(shown).exclude(kind=Message.Kind.NOTE)
    )


def agent_messages() -> QuerySet[Message]:
    """Return all messages, with what is shown of one to agents."""
    return Message.objects.select_related(
        "channel", "identity", "conversation__channel"
    ).prefetch_related("attachments", "deliveries__identity__channel")


def page_of(
    messages: QuerySet[Message], *, after: int = 0, before: int = 0, limit: int = 50
) -> tuple[Sequence[Message], bool]:
    """Return at most `limit` messages, oldest first, and whether there are more that way.

    With `after`, those that follow; else the newest (before `before`, where given).
    """
    if after:
        rows = list(messages.filter(pk__gt=after).order_by("id")[: limit + 1])
        return rows[:limit], len(rows) > limit
    if before:
        messages = messages.filter(pk__lt=before)
    rows = list(messages.order_by("-id")[: limit + 1])
    return rows[:limit][::-1], len(rows) > limit


_MOVING = ("status", "assignee_id", "language", "dialogue", "task")  # with every answer


def pending(*, conversation_id: int) -> Sequence[Message]:
    """Return the messages of the conversation that were not yet handled, in order."""
    waiting = Message.objects.filter(
        conversation_id=conversation_id, state=Message.State.PENDING
    ).order_by("id")
    found = list(waiting.values_list("pk", *(f"conversation__{name}" for name in _MOVING)))
    here = at_hand.messages.take([pk for pk, *_ in found])
    if len(here) == len(found):
        rows = [here[pk] for pk, *_ in found]
        # They know the conversation as it was when they were recorded: since then the message
        # before may have been answered.
        for row, (_, *values) in zip(rows, found, strict=True):
            for name, value in zip(_MOVING, values, strict=True):
                setattr(row.conversation, name, value)
        return rows
    return list(
        waiting.select_related(
            "conversation",
            "conversation__channel",
            "conversation__contact",
            "conversation__identity",
        )
    )


def conversations_left(*, older_than: timedelta) -> Sequence[int]:
    """Return the conversations with a message that nobody handled for so long."""
    return list(
        Message.objects.filter(
            state=Message.State.PENDING, created_at__lte=timezone.now() - older_than
        )
        .order_by()
        .values_list("conversation_id", flat=True)
        .distinct()[:500]
    )


# How a queue is served: by urgency, then whoever waits longest.
_URGENCY = Case(
    When(priority=Priority.URGENT, then=Value(2)),
    When(priority=Priority.HIGH, then=Value(1)),
    default=Value(0),
)


def in_queue_order(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Return conversations in the order in which people get them."""
    return rows.annotate(urgency=_URGENCY).order_by("-urgency", "handed_off_at", "pk")


def queue() -> Sequence[int]:
    """Return the conversations that wait for a person, the next one first."""
    rows = Conversation.objects.filter(status=Status.QUEUED)
    return list(in_queue_order(rows).values_list("pk", flat=True))


def open_with_people(*, channel_id: int) -> int:
    """Return how many conversations of a channel people have, or wait for people."""
    return Conversation.objects.filter(
        channel_id=channel_id, status__in=[Status.QUEUED, Status.ASSIGNED]
    ).count()


def bot_has_spoken(*, conversation_id: int) -> bool:
    """Return whether the bot has said anything in a conversation."""
    return Message.objects.filter(
        conversation_id=conversation_id, author=Message.Author.BOT
    ).exists()


def said_since(*, message_id: int, before: Message) -> Sequence[Message]:
    """Return a customer's question and what they wrote after it, `before` another message."""
    return list(
        Message.objects.filter(
            conversation_id=before.conversation_id,
            author=Message.Author.CONTACT,
            identity=None,
            deleted_at=None,
            pk__gte=message_id,
            pk__lt=before.pk,
        ).order_by("pk")
    )


def measured_reply_minutes(*, now: datetime) -> int | None:
    """Return the median minutes from handoff to the first human reply, of the last 30 days.

    None when fewer than `MEASURED_REPLIES` were measured.
    """
    rows = (
        Conversation.objects.filter(
            first_reply_at__isnull=False, handed_off_at__gte=now - timedelta(days=30)
        )
        .order_by("-handed_off_at")
        .annotate(waited=F("first_reply_at") - F("handed_off_at"))
        .values_list("waited", flat=True)[:200]
    )
    minutes: list[float] = [max(waited.total_seconds(), 0) / 60 for waited in rows]
    if len(minutes) < MEASURED_REPLIES:
        return None
    return max(1, round(statistics.median(minutes)))


def offered_before(message: Message) -> Message | None:
    """Return what the bot said last before a customer's message, if it offered choices."""
    last = (
        Message.objects.filter(
            conversation_id=message.conversation_id, pk__lt=message.pk, kind=Message.Kind.TEXT
        )
        .order_by("-pk")
        .first()
    )
    return last if last is not None and last.quick_replies else None


def bot_messages(*, message: Message, since: datetime) -> int:
    """Return how often the bot has written to a message's sender since then, wherever."""
    return (
        Message.objects.filter(author=Message.Author.BOT, created_at__gte=since)
        .filter(
            Q(conversation_id=message.conversation_id)
            | Q(conversation__identity_id=_sender_id(message))
        )
        .count()
    )


def answered_before(message: Message, *, since: datetime) -> tuple[Message, Message] | None:
    """Return its sender's message before this one, and what the bot has said to it since then.

    In any conversation on the channel: what a machine sends may begin a new one each time.
    """
    sender = _sender_id(message)
    last = (
        Message.objects.filter(
            Q(identity_id=sender) | Q(identity=None, conversation__identity_id=sender),
            channel_id=message.channel_id,
            author=Message.Author.CONTACT,
            pk__lt=message.pk,
        )
        .order_by("-pk")
        .first()
    )
    if last is None:
        return None
    answer = (
        Message.objects.filter(
            conversation_id__in={last.conversation_id, message.conversation_id},
            author=Message.Author.BOT,
            created_at__gte=since,
            pk__gt=last.pk,
            pk__lt=message.pk,
        )
        .order_by("-pk")
        .first()
    )
    return None if answer is None else (last, answer)


def _sender_id(message: Message) -> int:
    return message.identity_id or message.conversation.identity_id


def told_by_others(*, conversation_id: int, user_id: int, after: int) -> str:
    """Return who but `user_id` replied to the customer last, after the message `after`, or ""."""
    others = Message.objects.filter(
        conversation_id=conversation_id,
        author=Message.Author.AGENT,
        kind=Message.Kind.TEXT,
        pk__gt=after,
    ).exclude(user_id=user_id)
    return others.order_by("-pk").values_list("author_name", flat=True).first() or ""
