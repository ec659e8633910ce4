"""Colleagues named in notes: who is told, and until when it counts as news."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from chatbot.agent_events import CountsStale, Mentioned, MentionsSeen
from chatbot.conversations.models import Message
from chatbot.inbox.models import Mention
from chatbot.realtime import INBOX, agent_group, publish
from chatbot.routing.models import AgentProfile

_NEWS_FOR = timedelta(days=90)  # mentions that are older are nobody's work any more


# --- Writes -----------------------------------------------------------------------------------
def mention(*, message: Message, user_ids: Collection[int]) -> list[int]:
    """Record who is named in the note `message`, in its transaction; return their user ids.

    Whoever has left, its author, and who is not named in its text (`@` and their name) are not.
    """
    named = AgentProfile.objects.filter(user_id__in=user_ids, user__is_active=True)
    told = [
        agent.user_id
        for agent in named
        if agent.user_id != message.user_id and f"@{agent.name}" in message.text
    ]
    Mention.objects.bulk_create([Mention(message=message, user_id=user) for user in told])
    for user in told:
        event = Mentioned(
            conversation=message.conversation_id,
            message=message.pk,
            by=message.author_name,
            unseen=unseen_mentions(user),
        )
        publish(event, agent_group(user))
    return told


def see_mentions(*, user_id: int, conversation_id: int) -> None:
    """Note that an agent has opened a conversation, and with it what names them there.

    What is read in it counts too: the notes of those that were merged into it.
    """
    here = Q(message__conversation_id=conversation_id)
    merged = Q(message__conversation__merged_into_id=conversation_id)
    news = Mention.objects.filter(here | merged, user_id=user_id, seen_at=None)
    if news.exists() and news.update(seen_at=timezone.now()):
        publish(MentionsSeen(unseen=unseen_mentions(user_id)), agent_group(user_id))
        publish(CountsStale(), INBOX)


# --- Reads ------------------------------------------------------------------------------------
def mentioned_in(**which: object) -> Any:
    """Return mentions with `read_in`, the conversation that one opens to see them."""
    where = Coalesce("message__conversation__merged_into_id", "message__conversation_id")
    return Mention.objects.filter(**which).annotate(read_in=where).order_by()


def lately() -> datetime:
    """Return since when mentions are somebody's work."""
    return timezone.now() - _NEWS_FOR


def unseen_conversations(**which: object) -> dict[int, int]:
    """Return by user how many of the conversations that name them lately they have not seen."""
    rows = mentioned_in(
        seen_at=None,
        message__created_at__gte=lately(),
        message__conversation__contact__blocked_at=None,
        **which,
    ).values_list("user_id")
    return dict(rows.annotate(Count("read_in", distinct=True)))


def unseen_mentions(user_id: int) -> int:
    """Return how many mentions an agent has not seen."""
    return Mention.objects.filter(user_id=user_id, seen_at=None).count()
