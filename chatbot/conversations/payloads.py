"""Messages as typed payloads: one form for their customer, one for agents."""

from typing import Any

from chatbot.conversations.models import Delivery, Message
from chatbot.events import (
    AgentAuthor,
    AgentMessagePart,
    Author,
    CitationPart,
    MessagePart,
    QuickReplyPart,
)


def message_for_contact(message: Message) -> MessagePart:
    """Return `message` as its customer may see it.

    Raises ValueError for a private note, which no customer may ever see.
    """
    if message.kind == Message.Kind.NOTE:
        raise ValueError("a private note is not for customers")
    return MessagePart(
        **_common(message),
        author=Author(kind=_kind(message), name=message.author_name or None),
        client_id=client_id(message) if message.author == Message.Author.CONTACT else None,
    )


def message_for_agents(message: Message) -> AgentMessagePart:
    """Return `message` as agents see it."""
    # What a contact said has no delivery: do not ask the database for one.
    inbound = message.author == Message.Author.CONTACT
    delivery: Delivery | None = None if inbound else getattr(message, "delivery", None)
    return AgentMessagePart(
        **_common(message),
        author=AgentAuthor(
            kind=_kind(message), name=message.author_name or None, id=message.user_id
        ),
        client_id=client_id(message) if message.author == Message.Author.AGENT else None,
        confidence=message.confidence,
        delivery=_state(delivery),
    )


def client_id(message: Message) -> str | None:
    """Return the id that the sender's client gave the message."""
    return message.external_id.rpartition(":")[2] if message.external_id else None


def _state(delivery: Delivery | None) -> Any:
    return str(delivery.state) if delivery else None


def _kind(message: Message) -> Any:
    return str(message.author)


def _common(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "kind": str(message.kind),
        "text": message.text,
        "html": message.html or None,
        "citations": [
            CitationPart(**{k: v for k, v in citation.items() if k != "entry"})
            for citation in message.citations
        ],
        "quick_replies": [QuickReplyPart(**reply) for reply in message.quick_replies],
        "language": message.language,
        "at": message.created_at,
    }
