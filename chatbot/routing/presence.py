"""Who is here: live inboxes, and what each of them looks at."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chatbot.background import enqueue
from chatbot.routing.models import Absence, AgentConnection, AgentProfile, Shift
from chatbot.routing.team import SILENT_SECONDS

_A_MOMENT = timedelta(minutes=5)  # a reload, a tunnel, a restart of the server


def connect(*, agent: AgentProfile, socket: str) -> None:
    """Note that an inbox of `agent` is open; who waits may now get a person."""
    with transaction.atomic():
        AgentConnection.objects.update_or_create(
            socket=socket, defaults={"agent": agent, "heard_at": timezone.now()}
        )
        _begin_shift(agent)
    enqueue("assign")


def _begin_shift(agent: AgentProfile) -> None:
    """Note that an agent is at work; who was away for a moment goes on where they stopped."""
    last = Shift.objects.filter(agent=agent).order_by("-began_at").first()
    if last is None or (last.ended_at and last.ended_at < timezone.now() - _A_MOMENT):
        Shift.objects.create(agent=agent)
    elif last.ended_at is not None:
        last.ended_at = None
        last.save(update_fields=["ended_at"])


def _end_shifts() -> None:
    """Note who has gone: nobody has an inbox open that says anything."""
    now = timezone.now()
    here = AgentConnection.objects.filter(
        agent=OuterRef("agent"), heard_at__gte=now - timedelta(seconds=SILENT_SECONDS)
    )
    Shift.objects.filter(~Exists(here), ended_at=None).update(ended_at=now)


def hear(*, agent: AgentProfile, socket: str) -> None:
    """Note a sign of life."""
    AgentConnection.objects.update_or_create(
        socket=socket, defaults={"agent": agent, "heard_at": timezone.now()}
    )


def view(
    *, agent: AgentProfile, socket: str, conversation_id: int | None, typing: bool
) -> int | None:
    """Note what an inbox has open; return what it had open before."""
    now = timezone.now()
    connection, _ = AgentConnection.objects.get_or_create(socket=socket, defaults={"agent": agent})
    before = connection.conversation_id
    connection.conversation_id = conversation_id
    connection.typing_at = now if typing else None
    connection.heard_at = now
    connection.save(update_fields=["conversation", "typing_at", "heard_at"])
    return before


def disconnect(*, socket: str) -> int | None:
    """Note that an inbox was closed; return the conversation that it had open."""
    connection = AgentConnection.objects.filter(socket=socket).first()
    if connection is None:
        return None
    with transaction.atomic():
        connection.delete()
        _end_shifts()
    return connection.conversation_id


def choose_presence(
    *, agent: AgentProfile, presence: str = "", capacity: int | None = None
) -> None:
    """Change what the agent chose: online or away, and how many conversations at once."""
    fields = []
    if presence and presence != agent.presence:
        agent.presence = presence
        fields.append("presence")
    if capacity is not None and capacity != agent.capacity:
        agent.capacity = capacity
        fields.append("capacity")
    if fields:
        agent.save(update_fields=fields)
        enqueue("assign")


def forget_silent() -> bool:
    """Drop connections that went silent; return whether there were any."""
    since = timezone.now() - timedelta(seconds=SILENT_SECONDS)
    with transaction.atomic():
        dropped, _ = AgentConnection.objects.filter(heard_at__lt=since).delete()
        if dropped:
            _end_shifts()
    return bool(dropped)


def forget_all() -> None:
    """Drop all connections: those of a process that is no more."""
    with transaction.atomic():
        AgentConnection.objects.all().delete()
        _end_shifts()


def log_out(*, agent: AgentProfile) -> None:
    """Note that an agent has logged out: nobody waits for them to come back."""
    with transaction.atomic():
        AgentConnection.objects.filter(agent=agent).delete()
        _end_shifts()
        enqueue("give-back", agent.pk)


def hear_logout(*, user: Any, **_: Any) -> None:
    """Follow Django's signal."""
    agent = AgentProfile.objects.filter(user_id=user.pk).first() if user is not None else None
    if agent is not None:
        log_out(agent=agent)


def hear_absence(*, instance: Absence, **_: Any) -> None:
    """Follow the saving of an absence: what is open goes to others where it has begun."""
    if instance.covers(timezone.now()):
        enqueue("give-back", instance.agent_id)
