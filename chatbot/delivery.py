"""Takes recorded replies to their customers: resolve the adapter, send, retry, record."""

import logging
import random
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django_tasks import task

from chatbot.conversations.models import Delivery, Message
from chatbot.conversations.services import record_delivery
from chatbot.envelope import Citation, OutboundMessage, QuickReply

logger = logging.getLogger(__name__)
_MAX_ATTEMPTS = 8
_FIRST_RETRY = 2.0  # seconds, doubled each time, with jitter


@task()
def deliver(delivery_id: int) -> None:
    """Make one attempt to deliver; its outcome is on the row, a retry is left to the sweep."""
    delivery = (
        Delivery.objects.select_related(
            "message",
            "message__channel",
            "message__conversation__identity",
            "message__conversation__contact",
            "message__conversation__assignee",
        )
        .filter(pk=delivery_id, state=Delivery.State.QUEUED)
        .first()
    )
    if delivery is None:
        return
    message = delivery.message
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
    else:
        record_delivery(delivery=delivery)


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
