"""What crosses the edge between a channel and the core: plain frozen values, stdlib only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Intent = Literal["message", "human"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show; the core degrades messages by it.

    buttons: most quick replies as buttons; with more, or 0, they become a numbered list.
    button_length: characters on one. text_length: characters of one message; longer text is
    split at sentences. files: whether files go out. typing, edits, threads: whether the channel
    shows that we write, tells of edits, and has several conversations of one customer side by
    side. notices: whether lines about the conversation ("Ida has joined") are sent as messages.
    keeps: whether what was sent there is a history of ours, to be complete though the customer
    goes on elsewhere. machines: whether machines may be at the other end, which answer whatever
    they get.
    """

    text_length: int | None = None
    buttons: int = 0
    button_length: int = 0
    files: bool = False
    typing: bool = False
    edits: bool = False
    threads: bool = False
    notices: bool = False
    keeps: bool = False
    machines: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What a service sent, as it was: recorded first and read afterwards.

    event_id: unique within the channel; a second one changes nothing. payload: the body, or the
    part of it that is this event. order: by which events that wait are read, such as the
    service's own counter or time. account: which of the service's accounts it is for, where one
    address serves several (see `Channel.account`); empty: the one that was called.
    """

    event_id: str
    payload: bytes
    order: float = 0.0
    account: str = ""


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came with a message: its content, or what its adapter fetches it by.

    size is in bytes, 0 where it was not said. content_id names a picture that the message's HTML
    shows.
    """

    name: str
    content_type: str
    size: int = 0
    content: bytes | None = None
    reference: str = ""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the customer says they, or something, is: degrees of WGS 84."""

    latitude: float
    longitude: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A customer's message as an adapter parsed it.

    `external_id` is unique within the channel: a second delivery of the same one changes nothing.
    `attachment_ids` are files that the same sender uploaded before; with one, or with `files` or
    a `place`, `text` may be empty.

    Which conversation it belongs to: `conversation_id`, where the sender has shown that it was
    given to them (a signed reply address); else the one with a message of `references` (external
    ids, the nearest last); else that of `thread`, where the channel has threads (open to all who
    write in it); else the same sender's with this `subject`, within a window; else their open one.

    `text` is what the bot reads; `html` (sanitised) and `details` (JSON) are what people may want
    to see besides, such as quoted text, copies or what the receiving server checked. `answer`
    says whether it may be answered at all by the bot (False: an automatic reply, a list), `why`
    then being a word for the reason.
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
    attachment_ids: tuple[int, ...] = ()
    files: tuple[InboundFile, ...] = ()
    place: Place | None = None
    thread: str = ""
    references: tuple[str, ...] = ()
    conversation_id: int | None = None
    subject: str = ""
    html: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    sent_at: datetime | None = None
    answer: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A customer changed a message; `text` is how it reads now."""

    channel_id: int
    external_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A customer took a message back."""

    channel_id: int
    external_id: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message of ours, by the id that the service gave it."""

    channel_id: int
    external_id: str
    state: Literal["delivered", "read", "failed"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reachability:
    """A customer can be reached from now on, or cannot, such as when they block the bot."""

    channel_id: int
    sender_id: str
    reachable: bool
    reason: str = ""


Inbound = InboundMessage | MessageEdited | MessageDeleted | Receipt | Reachability


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
class OutboundFile:
    """A file that goes out with a message; `read` returns its content."""

    name: str
    content_type: str
    size: int  # bytes
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Sent:
    """The ids by which a service, or mail programs, will refer to what was sent."""

    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A recorded message on its way to a customer, for an adapter to send: whole, or a part.

    `author` is bot, agent or system; `kind` is text or notice (a line about the conversation,
    which goes out only where the channel has such lines). `text` is plain text, `html` the same
    with its formatting where it was written with any (None for parts of a split text).

    key: the same for every attempt at this part, and of no other. thread, subject: the
    conversation's. references: external ids of the conversation's messages on this channel, the
    newest last. copies: addresses of people who were in copy.
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
    files: tuple[OutboundFile, ...] = ()
    key: str = ""
    conversation_id: int = 0
    thread: str = ""
    subject: str = ""
    references: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    part: int = 0
