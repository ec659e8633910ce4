"""The agents as the policy sees them: who they are, what they have, what is known of them."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Count, Q, Sum
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone

from chatbot.conversations.models import Conversation, Status
from chatbot.routing.learning import Estimate
from chatbot.routing.models import (
    Absence,
    AgentConnection,
    AgentProfile,
    AgentSkill,
    Assignment,
    Expertise,
    Shift,
)
from chatbot.routing.policy import Agent
from chatbot.routing.shares import fair_shares

# An inbox says something every 25 s; two missed ones and it is gone.
SILENT_SECONDS = 60
_LATELY = timedelta(days=30)
_HALF_LIFE = timedelta(days=10)  # of work that was given, for fairness
_BALANCE_SECONDS = 5.0
_ABILITIES_SECONDS = 2.0


def here_ids(*, now: datetime | None = None) -> set[int]:
    """Return the agents that have a live inbox."""
    since = (now or timezone.now()) - timedelta(seconds=SILENT_SECONDS)
    return set(
        AgentConnection.objects.filter(heard_at__gte=since).values_list("agent_id", flat=True)
    )


def loads(*, user_id: int | None = None) -> Mapping[int, tuple[int, float]]:
    """Return for each user, or for one, how many conversations are open, and their complexity.

    What is snoozed is no work now.
    """
    rows = Conversation.objects.filter(status=Status.ASSIGNED, snoozed_until=None)
    if user_id is not None:
        rows = rows.filter(assignee_id=user_id)
    counted = rows.order_by().values_list("assignee_id").annotate(Count("pk"), Sum("complexity"))
    return {user: (count, total) for user, count, total in counted if user is not None}


class Team:
    """All agents at a moment. What is known of them in a topic is read when it is asked for."""

    def __init__(self, *, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        self._agents = {agent.id: agent for agent in _agents(self.now)}
        self._known: dict[str, dict[int, Estimate]] = {}

    def agents(self, topic: str = "", *, learned: bool = True) -> Sequence[Agent]:
        """Return the agents with what is known of them in `topic`."""
        if not learned:
            return list(self._agents.values())
        known = self._estimates(topic)
        return [
            replace(agent, expertise={topic: known[agent.id]}) if agent.id in known else agent
            for agent in self._agents.values()
        ]

    def has_room(self) -> bool:
        """Return whether anybody who is here could take one more."""
        return any(
            agent.presence == "online" and agent.open < agent.capacity
            for agent in self._agents.values()
        )

    def note_given(self, agent_id: int, complexity: float) -> None:
        """Count a conversation that somebody was given since this was read."""
        agent = self._agents[agent_id]
        self._agents[agent_id] = replace(
            agent, open=agent.open + 1, complexity=agent.complexity + complexity
        )

    def _estimates(self, topic: str) -> dict[int, Estimate]:
        if topic not in self._known:
            self._known[topic] = {
                row.agent_id: Estimate(
                    cases=row.cases,
                    minutes=row.minutes,
                    log_minutes=row.log_minutes,
                    doubt=row.doubt,
                    solves=row.solves,
                    quality=row.quality,
                    rating=row.rating,
                )
                for row in Expertise.objects.filter(topic=topic)
            }
        return self._known[topic]


def _agents(now: datetime) -> Iterable[Agent]:
    here, open_now, shares = here_ids(now=now), loads(), _balance.shares(now)
    off, stands_in = _absences(now)
    staff = AgentProfile.objects.filter(user__is_active=True)
    for profile in staff:
        count, complexity = open_now.get(profile.user_id, (0, 0.0))
        known = _abilities.of(profile.pk)
        yield Agent(
            id=profile.pk,
            name=profile.name,
            presence=_presence(profile, here),
            skills=known.skills,
            languages=frozenset(profile.languages),
            open=count,
            capacity=profile.capacity,
            complexity=complexity,
            recent=shares.get(profile.pk, 1.0),
            preferences=known.preferences,
            hours=profile.hours,
            zone=profile.zone,
            days_off=tuple(off[profile.pk]),
            stands_in_for=frozenset(stands_in[profile.pk]),
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What an admin says somebody can and likes."""

    skills: Mapping[str, int] = field(default_factory=dict)
    preferences: frozenset[str] = frozenset()


