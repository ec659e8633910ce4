"""The writes of conversations: what is said to customers, and how a conversation stands.

Every door and every job goes through these, and for what customers say through `recording`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from chatbot.adapters import capabilities
from chatbot.background import enqueue
from chatbot.conversations import at_hand, attachments
from chatbot.conversations.models import (
    WEBSITE,
    Conversation,
    Delivery,
    Message,
    Status,
)
from chatbot.conversations.signals import conversation_changed, message_recorded
from chatbot.envelope import Citation, QuickReply

PREVIEW_LENGTH = 160


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
            update_conversation(conversation, **changes)
        announce_message(conversation, message, "")
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


def update_conversation(conversation: Conversation, **changes: Any) -> None:
    """Write fields of a conversation, in the caller's transaction; nobody is told of it."""
    for name, value in changes.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(changes))


def announce_message(conversation: Conversation, message: Message, origin: str) -> None:
    """Tell the rooms above of a message after the commit; `origin`: the socket it came from."""
    message.conversation = conversation
    message.is_announced = False

    def announce() -> None:
        message.is_announced = True
        message_recorded.send(Message, conversation=conversation, message=message, origin=origin)

    transaction.on_commit(announce)
