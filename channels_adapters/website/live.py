"""Keeps visitors' open sockets in step with what was recorded."""

from typing import Any

from channels_adapters.website.payloads import conversation_part
from chatbot.agent_events import CustomerSaw
from chatbot.conversations import selectors, services
from chatbot.conversations.models import (
    WEBSITE,
    Conversation,
    Message,
    Rating,
    Recommendation,
)
from chatbot.conversations.payloads import message_for_contact
from chatbot.conversations.signals import (
    conversation_changed,
    draft_grew,
    message_recorded,
    rating_given,
    recommendation_given,
)
from chatbot.events import Author, ConversationChanged, DraftGrew, MessageSent
from chatbot.realtime import INBOX, listens, publish, visitor_group


def listen() -> None:
    """Follow the core's signals."""
    message_recorded.connect(_own_message, dispatch_uid="website-message")
    conversation_changed.connect(_changed, dispatch_uid="website-conversation")
    draft_grew.connect(_draft, dispatch_uid="website-draft")
    rating_given.connect(_rated, dispatch_uid="website-rating")
    recommendation_given.connect(_recommended, dispatch_uid="website-recommendation")


def note_seen(*, channel_id: int, sender_id: str, message_id: int) -> None:
    """Note that a visitor has seen everything up to a message, and tell agents."""
    services.mark_seen(channel_id=channel_id, sender_id=sender_id, message_id=message_id)
    if not listens(INBOX):
        return
    conversation = selectors.latest_conversation(channel_id=channel_id, sender_id=sender_id)
    if conversation is not None and conversation.seen_id:
        publish(CustomerSaw(conversation=conversation.pk, message=conversation.seen_id), INBOX)


def _own_message(*, conversation: Conversation, message: Message, origin: str, **_: Any) -> None:
    # What others say comes by its delivery; here a visitor's other tabs learn of their own.
    if message.author != Message.Author.CONTACT:
        return
    group = _group(conversation) if _is_website(conversation) else ""
    if message.identity is not None and message.channel.kind == WEBSITE:
        group = visitor_group(message.channel_id, message.identity.external_id)
    if group and listens(group, beside=origin):
        publish(MessageSent(message=message_for_contact(message)), group, skip=origin)


def _changed(*, conversation: Conversation, **_: Any) -> None:
    if conversation.merged_into_id is not None:
        return  # what goes on for it tells its visitor
    groups = [_group(conversation)] if _is_website(conversation) else []
    merged = Conversation.objects.filter(merged_into=conversation, channel__kind=WEBSITE)
    groups += map(_group, merged.select_related("identity"))
    part = conversation_part(conversation) if groups else None
    for group in dict.fromkeys(groups):
        if part is not None:
            publish(ConversationChanged(conversation=part), group)


def _draft(*, conversation: Conversation, text: str, **_: Any) -> None:
    if _is_website(conversation) and listens(_group(conversation)):
        bot = Author(kind="bot", name=conversation.channel.bot_name or None)
        publish(DraftGrew(author=bot, text=text), _group(conversation))


def _rated(*, conversation: Conversation, rating: Rating, **_: Any) -> None:
    _answered(conversation, rating)


def _recommended(*, conversation: Conversation, recommendation: Recommendation, **_: Any) -> None:
    _answered(conversation, recommendation)


def _answered(conversation: Conversation, asked: Rating | Recommendation) -> None:
    # However it was answered, the question in the chat shows it.
    if asked.message is not None and _is_website(conversation) and listens(_group(conversation)):
        asked.message.conversation = conversation
        publish(MessageSent(message=message_for_contact(asked.message)), _group(conversation))


def _group(conversation: Conversation) -> str:
    return visitor_group(conversation.channel_id, conversation.identity.external_id)


def _is_website(conversation: Conversation) -> bool:
    return conversation.channel.kind == WEBSITE
