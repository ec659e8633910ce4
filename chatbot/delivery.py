"""Takes recorded replies to their customers: resolve the adapter, send, retry, record.

A message goes out in the parts that its channel can show; each that was taken is recorded, so
what is tried again begins where it stopped. Parts have keys, the same at every attempt: where a
service takes one, nothing is doubled even if we end between its answer and our record of it.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django_tasks import task

from chatbot import digests
from chatbot.adapters import adapter_class, capabilities
from chatbot.background import Turns
from chatbot.conversations import attachments, deliveries, finding, wording
from chatbot.conversations.models import WEBSITE, Attachment, Channel, Delivery, Message
from chatbot.conversations.received import note_health
from chatbot.degrading import Part, fit
from chatbot.envelope import Capabilities, Citation, OutboundFile, OutboundMessage, QuickReply, Sent

logger = logging.getLogger(__name__)
_ATTEMPT = timedelta(seconds=90)  # longer than any adapter's own timeout
_FIRST_RETRY = 1.0  # seconds, doubled each time, with jitter
_LONGEST_PAUSE = 900.0
_GIVEN_UP = timedelta(hours=24)


_turns = Turns()


@task()
def deliver(conversation_id: int) -> None:
    """Deliver what is due in a conversation, in order; retries are left to the sweep."""
    _turns.take(conversation_id, lambda: _deliver_all(conversation_id))


@task()
def deliver_outside(conversation_id: int) -> None:
    """Do what `deliver` does, on threads that may wait for a service that takes its time."""
    _turns.take(conversation_id, lambda: _deliver_all(conversation_id))


def _deliver_all(conversation_id: int) -> bool:
    sent = False
    held: set[int] = set()  # channels that wait: what follows one that is tried again waits too
    for delivery in deliveries.undelivered(conversation_id=conversation_id):
        channel_id = delivery.identity.channel_id
        now = timezone.now()
        if channel_id in held:
            continue
        if delivery.next_at > now:
            held.add(channel_id)
        elif not settings.ONE_PROCESS and not deliveries.claim_delivery(
            delivery=delivery, until=now + _ATTEMPT
        ):
            held.add(channel_id)  # another worker has taken it, and goes on with what follows
        elif _attempt(delivery):
            sent = True
            if _is_digest(delivery):
                held.add(channel_id)  # it had what follows there in it
        else:
            held.add(channel_id)
    # A delivery that was recorded meanwhile has called again; but in another worker, perhaps,
    # which left it to this one.
    return sent and not settings.ONE_PROCESS


def _attempt(delivery: Delivery) -> bool:
    """Send once and record the outcome; return whether the next one may go."""
    channel = delivery.identity.channel
    along: Sequence[Delivery] = ()
    try:
        if _is_digest(delivery):
            along = deliveries.of_one_digest(delivery=delivery)
            external_ids = _send_digest(delivery, along, channel)
        else:
            external_ids = _send(delivery, channel)
    except Exception as error:
        return _failed(delivery, channel, error)
    with transaction.atomic():  # one mail: all that was in it is sent, or none
        deliveries.record_delivery(delivery=delivery, external_ids=external_ids)
        for one in along:
            deliveries.record_delivery(delivery=one)
    if channel.kind != WEBSITE:
        note_health(channel_id=channel.pk, went=True)
    return True


def _send(delivery: Delivery, channel: Channel) -> Sequence[str]:
    """Send the parts that were not sent yet, and return the ids of the last."""
    if not channel.is_active:
        raise _Inactive
    adapter = adapter_class(channel.kind)(channel)
    message = delivery.message
    parts = _parts(message, capabilities(channel.kind))
    sent = Sent()
    for number in range(delivery.parts_sent, len(parts)):
        last = number == len(parts) - 1
        sent = adapter.send(outbound(delivery, parts[number], number, last=last))
        if not last:
            deliveries.record_part(delivery=delivery, external_ids=sent.external_ids)
    return sent.external_ids


def _is_digest(delivery: Delivery) -> bool:
    """Return whether a mail goes after somebody who has left a website."""
    conversation, channel = delivery.message.conversation, delivery.identity.channel
    return (
        channel.pk != conversation.channel_id
        and capabilities(channel.kind).machines
        and conversation.answer_to_id != delivery.identity_id
    )


def _send_digest(delivery: Delivery, along: Sequence[Delivery], channel: Channel) -> Sequence[str]:
    """Send one mail with all that its reader has not seen, and a way back to it."""
    if not channel.is_active:
        raise _Inactive
    conversation = delivery.message.conversation
    with wording.in_language(conversation.language):
        messages = [one.message for one in (delivery, *along)]
        text = digests.text(conversation, messages)
        html = digests.html(conversation, messages)
        subject = digests.subject(conversation)
    outgoing = outbound(delivery, Part(text, html, ()), 0, last=not along)
    adapter = adapter_class(channel.kind)(channel)
    sent: Sent = adapter.send(replace(outgoing, subject=subject, author_name=""))
    return sent.external_ids


class _Inactive(Exception):
    permanent = True

    def __str__(self) -> str:
        return _("This channel is switched off.")


def _parts(message: Message, can: Capabilities) -> list[Part]:
    replies = tuple(QuickReply(**reply) for reply in message.quick_replies)
    with wording.in_language(message.language):
        hint = wording.choose_by_number() if replies else ""
    return fit(message.text, message.html or None, replies, can, hint)


def _failed(delivery: Delivery, channel: Channel, error: Exception) -> bool:
    permanent = bool(getattr(error, "permanent", False))
    # What an adapter says is meant for admins; any other error's text may be of anything.
    detail = str(error) if hasattr(error, "permanent") else type(error).__name__
    now = timezone.now()
    pause = max(_pause(delivery.attempts), float(getattr(error, "retry_after", None) or 0.0))
    last = permanent or now + timedelta(seconds=pause) > delivery.created_at + _GIVEN_UP
    logger.warning("delivery %s failed: %s", delivery.pk, type(error).__name__)
    deliveries.record_delivery(
        delivery=delivery,
        error=detail,
        retry_at=None if last else now + timedelta(seconds=pause),
    )
    note_health(channel_id=channel.pk, error=detail)
    return last


def _pause(attempts: int) -> float:
    seconds: float = min(_FIRST_RETRY * 2 ** min(attempts, 16), _LONGEST_PAUSE)
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311  jitter, no secret


def outbound(delivery: Delivery, part: Part, number: int, *, last: bool) -> OutboundMessage:
    """Return a part of a recorded message as adapters send it."""
    message, identity = delivery.message, delivery.identity
    conversation = message.conversation
    can = capabilities(identity.channel.kind)
    is_home = identity.channel_id == conversation.channel_id
    return OutboundMessage(
        message_id=message.pk,
        recipient_id=identity.external_id,
        identity_id=identity.pk,
        author=message.author,
        author_name=message.author_name,
        kind=message.kind,
        text=part.text,
        language=message.language,
        created_at=message.created_at,
        html=part.html,
        citations=_citations(message) if last else (),
        quick_replies=part.quick_replies,
        files=_files(message) if last else (),
        key=f"{delivery.pk}-{number}",
        conversation_id=conversation.pk,
        thread=conversation.thread if is_home else "",
        subject=conversation.subject,
        references=_references(conversation.pk, identity.channel_id) if can.machines else (),
        copies=_copies(delivery) if can.machines else (),
        part=number,
    )


def _citations(message: Message) -> tuple[Citation, ...]:
    return tuple(
        Citation(**{**c, "updated_at": parse_datetime(c["updated_at"])}) for c in message.citations
    )


def _files(message: Message) -> tuple[OutboundFile, ...]:
    if message.author != Message.Author.AGENT:  # nobody else sends any
        return ()
    return tuple(
        OutboundFile(
            name=row.name,
            content_type=row.content_type,
            size=row.size,
            read=partial(_content, row),
        )
        for row in message.pictures
    )


def _references(conversation_id: int, channel_id: int) -> tuple[str, ...]:
    return tuple(deliveries.newest_ids(conversation_id=conversation_id, channel_id=channel_id))


def _content(row: Attachment) -> bytes:
    return attachments.content_of(row) or b""


def _copies(delivery: Delivery) -> tuple[str, ...]:
    """Return who else is told what a person writes. What the bot says is for the writer alone."""
    message = delivery.message
    if message.author != Message.Author.AGENT:
        return ()
    copies = finding.people_in_copy(message.conversation)
    owner = message.conversation.identity
    if owner.channel_id == delivery.identity.channel_id:
        copies.add(owner.external_id)
    ours = {delivery.identity.channel.account.casefold()}
    return tuple(sorted(copies - ours - {delivery.identity.external_id}))
