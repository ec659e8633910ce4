"""Who is here: live inboxes, and what each of them looks at."""

from datetime import timedelta

from django.utils import timezone

from chatbot.background import enqueue
from chatbot.routing.models import AgentConnection, AgentProfile
from chatbot.routing.selectors import SILENT_SECONDS


def connect(*, agent: AgentProfile, socket: str) -> None:
    """Note that an inbox of `agent` is open; who waits may now get a person."""
    AgentConnection.objects.update_or_create(
        socket=socket, defaults={"agent": agent, "heard_at": timezone.now()}
    )
    enqueue("assign")


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
    connection.delete()
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
    dropped, _ = AgentConnection.objects.filter(heard_at__lt=since).delete()
    return bool(dropped)


def forget_all() -> None:
    """Drop all connections: those of a process that is no more."""
    AgentConnection.objects.all().delete()
