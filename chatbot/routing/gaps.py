"""What the team lacks: topics that nobody is good at, in a language, or at some hours.

Somebody is good at a topic whose own cases say so, once there are enough of them; until then, who
was declared to be at level 4 or 5. docs/routing-import.md has the rules in words.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Max
from django.utils import timezone

from chatbot.conversations.models import Channel, Conversation
from chatbot.conversations.wording import our_language
from chatbot.routing.hours import is_open
from chatbot.routing.models import AgentProfile, Expertise, Outcome, Shift, Skill

ENOUGH_CASES = 5.0  # from which one's own cases say more than what was declared
GOOD_LEVEL = 4
GOOD_SOLVES = 0.7  # share solved at first contact
SLOW = 1.5  # times the usual minutes
HALF_COVERED = 0.5  # of the opening hours
_MEASURED_DAYS = 90  # outcomes that say how long things take
_SHIFT_WEEKS = 4
_WEEK = 168  # hours


@dataclass(frozen=True, slots=True)
class Able:
    """What one agent can in a topic. level: declared, 0 none; the rest was learned, if at all."""

    agent: int
    name: str
    languages: frozenset[str]
    level: int
    cases: float = 0.0
    minutes: float | None = None
    solves: float | None = None

    def is_good(self, usual: float | None) -> bool:
        """Return whether they are good at it; `usual`: minutes that the team needs."""
        if self.cases < ENOUGH_CASES or self.minutes is None or self.solves is None:
            return self.level >= GOOD_LEVEL
        quick = usual is None or self.minutes <= usual
        return quick and self.solves >= GOOD_SOLVES


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and who can help with it."""

    slug: str
    came: int  # conversations in the period
    minutes: float | None  # median
    able: Sequence[Able]
    good: Sequence[Able]
    covered: int | None  # opening hours of the week in which somebody good is at work, if known
    opening: int
    languages: Sequence[str]  # that somebody good speaks


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing of a topic in a language. cost: minutes in the period that it takes more."""

    topic: str
    language: str
    came: int
    good: Sequence[str]  # names of who is good at it and speaks the language
    speakers: int  # who can at all and speaks it
    minutes: float | None
    usual: float | None
    best: float | None
    waited: float | None
    usual_wait: float | None
    covered: int | None
    opening: int

    @property
    def cost(self) -> float:
        """The conversations times what each takes longer than with the best, or waits longer."""
        slower = (self.minutes or 0.0) - (self.best or self.usual or self.minutes or 0.0)
        waiting = (self.waited or 0.0) - (self.usual_wait or 0.0)
        return self.came * max(slower, waiting, 0.0)

    @property
    def is_slow(self) -> bool:
        """Whether it takes clearly longer than conversations usually do."""
        return bool(self.minutes and self.usual and self.minutes >= SLOW * self.usual)

    @property
    def is_one(self) -> bool:
        """Whether anything is missing at all."""
        thin = self.covered is not None and self.covered < HALF_COVERED * self.opening
        return not self.good or self.is_slow or thin


@dataclass(frozen=True, slots=True)
class Known:
    """What was learned of one agent in one topic; n: outcomes in all."""

    minutes: float
    solves: float
    n: int
    against_usual: float  # minutes as a multiple of what the team needs


@dataclass(frozen=True, slots=True)
class Team:
    """The team's competence: topics, gaps by their cost, and a table of agents by topics."""

    days: int
    topics: Sequence[Topic]
    gaps: Sequence[Gap]
    agents: Sequence[tuple[int, str]]
    known: Mapping[tuple[int, str], Known] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Return the topics of the table: those of which something was learned."""
        named = {topic for _, topic in self.known}
        return [topic.slug for topic in self.topics if topic.slug in named]


def team(*, days: int = 30) -> Team:
    """Return what the team can and lacks, by the conversations of the last `days`."""
    now = timezone.now()
    people = list(AgentProfile.objects.filter(user__is_active=True).order_by("name"))
    learned = {(row.agent_id, row.topic): row for row in Expertise.objects.all()}
    facts = _Facts(
        came=_came(now - timedelta(days=days)),
        minutes=_minutes(now - timedelta(days=_MEASURED_DAYS)),
        waits=_waits(now - timedelta(days=days)),
        at_work=_at_work(people, now),
        opening=_opening_hours(),
    )
    levels, needed = _levels()
    topics, gaps = [], []
    came, known = {topic for topic, _ in facts.came}, {topic for _, topic in learned}
    for slug in sorted((came | known) - {""}):
        able = [
            _able(agent, levels.get((agent.pk, slug), 0), learned.get((agent.pk, slug)))
            for agent in people
            if slug not in needed or (agent.pk, slug) in levels
        ]
        usual = _median([row.minutes for (_, topic), row in learned.items() if topic == slug])
        good = [one for one in able if one.is_good(usual)]
        topics.append(_topic(slug, able, good, facts))
        gaps += [
            _gap(slug, language, able, good, facts)
            for topic, language in facts.came
            if topic == slug
        ]
    return Team(
        days=days,
        topics=sorted(topics, key=lambda one: (-one.came, one.slug)),
        gaps=sorted(
            (gap for gap in gaps if gap.is_one),
            key=lambda gap: (-gap.cost, -gap.came, gap.topic, gap.language),
        ),
        agents=[(agent.pk, agent.name) for agent in people],
        known=_known(learned),
    )


Cell = tuple[str, str]  # topic, language


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was measured, and who is at work in which hours of the week."""

    came: Mapping[Cell, int]
    minutes: Mapping[Cell, Sequence[float]]
    waits: Mapping[Cell, Sequence[float]]
    at_work: Mapping[int, frozenset[int]]
    opening: frozenset[int]

    def covered(self, people: Sequence[Able]) -> int | None:
        """Return the opening hours in which any of them is at work; None where nobody knows."""
        known = [self.at_work[one.agent] for one in people if one.agent in self.at_work]
        if people and not known:
            return None
        return len(self.opening & frozenset[int]().union(*known))


