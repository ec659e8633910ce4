"""What crosses the edge between a channel and the core: plain frozen values, stdlib only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Intent = Literal["message", "human"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message or goes out with one."""

    name: str
    content_type: str
    size: int  # bytes
    url: str


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A customer's message as an adapter parsed it.

    `external_id` is unique within the channel: a second delivery of the same one changes nothing.
    `attachment_ids` are files that the same sender uploaded before; with one, `text` may be empty.
    """

    channel_id: int
    sender_id: str
    external_id: str
    text: str
    intent: Intent = "message"
    language: str = ""
    sender_name: str = ""
    sender_email: str = ""
    page_url: str = ""
    page_title: str = ""
    user_agent: str = ""
    attachments: tuple[Attachment, ...] = ()
    attachment_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """The source of an answer; `number` is how the text refers to it."""

    number: int
    entry: str
    title: str
    category: str
    updated_at: datetime
    url: str | None = None


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A suggested next message; pressing it sends `text` with `intent`."""

    text: str
    intent: Intent = "message"


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A recorded message on its way to a customer, for an adapter to send.

    `author` is bot, agent or system; `kind` is text or notice (a line about the conversation,
    which channels without such lines may send as text or leave out).
    """

    message_id: int
    recipient_id: str
    identity_id: int
    author: str
    author_name: str
    kind: str
    text: str
    language: str
    created_at: datetime
    html: str | None = None
    citations: tuple[Citation, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    attachments: tuple[Attachment, ...] = ()
