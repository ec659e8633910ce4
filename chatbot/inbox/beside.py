"""What macros do with labels and snoozing."""

from datetime import datetime

from django.db import transaction

from chatbot.conversations import services
from chatbot.conversations.models import Conversation, ConversationLabel, Label
from chatbot.routing.models import AgentProfile


def put_label(*, conversation: Conversation, label_id: int, agent: AgentProfile) -> None:
    """Put a label on a conversation. Raises Label.DoesNotExist."""
    with transaction.atomic():
        label = Label.objects.get(pk=label_id)
        _row, is_new = ConversationLabel.objects.get_or_create(
            conversation=conversation, label=label, defaults={"user_id": agent.user_id}
        )
        if is_new:
            services.announce_change(conversation=conversation)


def snooze(*, conversation: Conversation, until: datetime, agent: AgentProfile) -> None:
    """Put a conversation out of sight until then."""
    services.change_conversation(
        conversation=conversation, snoozed_until=until, snoozed_by_id=agent.user_id
    )
