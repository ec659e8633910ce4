"""The writes of conversations. Every door and every job goes through these."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chatbot.adapters import adapter_class, capabilities
from chatbot.background import enqueue, hint
from chatbot.conversations import at_hand, attachments, finding
from chatbot.conversations.models import (
    WEBSITE,
    Attachment,
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Message,
    Status,
)
from chatbot.conversations.selectors import inbound_message
from chatbot.conversations.signals import conversation_changed, message_recorded
from chatbot.envelope import Citation, InboundMessage, QuickReply

PREVIEW_LENGTH = 160
BLOCKED = "blocked"  # why nobody answers a message of somebody who is blocked


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
    _update(conversation, **changes)
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
    _announce_message(conversation, message, origin)
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
    attachment_ids: Sequence[int] = (),
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
        if attachment_ids:
            message.pictures = attachments.tie_own(message=message, ids=attachment_ids)
        changes = dict(extra or {})
        if kind != Message.Kind.NOTE:
            message.delivery = _deliver(conversation, message, now)
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


def _deliver(conversation: Conversation, message: Message, now: datetime) -> Delivery | None:
    """Record where a message has to go: where the customer writes, and where they began.

    Returns the former's. A line about the conversation goes only where there are such lines.
    """
    begun, writes = conversation.identity, conversation.answer_to
    targets = [(begun, conversation.channel)]
    if writes is not None and writes.channel_id == begun.channel_id:
        targets = [(writes, conversation.channel)]
    elif writes is not None:
        targets.insert(0, (writes, writes.channel))
    first = None
    for identity, channel in targets:
        can = capabilities(channel.kind)
        if message.kind == Message.Kind.NOTICE and not can.notices:
            continue
        if first is not None and not can.keeps:
            continue  # where they began they would be told twice, but for the website's history
        delivery = Delivery(message=message, identity=identity, next_at=now)
        identity.channel = channel  # the same, and at hand
        delivery.save(force_insert=True)
        at_hand.deliveries.keep(delivery)
        first = first or delivery
    if first is not None:
        is_ours = all(channel.kind == WEBSITE for _identity, channel in targets)
        enqueue("deliver" if is_ours else "deliver-outside", conversation.pk)
    return first


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
    if "status" in changes:  # whatever moves a conversation ends its snooze
        changes = {"snoozed_until": None, "snoozed_by_id": None, **changes}
    # Without a savepoint: two less ways to the database, and who meets IntegrityError gives up all.
    with transaction.atomic(savepoint=False):
        rows = Conversation.objects.filter(pk=conversation.pk, **(expected or {})).update(**changes)
        if not rows:
            return False
        for name, value in changes.items():
            setattr(conversation, name, value)
        announce_change(conversation=conversation)
    return True


def announce_change(*, conversation: Conversation) -> None:
    """Tell the rooms above, after the commit, that the conversation's state has changed."""
    announcement = _Announcement(conversation)
    # Once for all that a transaction changes: they are told what is so after it.
    if not any(announcement == pending for _ids, pending, *_ in connection.run_on_commit):
        transaction.on_commit(announcement)


@dataclass(frozen=True, slots=True, eq=False)
class _Announcement:
    conversation: Conversation

    def __call__(self) -> None:
        conversation_changed.send(Conversation, conversation=self.conversation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Announcement) and other.conversation is self.conversation

    def __hash__(self) -> int:
        return id(self.conversation)


def mark_seen(*, channel_id: int, sender_id: str, message_id: int) -> None:
    """Remember that the customer has seen everything up to `message_id`."""
    Conversation.objects.filter(
        identity__channel_id=channel_id, identity__external_id=sender_id, seen_id__lt=message_id
    ).exclude(status=Status.RESOLVED).update(seen_id=message_id)


# --- Shared -----------------------------------------------------------------------------------
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
