"""The writes and reads of what services sent: kept first, read afterwards, known when repeated."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from chatbot.background import enqueue
from chatbot.conversations.models import Channel, ChannelHealth, ReceivedEvent
from chatbot.envelope import Event

_BIG = 64 * 1024  # bytes; larger payloads are files
_KEPT = timedelta(days=14)  # longer than any service repeats an event
_HEALTH_EVERY = timedelta(seconds=5)


# --- Writes -----------------------------------------------------------------------------------
def record_events(*, channel_id: int, events: Sequence[Event]) -> None:
    """Record events once, and have them read after the commit.

    In one transaction: all or none. They are this channel's: `channel_of` says which channel
    the events of an account belong to.
    """
    now = timezone.now()
    big = [event.event_id[:300] for event in events if len(event.payload) > _BIG]
    known = set(
        ReceivedEvent.objects.filter(channel_id=channel_id, event_id__in=big).values_list(
            "event_id", flat=True
        )
        if big
        else ()
    )
    rows = [_row(channel_id, event, now) for event in events if event.event_id[:300] not in known]
    with transaction.atomic():
        ReceivedEvent.objects.bulk_create(rows, ignore_conflicts=True)
        if rows:
            enqueue("read", channel_id)


def _row(channel_id: int, event: Event, now: datetime) -> ReceivedEvent:
    row = ReceivedEvent(
        channel_id=channel_id, event_id=event.event_id[:300], order=event.order, received_at=now
    )
    row.next_at = now
    if len(event.payload) > _BIG:
        row.file.save("", ContentFile(event.payload), save=False)
    else:
        row.payload = event.payload
    return row


def mark_read(*, event: ReceivedEvent) -> None:
    """Record that an event was read, in the transaction that records what it said."""
    _end(event, ReceivedEvent.State.READ)


def mark_unreadable(*, event: ReceivedEvent, error: str, is_kept: bool = True) -> None:
    """Record that an event cannot be read; a person has it now.

    Unless its content `is_kept` elsewhere, it stays with the row as long as that does.
    """
    event.error = error[:300]
    if is_kept:
        _end(event, ReceivedEvent.State.UNREADABLE)
    else:
        event.state = ReceivedEvent.State.UNREADABLE
        event.save(update_fields=["state", "error"])


def _end(event: ReceivedEvent, state: str) -> None:
    storage, name = event.file.storage, event.file.name
    event.state, event.payload = state, b""
    event.file = ""
    event.save(update_fields=["state", "payload", "file", "error"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def try_again(*, event: ReceivedEvent, at: datetime, error: str) -> None:
    """Leave an event for later."""
    event.attempts += 1
    event.next_at, event.error = at, error[:300]
    event.save(update_fields=["attempts", "next_at", "error"])


def forget_old() -> None:
    """Remove rows of events that no service will repeat any more."""
    due = timezone.now() - _KEPT
    with transaction.atomic():
        ReceivedEvent.objects.filter(received_at__lt=due).exclude(
            state=ReceivedEvent.State.WAITING
        ).delete()


def note_health(
    *, channel_id: int, came: bool = False, went: bool = False, error: str | None = None
) -> None:
    """Note that something came in or went out, or failed ("" clears it); not at every message."""
    now = timezone.now()
    health, _ = ChannelHealth.objects.get_or_create(channel_id=channel_id)
    changes: dict[str, object] = {}
    if came and (health.last_in_at is None or now - health.last_in_at > _HEALTH_EVERY):
        changes["last_in_at"] = now
    if went and (health.last_out_at is None or now - health.last_out_at > _HEALTH_EVERY):
        changes["last_out_at"] = now
    if error is not None and error[:300] != health.last_error:
        changes |= {"last_error": error[:300], "last_error_at": now if error else None}
    elif went and health.last_error:
        changes |= {"last_error": "", "last_error_at": None}
    if changes:
        ChannelHealth.objects.filter(pk=health.pk).update(**changes)


def clear_error(*, channel_id: int, error: str) -> None:
    """Note that `error` is over, unless the channel's error is another one by now."""
    ChannelHealth.objects.filter(channel_id=channel_id, last_error=error[:300]).update(
        last_error="", last_error_at=None
    )


# --- Reads ------------------------------------------------------------------------------------
def last_error(*, channel_id: int) -> str:
    """Return what is wrong with a channel, "" for nothing."""
    health = ChannelHealth.objects.filter(channel_id=channel_id).first()
    return health.last_error if health is not None else ""


def content_of(event: ReceivedEvent) -> bytes:
    """Return the payload as it came."""
    if not event.file:
        return bytes(event.payload)
    with event.file.open("rb") as file:
        content: bytes = file.read()
    return content


def waiting(*, channel_id: int, most: int = 50) -> list[ReceivedEvent]:
    """Return events that are due to be read, in their own order as far as they have come."""
    return list(
        ReceivedEvent.objects.filter(
            channel_id=channel_id, state=ReceivedEvent.State.WAITING, next_at__lte=timezone.now()
        ).order_by("order", "id")[:most]
    )


def channels_waiting(*, now: datetime) -> Sequence[int]:
    """Return the channels with an event that is due to be read."""
    return list(
        ReceivedEvent.objects.filter(state=ReceivedEvent.State.WAITING, next_at__lte=now)
        .order_by()
        .values_list("channel_id", flat=True)
        .distinct()
    )


def channel_of(channel: Channel, account: str) -> Channel | None:
    """Return the active channel that serves `account` at the address of `channel`."""
    if account in ("", channel.account) or not channel.account:
        return channel  # also before it was connected, when we do not know its name yet
    return Channel.objects.filter(kind=channel.kind, account=account, is_active=True).first()
