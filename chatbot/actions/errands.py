"""What is sent behind the reply: mails, text messages, requests for a new password.

The reply does not wait for them, so that it takes the same time for whomever they are, and a
mail server that is away for a moment costs nothing. `chatbot.errands` runs them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from chatbot.actions.base import Case
from chatbot.actions.models import Errand
from chatbot.background import enqueue

PAUSES = (2, 8, 20)  # seconds before the second, third and fourth attempt; then it has failed


def add_errand(*, kind: str, case: Case, payload: Mapping[str, Any]) -> Errand:
    """Have something done behind the reply, once for one message: see `release`."""
    with transaction.atomic():
        errand, _ = Errand.objects.get_or_create(
            key=f"{case.key}:{kind}",
            defaults={
                "kind": kind,
                "conversation": case.conversation,
                "payload": dict(payload),
            },
        )
    return errand


def release(*, key: str) -> None:
    """Start the errands of a message, whose reply is recorded now.

    Not before: else what is said when one fails could stand above what promised it. The sweep
    finds those that a crash left.
    """
    waiting = Errand.objects.filter(key__startswith=f"{key}:", state=Errand.State.WAITING)
    for pk in waiting.values_list("pk", flat=True):
        enqueue("errand", pk)


def due(*, now: datetime) -> list[int]:
    """Return the errands that wait and whose time has come."""
    waiting = Errand.objects.filter(state=Errand.State.WAITING, next_at__lte=now)
    return list(waiting.order_by("next_at").values_list("pk", flat=True)[:50])


def claim(*, errand_id: int, until: datetime) -> Errand | None:
    """Take an errand for one attempt; None where another worker has it, or nothing is left."""
    with transaction.atomic():
        errand = (
            Errand.objects.select_related("conversation__channel", "conversation__contact")
            .select_for_update(of=("self",))
            .filter(pk=errand_id, state=Errand.State.WAITING, next_at__lte=timezone.now())
            .first()
        )
        if errand is not None:
            errand.next_at = until
            errand.attempts += 1
            errand.save(update_fields=["next_at", "attempts"])
    return errand


def record_done(*, errand: Errand) -> None:
    """Record that an errand is done, and forget what it was about."""
    _settle(errand, state=Errand.State.DONE, payload={})


def record_failed(*, errand: Errand, error: str, retry: bool) -> bool:
    """Record a failed attempt; return whether it was the last one."""
    if retry and errand.attempts <= len(PAUSES):
        pause = timedelta(seconds=PAUSES[errand.attempts - 1])
        _settle(errand, next_at=timezone.now() + pause, last_error=error[:100])
        return False
    _settle(errand, state=Errand.State.FAILED, last_error=error[:100], payload={})
    return True


def _settle(errand: Errand, **changes: Any) -> None:
    with transaction.atomic():
        for name, value in changes.items():
            setattr(errand, name, value)
        errand.save(update_fields=list(changes))
