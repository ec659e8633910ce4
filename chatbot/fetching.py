"""What is asked of services behind a message: its files, and who sent it."""

import logging
from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from chatbot.adapters import adapter_class
from chatbot.background import Turns
from chatbot.conversations import attachments, contacts
from chatbot.conversations.models import Attachment, ContactIdentity, Message
from chatbot.conversations.signals import message_changed

logger = logging.getLogger(__name__)
_MOST_ATTEMPTS = 8
_turns = Turns()


@task()
def fetch_file(attachment_id: int) -> None:
    """Fetch a file that came as a reference; later again where that may help."""
    _turns.take(attachment_id, lambda: _fetch(attachment_id))


def _fetch(attachment_id: int) -> bool:
    attachment = (
        Attachment.objects.select_related("message__channel")
        .filter(pk=attachment_id, state=Attachment.State.WAITING)
        .first()
    )
    if attachment is None or attachment.message is None:
        return False
    channel = attachment.message.channel
    try:
        content = adapter_class(channel.kind)(channel).fetch(attachment.reference)
        attachments.fill(attachment=attachment, content=content)
    except Exception as error:
        logger.warning("file %s could not be fetched: %s", attachment_id, type(error).__name__)
        permanent = bool(getattr(error, "permanent", False))
        last = permanent or attachment.attempts + 1 >= _MOST_ATTEMPTS
        pause = max(2.0**attachment.attempts, float(getattr(error, "retry_after", None) or 0.0))
        attachments.record_unfetched(
            attachment=attachment,
            error=str(error) if hasattr(error, "permanent") else type(error).__name__,
            retry_at=None if last else timezone.now() + timedelta(seconds=pause),
        )
        if not last:
            return False
    message_changed.send(Message, message=attachment.message)
    return False


@task()
def describe_sender(identity_id: int) -> None:
    """Ask a service for the name of somebody who wrote; without one, their number stands."""
    identity = (
        ContactIdentity.objects.select_related("channel", "contact").filter(pk=identity_id).first()
    )
    if identity is None or identity.name:
        return
    try:
        name, email = adapter_class(identity.channel.kind)(identity.channel).describe(
            identity.external_id
        )
    except Exception as error:
        logger.info("sender %s could not be described: %s", identity_id, type(error).__name__)
        return
    contacts.describe_identity(identity=identity, name=name, email=email)
