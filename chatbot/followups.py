"""Answers that a visitor did not wait for go on by email, if they left their address.

One mail at most every quarter of an hour, with what was said since they left and a way back.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_tasks import task

from chatbot.conversations import contacts, deliveries, questions
from chatbot.conversations.models import (
    EMAIL,
    WEBSITE,
    Channel,
    Conversation,
    Delivery,
    Message,
)

logger = logging.getLogger(__name__)
_NOT_OLDER_THAN = timedelta(days=3)  # what nobody read for so long, a mail does not save
_MOST = 100  # conversations a look


@task()
def send_due() -> None:
    """Send what visitors who have left have not seen."""
    now = timezone.now()
    for conversation in _due(now):
        try:
            _send(conversation, now)
        except Exception:
            logger.exception("could not go on by email in conversation %s", conversation.pk)


def _due(now: datetime) -> list[Conversation]:
    """Return conversations with something unseen, whose visitor left long enough ago.

    How it was is asked along with that, and no reason for a mail of its own.
    """
    left = now - timedelta(seconds=settings.FOLLOWUP_AFTER)
    unseen = Message.objects.filter(
        conversation=OuterRef("pk"),
        pk__gt=OuterRef("seen_id"),
        author__in=[Message.Author.BOT, Message.Author.AGENT],
        kind=Message.Kind.TEXT,
        created_at__gte=now - _NOT_OLDER_THAN,
        created_at__lte=left,
    ).exclude(questions.is_asking() | Q(deliveries__identity__channel__kind=EMAIL))
    return list(
        Conversation.objects.filter(
            Q(identity__last_seen_at=None) | Q(identity__last_seen_at__lte=left),
            Exists(unseen),
            channel__kind=WEBSITE,
            channel__mailbox__isnull=False,
            channel__mailbox__is_active=True,
            last_message_at__gte=now - _NOT_OLDER_THAN,
        )
        .exclude(contact__email="")
        .select_related("channel__mailbox", "contact", "identity")
        .order_by("pk")[:_MOST]
    )


def _send(conversation: Conversation, now: datetime) -> None:
    mailbox: Channel = conversation.channel.mailbox  # type: ignore[assignment]  # filtered above
    recently = now - timedelta(seconds=settings.FOLLOWUP_EVERY)
    mailed = Delivery.objects.filter(
        message__conversation=conversation, identity__channel=mailbox, created_at__gt=recently
    )
    if mailed.exists():
        return
    messages = list(
        Message.objects.filter(
            Q(author=Message.Author.BOT) | Q(author=Message.Author.AGENT),
            conversation=conversation,
            kind=Message.Kind.TEXT,
            pk__gt=F("conversation__seen_id"),
            created_at__gte=now - _NOT_OLDER_THAN,
        ).order_by("pk")
    )
    identity = contacts.identity_by_email(contact=conversation.contact, mailbox=mailbox)
    if identity is not None and messages:
        deliveries.send_also(messages=messages, identity=identity)
