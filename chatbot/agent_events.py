"""Realtime events to and from agents, and what they are made of (docs/inbox-api.md)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chatbot.events import (
    AttachmentPart,
    Author,
    AuthorKind,
    CitationPart,
    ConversationStatus,
    Payload,
    QuickReplyPart,
)

DeliveryState = Literal["queued", "sent", "delivered", "read", "failed"]


# --- Messages ---------------------------------------------------------------------------------
class AgentAuthor(Author):
    """An author as agents see it: with the user's id."""

    id: int | None = None


class ChannelPart(Payload):
    kind: str
    name: str


class PlacePart(Payload):
    """Degrees of WGS 84."""

    latitude: float
    longitude: float


class AgentAttachmentPart(AttachmentPart):
    """A file as agents see it; `url` is empty while it is not here, `error` says why it is not.

    `inline`: the message's HTML shows it in its place. `place` is there instead of a file.
    """

    state: Literal["ready", "waiting", "failed"]
    error: str = ""
    inline: bool = False
    place: PlacePart | None = None


class AddressPart(Payload):
    """Somebody on a channel: their name may be empty."""

    name: str
    address: str


class MailPart(Payload):
    """What a mail has besides its text.

    `verified`: whether the server that received it could verify the sender's domain; None where
    it did not say. `checks` are its results by method: spf, dkim, dmarc.
    """

    subject: str
    sender: str
    to: list[AddressPart]
    cc: list[AddressPart]
    verified: bool | None
    checks: dict[str, str]
    truncated: bool


class DeliveryPart(Payload):
    """A message's way out on one channel; `error` is a sentence of the channel's."""

    channel: ChannelPart
    state: DeliveryState
    error: str = ""


class AgentMessagePart(Payload):
    """A message as agents see it: notes, the bot's confidence and the delivery included.

    `html` is the bot's own. `more` names what `GET messages/{id}` has besides: html, before,
    quoted, signature. `writer`: who wrote, where that was not the conversation's customer. `why`
    is a word for why nobody answers a message that a machine sent. `conversation`: where it was
    said, which may have been merged into the one that is read.
    """

    id: int
    client_id: str | None = None
    author: AgentAuthor
    kind: Literal["text", "notice", "note"]
    text: str
    html: str | None = None
    citations: list[CitationPart] = []
    quick_replies: list[QuickReplyPart] = []
    attachments: list[AgentAttachmentPart] = []
    language: str = ""
    at: datetime
    confidence: float | None = None
    channel: ChannelPart
    writer: AddressPart | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    why: str = ""
    mail: MailPart | None = None
    more: list[Literal["html", "before", "quoted", "signature"]] = []
    delivery: DeliveryState | None = None
    deliveries: list[DeliveryPart] = []
    conversation: int = 0


class MoreOfMessagePart(Payload):
    """What people look at only when they ask for it.

    `html` is sanitised, but a stranger's all the same: only for a sandboxed frame. It holds its
    own pictures; `remote_pictures` says that others were left out. `before`: how the message read
    earlier, the oldest first.
    """

    html: str
    remote_pictures: bool
    quoted: str
    signature: str
    before: list[str]


# --- Conversations ----------------------------------------------------------------------------
class Named(Payload):
    id: int
    name: str


class ContactPart(Payload):
    """A contact to agents; `name` is a stand-in where it is not `named`."""

    id: int
    name: str
    email: str
    named: bool
    vip: bool = False
    blocked: bool = False


class TopicPart(Payload):
    slug: str
    name: str


class LabelPart(Payload):
    id: int
    name: str
    colour: str


class PreviewPart(Payload):
    text: str
    author: AuthorKind


class RowPart(Payload):
    """A conversation in a list of the inbox.

    `failed`: something did not reach its customer. `reply_due_at`, `resolve_due_at`: what a
    service level promises, null where nothing runs; `..._amber_at`: from when on a fifth of the
    time is left. `merged_into`: where its messages are read.
    """

    id: int
    contact: ContactPart
    channel: ChannelPart
    subject: str
    status: ConversationStatus
    priority: Literal["normal", "high", "urgent"] = "normal"
    topic: TopicPart | None
    language: str
    reason: str
    reason_text: str
    confidence: float | None
    preview: PreviewPart
    last_message_at: datetime
    waiting_since: datetime | None
    assignee: Named | None
    failed: bool
    labels: list[LabelPart] = []
    snoozed_until: datetime | None = None
    reply_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    reply_amber_at: datetime | None = None
    resolve_amber_at: datetime | None = None
    merged_into: int | None = None


