"""What came of conversations in agents' hands: recorded as it happens, learned soon after."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django_tasks import task

from chatbot.conversations.models import Conversation, Message, Rating
from chatbot.routing import options
from chatbot.routing.deadlines import minutes_between
from chatbot.routing.learning import Learner
from chatbot.routing.learning import Outcome as Lived
from chatbot.routing.models import AgentProfile, AgentSkill, Assignment, Expertise, Outcome

logger = logging.getLogger(__name__)
_REOPENED = timedelta(days=7)
_HALF_LIVES = 8  # what is older weighs less than half a percent
_DAY = 86_400.0
# Reasons for declining that say something of what one can do.
_TEACHING = (Assignment.Cause.NOT_MINE, Assignment.Cause.COLLEAGUE, Assignment.Cause.LANGUAGE)


# --- Writes -----------------------------------------------------------------------------------
def note_resolved(*, assignment: Assignment) -> Outcome:
    """Record that an agent resolved what they had."""
    conversation = assignment.conversation
    agent = _agent(assignment)
    first = (
        Message.objects.filter(
            conversation=conversation,
            author=Message.Author.AGENT,
            kind=Message.Kind.TEXT,
            created_at__gte=assignment.created_at,
        )
        .values_list("pk", flat=True)
        .first()
    )
    follow_ups = 0
    if first is not None:
        follow_ups = Message.objects.filter(
            conversation=conversation, author=Message.Author.CONTACT, pk__gt=first
        ).count()
    now = timezone.now()
    minutes = minutes_between(agent.hours, agent.local(assignment.created_at), agent.local(now))
    return _record(assignment, minutes=minutes, solved=True, follow_ups=follow_ups)


def note_passed_on(*, assignment: Assignment) -> Outcome | None:
    """Record that an agent declined or passed on what they had, where that says anything."""
    passed_on = assignment.ended == Assignment.Ended.PASSED_ON
    if not passed_on and assignment.cause not in _TEACHING:
        return None
    if passed_on and assignment.cause in (Assignment.Cause.BUSY, Assignment.Cause.LEAVING):
        return None
    return _record(assignment, minutes=None, solved=False, passed_on=True)


def _others_open(assignment: Assignment) -> int:
    """Return how many conversations the agent had already when they got this one."""
    stored = (one for one in assignment.candidates if one["agent"] == assignment.agent_id)
    return next((one["open"] for one in stored), 0)


def _agent(assignment: Assignment) -> AgentProfile:
    if assignment.agent is None:
        raise ValueError("an assignment to nobody has no outcome")
    return assignment.agent


def _record(assignment: Assignment, **what: Any) -> Outcome:
    conversation = assignment.conversation
    outcome, _made = Outcome.objects.update_or_create(
        assignment=assignment,
        defaults={
            "agent": _agent(assignment),
            "conversation": conversation,
            "topic": conversation.topic,
            "language": conversation.language,
            "channel": conversation.channel.kind,
            "open": _others_open(assignment),
            "at": timezone.now(),
            **what,
        },
    )
    return outcome


def note_reopened(*, conversation: Conversation) -> None:
    """Record that what somebody had resolved came again: the same matter within seven days.

    The same conversation, or a new one of the same customer about the same topic.
    """
    since = timezone.now() - _REOPENED
    solved = Outcome.objects.filter(at__gte=since, solved=True, source=Outcome.Source.LIVED)
    same = Q(conversation=conversation)
    if conversation.topic:
        same |= Q(conversation__contact_id=conversation.contact_id, topic=conversation.topic)
    last = solved.filter(same).order_by("-at").first()
    if last is not None:
        last.solved, last.reopened = False, True
        last.save(update_fields=["solved", "reopened", "changed_at"])


def note_rating(*, conversation: Conversation, rating: Rating) -> None:
    """Record what the customer says of whoever resolved it."""
    last = (
        Outcome.objects.filter(conversation=conversation, passed_on=False).order_by("-at").first()
    )
    if last is not None and last.rating != rating.score:
        last.rating = rating.score
        last.save(update_fields=["rating", "changed_at"])


def hear_rating(*, conversation: Conversation, rating: Rating, **_: Any) -> None:
    """Follow the core's signal."""
    note_rating(conversation=conversation, rating=rating)


# --- Learning ---------------------------------------------------------------------------------
def has_news() -> bool:
    """Return whether anything has come since it was last learned."""
    changed = Outcome.objects.aggregate(at=Max("changed_at"))["at"]
    if changed is None:
        return False
    learned = Expertise.objects.aggregate(at=Max("at"))["at"]
    return learned is None or changed > learned


@task()
def learn() -> None:
    """Learn anew who is good at what, and keep it for all processes."""
    now = timezone.now()
    half_life = float(options.current().settings.half_life_days)
    since = now - timedelta(days=half_life * _HALF_LIVES)
    rows = Outcome.objects.filter(at__gte=since).values_list(
        "agent_id", "topic", "at", "minutes", "solved", "follow_ups", "rating", "open"
    )
    lived = [
        Lived(agent, topic, at.timestamp() / _DAY, minutes, solved, follow_ups, rating, others)
        for agent, topic, at, minutes, solved, follow_ups, rating, others in rows.iterator(2_000)
    ]
    topics = sorted({one.topic for one in lived})
    if not topics:
        return
    known = Learner(lived, half_life=half_life).expertise(now.timestamp() / _DAY, _declared(topics))
    agents = AgentProfile.objects.filter(user__is_active=True).values_list("pk", flat=True)
    estimates = [
        Expertise(
            agent_id=agent,
            topic=topic,
            at=now,
            **{name: getattr(known.estimate(agent, topic), name) for name in _KEPT},
        )
        for agent in agents
        for topic in topics
    ]
    with transaction.atomic():
        Expertise.objects.bulk_create(
            estimates,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["agent", "topic"],
            update_fields=[*_KEPT, "at"],
        )
        Expertise.objects.exclude(at=now).delete()  # of what has faded, and of who has gone
    logger.info("learned from %d outcomes", len(lived))


_KEPT = ("cases", "minutes", "log_minutes", "doubt", "solves", "quality", "rating")


def _declared(topics: list[str]) -> dict[tuple[int, str], int]:
    """Return the best declared level of each agent in each topic that a skill is for."""
    levels: dict[tuple[int, str], int] = {}
    rows = AgentSkill.objects.filter(skill__topics__slug__in=topics).values_list(
        "agent_id", "skill__topics__slug", "level"
    )
    for agent, topic, level in rows:
        levels[agent, topic] = max(level, levels.get((agent, topic), 0))
    return levels
