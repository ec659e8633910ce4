"""The writes of conversations. Every door and every job goes through these."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chatbot.background import enqueue, hint
from chatbot.conversations import at_hand, attachments
from chatbot.conversations.models import (
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Message,
    Status,
)
from chatbot.conversations.selectors import inbound_message
from chatbot.conversations.signals import (
    conversation_changed,
    delivery_settled,
    message_recorded,
)
from chatbot.envelope import Citation, InboundMessage, QuickReply

PREVIEW_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded message; `created` is False for a repeated delivery of one that we had."""

    message: Message
    created: bool


# --- Inbound ----------------------------------------------------------------------------------
def record_inbound(*, inbound: InboundMessage, origin: str = "") -> Recorded:
    """Record a customer's message once and have it answered after the commit.

    `origin` names the socket it came from, which needs no copy of it. Raises
    `attachments.UnknownAttachments` for files that are not its sender's to send.
    """
    try:
        return _record_once(inbound, origin)
    except IntegrityError:
        # A repeat of the same message, or two first messages of a new visitor at once.
        known = inbound_message(inbound.channel_id, inbound.external_id)
        if known is not None:
            return Recorded(known, created=False)
        return _record_once(inbound, origin)


def _record_once(inbound: InboundMessage, origin: str) -> Recorded:
    with transaction.atomic():
        return Recorded(_record(inbound, origin), created=True)


def ensure_identity(*, channel_id: int, sender_id: str) -> ContactIdentity:
    """Return a customer's identity on a channel, known or made now."""
    inbound = InboundMessage(channel_id=channel_id, sender_id=sender_id, external_id="", text="")
    try:
        with transaction.atomic():
            return _identify(inbound)
    except IntegrityError:  # two tabs of a new visitor at once
        return _identify(inbound)


def _record(inbound: InboundMessage, origin: str) -> Message:
    now = timezone.now()
    customer = (inbound.channel_id, inbound.sender_id)
    if not at_hand.is_with_person(customer):
        hint("prepare", inbound.text, inbound.intent)
    conversation = _open_conversation(inbound) or _begin_conversation(inbound, now)
    at_hand.note_who_has(customer, is_person=conversation.status != Status.BOT)
    message = Message.objects.create(
        conversation=conversation,
        channel_id=inbound.channel_id,
        external_id=inbound.external_id,
        author=Message.Author.CONTACT,
        author_name=conversation.contact.name,
        text=inbound.text,
        intent=inbound.intent,
        language=conversation.language,
        state=Message.State.PENDING,
        created_at=now,
    )
    message.pictures = attachments.tie(message=message, ids=inbound.attachment_ids)
    changes: dict[str, Any] = {
        "preview_text": inbound.text[:PREVIEW_LENGTH],  # empty: only pictures
        "preview_author": Message.Author.CONTACT,
        "last_message_at": now,
    }
    if conversation.status == Status.ASSIGNED and conversation.waiting_since is None:
        changes["waiting_since"] = now
    if inbound.page_url:
        changes |= {"page_url": inbound.page_url, "page_title": inbound.page_title}
    _update(conversation, **changes)
    _announce_message(conversation, message, origin)
    at_hand.messages.keep(message)
    enqueue("answer", conversation.pk)
    return message


def _identify(inbound: InboundMessage) -> ContactIdentity:
    identity = (
        ContactIdentity.objects.select_related("contact", "channel")
        .filter(channel_id=inbound.channel_id, external_id=inbound.sender_id)
        .first()
    )
    if identity is not None:
        return identity
    contact = Contact.objects.create(
        name=inbound.sender_name, email=inbound.sender_email, language=inbound.language
    )
    return ContactIdentity.objects.create(
        contact=contact,
        channel=Channel.objects.get(pk=inbound.channel_id),
        external_id=inbound.sender_id,
    )


def _open_conversation(inbound: InboundMessage) -> Conversation | None:
    # Locked, so that nobody resolves it meanwhile and its messages get their ids in order. With
    # all that is asked of it later, so that nobody asks the database again.
    return (
        Conversation.objects.select_related("identity", "contact", "channel")
        .select_for_update(of=("self",))
        .filter(identity__channel_id=inbound.channel_id, identity__external_id=inbound.sender_id)
        .exclude(status=Status.RESOLVED)
        .first()
    )


