"""A customer whose conversation an agent has."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.chatbot.inbox_channels.conftest import open_page
from tests.world import Agent, Visitor, wait_for

__all__ = ["open_page"]


@pytest.fixture
def desk(visitor: Callable[..., Visitor], agent: Callable[..., Agent]) -> Callable[..., Any]:
    """Let a customer ask, and `username` take it: desk("mette") gives visitor, agent and id."""

    def begin(username: str = "mette", text: str = "", language: str = "en") -> Any:
        from chatbot.conversations.models import Conversation, Status

        # Unique, and of no meaning: nobody has an answer to it.
        asked = text or f"I want to talk to a person {uuid.uuid4().hex[:6]}"
        anna = visitor(language)
        anna.open()
        anna.say(asked)
        made = wait_for(
            lambda: (
                Conversation.objects.exclude(status=Status.BOT).filter(messages__text=asked).first()
            )
        )
        person = agent(username)
        person.post(f"conversations/{made.pk}/take", over=True)
        return anna, person, made.pk

    return begin