class AgentPresence(Payload):
    id: int
    name: str
    presence: Literal["online", "away", "offline"]
    open: int
    capacity: int


class Viewer(Payload):
    id: int
    name: str
    typing: bool = False


class CountsPart(Payload):
    """How many conversations each view holds: of `all` the open ones, of `mentions` the unseen."""

    queue: int
    mine: int
    all: int
    failed: int
    mentions: int = 0
    snoozed: int = 0


class MePart(Payload):
    id: int
    name: str
    presence: Literal["online", "away"]
    capacity: int
    open: int
    staff: bool
    supervises: bool = False
    mentions: int = 0
    counts: CountsPart


# --- To agents --------------------------------------------------------------------------------
class InboxReady(Payload):
    type: Literal["ready"] = "ready"
    me: MePart


class RowChanged(Payload):
    type: Literal["row"] = "row"
    row: RowPart


class AgentMessageSent(Payload):
    type: Literal["message"] = "message"
    conversation: int
    message: AgentMessagePart


class CustomerSaw(Payload):
    """The customer has the website open and has seen everything up to a message."""

    type: Literal["seen"] = "seen"
    conversation: int
    message: int


class Woke(Payload):
    """A snoozed conversation is back, for whoever has it; `why`: its time, or its customer."""

    type: Literal["woke"] = "woke"
    conversation: int
    agent: int
    name: str
    why: Literal["time", "wrote"]


class Viewers(Payload):
    type: Literal["viewers"] = "viewers"
    conversation: int
    agents: list[Viewer]


class PresenceChanged(Payload):
    type: Literal["presence"] = "presence"
    agents: list[AgentPresence]


class Suggested(Payload):
    """Routing suggests somebody else for a conversation that waits, or nobody any more."""

    type: Literal["suggested"] = "suggested"
    conversation: int


class CountsChanged(Payload):
    type: Literal["counts"] = "counts"
    counts: CountsPart


class KeptDraft(Payload):
    """What an agent has begun to write; `version` grows with each change."""

    text: str
    version: int
    attachments: list[AgentAttachmentPart] = []
    updated_at: datetime


class DraftChanged(Payload):
    """To the agent's own inboxes: a draft of theirs is another now; null: sent or emptied."""

    type: Literal["draft"] = "draft"
    conversation: int
    kind: Literal["reply", "note"]
    draft: KeptDraft | None


class Mentioned(Payload):
    """To the one named: a colleague named them in a note."""

    type: Literal["mention"] = "mention"
    conversation: int
    message: int
    by: str
    unseen: int


class MentionsSeen(Payload):
    """To the one named: how many mentions they have not seen."""

    type: Literal["mentions"] = "mentions"
    unseen: int


class SuggestionPart(Payload):
    """A reply that the bot drafted to the customer's message `message`; `confidence` 0 to 1."""

    id: int
    message: int
    text: str
    language: str
    confidence: float
    sources: list[CitationPart]


class SuggestionChanged(Payload):
    """What the bot would say now in a conversation; null: nothing any more."""

    type: Literal["suggestion"] = "suggestion"
    conversation: int
    suggestion: SuggestionPart | None


class SummaryWritten(Payload):
    """The language model has summarised a conversation: ask for it again."""

    type: Literal["summary"] = "summary"
    conversation: int


class TranscriptChanged(Payload):
    """Other messages are read in a conversation than before: ask for them again."""

    type: Literal["transcript"] = "transcript"
    conversation: int


class CountsStale(Payload):
    """Counts may be others, though no row is: consumers count again. It goes to no socket."""

    type: Literal["recount"] = "recount"


class SavedViewsChanged(Payload):
    """Views that somebody may see were made, changed or removed: ask for them again."""

    type: Literal["saved_views"] = "saved_views"
    owner: int | None


class SteppedIn(Payload):
    """To the agent: a supervisor, `by`, changed something for them; None stayed as it was."""

    type: Literal["stepped_in"] = "stepped_in"
    by: str
    presence: Literal["online", "away"] | None
    capacity: int | None


# --- From agents ------------------------------------------------------------------------------
class View(Payload):
    type: Literal["view"] = "view"
    conversation: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    typing: bool = False


class SetPresence(Payload):
    type: Literal["presence"] = "presence"
    presence: Literal["online", "away"]
