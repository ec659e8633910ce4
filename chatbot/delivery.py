"""Takes recorded replies to their customers: resolve the adapter, send, retry, record."""

import logging
import random
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django_tasks import task

from chatbot.background import Turns
from chatbot.conversations import selectors
from chatbot.conversations.models import Delivery, Message
from chatbot.conversations.services import claim_delivery, record_delivery
from chatbot.envelope import Citation, OutboundMessage, QuickReply

logger = logging.getLogger(__name__)
_MAX_ATTEMPTS = 8
_ATTEMPT = timedelta(seconds=60)  # longer than any adapter's own timeout
_FIRST_RETRY = 2.0  # seconds, doubled each time, with jitter


_turns = Turns()


@task()
def deliver(conversation_id: int) -> None:
    """Deliver what is due in a conversation, in order; retries are left to the sweep."""
    _turns.take(conversation_id, lambda: _deliver_all(conversation_id))


def _deliver_all(conversation_id: int) -> bool:
    sent = False
    for delivery in selectors.undelivered(conversation_id=conversation_id):
        now = timezone.now()
        if delivery.next_at > now:
            return False  # what follows one that is tried again waits for it
        if not settings.ONE_PROCESS and not claim_delivery(delivery=delivery, until=now + _ATTEMPT):
            return False  # another worker has taken it, and goes on with what follows
        if not _attempt(delivery):
            return False
        sent = True
    # A delivery that was recorded meanwhile has called again; but in another worker, perhaps,
    # which left it to this one.
    return sent and not settings.ONE_PROCESS


def _attempt(delivery: Delivery) -> bool:
    """Send once and record the outcome; return whether the next one may go."""
    message = delivery.message
    message.channel = message.conversation.channel  # the same, and at hand
    adapter = import_string(settings.CHANNEL_ADAPTERS[message.channel.kind])()
    try:
        adapter.send(outbound(message), message.channel)
    except Exception as error:
        permanent = bool(getattr(error, "permanent", False))
        last = permanent or delivery.attempts + 1 >= _MAX_ATTEMPTS
        logger.warning("delivery %s failed: %s", delivery.pk, type(error).__name__)
        record_delivery(
            delivery=delivery,
            error=f"{type(error).__name__}: {error}",
            retry_at=None if last else timezone.now() + _pause(delivery.attempts),
        )
        return last
    record_delivery(delivery=delivery)
    return True


def outbound(message: Message) -> OutboundMessage:
    """Return a recorded message as adapters send it."""
    identity = message.conversation.identity
    return OutboundMessage(
        message_id=message.pk,
        recipient_id=identity.external_id,
        identity_id=identity.pk,
        author=message.author,
        author_name=message.author_name,
        kind=message.kind,
        text=message.text,
        language=message.language,
        created_at=message.created_at,
        html=message.html or None,
        citations=tuple(
            Citation(**{**c, "updated_at": parse_datetime(c["updated_at"])})
            for c in message.citations
        ),
        quick_replies=tuple(QuickReply(**reply) for reply in message.quick_replies),
    )


def _pause(attempts: int) -> timedelta:
    seconds: float = _FIRST_RETRY * 2**attempts
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311  jitter, no secret
