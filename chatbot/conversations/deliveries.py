"""The writes and reads of deliveries: a message's way out, one row a channel."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chatbot.background import enqueue
from chatbot.conversations import at_hand
from chatbot.conversations.models import ContactIdentity, Delivery, Message, SentPart
from chatbot.conversations.signals import delivery_settled

_LATELY = timedelta(days=30)  # what failed before that is nobody's work any more
_ON_ITS_WAY = (Delivery.State.SENT, Delivery.State.DELIVERED)
_WITH_ALL = (
    "identity__channel",
    "message__conversation__channel",
    "message__conversation__identity",
    "message__conversation__contact",
)


# --- Writes -----------------------------------------------------------------------------------
def claim_delivery(*, delivery: Delivery, until: datetime) -> bool:
    """Take a due delivery for one attempt; return whether it was this call that did.

    Others leave it alone until `until`: then whoever took it is held to have crashed.
    """
    return bool(
        Delivery.objects.filter(
            pk=delivery.pk, state=Delivery.State.QUEUED, next_at=delivery.next_at
        ).update(next_at=until)
    )


def record_part(*, delivery: Delivery, external_ids: Sequence[str]) -> None:
    """Record that one more part was sent, under the ids that the service gave it."""
    delivery.parts_sent += 1
    with transaction.atomic():
        delivery.save(update_fields=["parts_sent"])
        _keep_ids(delivery, external_ids)


def _keep_ids(delivery: Delivery, external_ids: Sequence[str]) -> None:
    for external_id in external_ids:
        SentPart.objects.create(
            delivery=delivery,
            channel_id=delivery.identity.channel_id,
            external_id=external_id[:300],
        )


def record_delivery(
    *,
    delivery: Delivery,
    error: str = "",
    retry_at: datetime | None = None,
    external_ids: Sequence[str] = (),
) -> None:
    """Record the outcome of one attempt: sent, to be tried again at `retry_at`, or failed."""
    now = timezone.now()
    changes: dict[str, object] = {"attempts": delivery.attempts + 1}
    if not error:
        changes |= {"state": Delivery.State.SENT, "sent_at": now, "last_error": ""}
    elif retry_at is not None:
        changes |= {"next_at": retry_at, "last_error": error[:300]}
    else:
        changes |= {"state": Delivery.State.FAILED, "last_error": error[:300]}
    with transaction.atomic():  # so that it takes its turn among SQLite's writers
        waiting = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.QUEUED)
        rows = waiting.update(**changes)
        if rows:
            _keep_ids(delivery, external_ids)
    if rows and "state" in changes:
        delivery.last_error = str(
            changes["last_error"]
        )  # whoever is just told of it reads this row
        _announce(delivery, str(changes["state"]))


def record_receipt(*, channel_id: int, external_id: str, state: str, reason: str = "") -> None:
    """Record what a service says became of a message of ours; it never goes backwards."""
    part = (
        SentPart.objects.select_related(*(f"delivery__{name}" for name in _WITH_ALL))
        .filter(channel_id=channel_id, external_id=external_id)
        .last()
    )
    if part is None:
        return
    before = _ON_ITS_WAY if state != Delivery.State.DELIVERED else (Delivery.State.SENT,)
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=part.delivery_id, state__in=before).update(
            state=Delivery.State(state), last_error=reason[:300]
        )
    if changed:
        _announce(part.delivery, state)


def resend(*, delivery: Delivery) -> bool:
    """Try a failed delivery again from where it stopped; return whether it had failed."""
    with transaction.atomic():
        again = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED).update(
            state=Delivery.State.QUEUED,
            attempts=0,
            next_at=timezone.now(),
            created_at=timezone.now(),  # it has another day
            last_error="",
        )
        if again:
            enqueue("deliver-outside", delivery.message.conversation_id)
    if again:
        _announce(delivery, Delivery.State.QUEUED)
    return bool(again)


def send_also(*, messages: Sequence[Message], identity: ContactIdentity) -> int:
    """Send messages that went to one place to another one too, once; return how many are new."""
    now = timezone.now()
    with transaction.atomic():
        known = set(
            Delivery.objects.filter(message__in=messages, identity=identity).values_list(
                "message_id", flat=True
            )
        )
        new = [message for message in messages if message.pk not in known]
        for message in new:
            Delivery.objects.create(message=message, identity=identity, next_at=now)
        if new:
            enqueue("deliver-outside", new[0].conversation_id)
    return len(new)


def _announce(delivery: Delivery, state: str) -> None:
    delivery.state = state
    recorded = delivery.message
    if not recorded.is_announced and recorded.delivery is delivery:
        return  # whoever is told of the message in a moment is told of this with it
    message = Message.objects.get(pk=delivery.message_id)
    delivery_settled.send(Message, message=message, delivery=delivery)


# --- Reads ------------------------------------------------------------------------------------
def undelivered(*, conversation_id: int) -> Sequence[Delivery]:
    """Return the conversation's deliveries that are neither sent nor given up, in order."""
    queued = Delivery.objects.filter(
        message__conversation_id=conversation_id, state=Delivery.State.QUEUED
    ).order_by("message_id", "id")
    pks = list(queued.values_list("pk", flat=True))
    rows = at_hand.deliveries.take(pks)
    if len(rows) < len(pks):
        rest = queued.exclude(pk__in=rows)
        rows |= {row.pk: row for row in rest.select_related(*_WITH_ALL)}
    return [rows[pk] for pk in pks if pk in rows]


