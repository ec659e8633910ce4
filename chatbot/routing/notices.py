"""The writes of notices: lines for agents where they are, each until it is posted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chatbot.background import enqueue
from chatbot.conversations.models import Channel, Conversation
from chatbot.routing.models import HandoffNotice

_MOST_ATTEMPTS = 8
_TAKEN_FOR = timedelta(seconds=60)


def add_notices(*, conversation: Conversation) -> None:
    """Have agents told that a conversation waits, in every channel that is set up for it."""
    for channel in Channel.objects.filter(is_active=True).exclude(config={}):
        if channel.config.get("notice_channel"):
            notice = HandoffNotice.objects.create(conversation=conversation, channel=channel)
            enqueue("notice", notice.pk)


def claim(*, notice_id: int) -> HandoffNotice | None:
    """Take a notice for one attempt; None where another has it, or nothing is left."""
    now = timezone.now()
    with transaction.atomic():
        taken = HandoffNotice.objects.filter(pk=notice_id, next_at__lte=now).update(
            next_at=now + _TAKEN_FOR
        )
    if not taken:
        return None
    return HandoffNotice.objects.select_related(
        "channel", "conversation__contact", "conversation__channel"
    ).get(pk=notice_id)


def record_sent(*, notice: HandoffNotice) -> None:
    """Record that a notice was posted."""
    notice.next_at, notice.sent_at, notice.last_error = None, timezone.now(), ""
    notice.save(update_fields=["next_at", "sent_at", "last_error"])


def record_failed(
    *, notice: HandoffNotice, error: str, permanent: bool, retry_after: float
) -> None:
    """Record that a notice could not be posted, and when to try again, if that may help."""
    notice.attempts += 1
    notice.last_error = error[:300]
    last = permanent or notice.attempts >= _MOST_ATTEMPTS
    pause = max(2.0**notice.attempts, retry_after)
    notice.next_at = None if last else timezone.now() + timedelta(seconds=pause)
    notice.save(update_fields=["attempts", "last_error", "next_at"])


def due(*, now: datetime) -> Sequence[int]:
    """Return the notices whose time has come."""
    return list(HandoffNotice.objects.filter(next_at__lte=now).values_list("pk", flat=True)[:100])