def _begin_conversation(inbound: InboundMessage, now: datetime) -> Conversation:
    identity = _identify(inbound)
    return Conversation.objects.create(
        identity=identity,
        contact=identity.contact,
        channel=identity.channel,
        language=inbound.language or identity.channel.language,
        user_agent=inbound.user_agent,
        page_url=inbound.page_url,
        page_title=inbound.page_title,
        created_at=now,
        last_message_at=now,
    )


# --- Outbound ---------------------------------------------------------------------------------
def add_message(
    *,
    conversation: Conversation,
    author: str,
    text: str,
    kind: str = Message.Kind.TEXT,
    user_id: int | None = None,
    author_name: str = "",
    external_id: str | None = None,
    html: str = "",
    language: str = "",
    citations: Sequence[Citation] = (),
    quick_replies: Sequence[QuickReply] = (),
    confidence: float | None = None,
    extra: Mapping[str, Any] | None = None,
    preview: bool = True,
) -> Message:
    """Record a reply, a notice or a note, with the delivery that takes it to the customer.

    `extra` holds changes of the conversation to be made by the same write; `preview` says
    whether lists show this text now. A note has no delivery. Raises IntegrityError for an
    `external_id` that was recorded before.
    """
    now = timezone.now()
    with transaction.atomic(savepoint=False):
        if connection.features.has_select_for_update:  # SQLite's transaction is a lock itself
            _lock(conversation)
        message = Message.objects.create(
            conversation=conversation,
            channel_id=conversation.channel_id,
            external_id=external_id,
            author=author,
            user_id=user_id,
            author_name=author_name,
            kind=kind,
            text=text,
            html=html,
            language=language or conversation.language,
            citations=[_citation(citation) for citation in citations],
            quick_replies=[asdict(reply) for reply in quick_replies],
            confidence=confidence,
            created_at=now,
        )
        changes = dict(extra or {})
        if kind != Message.Kind.NOTE:
            delivery = Delivery.objects.create(message=message, next_at=now)
            message.delivery = delivery
            at_hand.deliveries.keep(delivery)
            enqueue("deliver", conversation.pk)
        if kind == Message.Kind.TEXT and preview:
            changes |= {
                "preview_text": text[:PREVIEW_LENGTH],
                "preview_author": author,
                "last_message_at": now,
            }
        if changes:
            _update(conversation, **changes)
        _announce_message(conversation, message, "")
    return message


def _citation(citation: Citation) -> dict[str, Any]:
    return asdict(citation) | {"updated_at": citation.updated_at.isoformat()}


def claim_pending(
    *, message: Message, confidence: float | None = None, evidence: Mapping[str, Any] | None = None
) -> bool:
    """Mark a customer's message as handled; return whether it was this call that did.

    `evidence` and `confidence` are what the bot had for it, given or not: verdicts refer to it.

    Called in the transaction that records what came of it: of two workers that computed an
    answer to the same message one writes it, and after a crash it is either both or neither.
    """
    with transaction.atomic(savepoint=False):
        # The conversation first, as in recording: a repeat of this message may hold it while it
        # waits for this row.
        if connection.features.has_select_for_update:
            _lock(message.conversation)
        return _claim(message, confidence, evidence)


def _claim(message: Message, confidence: float | None, evidence: Mapping[str, Any] | None) -> bool:
    waiting = Message.objects.filter(pk=message.pk, state=Message.State.PENDING)
    changes: dict[str, Any] = {"state": Message.State.HANDLED}
    if evidence:
        changes |= {"confidence": confidence, "evidence": dict(evidence)}
    return bool(waiting.update(**changes))


def record_answer(
    *,
    message: Message,
    text: str,
    confidence: float | None = None,
    dialogue: Mapping[str, Any] | None = None,
    task: Mapping[str, Any] | None = None,
    evidence: Mapping[str, Any] | None = None,
    **reply: Any,
) -> Message | None:
    """Record the bot's reply to `message` and mark it as handled, or do nothing.

    `dialogue` is what the bot remembers from now on, `task` the action under way; None changes
    nothing.

    Nothing is done when another worker was first, or when a person has taken the
    conversation meanwhile (then the message is handled: it is the person's).
    """
    conversation = message.conversation
    with transaction.atomic():
        extra: dict[str, Any] = {}
        if confidence is not None:
            extra["confidence"] = confidence
        if dialogue is not None:
            extra["dialogue"] = dict(dialogue)
        if task is not None and dict(task) != conversation.task:
            extra["task"] = dict(task)
        status = _lock(conversation)
        if not _claim(message, confidence, evidence) or status != Status.BOT:
            return None
        return add_message(
            conversation=conversation,
            author=Message.Author.BOT,
            author_name=conversation.channel.bot_name,
            text=text,
            confidence=confidence,
            extra=extra,
            **reply,
        )


