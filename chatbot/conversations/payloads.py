"""Messages as typed payloads: one form for their customer, one for agents."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from chatbot.agent_events import (
    AddressPart,
    AgentAttachmentPart,
    AgentAuthor,
    AgentMessagePart,
    ChannelPart,
    DeliveryPart,
    MailPart,
    PlacePart,
)
from chatbot.conversations import questions, wording
from chatbot.conversations.attachments import content_of, is_picture
from chatbot.conversations.models import WEBSITE, Attachment, Channel, Delivery, Message, Rating
from chatbot.events import (
    AttachmentPart,
    Author,
    CitationPart,
    MessagePart,
    QuestionPart,
    QuickReplyPart,
)

_ARRIVED = (Delivery.State.SENT, Delivery.State.DELIVERED)


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
        attachments=[
            attachment_part(row, door="widget") for row in _files(message) if _is_here(row)
        ],
        asks=question_part(
            message_id=message.pk,
            author=message.author,
            text=message.text,
            buttons=len(message.quick_replies),
            language=message.language,
        ),
    )


def question_part(
    *, message_id: int, author: str, text: str, buttons: int, language: str
) -> QuestionPart | None:
    """Return what a message asks of how it was, with the answer if there is one; mostly None."""
    if author != Message.Author.BOT:
        return None
    asked = questions.asked_in(message_id=message_id, text=text, buttons=buttons)
    if asked is None:
        return None
    with wording.in_language(language):
        return QuestionPart(
            kind="rating" if isinstance(asked, Rating) else "recommendation",
            words=questions.words_of(asked),
            score=asked.score,
            comment=asked.comment if isinstance(asked, Rating) else "",
            open=questions.is_open(asked),
        )


def message_for_agents(message: Message) -> AgentMessagePart:
    """Return `message` as agents see it; `selectors.agent_messages` has what it needs."""
    deliveries = _deliveries(message)
    why = message.details.get("why", "")
    return AgentMessagePart(
        **_common(message),
        author=AgentAuthor(
            kind=_kind(message), name=message.author_name or None, id=message.user_id
        ),
        client_id=client_id(message) if message.author == Message.Author.AGENT else None,
        attachments=[agent_attachment_part(row, message=message) for row in _files(message)],
        confidence=message.confidence,
        channel=channel_part(_channel(message)),
        writer=_writer(message),
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        why=str(why),
        mail=_mail(message.details),
        more=_more(message),
        delivery=_overall(deliveries),
        deliveries=deliveries,
        conversation=message.conversation_id,
    )


def client_id(message: Message) -> str | None:
    """Return the id that the sender's client gave the message."""
    return message.external_id.rpartition(":")[2] if message.external_id else None


def channel_part(channel: Channel) -> ChannelPart:
    """Return a channel as agents see it."""
    return ChannelPart(kind=channel.kind, name=channel.name)


def _kind(message: Message) -> Any:
    return str(message.author)


def _common(message: Message) -> dict[str, Any]:
    theirs = message.author == Message.Author.CONTACT
    return {
        "id": message.pk,
        "kind": str(message.kind),
        "text": message.text,
        # What a stranger wrote is nobody's to put into a page.
        "html": None if theirs else message.html or None,
        "citations": [
            CitationPart(**{k: v for k, v in citation.items() if k != "entry"})
            for citation in message.citations
        ],
        "quick_replies": [QuickReplyPart(**reply) for reply in message.quick_replies],
        "language": message.language,
        "at": message.created_at,
    }


def _channel(message: Message) -> Channel:
    conversation = message.conversation
    same = message.channel_id == conversation.channel_id
    return conversation.channel if same else message.channel


def _writer(message: Message) -> AddressPart | None:
    """Return who wrote instead of the customer, who may have several addresses."""
    writer = message.identity
    if writer is None or writer.contact_id == message.conversation.contact_id:
        return None
    return AddressPart(name=writer.name, address=writer.external_id)


# --- What a mail tells besides ----------------------------------------------------------------
def _mail(details: Mapping[str, Any]) -> MailPart | None:
    if not details.get("from"):
        return None
    checks = {str(name): str(result) for name, result in details.get("authentication", {}).items()}
    return MailPart(
        subject=str(details.get("subject", "")),
        sender=str(details["from"]),
        to=_people(details.get("to", ())),
        cc=_people(details.get("cc", ())),
        # Only DMARC is about the address that people see; the others are about the envelope's.
        verified=checks.get("dmarc") == "pass" if checks else None,
        checks=checks,
        truncated=bool(details.get("truncated")),
    )


