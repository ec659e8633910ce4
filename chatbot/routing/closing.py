"""What customers are told once their conversation is resolved: not at once, it may be undone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from chatbot.conversations import ratings, wording
from chatbot.conversations.models import Conversation, Status
from chatbot.routing import assigning
from chatbot.routing.models import Closing


def close(*, conversation: Conversation) -> None:
    """Have the customer told that it is resolved, and asked how it was, in a moment."""
    user_id = conversation.assignee_id
    if settings.CLOSING_SECONDS <= 0:
        _tell(conversation, user_id)
        return
    due = timezone.now() + timedelta(seconds=settings.CLOSING_SECONDS)
    Closing.objects.update_or_create(
        conversation=conversation, defaults={"user_id": user_id, "due_at": due}
    )


def take_back(*, conversation: Conversation) -> bool:
    """Tell the customer nothing after all; return whether nothing had been told."""
    gone, _rows = Closing.objects.filter(conversation=conversation).delete()
    return bool(gone)


def due(*, now: datetime) -> Sequence[int]:
    """Return the closings whose time has come."""
    return list(Closing.objects.filter(due_at__lte=now).values_list("pk", flat=True)[:200])


@task()
def tell_closed(closing_id: int) -> None:
    """Tell a customer, unless they have written since: then something else is under way."""
    with transaction.atomic():
        # The conversation first, as everybody does who changes one.
        conversation = (
            Conversation.objects.select_for_update(of=("self",))
            .select_related(
                "channel", "contact", "identity__channel", "answer_to__channel", "assignee"
            )
            .filter(closing=closing_id)
            .first()
        )
        closing = Closing.objects.filter(pk=closing_id).first()
        if conversation is None or closing is None:
            return
        closing.delete()
        is_over = conversation.status == Status.RESOLVED and not (
            Conversation.objects.filter(identity_id=conversation.identity_id)
            .exclude(status=Status.RESOLVED)
            .exists()
        )
        if is_over:
            _tell(conversation, closing.user_id)


def _tell(conversation: Conversation, user_id: int | None) -> None:
    with wording.in_language(conversation.language):
        assigning.add_notice(conversation, wording.resolved())
    if user_id is not None:
        ratings.ask(conversation=conversation, user_id=user_id)
