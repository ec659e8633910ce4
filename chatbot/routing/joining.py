"""Conversations that belong together: linked, or merged so that one goes on for both.

Contacts are merged elsewhere: `chatbot.conversations.merging`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from chatbot.conversations import services as conversations
from chatbot.conversations.models import Conversation, ConversationLink, Message, Status
from chatbot.routing import services
from chatbot.routing.signals import transcript_changed


class CannotJoin(ValueError):
    """Two conversations that cannot be merged; `why`: self, contact, merged, bot, resolved."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


# --- Links ----------------------------------------------------------------------------------------
def link(*, one: Conversation, other: Conversation, user_id: int) -> bool:
    """Say that two conversations belong together; return whether that is new. Raises CannotJoin."""
    if one.pk == other.pk:
        raise CannotJoin("self")
    first, second = sorted((one, other), key=lambda each: each.pk)
    with transaction.atomic():
        _link, is_new = ConversationLink.objects.get_or_create(
            first=first, second=second, defaults={"user_id": user_id}
        )
        for each in (one, other):
            conversations.announce_change(conversation=each)
    return is_new


def unlink(*, one: Conversation, other: Conversation) -> bool:
    """Take back that two conversations belong together; return whether they did."""
    first, second = sorted((one, other), key=lambda each: each.pk)
    with transaction.atomic():
        gone, _rows = ConversationLink.objects.filter(first=first, second=second).delete()
        for each in (one, other):
            conversations.announce_change(conversation=each)
    return bool(gone)


def linked(conversation: Conversation) -> Sequence[Conversation]:
    """Return what belongs together with a conversation, the newest first."""
    pairs = ConversationLink.objects.filter(Q(first=conversation) | Q(second=conversation))
    ids = {pk for pair in pairs.values_list("first_id", "second_id") for pk in pair}
    rows = Conversation.objects.filter(pk__in=ids - {conversation.pk})
    return list(rows.select_related("channel", "contact").order_by("-last_message_at"))


# --- Merging --------------------------------------------------------------------------------------
def merge(*, kept: Conversation, other: Conversation) -> None:
    """Let `kept` go on for both: `other` ends, and what its customer writes there comes to `kept`.

    Its customer is told nothing, and nobody asks them how it was. Raises CannotJoin.
    """
    why = _cannot(kept, other)
    if why:
        raise CannotJoin(why)
    with transaction.atomic():
        waited, reply_due = other.waiting_since, other.reply_due_at
        Message.objects.filter(conversation=other, state=Message.State.PENDING).update(
            state=Message.State.HANDLED
        )
        services.resolve(conversation=other, silent=True)
        moved = Conversation.objects.filter(merged_into=other)
        tell_readers(kept.pk, other.pk, *moved.values_list("pk", flat=True))
        moved.update(merged_into=kept)
        conversations.change_conversation(conversation=other, merged_into_id=kept.pk)
        changes: dict[str, Any] = {}
        if _wrote_later(other, kept):
            where = other.answer_to or other.identity
            changes["answer_to"] = None if where.pk == kept.identity_id else where
        if other.last_message_at > kept.last_message_at:
            changes |= {
                "last_message_at": other.last_message_at,
                "preview_text": other.preview_text,
                "preview_author": other.preview_author,
            }
        if kept.status in (Status.QUEUED, Status.ASSIGNED):
            if waited and (kept.waiting_since is None or waited < kept.waiting_since):
                changes["waiting_since"] = waited
            if reply_due and (kept.reply_due_at is None or reply_due < kept.reply_due_at):
                changes["reply_due_at"] = reply_due
        if changes:
            conversations.change_conversation(conversation=kept, **changes)
        else:
            conversations.announce_change(conversation=kept)


def _cannot(kept: Conversation, other: Conversation) -> str:
    if kept.pk == other.pk:
        return "self"
    if kept.contact_id != other.contact_id:
        return "contact"
    if kept.merged_into_id is not None or other.merged_into_id is not None:
        return "merged"
    if kept.status == Status.BOT:
        return "bot"  # it would answer what it has not read
    if kept.status == Status.RESOLVED and other.status != Status.RESOLVED:
        return "resolved"
    return ""


def _wrote_later(one: Conversation, other: Conversation) -> bool:
    """Return whether the customer wrote in `one` after they last did in `other`."""
    rows = Message.objects.filter(author=Message.Author.CONTACT).order_by("-pk")
    last = rows.filter(conversation=one).values_list("pk", flat=True).first()
    before = rows.filter(conversation=other).values_list("pk", flat=True).first()
    return last is not None and (before is None or last > before)


def take_apart(*, conversation: Conversation) -> bool:
    """Let a merged conversation be one of its own again; return whether it was merged.

    It stays resolved. What was said in the other since then stays there.
    """
    kept = (
        Conversation.objects.select_related("channel", "contact", "identity")
        .filter(pk=conversation.merged_into_id or 0)
        .first()
    )
    with transaction.atomic():
        apart = conversations.change_conversation(
            conversation=conversation,
            expected={"merged_into__isnull": False},
            merged_into_id=None,
        )
        if not apart:
            return False
        tell_readers(conversation.pk)
        if kept is None:
            return True
        tell_readers(kept.pk)
        answer_elsewhere(conversation=kept, than=conversation)
    return True


def tell_readers(*conversation_ids: int) -> None:
    """Tell the rooms above, after the commit, that other messages are read in these than before."""
    for pk in conversation_ids:
        transaction.on_commit(partial(transcript_changed.send, Conversation, conversation_id=pk))


def answer_elsewhere(*, conversation: Conversation, than: Conversation) -> None:
    """Answer where a conversation began, if it was answered where another one did."""
    if conversation.answer_to_id == than.identity_id:
        conversations.change_conversation(conversation=conversation, answer_to=None)
    else:
        conversations.announce_change(conversation=conversation)


def merged(conversation: Conversation) -> Sequence[Conversation]:
    """Return the conversations whose messages are read in this one, the oldest first."""
    rows = Conversation.objects.filter(merged_into=conversation)
    return list(rows.select_related("channel", "contact").order_by("pk"))
