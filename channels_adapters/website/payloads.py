"""A conversation as the widget shows it."""

from chatbot.conversations.models import Conversation, Status
from chatbot.events import AgentFace, ConversationPart
from chatbot.routing import selectors, waiting


def conversation_part(conversation: Conversation | None) -> ConversationPart | None:
    """Return what a visitor may know of the conversation: who has it, how long it takes."""
    if conversation is None:
        return None
    status = conversation.status
    if status == Status.ASSIGNED and conversation.assignee_id is not None:
        minutes = waiting.reply_minutes(conversation.channel)
        name = selectors.agent_name(conversation.assignee_id)
        return ConversationPart(
            status="assigned",
            agent=AgentFace(name=name, reply_minutes=minutes),
            asks_email=False,
        )
    if status == Status.QUEUED:
        wait = waiting.expected_wait(conversation)
        return ConversationPart(
            status="queued",
            position=wait.position,
            wait_minutes=wait.minutes if wait.people_here else None,
            asks_email=not wait.people_here and not conversation.contact.email,
        )
    return ConversationPart(status="resolved" if status == Status.RESOLVED else "bot")
