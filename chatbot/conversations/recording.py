"""What customers say, recorded once, with who they are and the conversation it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatbot.adapters import adapter_class
from chatbot.background import enqueue, hint
from chatbot.conversations import at_hand, attachments, finding
from chatbot.conversations.models import (
    Attachment,
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Message,
    Status,
)
from chatbot.conversations.selectors import inbound_message
from chatbot.conversations.services import PREVIEW_LENGTH, announce_message, update_conversation
from chatbot.envelope import InboundMessage

BLOCKED = "blocked"  # why nobody answers a message of somebody who is blocked


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded message; `created` is False for a repeated delivery of one that we had."""

    message: Message
    created: bool


def record_inbound(*, inbound: InboundMessage, origin: str = "") -> Recorded:
    """Record a customer's message once and have it answered after the commit.

    `origin` names the socket it came from, which needs no copy of it. Raises
    `attachments.UnknownAttachments` for files that are not its sender's to send.
    """
    kept = attachments.keep_inbound(inbound)
    try:
        recorded = _record_or_know(inbound, kept, origin)
    except BaseException:
        attachments.drop(kept)
        raise
    if not recorded.created:
        attachments.drop(kept)
    return recorded


def _record_or_know(inbound: InboundMessage, kept: Sequence[Attachment], origin: str) -> Recorded:
    try:
        return _record_once(inbound, kept, origin)
    except IntegrityError:
        # A repeat of the same message, or two first messages of a new visitor at once.
        known = inbound_message(inbound.channel_id, inbound.external_id)
        if known is not None:
            return Recorded(known, created=False)
        return _record_once(inbound, kept, origin)


def _record_once(inbound: InboundMessage, kept: Sequence[Attachment], origin: str) -> Recorded:
    from chatbot.conversations import ratings  # which record by what is here

    with transaction.atomic():
        answer = ratings.take(inbound=inbound, kept=kept, origin=origin)
        return Recorded(answer or _record(inbound, kept, origin), created=True)


def ensure_identity(*, channel_id: int, sender_id: str) -> ContactIdentity:
    """Return a customer's identity on a channel, known or made now."""
    inbound = InboundMessage(channel_id=channel_id, sender_id=sender_id, external_id="", text="")
    try:
        with transaction.atomic():
            return _identify(inbound)
    except IntegrityError:  # two tabs of a new visitor at once
        return _identify(inbound)


def _record(inbound: InboundMessage, kept: Sequence[Attachment], origin: str) -> Message:
    now = timezone.now()
    customer = (inbound.channel_id, inbound.sender_id)
    if inbound.answer and not at_hand.is_with_person(customer):
        hint("prepare", inbound.text, inbound.intent)
    conversation = finding.conversation_of(inbound)
    changes: dict[str, Any] = {}
    writer = None
    if conversation is None:
        identity = _identify(inbound)
        if identity.contact.blocked_at is not None:
            inbound = replace(inbound, answer=False, why=BLOCKED)
            conversation = finding.last_of(identity)
        if conversation is None:
            conversation = _begin_conversation(inbound, identity, now)
    else:
        writer = _writer(conversation, inbound)
        if (writer or conversation).contact.blocked_at is not None:
            inbound = replace(inbound, answer=False, why=BLOCKED)
        else:
            changes = _go_on(conversation, inbound, writer)
    status = changes.get("status", conversation.status)
    at_hand.note_who_has(customer, is_person=status != Status.BOT)
    answer = inbound.answer and status != Status.RESOLVED
    message = keep_said(
        conversation=conversation,
        inbound=inbound,
        kept=kept,
        writer=writer,
        state=Message.State.PENDING if answer else Message.State.HANDLED,
        origin=origin,
    )
    changes |= {
        "preview_text": inbound.text[:PREVIEW_LENGTH],  # empty: only pictures
        "preview_author": Message.Author.CONTACT,
        "last_message_at": message.created_at,
    }
    if answer and conversation.status == Status.ASSIGNED and conversation.waiting_since is None:
        changes["waiting_since"] = now
    if inbound.page_url:
        changes |= {"page_url": inbound.page_url, "page_title": inbound.page_title}
    update_conversation(conversation, **changes)
    if answer:
        at_hand.messages.keep(message)
        enqueue("answer", conversation.pk)
    return message


