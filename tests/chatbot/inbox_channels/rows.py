"""Conversations of other channels, as their adapters would have recorded them."""

import io
import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from chatbot.conversations.models import (
    Attachment,
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Message,
)
from chatbot.envelope import InboundFile, InboundMessage, Place

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
RELATIVES = {"to": [{"name": "Lund & Lyng", "email": "help@shop.example"}]}
LETTER = (
    '<p>Hej,</p><p>my <b>blue bowl</b> came broken. <img data-cid="bowl@mail" alt="the bowl">'
    '<img data-remote="https://tracker.example/x.gif" alt="logo"></p>'
    '<p><a href="https://example.com/order">My order</a></p>'
)


def channel(kind: str, name: str, **more: Any) -> Channel:
    """Return the channel of that kind and name, made now if need be."""
    found, _ = Channel.objects.get_or_create(
        kind=kind, name=name, defaults={"key": uuid.uuid4().hex, **more}
    )
    return found


def picture(size: tuple[int, int] = (320, 200)) -> bytes:
    """Return the picture of a broken bowl."""
    photo = Image.new("RGB", size, "#d8c7b0")
    brush = ImageDraw.Draw(photo)
    brush.chord((size[0] * 0.2, 20, size[0] * 0.8, size[1] - 10), 0, 180, fill="#3b6c8f")
    written = io.BytesIO()
    photo.save(written, "PNG")
    return written.getvalue()


def identity(on: Channel, external_id: str, name: str = "", **more: Any) -> ContactIdentity:
    """Return somebody new on a channel."""
    contact = Contact.objects.create(name=name, **more)
    return ContactIdentity.objects.create(
        contact=contact, channel=on, external_id=external_id, name=name
    )


def conversation(who: ContactIdentity, **more: Any) -> Conversation:
    """Return a new conversation, with a person by default."""
    values: dict[str, Any] = {"status": "queued", "handed_off_at": timezone.now(), **more}
    return Conversation.objects.create(
        identity=who, contact=who.contact, channel=who.channel, **values
    )


def said(
    into: Conversation,
    text: str,
    author: str = "contact",
    files: tuple[InboundFile, ...] = (),
    place: Place | None = None,
    **more: Any,
) -> Message:
    """Return a new message, with what came along."""
    from chatbot.conversations import attachments

    message = Message.objects.create(
        conversation=into,
        channel=more.pop("channel", into.channel),
        author=author,
        author_name=more.pop("author_name", into.contact.name),
        text=text,
        **more,
    )
    inbound = InboundMessage(into.channel_id, "x", "x", text, files=files, place=place)
    for row in attachments.keep_inbound(inbound):
        row.message, row.identity = message, into.identity
        if row.state == Attachment.State.WAITING:
            row.next_at = timezone.now() + timedelta(days=1)
        row.save(force_insert=True)
    into.preview_text, into.preview_author, into.last_message_at = text, author, timezone.now()
    into.save(update_fields=["preview_text", "preview_author", "last_message_at"])
    return message


def mail(sender: str = "", **more: Any) -> Conversation:
    """Return a mail with HTML, quoted text, files and copies, in a conversation of its own."""
    sender = sender or f"anna.{uuid.uuid4().hex[:8]}@example.com"
    who = identity(channel("email", "Lund & Lyng"), sender, "Anna Lund", email=sender)
    made = conversation(who, subject=more.pop("subject", "My broken bowl"))
    details = {
        "subject": made.subject,
        "from": sender,
        **RELATIVES,
        "cc": [{"name": "Bo", "email": "bo@example.com"}],
        "quoted": "On Monday you wrote: it ships today.",
        "signature": "Anna Lund\nAarhus",
        "authentication": {"spf": "pass", "dkim": "pass", "dmarc": "pass"},
        **more.pop("details", {}),
    }
    files = (
        InboundFile("bowl.png", "image/png", content=picture(), content_id="bowl@mail"),
        InboundFile("invoice.pdf", "application/pdf", content=b"%PDF-1.7 not shown"),
    )
    said(
        made,
        more.pop("text", "Hej,\n\nmy blue bowl came broken."),
        **{"html": LETTER, "files": files, "details": details, **more},
    )
    return made


def failed(message: Message, to: ContactIdentity, error: str) -> Delivery:
    """Return a delivery that was given up."""
    return Delivery.objects.create(
        message=message, identity=to, state="failed", last_error=error, attempts=8
    )
