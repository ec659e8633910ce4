"""Conversations that are out of sight until a time, or until their customer writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from chatbot.conversations import services as conversations
from chatbot.conversations.models import EMAIL, Channel, Conversation, Message, Status
from chatbot.conversations.signals import conversation_woke
from chatbot.routing import assigning, moving, service_levels, services
from chatbot.routing.holidays import closed_on
from chatbot.routing.hours import Hours, is_at_work, next_at_work
from chatbot.routing.models import AgentProfile, Assignment
from chatbot.routing.team import here_ids

LONGEST = timedelta(days=366)
_LATER = timedelta(hours=3)
_LATEST_HOUR = 21  # later today is no use after that
_MORNING = time(9)


class NotAhead(ValueError):
    """A time that is over, or more than a year ahead."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A time until which to snooze; `name`: later, tomorrow, next_day, monday, week."""

    name: str
    until: datetime


# --- Until when -----------------------------------------------------------------------------------
def choices(*, channel: Channel, agent: AgentProfile, now: datetime) -> Sequence[Choice]:
    """Return the usual times in the agent's zone, each once, the soonest first.

    Mornings are when the channel opens, on a day on which it does; 9:00 where it has no hours.
    """
    local = agent.local(now)
    found = []
    later = _full_quarter(local + _LATER)
    if later.date() == local.date() and later.hour < _LATEST_HOUR:
        found.append(Choice("later", later))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = (midnight + timedelta(days=1)).date()
    next_morning = _morning(channel, midnight + timedelta(days=1))
    name = "tomorrow" if agent.local(next_morning).date() == tomorrow else "next_day"
    found.append(Choice(name, next_morning))
    found.append(Choice("monday", _morning(channel, midnight + _to_monday(local))))
    found.append(Choice("week", _morning(channel, midnight + timedelta(days=7))))
    each_once = {choice.until: choice for choice in reversed(found)}
    return sorted(each_once.values(), key=lambda choice: choice.until)


def _full_quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _to_monday(local: datetime) -> timedelta:
    return timedelta(days=7 - local.weekday())


def _morning(channel: Channel, midnight: datetime) -> datetime:
    """Return when work begins on the first day from `midnight` on that is a working day."""
    hours: Hours = channel.opening_hours
    closed = closed_on(channel.holidays, channel.closed_days)
    if not hours:
        day = midnight
        while closed(day.date()):
            day += timedelta(days=1)
        return datetime.combine(day.date(), _MORNING, tzinfo=midnight.tzinfo)
    # The hours are meant in the site's zone, whatever the agent's is.
    start = timezone.localtime(midnight)
    if is_at_work(hours, closed, start):
        return datetime.combine(midnight.date(), _MORNING, tzinfo=midnight.tzinfo)
    opening = next_at_work(hours, closed, start)
    if opening is None:
        return datetime.combine(midnight.date(), _MORNING, tzinfo=midnight.tzinfo)
    return opening.astimezone(midnight.tzinfo)


# --- Writes ---------------------------------------------------------------------------------------
def snooze(*, conversation: Conversation, agent: AgentProfile, until: datetime) -> None:
    """Put a conversation out of sight until then; what waits in the queue is taken first.

    Raises NotAhead, `services.AlreadyTaken` where a colleague has it, and `services.NotYours`
    where nobody has or waits for it.
    """
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise NotAhead
    if conversation.status == Status.QUEUED:
        try:
            services.take(conversation=conversation, agent=agent)
        except services.AlreadyTaken:
            # Routing may just have given it to them.
            conversation.refresh_from_db(fields=["status", "assignee"])
            if conversation.assignee_id != agent.user_id:
                raise
    if conversation.status != Status.ASSIGNED:
        raise services.NotYours
    with transaction.atomic():
        clocks = (
            {} if conversation.snoozed_until else service_levels.paused(conversation, now, until)
        )
        changed = conversations.change_conversation(
            conversation=conversation,
            expected={"status": Status.ASSIGNED, "assignee_id": agent.user_id},
            snoozed_until=until,
            snoozed_by_id=agent.user_id,
            **clocks,
        )
        if not changed:
            raise services.AlreadyTaken


def wake(*, conversation: Conversation, why: str = "") -> bool:
    """Bring a conversation back; return whether it slept.

    `why`: "time" or "wrote", of which its agent is told; "" where they did it themselves.
    """
    now = timezone.now()
    with transaction.atomic():
        woke = conversations.change_conversation(
            conversation=conversation,
            expected={"snoozed_until": conversation.snoozed_until, "snoozed_until__isnull": False},
            snoozed_until=None,
            snoozed_by_id=None,
            **service_levels.resumed(conversation, now),
        )
        if not woke:
            return False
        if conversation.status != Status.ASSIGNED:
            return True
        _wait_again(conversation, now)
        if why:
            _tell(conversation, why)
            _give_on_if_away(conversation)
    return True


def _wait_again(conversation: Conversation, now: datetime) -> None:
    """Give the agent their whole time again: what passed meanwhile was nobody's fault."""
    row = (
        Assignment.objects.select_related("agent")
        .filter(conversation=conversation, ended_at=None, answered_at=None, agent__isnull=False)
        .first()
    )
    if row is not None and row.agent is not None:
        row.answer_by = assigning.deadline(conversation, row.agent, now)
        row.save(update_fields=["answer_by"])


def _tell(conversation: Conversation, why: str) -> None:
    user_id = conversation.assignee_id
    transaction.on_commit(
        lambda: conversation_woke.send(
            Conversation, conversation=conversation, user_id=user_id, why=why
        )
    )


def _give_on_if_away(conversation: Conversation) -> None:
    """Give it to somebody else where a customer waits and its agent is not here."""
    if conversation.waiting_since is None:
        return
    agent = AgentProfile.objects.filter(user_id=conversation.assignee_id or 0).first()
    if agent is None:
        return
    is_here = agent.pk in here_ids() and agent.presence == AgentProfile.Presence.ONLINE
    if not is_here:
        # A mail that nobody can take now stays theirs until it is due, as when somebody leaves.
        moving.give_on(conversation=conversation, queue=conversation.channel.kind != EMAIL)


def hear_message(*, conversation: Conversation, message: Message, **_: Any) -> None:
    """Follow the core's signal: a customer who writes wakes their conversation."""
    if message.author == Message.Author.CONTACT and conversation.snoozed_until is not None:
        wake(conversation=conversation, why="wrote")


# --- When the time has come -----------------------------------------------------------------------
def due(*, now: datetime) -> Sequence[int]:
    """Return the conversations that are to wake."""
    rows = Conversation.objects.filter(snoozed_until__lte=now).order_by("snoozed_until")
    return list(rows.values_list("pk", flat=True)[:200])


@task()
def wake_due(conversation_id: int) -> None:
    """Wake a conversation, if it is time."""
    conversation = (
        Conversation.objects.select_related("channel", "contact", "identity")
        .filter(pk=conversation_id, snoozed_until__lte=timezone.now())
        .first()
    )
    if conversation is not None:
        wake(conversation=conversation, why="time")
