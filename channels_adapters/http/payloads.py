"""The messages of the HTTP channel, both ways."""

import base64
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

from chatbot.envelope import (
    Event,
    Inbound,
    InboundFile,
    InboundMessage,
    MessageDeleted,
    MessageEdited,
    OutboundMessage,
    Place,
    Receipt,
)

Id = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[\x21-\x7e]+$")]
Text = Annotated[str, Field(max_length=20_000)]
Name = Annotated[str, Field(max_length=100)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SenderPart(_Payload):
    id: Id
    name: Name = ""
    email: Annotated[str, Field(max_length=254)] = ""


class FilePart(_Payload):
    name: Annotated[str, Field(max_length=200)]
    content_type: Annotated[str, Field(max_length=127)] = "application/octet-stream"
    content: Base64Bytes


class PlacePart(_Payload):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    name: Name = ""


class MessagePart(_Payload):
    """Something a customer says. `id` is the system's own; the same one again changes nothing."""

    type: Literal["message"]
    id: Id
    sender: SenderPart
    text: Text = ""
    wants_person: bool = False
    thread: Annotated[str, Field(max_length=250)] = ""
    language: Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z-]*$")] = ""
    files: Annotated[list[FilePart], Field(max_length=10)] = []
    place: PlacePart | None = None
    sent_at: AwareDatetime | None = None
    order: float = 0.0


class EditPart(_Payload):
    """A message reads differently now."""

    type: Literal["edit"]
    event: Id
    id: Id
    text: Text
    order: float = 0.0


class DeletePart(_Payload):
    """A message was taken back."""

    type: Literal["delete"]
    event: Id
    id: Id
    order: float = 0.0


class ReceiptPart(_Payload):
    """What became of a message of ours, by the id that was answered when we sent it."""

    type: Literal["receipt"]
    event: Id
    id: Id
    state: Literal["delivered", "read", "failed"]
    reason: Annotated[str, Field(max_length=200)] = ""
    order: float = 0.0


Part = Annotated[MessagePart | EditPart | DeletePart | ReceiptPart, Field(discriminator="type")]
_PART: TypeAdapter[Any] = TypeAdapter(Part)
_PARTS: TypeAdapter[Any] = TypeAdapter(Annotated[list[Part], Field(max_length=100)])


def events_of(body: bytes) -> list[Event]:
    """Return the events of a request: one, or a list. Raises pydantic's ValidationError."""
    parts = _PARTS.validate_json(body) if body.lstrip()[:1] == b"[" else [_PART.validate_json(body)]
    return [
        Event(
            f"{part.type}:{part.id if isinstance(part, MessagePart) else part.event}",
            part.model_dump_json().encode(),
            part.order,
        )
        for part in parts
    ]


def inbound(payload: bytes, channel_id: int) -> Inbound:
    """Return what a recorded event says."""
    part = _PART.validate_json(payload)
    if isinstance(part, EditPart):
        return MessageEdited(channel_id, part.id, part.text)
    if isinstance(part, DeletePart):
        return MessageDeleted(channel_id, part.id)
    if isinstance(part, ReceiptPart):
        return Receipt(channel_id, part.id, part.state, part.reason)
    return InboundMessage(
        channel_id=channel_id,
        sender_id=part.sender.id,
        external_id=part.id,
        text=part.text,
        intent="human" if part.wants_person else "message",
        language=part.language.lower(),
        sender_name=part.sender.name,
        sender_email=part.sender.email,
        thread=f"{part.sender.id}:{part.thread}" if part.thread else "",
        files=tuple(
            InboundFile(file.name, file.content_type, len(file.content), file.content)
            for file in part.files
        ),
        place=Place(**part.place.model_dump()) if part.place else None,
        sent_at=part.sent_at,
    )


def outbound(message: OutboundMessage) -> dict[str, Any]:
    """Return a message of ours as JSON."""
    own, _colon, thread = message.thread.partition(":")
    return {
        "type": "message",
        "id": f"msg_{message.key}",
        "conversation": message.conversation_id,
        "recipient": message.recipient_id,
        "thread": thread if own else "",
        "author": {"kind": message.author, "name": message.author_name},
        "text": message.text,
        "html": message.html,
        "language": message.language,
        "quick_replies": [asdict(reply) for reply in message.quick_replies],
        "citations": [
            {"number": one.number, "title": one.title, "url": one.url} for one in message.citations
        ],
        "files": [
            {
                "name": file.name,
                "content_type": file.content_type,
                "content": base64.b64encode(file.read()).decode(),
            }
            for file in message.files
        ],
        "sent_at": _iso(message.created_at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
