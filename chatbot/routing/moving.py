"""Nobody is stranded: what is not answered in time, or whose agent has left, moves on."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django_tasks import task

from chatbot.conversations import services as conversations
from chatbot.conversations import wording
from chatbot.conversations.models import EMAIL, Conversation, Message, Status
from chatbot.routing import assigning, notices, options
from chatbot.routing.models import AgentConnection, AgentProfile, Assignment, Shift
from chatbot.routing.team import SILENT_SECONDS, Team, absent_ids

_TYPING = timedelta(seconds=30)  # who is writing an answer has that much longer


# --- What an agent has said, and a customer ----------------------------------------------------
def note_answered(*, conversation: Conversation) -> None:
    """Record that the agent has answered: nobody waits for them now."""
    Assignment.objects.filter(
        conversation=conversation, ended_at=None, answered_at=None, agent__isnull=False
    ).update(answered_at=timezone.now())


def hear_message(*, conversation: Conversation, message: Message, **_: Any) -> None:
    """Follow the core's signal: a customer who writes to their agent waits for an answer again."""
    if message.author != Message.Author.CONTACT or conversation.status != Status.ASSIGNED:
        return
    row = (
        Assignment.objects.select_related("agent")
        .filter(conversation=conversation, ended_at=None, answered_at__isnull=False)
        .first()
    )
    if row is not None and row.agent is not None:
        row.answer_by = assigning.deadline(conversation, row.agent, timezone.now())
        row.answered_at = None
        row.save(update_fields=["answer_by", "answered_at"])


# --- Not answered in time ---------------------------------------------------------------------
def unanswered(*, now: datetime) -> list[int]:
    """Return the assignments whose agent has not answered in time."""
    return list(
        Assignment.objects.filter(
            ended_at=None,
            answered_at=None,
            agent__isnull=False,
            answer_by__lte=now,
            conversation__snoozed_until=None,
        )
        .order_by("answer_by")
        .values_list("pk", flat=True)[:200]
    )


@task()
def move_unanswered(assignment_id: int) -> None:
    """Give a conversation that was not answered in time to the next best.

    Where nobody else can take it, it stays, and agents are told of it again.
    """
    with transaction.atomic():
        # The conversation first, as whoever answers does: in another order both could wait.
        Conversation.objects.select_for_update(of=("self",)).filter(
            assignments=assignment_id
        ).first()
        row = (
            Assignment.objects.select_related(
                "agent", "conversation__channel", "conversation__contact"
            )
            .filter(pk=assignment_id, ended_at=None, answered_at=None)
            .first()
        )
        now = timezone.now()
        if row is None or row.agent is None or row.answer_by is None or row.answer_by > now:
            return
        if row.conversation.snoozed_until is not None:
            return
        if _is_typing(row, now):
            row.answer_by = now + _TYPING
            row.save(update_fields=["answer_by"])
            return
        if not _move(row, Assignment.Ended.UNANSWERED):
            row.answer_by = assigning.deadline(row.conversation, row.agent, now)
            row.save(update_fields=["answer_by"])
            notices.add_notices(conversation=row.conversation)


def _is_typing(row: Assignment, now: datetime) -> bool:
    return AgentConnection.objects.filter(
        agent=row.agent, conversation_id=row.conversation_id, typing_at__gte=now - _TYPING
    ).exists()


def _move(row: Assignment, ended: str, *, queue: bool = False) -> bool:
    """Take a conversation from its agent and give it to the next best; return whether it went.

    `queue`: also where nobody can take it now; then it waits.
    """
    conversation, agent = row.conversation, row.agent
    if agent is None:
        return False
    team = Team()
    others = [
        one
        for one in assigning.plan_for(conversation, team).ranked
        if not one.rejected and one.agent.id != agent.pk
    ]
    if not others and not queue:
        return False
    back = conversations.change_conversation(
        conversation=conversation,
        expected={"status": Status.ASSIGNED, "assignee_id": agent.user_id},
        status=Status.QUEUED,
        assignee_id=None,
        waiting_since=conversation.waiting_since or timezone.now(),
    )
    if not back:
        return True  # it went elsewhere meanwhile
    assigning.end_assignment(conversation=conversation, ended=ended)
    taken = assigning.route(conversation)
    if taken is not None:
        assigning.announce_joined(conversation, taken)
        return True
    if ended == Assignment.Ended.LEFT:
        _say_colleague_comes(conversation, agent)
    notices.add_notices(conversation=conversation)
    assigning.announce_queue()
    return True


def give_on(*, conversation: Conversation, queue: bool) -> bool:
    """Give a conversation whose agent is away to the next best; return whether it went.

    `queue`: also where nobody can take it now.
    """
    row = (
        Assignment.objects.select_related("agent", "conversation__channel", "conversation__contact")
        .filter(conversation=conversation, ended_at=None)
        .first()
    )
    return row is not None and _move(row, Assignment.Ended.LEFT, queue=queue)


def _say_colleague_comes(conversation: Conversation, agent: AgentProfile) -> None:
    with wording.in_language(conversation.language):
        assigning.add_notice(conversation, wording.had_to_leave(name=agent.name))


# --- Agents who leave -------------------------------------------------------------------------
def gone(*, now: datetime) -> list[int]:
    """Return the agents who have left, or are off today, with customers waiting for them.

    Who was never here has not left: their conversations were given to them by a person.
    """
    waiting = Conversation.objects.filter(
        status=Status.ASSIGNED,
        waiting_since__isnull=False,
        snoozed_until=None,
        assignee_id=OuterRef("user_id"),
    )
    away_since = now - timedelta(seconds=options.current().settings.leaving_seconds)
    here = AgentConnection.objects.filter(
        agent=OuterRef("pk"), heard_at__gte=now - timedelta(seconds=SILENT_SECONDS)
    )
    lately = Shift.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=away_since), agent=OuterRef("pk")
    )
    was_here = Shift.objects.filter(agent=OuterRef("pk"))
    left = Q(
        ~Exists(here),
        ~Exists(lately),
        Exists(was_here),
        Exists(waiting),
    )
    is_off = Q(Exists(waiting), pk__in=absent_ids(now=now))
    return list(AgentProfile.objects.filter(left | is_off).values_list("pk", flat=True))


@task()
def give_back(agent_id: int) -> None:
    """Give what waits for an agent who has left to others; what nobody can take waits for one.

    A mail that nobody can take now stays theirs until it is due, unless they are off today.
    """
    agent = AgentProfile.objects.filter(pk=agent_id).first()
    if agent is None:
        return
    is_off = agent.pk in absent_ids(now=timezone.now())
    rows = (
        Assignment.objects.select_related("agent", "conversation__channel", "conversation__contact")
        .filter(
            ended_at=None,
            agent=agent,
            conversation__status=Status.ASSIGNED,
            conversation__assignee_id=agent.user_id,
            conversation__waiting_since__isnull=False,
            conversation__snoozed_until=None,
        )
        .order_by("created_at")
    )
    for row in rows:
        is_mail = row.conversation.channel.kind == EMAIL
        with transaction.atomic():
            _move(row, Assignment.Ended.LEFT, queue=is_off or not is_mail)
