"""Has each handoff looked at behind the request, once it is committed."""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chatbot.background import enqueue
from chatbot.conversations.models import Conversation, Status
from chatbot.conversations.signals import conversation_changed

_LATELY = timedelta(hours=1)
_enqueued: deque[tuple[int, datetime]] = deque(maxlen=500)  # handoffs, from this process


def listen() -> None:
    """Follow the core's signals."""
    conversation_changed.connect(_changed, dispatch_uid="insights-conversation")


def _changed(*, conversation: Conversation, **_: Any) -> None:
    # Whichever way a person was brought, this is said of it; and again when they take it, say.
    at = conversation.handed_off_at
    if conversation.status not in (Status.QUEUED, Status.ASSIGNED) or at is None:
        return
    if at < timezone.now() - _LATELY or (conversation.pk, at) in _enqueued:
        return
    _enqueued.append((conversation.pk, at))
    enqueue("problem")