# --- State ------------------------------------------------------------------------------------
def change_conversation(
    *, conversation: Conversation, expected: Mapping[str, Any] | None = None, **changes: Any
) -> bool:
    """Change a conversation if it still is as `expected`; return whether it was.

    `expected` is a set of field look-ups: the claim of a row by conditional UPDATE.
    """
    with transaction.atomic():
        rows = Conversation.objects.filter(pk=conversation.pk, **(expected or {})).update(**changes)
        if not rows:
            return False
        for name, value in changes.items():
            setattr(conversation, name, value)
        announce_change(conversation=conversation)
    return True


def announce_change(*, conversation: Conversation) -> None:
    """Tell the rooms above, after the commit, that the conversation's state has changed."""
    transaction.on_commit(
        lambda: conversation_changed.send(Conversation, conversation=conversation)
    )


def mark_seen(*, channel_id: int, sender_id: str, message_id: int) -> None:
    """Remember that the customer has seen everything up to `message_id`."""
    Conversation.objects.filter(
        identity__channel_id=channel_id, identity__external_id=sender_id, seen_id__lt=message_id
    ).exclude(status=Status.RESOLVED).update(seen_id=message_id)


def update_contact(*, contact: Contact, name: str = "", email: str = "") -> Contact:
    """Fill in what the customer told about themselves; empty values change nothing."""
    fields = []
    if name and name != contact.name:
        contact.name = name
        fields.append("name")
    if email and email != contact.email:
        contact.email = email
        fields.append("email")
    if fields:
        contact.save(update_fields=fields)
        for conversation in contact.conversations.exclude(status=Status.RESOLVED):
            announce_change(conversation=conversation)
    return contact


# --- Delivery ---------------------------------------------------------------------------------
def claim_delivery(*, delivery: Delivery, until: datetime) -> bool:
    """Take a due delivery for one attempt; return whether it was this call that did.

    Others leave it alone until `until`: then whoever took it is held to have crashed.
    """
    return bool(
        Delivery.objects.filter(
            pk=delivery.pk, state=Delivery.State.QUEUED, next_at=delivery.next_at
        ).update(next_at=until)
    )


def record_delivery(
    *, delivery: Delivery, error: str = "", retry_at: datetime | None = None
) -> None:
    """Record the outcome of one attempt: sent, to be tried again at `retry_at`, or failed."""
    now = timezone.now()
    if not error:
        changes: dict[str, Any] = {"state": Delivery.State.SENT, "sent_at": now, "last_error": ""}
    elif retry_at is not None:
        changes = {"next_at": retry_at, "last_error": error[:300]}
    else:
        changes = {"state": Delivery.State.FAILED, "last_error": error[:300]}
    changes["attempts"] = delivery.attempts + 1
    with transaction.atomic():  # so that it takes its turn among SQLite's writers
        waiting = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.QUEUED)
        rows = waiting.update(**changes)
    if rows and "state" in changes:
        delivery.state = changes["state"]
        delivery.message.delivery = delivery
        delivery_settled.send(Message, message=delivery.message)


def _lock(conversation: Conversation) -> str | None:
    """Keep others from changing the conversation in this transaction; return its status.

    Messages of one conversation thus become visible in the order of their ids, on which
    clients rely when they ask for what came after the last one they know.
    """
    return (
        Conversation.objects.select_for_update()
        .filter(pk=conversation.pk)
        .values_list("status", flat=True)
        .first()
    )


def _update(conversation: Conversation, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(changes))


def _announce_message(conversation: Conversation, message: Message, origin: str) -> None:
    message.conversation = conversation
    transaction.on_commit(
        lambda: message_recorded.send(
            Message, conversation=conversation, message=message, origin=origin
        )
    )
