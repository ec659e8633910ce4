"""What services tell later of what was said: edited, taken back, reached nobody."""

from django.db import transaction
from django.utils import timezone

from chatbot.conversations import at_hand, deliveries
from chatbot.conversations.models import Attachment, ContactIdentity, Message
from chatbot.conversations.services import PREVIEW_LENGTH
from chatbot.conversations.signals import message_changed
from chatbot.envelope import MessageDeleted, MessageEdited, Reachability, Receipt

_MOST_VERSIONS = 20


class NotYetKnown(Exception):
    """What is changed has not come yet: services do not keep the order."""


def apply_edit(*, edit: MessageEdited) -> None:
    """Record how a customer's message reads now.

    It is answered in its new form if it was not answered yet, and never twice. Raises NotYetKnown.
    """
    with transaction.atomic():
        message = _message(edit.channel_id, edit.external_id)
        if message.deleted_at or message.text == edit.text:
            return
        before = [*message.details.get("before", ()), message.text][-_MOST_VERSIONS:]
        message.details = {**message.details, "before": before}
        message.text = edit.text
        message.edited_at = timezone.now()
        message.save(update_fields=["text", "details", "edited_at"])
        _changed(message)


def apply_deletion(*, deletion: MessageDeleted) -> None:
    """Take a customer's message back: its words and files go, that there was one stays.

    Raises NotYetKnown.
    """
    with transaction.atomic():
        message = _message(deletion.channel_id, deletion.external_id)
        if message.deleted_at:
            return
        Attachment.objects.filter(message=message).delete()
        message.text, message.html, message.details = "", "", {}
        message.deleted_at = timezone.now()
        message.state = Message.State.HANDLED
        message.save(update_fields=["text", "html", "details", "deleted_at", "state"])
        _changed(message)


def _message(channel_id: int, external_id: str) -> Message:
    message = (
        Message.objects.select_related("conversation")
        .select_for_update(of=("self",))
        .filter(channel_id=channel_id, external_id=external_id, author=Message.Author.CONTACT)
        .first()
    )
    if message is None:
        raise NotYetKnown
    return message


def _changed(message: Message) -> None:
    at_hand.messages.take([message.pk])  # it is another one now
    conversation = message.conversation
    newest = conversation.messages.filter(author=Message.Author.CONTACT).order_by("-id").first()
    if newest is not None and newest.pk == message.pk and conversation.preview_author == "contact":
        conversation.preview_text = message.text[:PREVIEW_LENGTH]
        conversation.save(update_fields=["preview_text"])
    transaction.on_commit(lambda: message_changed.send(Message, message=message))


def apply_receipt(*, receipt: Receipt) -> None:
    """Record what became of a message of ours."""
    deliveries.record_receipt(
        channel_id=receipt.channel_id,
        external_id=receipt.external_id,
        state=receipt.state,
        reason=receipt.reason,
    )


def apply_reachability(*, reach: Reachability) -> None:
    """Record that a customer can be reached on a channel, or no longer, and why."""
    ContactIdentity.objects.filter(channel_id=reach.channel_id, external_id=reach.sender_id).update(
        unreachable="" if reach.reachable else (reach.reason or "blocked")[:200]
    )