def keep_said(
    *,
    conversation: Conversation,
    inbound: InboundMessage,
    kept: Sequence[Attachment],
    writer: ContactIdentity | None,
    state: str,
    origin: str = "",
) -> Message:
    """Record what a customer said, in the caller's transaction and without what follows from it.

    `kept` are its files, `writer` who wrote it if not the conversation's own identity. Raises
    IntegrityError for a message that was recorded before.
    """
    message = Message.objects.create(
        conversation=conversation,
        channel_id=inbound.channel_id,
        identity=writer,
        external_id=inbound.external_id,
        author=Message.Author.CONTACT,
        author_name=(writer.name or writer.external_id) if writer else conversation.contact.name,
        text=inbound.text,
        html=inbound.html,
        details=_details(inbound),
        intent=inbound.intent,
        language=conversation.language,
        state=state,
    )
    message.pictures = attachments.tie(message=message, ids=inbound.attachment_ids)
    message.pictures += attachments.add_kept(message=message, kept=kept)
    announce_message(conversation, message, origin)
    return message


def _details(inbound: InboundMessage) -> dict[str, Any]:
    details = dict(inbound.details)
    if inbound.sent_at is not None:
        details["sent_at"] = inbound.sent_at.isoformat()
    if inbound.why:
        details["why"] = inbound.why
    return details


def _identify(inbound: InboundMessage) -> ContactIdentity:
    identity = (
        ContactIdentity.objects.select_related("contact", "channel")
        .filter(channel_id=inbound.channel_id, external_id=inbound.sender_id)
        .first()
    )
    if identity is not None:
        return identity
    contact = Contact.objects.create(
        name=inbound.sender_name[:100], email=inbound.sender_email, language=inbound.language
    )
    channel = Channel.objects.get(pk=inbound.channel_id)
    identity = ContactIdentity.objects.create(
        contact=contact,
        channel=channel,
        external_id=inbound.sender_id,
        name=inbound.sender_name[:100],
    )
    if not inbound.sender_name and hasattr(adapter_class(channel.kind), "describe"):
        enqueue("describe", identity.pk)
    return identity


def _writer(conversation: Conversation, inbound: InboundMessage) -> ContactIdentity | None:
    """Return who writes, unless it is its customer where they began."""
    owner = conversation.identity
    is_owner = (owner.channel_id, owner.external_id) == (inbound.channel_id, inbound.sender_id)
    return None if is_owner else _identify(inbound)


def _go_on(
    conversation: Conversation, inbound: InboundMessage, writer: ContactIdentity | None
) -> dict[str, Any]:
    """Return what a message in a conversation changes of it."""
    changes: dict[str, Any] = {}
    if writer is not None:
        if conversation.answer_to_id != writer.pk:
            changes["answer_to"] = writer
    elif conversation.answer_to_id is not None:
        changes["answer_to"] = None
    if conversation.status == Status.RESOLVED and inbound.answer:
        changes |= {"status": Status.BOT, "resolved_at": None}
    return changes


def _begin_conversation(
    inbound: InboundMessage, identity: ContactIdentity, now: datetime
) -> Conversation:
    return Conversation.objects.create(
        identity=identity,
        contact=identity.contact,
        channel=identity.channel,
        thread=inbound.thread,
        subject=inbound.subject,
        # Nobody waits for an answer to what a machine sent.
        status=Status.BOT if inbound.answer else Status.RESOLVED,
        resolved_at=None if inbound.answer else now,
        language=inbound.language or identity.channel.language,
        user_agent=inbound.user_agent,
        page_url=inbound.page_url,
        page_title=inbound.page_title,
        created_at=now,
        last_message_at=now,
    )
