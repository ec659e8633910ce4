"""Customers see that an answer is being written, on channels that can show it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django_tasks import task

from chatbot.adapters import adapter_class
from chatbot.conversations.models import Conversation

logger = logging.getLogger(__name__)
_AT_ONCE = 0.4  # seconds; an answer that is there by then needs no announcement
_AGAIN = 4.0  # services show it for five


@contextmanager
def thinking(conversation: Conversation) -> Iterator[None]:
    """Show, as long as this takes, that an answer is being written."""
    if not hasattr(adapter_class(conversation.channel.kind), "show_typing"):
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_show, args=(conversation, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def _show(conversation: Conversation, done: threading.Event) -> None:
    pause = _AT_ONCE
    while not done.wait(pause):
        show_typing(conversation.channel, conversation.identity.external_id, conversation.thread)
        pause = _AGAIN


@task()
def show_agent_typing(conversation_id: int) -> None:
    """Show once that an agent is writing, where the customer of a conversation writes."""
    conversation = (
        Conversation.objects.select_related("identity__channel", "answer_to__channel")
        .filter(pk=conversation_id)
        .first()
    )
    if conversation is None:
        return
    identity = conversation.answer_to or conversation.identity
    is_home = identity.channel_id == conversation.channel_id
    show_typing(identity.channel, identity.external_id, conversation.thread if is_home else "")


def show_typing(channel: Any, recipient_id: str, thread: str) -> None:
    """Say once on a channel that we are writing; that it could not be said nobody minds."""
    adapter = adapter_class(channel.kind)(channel)
    try:
        adapter.show_typing(recipient_id, thread)
    except Exception as error:
        logger.info("typing could not be shown: %s", type(error).__name__)