class _Abilities:
    """Skills and preferences of all agents, read again at most every two seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._known: dict[int, _Known] = {}

    def of(self, agent_id: int) -> _Known:
        """Return what an agent can and likes."""
        with self._lock:
            if time.monotonic() - self._read_at > _ABILITIES_SECONDS:
                self._known = self._read()
                self._read_at = time.monotonic()
            return self._known.get(agent_id, _Known())

    @staticmethod
    def _read() -> dict[int, _Known]:
        skills: dict[int, dict[str, int]] = defaultdict(dict)
        rows = AgentSkill.objects.values_list("agent_id", "skill__slug", "level")
        for agent, slug, level in rows:
            skills[agent][slug] = level
        likes: dict[int, set[str]] = defaultdict(set)
        preferred = AgentProfile.preferences.through.objects
        for agent, topic in preferred.values_list("agentprofile_id", "category__slug"):
            likes[agent].add(topic)
        return {
            agent: _Known(skills[agent], frozenset(likes[agent])) for agent in {*skills, *likes}
        }

    def forget(self, **_: Any) -> None:
        """Read again at once: an admin has changed something in this process."""
        self._read_at = float("-inf")


_abilities = _Abilities()
for _model in (AgentSkill, AgentProfile.preferences.through):
    for _signal in (post_save, post_delete):
        _signal.connect(_abilities.forget, sender=_model, weak=False)
m2m_changed.connect(_abilities.forget, sender=AgentProfile.preferences.through, weak=False)


def _presence(profile: AgentProfile, here: set[int]) -> Literal["online", "away", "offline"]:
    if profile.pk not in here:
        return "offline"
    return "online" if profile.presence == AgentProfile.Presence.ONLINE else "away"


def _absences(
    now: datetime,
) -> tuple[dict[int, list[tuple[date, date]]], dict[int, set[int]]]:
    """Return the absences about now of each agent, and for whom each stands in."""
    off: dict[int, list[tuple[date, date]]] = defaultdict(list)
    stands_in: dict[int, set[int]] = defaultdict(set)
    for row in _near(now):
        off[row.agent_id].append((row.first, row.last))
        if row.stand_in_id is not None and row.covers(now):
            stands_in[row.stand_in_id].add(row.agent_id)
    return off, stands_in


def _near(now: datetime) -> Iterable[Absence]:
    """Return the absences that cover `now` in any zone, and some more."""
    day = now.astimezone(UTC).date()
    return Absence.objects.select_related("agent").filter(
        first__lte=day + timedelta(days=1), last__gte=day - timedelta(days=1)
    )


def absent_ids(*, now: datetime) -> set[int]:
    """Return the agents who are off at `now`, an aware moment."""
    return {row.agent_id for row in _near(now) if row.covers(now)}


class _Balance:
    """What each agent was given lately relative to their share of the time at work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._shares: dict[int, float] = {}

    def shares(self, now: datetime) -> Mapping[int, float]:
        """Return 1 for a fair share, 2 for twice as much; read again every few seconds."""
        with self._lock:
            if time.monotonic() - self._read_at > _BALANCE_SECONDS:
                self._shares = lately(now)
                self._read_at = time.monotonic()
            return self._shares

    def forget(self) -> None:
        """Read again at once."""
        self._read_at = float("-inf")


_balance = _Balance()


def forget_balance(**_: Any) -> None:
    """Read what was given lately again before the next assignment of this process."""
    _balance.forget()


def lately(now: datetime) -> dict[int, float]:
    """Return each agent's share of the work of the last days: `shares.fair_shares`.

    Work and time at work both count half after `_HALF_LIFE`.
    """
    since = now - _LATELY
    given: dict[int, float] = defaultdict(float)
    rows = Assignment.objects.filter(created_at__gte=since, agent__isnull=False).exclude(
        ended__in=[Assignment.Ended.DECLINED, Assignment.Ended.UNANSWERED]
    )
    for agent, minutes, at in rows.values_list("agent_id", "expected_minutes", "created_at"):
        if agent is not None:
            given[agent] += minutes * _counts(now - at)
    present: dict[int, float] = defaultdict(float)
    shifts = Shift.objects.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    for agent, began, ended in shifts.values_list("agent_id", "began_at", "ended_at"):
        start, end = max(began, since), ended or now
        minutes = max((end - start).total_seconds() / 60, 0.0)
        present[agent] += minutes * _counts(now - (start + (end - start) / 2))
    return fair_shares(given, present)


def _counts(age: timedelta) -> float:
    return float(2.0 ** (-(age / _HALF_LIFE)))
