"""Messages as typed payloads: one form for their customer, one for agents."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from chatbot.conversations.attachments import content_of
from chatbot.conversations.models import Attachment, Delivery, Message
from chatbot.events import (
    AgentAuthor,
    AgentMessagePart,
    AttachmentPart,
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
        **_common(message, door="widget"),
        author=Author(kind=_kind(message), name=message.author_name or None),
        client_id=client_id(message) if message.author == Message.Author.CONTACT else None,
    )


def message_for_agents(message: Message) -> AgentMessagePart:
    """Return `message` as agents see it."""
    # What a contact said has no delivery: do not ask the database for one.
    inbound = message.author == Message.Author.CONTACT
    delivery: Delivery | None = None if inbound else getattr(message, "delivery", None)
    return AgentMessagePart(
        **_common(message, door="inbox"),
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


def attachment_part(attachment: Attachment, *, door: str) -> AttachmentPart:
    """Return an attachment for readers who come by `door`: widget or inbox."""
    return AttachmentPart(
        id=attachment.pk,
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        width=attachment.width,
        height=attachment.height,
        url=f"/api/v1/{door}/attachments/{attachment.pk}",
    )


def picture_response(attachment: Attachment) -> HttpResponse:
    """Return a picture for whoever may see it. Raises Http404 where its file is gone."""
    content = content_of(attachment)
    if content is None:
        raise Http404
    # Ours alone, painted anew: no other type may ever be shown inline.
    return HttpResponse(
        content,
        content_type=attachment.content_type,
        headers={
            "Content-Disposition": content_disposition_header(False, attachment.name) or "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, max-age=86400, immutable",
            "Vary": "Authorization, Cookie",  # several people may share a browser
        },
    )


def _common(message: Message, *, door: str) -> dict[str, Any]:
    # Only customers send pictures: do not ask the database for others'.
    pictures = message.pictures if message.author == Message.Author.CONTACT else []
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
        "attachments": [attachment_part(picture, door=door) for picture in pictures],
        "language": message.language,
        "at": message.created_at,
    }