def _topic(slug: str, able: Sequence[Able], good: Sequence[Able], facts: _Facts) -> Topic:
    return Topic(
        slug=slug,
        came=sum(count for (topic, _), count in facts.came.items() if topic == slug),
        minutes=_median(_all(facts.minutes, slug)),
        able=able,
        good=good,
        covered=facts.covered(good),
        opening=len(facts.opening),
        languages=sorted(frozenset[str]().union(*(one.languages for one in good))),
    )


def _gap(
    slug: str, language: str, able: Sequence[Able], good: Sequence[Able], facts: _Facts
) -> Gap:
    speak = [one for one in good if language in one.languages]
    best = [one.minutes for one in able if one.minutes and one.cases >= ENOUGH_CASES]
    return Gap(
        topic=slug,
        language=language,
        came=facts.came[slug, language],
        good=[one.name for one in speak],
        speakers=sum(language in one.languages for one in able),
        minutes=_median(facts.minutes.get((slug, language), ())),
        usual=_median(_all(facts.minutes)),
        best=min(best, default=None),
        waited=_median(facts.waits.get((slug, language), ())),
        usual_wait=_median(_all(facts.waits)),
        covered=facts.covered(speak),
        opening=len(facts.opening),
    )


def _all(found: Mapping[Cell, Sequence[float]], slug: str = "") -> list[float]:
    """Return the numbers of all cells, or of one topic's."""
    return [each for (topic, _), its in found.items() if slug in ("", topic) for each in its]


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


# --- What came, and how long it took ----------------------------------------------------------
def _came(since: datetime) -> dict[Cell, int]:
    """Return how many conversations came to people, by topic and language."""
    rows = (
        Conversation.objects.filter(handed_off_at__gte=since)
        .exclude(topic="")
        .order_by()
        .values_list("topic", "language")
        .annotate(Count("pk"))
    )
    found: dict[Cell, int] = defaultdict(int)
    for topic, language, count in rows:
        found[topic, our_language(language)] += count
    return dict(found)


def _minutes(since: datetime) -> dict[Cell, list[float]]:
    rows = Outcome.objects.filter(at__gte=since, minutes__isnull=False).exclude(topic="")
    found: dict[Cell, list[float]] = defaultdict(list)
    for topic, language, minutes in rows.values_list("topic", "language", "minutes"):
        found[topic, our_language(language)].append(minutes or 0.0)
    return dict(found)


