"""What routing suggested and what was done: how conversations went where it was followed or not."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from chatbot.routing.comparing import (
    Measured,
    Within,
    difference_within,
    factor_within,
    mean,
    measured,
    median,
    ninetieth,
)
from chatbot.routing.models import Assignment

_PASSED = (
    Assignment.Ended.DECLINED,
    Assignment.Ended.PASSED_ON,
    Assignment.Ended.UNANSWERED,
)
_ITS_OWN = (Assignment.Way.ROUTED, Assignment.Way.ACCEPTED)
_MOST = 40_000  # newest assignments that are looked at
_MOST_TOPICS = 12


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation in one agent's hands.

    followed: whether the agent was whom routing had suggested. minutes: working time until it was
    resolved. escalated: whether it was declined, passed on or not answered in time; None while it
    goes on. rating: the customer's, 1 to 5.
    """

    at: datetime
    topic: str
    followed: bool
    minutes: float | None
    escalated: bool | None
    rating: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """How the conversations of a group went."""

    n: int
    median: Measured
    ninetieth: Measured
    escalated: Measured  # a share
    rating: Measured


@dataclass(frozen=True, slots=True)
class Pair:
    """Median minutes of both groups in a week or a topic, with how many conversations each."""

    followed: float | None
    followed_n: int
    other: float | None
    other_n: int


@dataclass(frozen=True, slots=True)
class Report:
    """Both groups, their differences within topics, by week (its Monday) and by topic."""

    followed: Group
    other: Group
    minutes: Within | None
    escalated: Within | None
    rating: Within | None
    weeks: Sequence[tuple[date, Pair]]
    topics: Sequence[tuple[str, Pair]]

    @property
    def n(self) -> int:
        """How many conversations it is about."""
        return self.followed.n + self.other.n


def suggested_and_actual(*, days: int, channel_id: int | None = None) -> Report:
    """Return the report of the last `days`, of one channel or of all."""
    return report(cases(since=timezone.now() - timedelta(days=days), channel_id=channel_id))


def cases(*, since: datetime, channel_id: int | None = None) -> list[Case]:
    """Return what routing had a say in since then, the oldest first."""
    # What was observed without anybody to suggest says nothing.
    which = Q(suggested__isnull=False) | ~Q(strategy__in=("", "observed"))
    if channel_id is not None:
        which &= Q(conversation__channel_id=channel_id)
    rows = (
        Assignment.objects.filter(which, agent__isnull=False, created_at__gte=since)
        .exclude(ended=Assignment.Ended.SUPERSEDED)
        .order_by("-created_at", "-pk")
        .values(
            *("created_at", "agent_id", "suggested_id", "way", "ended", "conversation__topic"),
            *("outcome__topic", "outcome__minutes", "outcome__rating"),
            *("conversation__rating__score", "conversation__rating__user_id", "agent__user_id"),
        )[:_MOST]
    )
    return [_case(row) for row in reversed(rows)]


def _case(row: Mapping[str, Any]) -> Case:
    ended, suggested = row["ended"], row["suggested_id"]
    # What a customer says is of who resolved it.
    is_about_them = row["conversation__rating__user_id"] == row["agent__user_id"]
    told = row["conversation__rating__score"] if is_about_them and ended not in _PASSED else None
    return Case(
        at=row["created_at"],
        topic=row["outcome__topic"] or row["conversation__topic"],
        # Without a suggestion beside it, it was routing's own choice, or a person's.
        followed=row["agent_id"] == suggested if suggested else row["way"] in _ITS_OWN,
        minutes=row["outcome__minutes"],
        escalated=ended in _PASSED if ended else None,
        rating=row["outcome__rating"] or told,
    )


def report(rows: Sequence[Case]) -> Report:
    """Return the report of these cases, the oldest first."""
    followed = [row for row in rows if row.followed]
    other = [row for row in rows if not row.followed]
    groups = (followed, other)
    return Report(
        followed=_group(followed),
        other=_group(other),
        minutes=factor_within(*(_by_topic(each, "minutes") for each in groups)),
        escalated=difference_within(*(_by_topic(each, "escalated") for each in groups)),
        rating=difference_within(*(_by_topic(each, "rating") for each in groups)),
        weeks=_weeks(rows),
        topics=_topics(rows),
    )


def _group(rows: Sequence[Case]) -> Group:
    minutes = [row.minutes for row in rows if row.minutes is not None]
    return Group(
        n=len(rows),
        median=measured(minutes, median),
        ninetieth=measured(minutes, ninetieth),
        escalated=measured([float(r.escalated) for r in rows if r.escalated is not None], mean),
        rating=measured([float(row.rating) for row in rows if row.rating is not None], mean),
    )


def _by_topic(rows: Sequence[Case], name: str) -> dict[str, list[float]]:
    """Return what is known of each topic's cases under `name`."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        value = getattr(row, name)
        if value is not None:
            found[row.topic].append(float(value))
    return found


def _pair(rows: Sequence[Case]) -> Pair:
    followed = [r.minutes for r in rows if r.followed and r.minutes is not None]
    other = [r.minutes for r in rows if not r.followed and r.minutes is not None]
    return Pair(_median(followed), len(followed), _median(other), len(other))


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _weeks(rows: Sequence[Case]) -> list[tuple[date, Pair]]:
    """Return every week from the first to the last, those without any included."""
    by_week: dict[date, list[Case]] = defaultdict(list)
    for row in rows:
        day = timezone.localdate(row.at)
        by_week[day - timedelta(days=day.weekday())].append(row)
    if not by_week:
        return []
    weeks, week = [], min(by_week)
    while week <= max(by_week):
        weeks.append((week, _pair(by_week.get(week, []))))
        week += timedelta(days=7)
    return weeks


def _topics(rows: Sequence[Case]) -> list[tuple[str, Pair]]:
    """Return the topics with the most conversations, the most frequent first."""
    by_topic: dict[str, list[Case]] = defaultdict(list)
    for row in rows:
        if row.minutes is not None:
            by_topic[row.topic].append(row)
    order = sorted(by_topic, key=lambda topic: (-len(by_topic[topic]), topic))
    return [(topic, _pair(by_topic[topic])) for topic in order[:_MOST_TOPICS]]