def _people(people: Sequence[Mapping[str, str]]) -> list[AddressPart]:
    return [AddressPart(name=one.get("name", ""), address=one.get("email", "")) for one in people]


def _more(message: Message) -> Any:
    has = {
        "html": message.author == Message.Author.CONTACT and message.html,
        "before": message.details.get("before"),
        "quoted": message.details.get("quoted"),
        "signature": message.details.get("signature"),
    }
    return [name for name, value in has.items() if value]


# --- Its way out ------------------------------------------------------------------------------
def _deliveries(message: Message) -> list[DeliveryPart]:
    # What a contact said has none: do not ask the database for one.
    if message.author == Message.Author.CONTACT or message.kind == Message.Kind.NOTE:
        return []
    return [
        DeliveryPart(
            channel=channel_part(row.identity.channel),
            state=_state(row, message),
            error=in_words(row.last_error) if row.state == Delivery.State.FAILED else "",
        )
        for row in _rows(message)
    ]


def _rows(message: Message) -> Sequence[Delivery]:
    if "deliveries" in getattr(message, "_prefetched_objects_cache", {}):
        return sorted(message.deliveries.all(), key=lambda row: row.pk)
    if "delivery" in message.__dict__:  # just recorded: do not ask the database for it
        return [message.delivery] if message.delivery else []
    return list(message.deliveries.select_related("identity__channel").order_by("pk"))


def _state(row: Delivery, message: Message) -> Any:
    on_website = row.identity.channel.kind == WEBSITE
    if on_website and row.state in _ARRIVED and message.pk <= message.conversation.seen_id:
        return "read"
    return str(row.state)


def _overall(deliveries: Sequence[DeliveryPart]) -> Any:
    states = [one.state for one in deliveries]
    return "failed" if "failed" in states else next(iter(states), None)


def in_words(error: str) -> str:
    """Return an error as people may read it: the name of an exception says nothing to them."""
    return error if " " in error.strip() else ""


# --- Files ------------------------------------------------------------------------------------
def _files(message: Message) -> Sequence[Attachment]:
    # The bot sends none: do not ask the database for them.
    return [] if message.author == Message.Author.BOT else message.pictures


def _is_here(row: Attachment) -> bool:
    return row.state == Attachment.State.READY and bool(row.file)


def attachment_part(attachment: Attachment, *, door: str) -> AttachmentPart:
    """Return an attachment for readers who come by `door`: widget or inbox."""
    return AttachmentPart(**_file(attachment, door))


def agent_attachment_part(attachment: Attachment, *, message: Message | None) -> Any:
    """Return an attachment as agents see it, of `message` if it was sent."""
    named = attachment.content_id
    place = None
    if attachment.latitude is not None and attachment.longitude is not None:
        place = PlacePart(latitude=attachment.latitude, longitude=attachment.longitude)
    return AgentAttachmentPart(
        **_file(attachment, "inbox") | ({} if _is_here(attachment) else {"url": ""}),
        state=str(attachment.state),  # type: ignore[arg-type]  # one of its literals
        error=in_words(attachment.error) if attachment.state == Attachment.State.FAILED else "",
        inline=bool(named and message and named in message.html),
        place=place,
    )


def _file(attachment: Attachment, door: str) -> dict[str, Any]:
    shown = is_picture(attachment)
    return {
        "id": attachment.pk,
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "width": attachment.width if shown else 0,
        "height": attachment.height if shown else 0,
        "url": f"/api/v1/{door}/attachments/{attachment.pk}",
    }


def file_response(attachment: Attachment) -> HttpResponse:
    """Return a file for whoever may see it. Raises Http404 where it is gone, or not here yet."""
    content = content_of(attachment) if _is_here(attachment) else None
    if content is None:
        raise Http404
    # Pictures are ours, painted anew: nothing else may ever be shown inline.
    inline = is_picture(attachment)
    kind = attachment.content_type if inline else "application/octet-stream"
    return HttpResponse(
        content,
        content_type=kind,
        headers={
            "Content-Disposition": content_disposition_header(not inline, attachment.name)
            or ("inline" if inline else "attachment"),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, max-age=86400, immutable",
            "Vary": "Authorization, Cookie",  # several people may share a browser
        },
    )
