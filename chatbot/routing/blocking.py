"""People whom nobody answers: what they write is kept, resolved at once, and disturbs nobody."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from chatbot.conversations import services as conversations
from chatbot.conversations.models import Contact, Conversation, Message, Status
from chatbot.routing import services
from chatbot.routing.models import Block


def block(*, contact: Contact, user_id: int, reason: str = "") -> Sequence[Conversation]:
    """Block a contact; return the conversations that were open and are resolved now.

    Its customer is told nothing. A contact that is blocked already stays so, and none are returned.
    """
    now = timezone.now()
    with transaction.atomic():
        changed = Contact.objects.filter(pk=contact.pk, blocked_at=None).update(
            blocked_at=now, blocked_by_id=user_id
        )
        if not changed:
            return []
        contact.blocked_at, contact.blocked_by_id = now, user_id
        Block.objects.create(contact=contact, user_id=user_id, reason=reason[:300], created_at=now)
        Message.objects.filter(conversation__contact=contact, state=Message.State.PENDING).update(
            state=Message.State.HANDLED
        )
        rows = contact.conversations.select_related(
            "channel", "contact", "identity__channel", "answer_to__channel"
        ).exclude(status=Status.RESOLVED)
        found = list(rows)
        for conversation in found:
            services.resolve(conversation=conversation, silent=True)
        _announce_latest(contact, found)
    return found


def unblock(*, contact: Contact, user_id: int | None) -> bool:
    """Let people answer a contact again; return whether it was blocked."""
    with transaction.atomic():
        changed = Contact.objects.filter(pk=contact.pk, blocked_at__isnull=False).update(
            blocked_at=None, blocked_by=None
        )
        if not changed:
            return False
        contact.blocked_at, contact.blocked_by_id = None, None
        Block.objects.filter(contact=contact, lifted_at=None).update(
            lifted_at=timezone.now(), lifted_by_id=user_id
        )
        _announce_latest(contact, [])
    return True


def _announce_latest(contact: Contact, told: Sequence[Conversation]) -> None:
    """Show lists what the contact is now, where that is not told by another change."""
    known = {conversation.pk for conversation in told}
    rows = contact.conversations.select_related("channel", "contact", "identity")
    for conversation in rows.order_by("-last_message_at")[:10]:
        if conversation.pk not in known:
            conversations.announce_change(conversation=conversation)


def current_block(contact: Contact) -> Block | None:
    """Return the record of why a contact is blocked now, if there is one."""
    if contact.blocked_at is None:
        return None
    return Block.objects.filter(contact=contact, lifted_at=None).first()
