"""Customers see that an agent is writing, where their channel can show it."""

from django.conf import settings
from django.core.cache import cache

from chatbot.adapters import adapter_class
from chatbot.background import enqueue
from chatbot.conversations.models import WEBSITE, Conversation
from chatbot.events import Author, Typing
from chatbot.realtime import publish, visitor_group
from chatbot.routing.models import AgentProfile

_AGAIN = 4  # seconds; services show it for five, the widget for six


def show_typing(*, conversation_id: int, agent: AgentProfile) -> None:
    """Say that `agent` writes in a conversation, once in a while however often it is called."""
    conversation = (
        Conversation.objects.select_related("identity__channel", "answer_to__channel")
        .filter(pk=conversation_id, assignee_id=agent.user_id)
        .first()
    )
    if conversation is None or not cache.add(f"agent-typing:{conversation_id}", 1, _AGAIN):
        return
    identity = conversation.answer_to or conversation.identity
    if identity.channel.kind == WEBSITE:
        author = Author(kind="agent", name=agent.name)
        publish(Typing(author=author), visitor_group(identity.channel_id, identity.external_id))
    elif _shows_typing(identity.channel.kind):
        enqueue("typing", conversation_id)


def _shows_typing(kind: str) -> bool:
    return kind in settings.CHANNEL_ADAPTERS and hasattr(adapter_class(kind), "show_typing")
