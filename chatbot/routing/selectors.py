"""The reads of routing: who is here, how loaded they are, how long one waits."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from chatbot.conversations.models import Conversation, Status
from chatbot.conversations.selectors import (
    in_queue_order,
)
from chatbot.routing.models import AgentConnection, AgentProfile, Assignment
from chatbot.routing.policy import Agent
from chatbot.routing.team import SILENT_SECONDS, Team, loads


def agents() -> Sequence[Agent]:
    """Return all agents as the policy sees them, whatever the topic."""
    return Team().agents(learned=False)


def open_counts() -> Mapping[int, int]:
    """Return how many open conversations each user has."""
    return {user: count for user, (count, _complexity) in loads().items()}


def waiting() -> Sequence[Conversation]:
    """Return the conversations that wait for a person, the next one first."""
    rows = Conversation.objects.filter(status=Status.QUEUED).select_related(
        "channel", "contact", "identity", "assignee"
    )
    return list(in_queue_order(rows)[:200])


def is_waiting() -> bool:
    """Return whether any conversation waits for a person."""
    return Conversation.objects.filter(status=Status.QUEUED).exists()


def profile_by_user(user_id: int) -> AgentProfile | None:
    """Return the agent who is a user, if they still work here."""
    return AgentProfile.objects.filter(user_id=user_id, user__is_active=True).first()


def latest_assignment(conversation: Conversation) -> Assignment | None:
    """Return the newest assignment of the conversation."""
    return (
        Assignment.objects.filter(conversation=conversation)
        .select_related("agent", "suggested", "conversation")
        .first()
    )


def viewers(conversation_id: int) -> Sequence[tuple[int, str, bool]]:
    """Return who has the conversation open: user id, name, and whether they are typing."""
    now = timezone.now()
    rows = AgentConnection.objects.filter(
        conversation_id=conversation_id, heard_at__gte=now - timedelta(seconds=SILENT_SECONDS)
    ).select_related("agent")
    seen: dict[int, tuple[int, str, bool]] = {}
    for row in rows:
        typing = row.typing_at is not None and row.typing_at > now - timedelta(seconds=8)
        before = seen.get(row.agent.user_id)
        seen[row.agent.user_id] = (
            row.agent.user_id,
            row.agent.name,
            typing or bool(before and before[2]),
        )
    return sorted(seen.values())


def agent_name(user_id: int) -> str:
    """Return the name under which customers know a user."""
    return AgentProfile.objects.filter(user_id=user_id).values_list("name", flat=True).first() or ""


def profile_of(user: Any) -> AgentProfile | None:
    """Return the agent profile of whoever is logged in."""
    if not user.is_authenticated:
        return None
    return AgentProfile.objects.select_related("user").filter(user_id=user.pk).first()


def supervises(user: Any) -> bool:
    """Return whether a user may see how the team is doing, and step in."""
    return bool(user.is_active and user.has_perm("routing.supervise"))
