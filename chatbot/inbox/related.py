"""What a conversation has beside it: others in one line, who is blocked, and its clocks."""

from datetime import datetime
from typing import Any

from chatbot.agent_events import ChannelPart
from chatbot.conversations.models import Contact, Conversation
from chatbot.conversations.payloads import channel_part
from chatbot.events import Payload
from chatbot.routing import blocking, selectors, service_levels


class PastPart(Payload):
    id: int
    channel: ChannelPart
    subject: str
    status: str
    preview: str
    last_message_at: datetime
    name: str
    merged_into: int | None


class BlockPart(Payload):
    """Who blocked the contact, when and why."""

    by: str
    at: datetime
    reason: str


def past_part(other: Conversation) -> PastPart:
    """Return another conversation in one line."""
    return PastPart(
        id=other.pk,
        channel=channel_part(other.channel),
        subject=other.subject,
        status=other.status,
        preview=other.preview_text,
        last_message_at=other.last_message_at,
        name=str(other.contact),
        merged_into=other.merged_into_id,
    )


def block_part(contact: Contact) -> BlockPart | None:
    """Return who blocked a contact; None where nobody has."""
    if contact.blocked_at is None:
        return None
    row = blocking.current_block(contact)
    by = selectors.agent_name(contact.blocked_by_id) if contact.blocked_by_id else ""
    return BlockPart(by=by, at=contact.blocked_at, reason=row.reason if row else "")


def clocks(conversation: Conversation) -> dict[str, Any]:
    """Return what a service level promises; while it is snoozed nothing runs."""
    if conversation.snoozed_until is not None:
        return {}
    reply_amber, resolve_amber = service_levels.amber_times(conversation)
    return {
        "reply_due_at": conversation.reply_due_at,
        "resolve_due_at": conversation.resolve_due_at,
        "reply_amber_at": reply_amber,
        "resolve_amber_at": resolve_amber,
    }
