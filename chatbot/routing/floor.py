"""How the team is doing right now: who is here, what they have, who waits, what today brought."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Avg, Count, F
from django.utils import timezone

from chatbot.conversations.models import Conversation, Rating, Status
from chatbot.routing import selectors
from chatbot.routing.models import AgentConnection, AgentProfile, Assignment, Shift
from chatbot.routing.team import SILENT_SECONDS


@dataclass(frozen=True, slots=True)
class Figures:
    """What a day brought: matters resolved, median seconds to the first reply, ratings 1 to 5."""

    handled: int = 0
    first_reply_seconds: float | None = None
    rating: float | None = None
    ratings: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed an agent's presence or capacity for them, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Teammate:
    """An agent at work.

    since: when they came, None while they are not here. looks_at: what they have open now.
    oldest: of theirs, whose customer has waited longest for a reply.
    """

    user_id: int
    name: str
    presence: str
    open: int
    capacity: int
    since: datetime | None
    looks_at: Sequence[Conversation]
    oldest: Conversation | None
    today: Figures
    changed: Change | None


@dataclass(frozen=True, slots=True)
class Floor:
    """The whole team. promised_minutes: what the one who waits longest was told, if anything."""

    team: Sequence[Teammate]
    waiting: int
    oldest: Conversation | None
    promised_minutes: float | None
    today: Figures = field(default_factory=Figures)


def floor(*, now: datetime | None = None) -> Floor:
    """Return how the team is doing; today began at midnight in the site's zone."""
    now = now or timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    users = dict(AgentProfile.objects.values_list("pk", "user_id"))
    shifts = dict(Shift.objects.filter(ended_at=None).values_list("agent_id", "began_at"))
    looks, oldest = _looks(now), _oldest()
    figures, all_of_it = _figures(midnight)
    changed = _changed(midnight)
    team = [
        Teammate(
            user_id=users[agent.id],
            name=agent.name,
            presence=agent.presence,
            open=agent.open,
            capacity=agent.capacity,
            since=shifts.get(agent.id) if agent.presence != "offline" else None,
            looks_at=looks.get(agent.id, ()),
            oldest=oldest.get(users[agent.id]),
            today=figures.get(users[agent.id], Figures()),
            changed=changed.get(agent.id),
        )
        for agent in selectors.agents()
    ]
    queued = Conversation.objects.filter(status=Status.QUEUED)
    first = (
        queued.filter(waiting_since__isnull=False)
        .select_related("contact")
        .order_by("waiting_since")
        .first()
    )
    promised = first.handoff.get("promised_minutes") if first else None
    return Floor(
        team=team,
        waiting=queued.count(),
        oldest=first,
        promised_minutes=float(promised) if promised is not None else None,
        today=all_of_it,
    )


def _looks(now: datetime) -> Mapping[int, list[Conversation]]:
    """Return by agent which conversations they have open on their screens."""
    rows = AgentConnection.objects.filter(
        heard_at__gte=now - timedelta(seconds=SILENT_SECONDS), conversation__isnull=False
    ).select_related("conversation__contact")
    found: dict[int, dict[int, Conversation]] = defaultdict(dict)
    for row in rows.order_by("pk"):
        if row.conversation is not None:
            found[row.agent_id][row.conversation.pk] = row.conversation
    return {agent: list(seen.values()) for agent, seen in found.items()}


def _oldest() -> Mapping[int | None, Conversation]:
    """Return by user which of their conversations has waited longest for a reply."""
    rows = Conversation.objects.filter(status=Status.ASSIGNED, waiting_since__isnull=False)
    found: dict[int | None, Conversation] = {}
    for row in rows.select_related("contact").order_by("-waiting_since"):
        found[row.assignee_id] = row
    return found


def _figures(since: datetime) -> tuple[Mapping[int | None, Figures], Figures]:
    """Return what each user did since then, and all together."""
    handled: Mapping[Any, int] = dict(
        Assignment.objects.filter(ended=Assignment.Ended.RESOLVED, ended_at__gte=since)
        .order_by()
        .values_list("agent__user_id")
        .annotate(Count("pk"))
    )
    seconds: dict[int | None, list[float]] = defaultdict(list)
    replies = Conversation.objects.filter(first_reply_at__gte=since, handed_off_at__isnull=False)
    for user, took in replies.annotate(took=F("first_reply_at") - F("handed_off_at")).values_list(
        "assignee_id", "took"
    ):
        seconds[user].append(max(took.total_seconds(), 0.0))
    rated = {
        user: (average, count)
        for user, average, count in Rating.objects.filter(
            answered_at__gte=since, score__isnull=False
        )
        .order_by()
        .values_list("user_id")
        .annotate(Avg("score"), Count("pk"))
    }
    each = {
        user: Figures(
            handled=handled.get(user, 0),
            first_reply_seconds=_median(seconds.get(user, ())),
            rating=rated.get(user, (None, 0))[0],
            ratings=rated.get(user, (None, 0))[1],
        )
        for user in {*handled, *seconds, *rated}
    }
    count = sum(number for _, number in rated.values())
    total = Figures(
        handled=sum(handled.values()),
        first_reply_seconds=_median([one for many in seconds.values() for one in many]),
        rating=sum(mean * number for mean, number in rated.values()) / count if count else None,
        ratings=count,
    )
    return each, total


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _changed(since: datetime) -> Mapping[int, Change]:
    """Return by agent who changed something for them last."""
    kind = ContentType.objects.get_for_model(AgentProfile)
    entries = list(
        LogEntry.objects.filter(content_type=kind, action_time__gte=since)
        .select_related("user")
        .order_by("action_time")
    )
    names = dict(
        AgentProfile.objects.filter(user__in={entry.user_id for entry in entries}).values_list(
            "user_id", "name"
        )
    )
    return {
        int(entry.object_id): Change(
            by=names.get(entry.user_id, entry.user.get_username()), at=entry.action_time
        )
        for entry in entries
        if entry.object_id is not None
    }