def of_one_digest(*, delivery: Delivery) -> Sequence[Delivery]:
    """Return what else waits to go to the same place from the same conversation."""
    return list(
        Delivery.objects.filter(
            message__conversation_id=delivery.message.conversation_id,
            identity_id=delivery.identity_id,
            state=Delivery.State.QUEUED,
        )
        .exclude(pk=delivery.pk)
        .select_related(*_WITH_ALL)
        .order_by("message_id")
    )


def conversations_to_deliver(*, left: timedelta) -> Sequence[int]:
    """Return the conversations with a delivery that is due.

    A first attempt that is younger than `left` is being made right now. What follows one that
    is to be tried again later waits for it.
    """
    now = timezone.now()
    queued = Delivery.objects.filter(state=Delivery.State.QUEUED)
    held = queued.filter(
        message__conversation_id=OuterRef("message__conversation_id"),
        identity__channel_id=OuterRef("identity__channel_id"),
        message_id__lt=OuterRef("message_id"),
        next_at__gt=now,
    )
    due = Q(next_at__lte=now - left) | Q(next_at__lte=now, attempts__gt=0)
    return list(
        queued.filter(due, ~Exists(held))
        .order_by()
        .values_list("message__conversation_id", flat=True)
        .distinct()[:500]
    )


def failed() -> "QuerySet[Delivery]":
    """Return what was given up, the newest first."""
    return (
        Delivery.objects.filter(state=Delivery.State.FAILED)
        .select_related(*_WITH_ALL)
        .order_by("-id")
    )


def failed_conversations() -> "QuerySet[Delivery, int]":
    """Return the ids of conversations in which something was given up lately, as a subquery."""
    lately = timezone.now() - _LATELY
    rows = Delivery.objects.filter(state=Delivery.State.FAILED, created_at__gte=lately)
    return rows.order_by().values_list("message__conversation_id", flat=True)


def newest_ids(*, conversation_id: int, channel_id: int, most: int = 40) -> list[str]:
    """Return the external ids of the conversation's messages on a channel, the newest last."""
    sent = list(
        SentPart.objects.filter(
            delivery__message__conversation_id=conversation_id, channel_id=channel_id
        )
        .order_by("-id")
        .values_list("delivery__message_id", "external_id")[:most]
    )
    came = list(
        Message.objects.filter(
            conversation_id=conversation_id,
            channel_id=channel_id,
            author=Message.Author.CONTACT,
            external_id__isnull=False,
        )
        .order_by("-id")
        .values_list("pk", "external_id")[:most]
    )
    return [external_id or "" for _pk, external_id in sorted([*sent, *came])[-most:]]
