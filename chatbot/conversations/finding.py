"""Which conversation a customer's message belongs to."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from chatbot.conversations.models import (
    ContactIdentity,
    Conversation,
    Message,
    SentPart,
    Status,
)
from chatbot.envelope import InboundMessage

SAME_SUBJECT = timedelta(days=7)  # later than that, an equal subject or thread is a new matter
_MOST_REFERENCES = 50


def conversation_of(inbound: InboundMessage) -> Conversation | None:
    """Return the conversation that `inbound` goes on with, locked; None where it begins one.

    Of a merged one it is the one that goes on. It may be a resolved one only where the sender
    shows that they mean it: by an address that was given to them, by what they answer to, or by
    writing in its thread.
    """
    # Locked, so that nobody resolves it meanwhile and its messages get their ids in order. With
    # all that is asked of it later, so that nobody asks the database again.
    rows = Conversation.objects.select_related("identity", "contact", "channel").select_for_update(
        of=("self",)
    )
    if inbound.conversation_id is not None:
        found = _open_instead(rows, rows.filter(pk=inbound.conversation_id).first())
        if found is not None:
            return found
    if inbound.references:
        known = _answered(inbound.channel_id, inbound.references)
        found = _open_instead(rows, rows.filter(pk=known).first() if known else None)
        if found is not None and takes_part(found, inbound):
            return found
    if inbound.thread:
        found = _goes_on(
            rows, rows.filter(channel_id=inbound.channel_id, thread=inbound.thread).last()
        )
        if found is not None and _is_over(found):
            found = None
        if found is not None or not inbound.subject:
            return found
    senders = rows.filter(
        identity__channel_id=inbound.channel_id, identity__external_id=inbound.sender_id
    ).exclude(status=Status.RESOLVED)
    # Where the sender's own was merged, it is the open one that goes on for it.
    instead = rows.filter(pk__in=_merged_of(inbound)).exclude(status=Status.RESOLVED)
    if inbound.subject:
        since = timezone.now() - SAME_SUBJECT
        senders = senders.filter(subject=inbound.subject, last_message_at__gte=since)
        return senders.last() or instead.filter(last_message_at__gte=since).last()
    return senders.filter(thread="").first() or instead.last()


def last_of(identity: ContactIdentity) -> Conversation | None:
    """Return the newest conversation of a customer in one place, open or resolved, locked."""
    rows = Conversation.objects.select_related("identity", "contact", "channel")
    return rows.select_for_update(of=("self",)).filter(identity=identity).order_by("pk").last()


def _merged_of(inbound: InboundMessage) -> "QuerySet[Conversation, int | None]":
    """Return the ids of what the sender's merged conversations go on in, as a subquery."""
    merged = Conversation.objects.filter(
        identity__channel_id=inbound.channel_id,
        identity__external_id=inbound.sender_id,
        merged_into__isnull=False,
    )
    if inbound.subject:
        merged = merged.filter(subject=inbound.subject)
    return merged.values_list("merged_into_id", flat=True)


def _goes_on(rows: "QuerySet[Conversation]", found: Conversation | None) -> Conversation | None:
    """Return the conversation that goes on for a merged one, else that one."""
    if found is None or found.merged_into_id is None:
        return found
    return rows.filter(pk=found.merged_into_id).first()


def _is_over(conversation: Conversation) -> bool:
    """Return whether a matter was resolved so long ago that this is another one."""
    since = timezone.now() - SAME_SUBJECT
    return conversation.status == Status.RESOLVED and conversation.last_message_at < since


def _open_instead(
    rows: "QuerySet[Conversation]", found: Conversation | None
) -> Conversation | None:
    """Return the open conversation that took the place of a resolved one, else that one."""
    found = _goes_on(rows, found)
    if found is None or found.status != Status.RESOLVED:
        return found
    newer = rows.filter(identity_id=found.identity_id, thread=found.thread)
    return newer.exclude(status=Status.RESOLVED).first() or found


def _answered(channel_id: int, references: Sequence[str]) -> int | None:
    """Return the conversation with the nearest message of `references` that we know."""
    asked = list(references)[-_MOST_REFERENCES:]
    known = dict(
        SentPart.objects.filter(channel_id=channel_id, external_id__in=asked).values_list(
            "external_id", "delivery__message__conversation_id"
        )
    )
    for external_id, conversation_id in Message.objects.filter(
        channel_id=channel_id, external_id__in=asked
    ).values_list("external_id", "conversation_id"):
        known[external_id or ""] = conversation_id
    return next((known[one] for one in reversed(asked) if one in known), None)


def is_known_thread(inbound: InboundMessage) -> bool:
    """Return whether the thread of `inbound` is a conversation of ours."""
    return Conversation.objects.filter(
        channel_id=inbound.channel_id, thread=inbound.thread
    ).exists()


def takes_part(conversation: Conversation, inbound: InboundMessage) -> bool:
    """Return whether the sender belongs to the conversation: as its customer, or in copy.

    What somebody answers to can be made up or passed on: of a stranger it proves nothing.
    """
    identity = conversation.identity
    if (identity.channel_id, identity.external_id) == (inbound.channel_id, inbound.sender_id):
        return True
    theirs = Q(identity__channel_id=inbound.channel_id, identity__external_id=inbound.sender_id)
    if Conversation.objects.filter(theirs, merged_into=conversation).exists():
        return True
    wrote = Q(identity__external_id=inbound.sender_id, channel_id=inbound.channel_id)
    if Message.objects.filter(wrote, conversation=conversation).exists():
        return True
    return inbound.sender_id in people_in_copy(conversation)


def people_in_copy(conversation: Conversation) -> set[str]:
    """Return the addresses to which the customer's mails of a conversation went besides ours."""
    rows = Message.objects.filter(
        conversation=conversation, author=Message.Author.CONTACT
    ).values_list("details", flat=True)
    return {
        str(one["email"]).casefold()
        for details in rows
        for one in [*details.get("to", ()), *details.get("cc", ())]
        if one.get("email")
    }
