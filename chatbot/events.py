"""Realtime events as types: an unknown or missing field fails where the event is made.

These are visitors' (docs/protocol.md); agents' are in `chatbot.agent_events`.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AuthorKind = Literal["contact", "bot", "agent", "system"]
ConversationStatus = Literal["bot", "queued", "assigned", "resolved"]


class Payload(BaseModel):
    """Base of everything that goes over a socket: frozen, and refusing unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- Parts ------------------------------------------------------------------------------------
class Author(Payload):
    kind: AuthorKind
    name: str | None = None


class CitationPart(Payload):
    number: int
    title: str
    category: str
    updated_at: datetime
    url: str | None = None


class QuickReplyPart(Payload):
    text: str
    intent: Literal["message", "human"] = "message"


class AttachmentPart(Payload):
    """A file that came with a message; `size` in bytes, `width` and `height` in pixels.

    Those are 0 for whatever is no picture, which is only for downloading. `url` is a path of this
    server that only the message's readers may ask for.
    """

    id: int
    name: str
    content_type: str
    size: int
    width: int
    height: int
    url: str


class QuestionPart(Payload):
    """What a message asks of how it was: a rating is 1 to 5, a recommendation 0 to 10.

    words: what the numbers mean, or those at the ends. score, comment: the answer, if there is
    one. open: whether it can be given or changed.
    """

    kind: Literal["rating", "recommendation"]
    words: list[str]
    score: int | None = None
    comment: str = ""
    open: bool = True


class MessagePart(Payload):
    """A message as its customer sees it."""

    id: int
    client_id: str | None = None
    author: Author
    kind: Literal["text", "notice"]
    text: str
    html: str | None = None
    citations: list[CitationPart] = []
    quick_replies: list[QuickReplyPart] = []
    attachments: list[AttachmentPart] = []
    asks: QuestionPart | None = None
    language: str = ""
    at: datetime


class AgentFace(Payload):
    name: str
    reply_minutes: int | None = None


class ConversationPart(Payload):
    """A conversation as its customer sees it."""

    status: ConversationStatus
    agent: AgentFace | None = None
    position: int | None = None
    wait_minutes: int | None = None
    asks_email: bool = False


# --- To visitors ------------------------------------------------------------------------------
class Ready(Payload):
    type: Literal["ready"] = "ready"
    visitor: str
    conversation: ConversationPart | None


class History(Payload):
    type: Literal["history"] = "history"
    messages: list[MessagePart]
    conversation: ConversationPart | None
    has_more: bool


class Ack(Payload):
    type: Literal["ack"] = "ack"
    client_id: str
    message: MessagePart


class MessageSent(Payload):
    type: Literal["message"] = "message"
    message: MessagePart


class Typing(Payload):
    type: Literal["typing"] = "typing"
    author: Author


class DraftGrew(Payload):
    """What `author` has written so far of a message that is to come and replaces it."""

    type: Literal["draft"] = "draft"
    author: Author
    text: str


class ConversationChanged(Payload):
    type: Literal["conversation"] = "conversation"
    conversation: ConversationPart


class ContactUpdated(Payload):
    type: Literal["contact"] = "contact"
    email: str
    name: str


class Identified(Payload):
    """What came of `identify`: whether the website's word about who this is holds."""

    type: Literal["identified"] = "identified"
    identity: Literal["verified", "refused"]


class Pong(Payload):
    type: Literal["pong"] = "pong"


class Error(Payload):
    type: Literal["error"] = "error"
    code: Literal[
        "invalid_json",
        "unknown_event",
        "invalid_event",
        "empty",
        "too_long",
        "control_characters",
        "rate_limited",
        "not_found",
        "server_error",
    ]
    detail: str
    client_id: str | None = None
    retry_after: int | None = None


# --- To agents, about visitors: the rest is in `chatbot.agent_events` -------------------------
class CustomerTyping(Payload):
    type: Literal["typing"] = "typing"
    conversation: int
    author: Author


# --- From visitors ----------------------------------------------------------------------------
ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Language = Annotated[str, Field(max_length=16, pattern=r"^[A-Za-z-]*$")]
AttachmentIds = Annotated[
    list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=5)
]  # as many as settings.MAX_ATTACHMENTS


class Page(Payload):
    url: Annotated[str, Field(max_length=2000)] = ""
    title: Annotated[str, Field(max_length=300)] = ""


class Sync(Payload):
    type: Literal["sync"] = "sync"
    after: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    language: Language = ""
    page: Page | None = None


class SendMessage(Payload):
    type: Literal["message.send", "human.request"]
    client_id: ClientId
    text: str
    attachments: AttachmentIds = []
    language: Language = ""
    page: Page | None = None


class VisitorTyping(Payload):
    type: Literal["typing"] = "typing"


class Seen(Payload):
    type: Literal["seen"] = "seen"
    message_id: Annotated[int, Field(ge=0, le=2**63 - 1)]


class UpdateContact(Payload):
    type: Literal["contact.update"] = "contact.update"
    email: Annotated[str, Field(max_length=254)] = ""
    name: Annotated[str, Field(max_length=100)] = ""


class SignedPerson(Payload):
    """Who a website says is logged in: `hash` is the HMAC of the one that is given.

    Hexadecimal HMAC-SHA256 with the channel's secret, of `email` or of `user_id`.
    """

    email: Annotated[str, Field(max_length=254)] = ""
    user_id: Annotated[str, Field(max_length=200)] = ""
    hash: Annotated[str, Field(max_length=64)]


# A JSON Web Token, or the older form.
Proof = Annotated[str, Field(max_length=4_000)] | SignedPerson


class Identify(Payload):
    """Who is logged in on the website now; null: nobody any more."""

    type: Literal["identify"] = "identify"
    identity: Proof | None


class Ping(Payload):
    type: Literal["ping"] = "ping"
