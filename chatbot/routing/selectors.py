"""The reads of routing: who is here, how loaded they are, how long one waits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Count, Q
from django.utils import timezone

from chatbot.conversations.deliveries import failed_conversations
from chatbot.conversations.models import Channel, Conversation, Status
from chatbot.conversations.selectors import measured_reply_minutes, queue_position
from chatbot.conversations.wording import our_language
from chatbot.routing.hours import next_opening
from chatbot.routing.models import AgentConnection, AgentProfile, Assignment, Skill
from chatbot.routing.policy import Agent, Needs

# An inbox says something every 25 s; two missed ones and it is gone.
SILENT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Wait:
    """What a customer who waits can expect."""

    people_here: int
    position: int | None
    minutes: int
    opens_at: datetime | None


def here_ids(*, now: datetime | None = None) -> set[int]:
    """Return the agents that have a live inbox."""
    since = (now or timezone.now()) - timedelta(seconds=SILENT_SECONDS)
    return set(
        AgentConnection.objects.filter(heard_at__gte=since).values_list("agent_id", flat=True)
    )


def open_counts() -> Mapping[int, int]:
    """Return how many open conversations each user has."""
    rows = (
        Conversation.objects.filter(status=Status.ASSIGNED)
        .order_by()
        .values_list("assignee_id")
        .annotate(Count("pk"))
    )
    return {user: count for user, count in rows if user is not None}


def agents(*, lock: bool = False) -> Sequence[Agent]:
    """Return all agents as the policy sees them; with `lock`, until the transaction ends."""
    found = AgentProfile.objects.filter(user__is_active=True).prefetch_related("skills")
    if lock:
        # In one order, so that two who lock them do not wait for each other.
        found = found.order_by("pk").select_for_update(of=("self",), no_key=True)
    profiles = list(found)
    # Counted only when the lock is held: what others gave meanwhile counts.
    here, loads = here_ids(), open_counts()
    return [
        Agent(
            id=profile.pk,
            name=profile.name,
            presence=_presence(profile, here),
            skills=frozenset(skill.slug for skill in profile.skills.all()),
            languages=frozenset(profile.languages),
            open=loads.get(profile.user_id, 0),
            capacity=profile.capacity,
        )
        for profile in profiles
    ]


def _presence(profile: AgentProfile, here: set[int]) -> Literal["online", "away", "offline"]:
    if profile.pk not in here:
        return "offline"
    return "online" if profile.presence == AgentProfile.Presence.ONLINE else "away"


def needs_of(conversation: Conversation) -> Needs:
    """Return the skills and the language that a conversation needs."""
    slugs = Skill.objects.filter(topics__slug=conversation.topic).values_list("slug", flat=True)
    return Needs(
        skills=frozenset(slugs) if conversation.topic else frozenset(),
        language=our_language(conversation.language),
    )


def waiting() -> Sequence[Conversation]:
    """Return the conversations that wait for a person, longest first."""
    return list(
        Conversation.objects.select_related("channel", "contact", "identity", "assignee")
        .filter(status=Status.QUEUED)
        .order_by("handed_off_at", "pk")[:200]
    )


def is_waiting() -> bool:
    """Return whether any conversation waits for a person."""
    return Conversation.objects.filter(status=Status.QUEUED).exists()


def expected_wait(conversation: Conversation) -> Wait:
    """Return what to tell the customer: people here, place in the queue, minutes, opening.

    Minutes are the measured median until the first human reply (else what the site promises),
    times the place in the queue shared among those who are here.
    """
    now = timezone.now()
    here = sum(agent.presence == "online" for agent in agents())
    usual = reply_minutes(conversation.channel, now=now)
    position = queue_position(conversation=conversation) if _is_waiting(conversation) else None
    minutes = math.ceil(usual * (position or 1) / max(here, 1))
    return Wait(
        people_here=here,
        position=position,
        minutes=max(minutes, 1),
        opens_at=opens_at(conversation.channel, now=now),
    )


def _is_waiting(conversation: Conversation) -> bool:
    return conversation.status == Status.QUEUED and conversation.handed_off_at is not None


def reply_minutes(channel: Channel, *, now: datetime | None = None) -> int:
    """Return the minutes until a person usually replies: measured, else what the site promises."""
    return measured_reply_minutes(now=now or timezone.now()) or channel.reply_minutes


def opens_at(channel: Channel, *, now: datetime | None = None) -> datetime | None:
    """Return when the site's people are back, if they are away now."""
    return next_opening(channel.opening_hours, timezone.localtime(now or timezone.now()))


def latest_assignment(conversation: Conversation) -> Assignment | None:
    """Return the newest assignment of the conversation."""
    return Assignment.objects.filter(conversation=conversation).select_related("agent").first()


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


def queue_filter(user_id: int) -> dict[str, Q]:
    """Return the inbox's views as filters of conversations."""
    return {
        "queue": Q(status=Status.QUEUED),
        "mine": Q(status=Status.ASSIGNED, assignee_id=user_id),
        "all": Q(),
        "failed": Q(pk__in=failed_conversations()),
    }


def agent_name(user_id: int) -> str:
    """Return the name under which customers know a user."""
    return AgentProfile.objects.filter(user_id=user_id).values_list("name", flat=True).first() or ""


def profile_of(user: Any) -> AgentProfile | None:
    """Return the agent profile of whoever is logged in."""
    if not user.is_authenticated:
        return None
    return AgentProfile.objects.select_related("user").filter(user_id=user.pk).first()