def _waits(since: datetime) -> dict[Cell, list[float]]:
    """Return the minutes until a person first replied."""
    rows = Conversation.objects.filter(
        handed_off_at__gte=since, first_reply_at__gte=F("handed_off_at")
    ).exclude(topic="")
    found: dict[Cell, list[float]] = defaultdict(list)
    for topic, language, begun, replied in rows.values_list(
        "topic", "language", "handed_off_at", "first_reply_at"
    ):
        if begun is not None and replied is not None:
            found[topic, our_language(language)].append((replied - begun).total_seconds() / 60)
    return dict(found)


# --- Who can, and when they are there ---------------------------------------------------------
def _levels() -> tuple[dict[tuple[int, str], int], set[str]]:
    """Return the highest level declared by agent and topic, and the topics that need a skill."""
    rows = (
        Skill.objects.filter(topics__isnull=False, agentskill__isnull=False)
        .order_by()
        .values_list("agentskill__agent_id", "topics__slug")
        .annotate(Max("agentskill__level"))
    )
    needed = Skill.objects.filter(topics__isnull=False).values_list("topics__slug", flat=True)
    return {(agent, slug): level for agent, slug, level in rows}, set(needed)


def _able(agent: AgentProfile, level: int, learned: Expertise | None) -> Able:
    languages = frozenset(our_language(code) for code in agent.languages)
    if learned is None:
        return Able(agent.pk, agent.name, languages, level)
    return Able(
        agent.pk,
        agent.name,
        languages,
        level,
        learned.cases,
        learned.minutes,
        learned.solves,
    )


def _hours_of_week(zone: ZoneInfo) -> list[datetime]:
    """Return the middle of each hour of this week, from Monday, in the zone of the site."""
    today = timezone.localdate()
    monday = datetime.combine(
        today - timedelta(days=today.weekday()), datetime.min.time(), tzinfo=zone
    )
    return [monday + timedelta(hours=hour, minutes=30) for hour in range(_WEEK)]


def _opening_hours() -> frozenset[int]:
    """Return the hours of the week, 0 to 167, in which any channel is open."""
    moments = _hours_of_week(ZoneInfo(settings.TIME_ZONE))
    channels = [each.opening_hours for each in Channel.objects.filter(is_active=True)]
    return frozenset(
        hour
        for hour, moment in enumerate(moments)
        if any(is_open(hours, moment) for hours in channels)
    )


def _at_work(people: Sequence[AgentProfile], now: datetime) -> dict[int, frozenset[int]]:
    """Return the hours of the week in which each is at work, in the zone of the site.

    By their working hours; whoever has none, by when they were here in the last four weeks. Of
    whom neither is known is not there.
    """
    moments = _hours_of_week(ZoneInfo(settings.TIME_ZONE))
    found = dict(_was_here(now))
    for agent in people:
        if agent.hours:
            local = enumerate(agent.local(moment) for moment in moments)
            found[agent.pk] = frozenset(hour for hour, at in local if is_open(agent.hours, at))
    return found


def _was_here(now: datetime) -> dict[int, frozenset[int]]:
    since = now - timedelta(weeks=_SHIFT_WEEKS)
    rows = Shift.objects.filter(began_at__lte=now).exclude(ended_at__lt=since)
    found: dict[int, set[int]] = defaultdict(set)
    for agent, began, ended in rows.values_list("agent_id", "began_at", "ended_at"):
        at = timezone.localtime(max(began, since))
        until = min(ended or now, now)
        while at < until:
            found[agent].add(at.weekday() * 24 + at.hour)
            at += timedelta(hours=1)
    return {agent: frozenset(hours) for agent, hours in found.items()}


# --- The table --------------------------------------------------------------------------------
def _known(learned: Mapping[tuple[int, str], Expertise]) -> dict[tuple[int, str], Known]:
    """Return what was learned of those who had any case of the topic."""
    counted = {
        (agent, topic): count
        for agent, topic, count in Outcome.objects.order_by()
        .values_list("agent_id", "topic")
        .annotate(Count("pk"))
    }
    by_topic: dict[str, list[float]] = defaultdict(list)
    for (_, topic), row in learned.items():
        by_topic[topic].append(row.minutes)
    return {
        pair: Known(
            minutes=row.minutes,
            solves=row.solves,
            n=counted[pair],
            against_usual=row.minutes / max(statistics.median(by_topic[pair[1]]), 0.1),
        )
        for pair, row in learned.items()
        if pair in counted and pair[1]
    }
