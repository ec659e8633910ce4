"""Reads recorded events: parse, record what they say, mark them as read. One channel at a time."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from channels_adapters.base import Parses
from chatbot.adapters import adapter_class, capabilities
from chatbot.background import Turns, enqueue, threads
from chatbot.conversations import attachments, changes, finding, received, wording
from chatbot.conversations.models import Attachment, Channel, Message, ReceivedEvent
from chatbot.conversations.recording import record_inbound
from chatbot.conversations.selectors import inbound_message
from chatbot.envelope import (
    Event,
    Inbound,
    InboundMessage,
    MessageDeleted,
    MessageEdited,
    Reachability,
    Receipt,
)
from chatbot.routing.handing import Brief, bring_person

logger = logging.getLogger(__name__)
_WAITS_FOR_MESSAGE = timedelta(minutes=10)  # an edit that came before what it edits
_MOST_ATTEMPTS = 6
_LONGEST_PAUSE = timedelta(hours=1)
_FOR_PEOPLE = frozenset({"too_large"})  # of what the bot does not answer
_turns = Turns()


def record_by_account(channel: Channel, events: Sequence[Event]) -> None:
    """Record events that came in by `channel`, each on the channel of its account."""
    by_account: dict[str, list[Event]] = {}
    for event in events:
        by_account.setdefault(event.account, []).append(event)
    for account, its in by_account.items():
        served = received.channel_of(channel, account)
        if served is None:
            logger.warning("channel %s: events of an account that is not connected", channel.pk)
            detail = f"Events of {account} came, which is not connected."
            received.note_health(channel_id=channel.pk, error=detail)
            continue
        received.record_events(channel_id=served.pk, events=its)


@task()
def read_events(channel_id: int) -> None:
    """Read what has come in on a channel, in its own order as far as it has come."""
    _turns.take(channel_id, lambda: _read_some(channel_id))


def _read_some(channel_id: int) -> bool:
    """Read some of what waits; what is left then waits behind the other channels."""
    events = received.waiting(channel_id=channel_id)
    if not events:
        return False
    channel = Channel.objects.get(pk=channel_id)
    adapter = adapter_class(channel.kind)(channel)
    for event in events:
        # Not faster than it is answered: who asks on a website now waits behind a few answers,
        # not behind a thousand.
        threads.wait_for_room()
        _read(event, channel, adapter)
    received.note_health(channel_id=channel_id, came=True)
    enqueue("read", channel_id)
    return False


def _read(event: ReceivedEvent, channel: Channel, adapter: Parses) -> None:
    try:
        content = received.content_of(event)
    except Exception as error:  # the disk may be away
        logger.warning("event %s cannot be opened: %s", event.pk, type(error).__name__)
        _try_again(event, channel, None, error)
        return
    try:
        said = adapter.parse(Event(event.event_id, content, event.order, channel.account))
    except Exception as error:
        logger.warning("event %s cannot be read: %s", event.pk, type(error).__name__)
        _give_up(event, channel, content, error)
        return
    try:
        with transaction.atomic():
            for one in said:
                _apply(one, channel.kind)
            received.mark_read(event=event)
    except changes.NotYetKnown:
        if timezone.now() - event.received_at > _WAITS_FOR_MESSAGE:
            received.mark_read(event=event)  # of a message that was not for us
        else:
            _leave(event, "")
    except Exception as error:
        # The database may be away, or this is a fault of ours: both deserve another attempt.
        logger.exception("event %s could not be recorded", event.pk)
        _try_again(event, channel, content, error)


def _try_again(
    event: ReceivedEvent, channel: Channel, content: bytes | None, error: Exception
) -> None:
    if event.attempts + 1 >= _MOST_ATTEMPTS:
        _give_up(event, channel, content, error)
    else:
        _leave(event, type(error).__name__)


def _give_up(
    event: ReceivedEvent, channel: Channel, content: bytes | None, error: Exception
) -> None:
    try:
        _show_to_person(event, channel, content, type(error).__name__)
    except Exception as failure:
        # Somebody has to see it some day, and what came after it must not wait for that.
        logger.exception("event %s could not be shown to a person", event.pk)
        _leave(event, type(failure).__name__)


def _leave(event: ReceivedEvent, error: str) -> None:
    pause = min(timedelta(seconds=2 ** min(event.attempts, 16)), _LONGEST_PAUSE)
    received.try_again(event=event, at=timezone.now() + pause, error=error)


def _apply(said: Inbound, kind: str) -> None:
    match said:
        case InboundMessage():
            if said.details.get("only_if_known") and not finding.is_known_thread(said):
                return
            if capabilities(kind).machines:
                said = _told_apart(said)
                # Each mail that answers nothing we know begins a thread of its own.
                said = replace(said, thread=said.thread or said.external_id)
            recorded = record_inbound(inbound=said)
            if recorded.created and said.why in _FOR_PEOPLE:
                _queue(recorded.message, said.why)
        case MessageEdited():
            changes.apply_edit(edit=said)
        case MessageDeleted():
            changes.apply_deletion(deletion=said)
        case Receipt():
            changes.apply_receipt(receipt=said)
        case Reachability():
            changes.apply_reachability(reach=said)


def _told_apart(said: InboundMessage) -> InboundMessage:
    """Return a mail under a name of its own, where a broken program gave two of them one."""
    known = inbound_message(said.channel_id, said.external_id)
    if known is None:
        return said
    sender = (known.identity or known.conversation.identity).external_id
    before = (sender, known.text, known.details.get("subject"))
    if before == (said.sender_id, said.text, said.details.get("subject")):
        return said
    other = hashlib.sha256(f"{said.sender_id}\n{said.text}".encode()).hexdigest()[:12]
    return replace(said, external_id=f"{said.external_id[:280]}#{other}")


def _show_to_person(
    event: ReceivedEvent, channel: Channel, content: bytes | None, error: str
) -> None:
    """Keep what cannot be read whole, and bring a person who can.

    `content` is None where it cannot even be opened: then they get what else is known of it.
    """
    with transaction.atomic(), wording.in_language(channel.language):
        recorded = record_inbound(
            inbound=InboundMessage(
                channel_id=channel.pk,
                sender_id="unreadable",
                external_id=f"unreadable:{event.pk}",
                thread=f"unreadable:{event.pk}",
                text=wording.unopened() if content is None else wording.unreadable(),
                answer=False,
                why="unreadable",
            )
        )
        kept = [_original(recorded.message, event, channel, content)] if recorded.created else []
        try:
            if recorded.created:
                _queue(recorded.message, "unopened" if content is None else "unreadable")
            received.mark_unreadable(event=event, error=error, is_kept=content is not None)
        except BaseException:
            attachments.drop(kept)  # what is tried again makes another copy
            raise


def _original(
    message: Message, event: ReceivedEvent, channel: Channel, content: bytes | None
) -> Attachment:
    is_mail = channel.kind == "email" and content is not None
    if content is None:  # the service may still have it
        content = f"{event.event_id}\n{event.received_at:%Y-%m-%d %H:%M:%S %Z}\n".encode()
    return attachments.keep_raw(
        message=message,
        name="message.eml" if is_mail else "message.txt",
        content_type="message/rfc822" if is_mail else "text/plain",
        content=content,
    )


def _queue(message: Message, detail: str) -> None:
    bring_person(
        conversation=message.conversation,
        reason="error",
        brief=Brief(detail=detail, silent=True),
        reopen=True,
    )
