"""Customers' messages that the bot is to answer after all."""

from collections.abc import Sequence

from chatbot.background import enqueue
from chatbot.conversations.models import Conversation, Message


def put_back(*, conversation: Conversation, messages: Sequence[Message]) -> None:
    """Have the bot answer messages that a person was to answer.

    Called in the transaction that gives the conversation back to the bot.
    """
    Message.objects.filter(
        pk__in=[message.pk for message in messages], state=Message.State.HANDLED
    ).update(state=Message.State.PENDING)
    enqueue("answer", conversation.pk)
