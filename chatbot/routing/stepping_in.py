"""What supervisors change for others: it is kept who did."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from chatbot.routing import presence as choices
from chatbot.routing.models import AgentProfile


def change_for(
    *, agent: AgentProfile, by: AgentProfile, presence: str = "", capacity: int | None = None
) -> bool:
    """Change what `agent` takes on, as `by` wants it; return whether anything changed.

    It stands in the agent's history in admin, as what is changed there does.
    """
    fields = []
    if presence and presence != agent.presence:
        fields.append("Presence")
    if capacity is not None and capacity != agent.capacity:
        fields.append("Capacity")
    if not fields:
        return False
    with transaction.atomic():
        choices.choose_presence(agent=agent, presence=presence, capacity=capacity)
        LogEntry.objects.log_actions(
            by.user_id,
            AgentProfile.objects.filter(pk=agent.pk),
            CHANGE,
            change_message=[{"changed": {"fields": fields}}],
            single_object=True,
        )
    return True
