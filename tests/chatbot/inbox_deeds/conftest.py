"""Conversations with people, as agents have them."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_channels.conftest import open_page
from tests.world import KEY, Agent, Server

__all__ = ["open_page"]


def user(username: str) -> Any:
    """Return the user of an agent."""
    from django.contrib.auth.models import User

    return User.objects.get(username=username)


def website() -> Any:
    """Return the demo shop's own channel."""
    from chatbot.conversations.models import Channel

    return Channel.objects.get(key=KEY)


def waiting(name: str = "Ida Krag", **more: Any) -> Any:
    """Return a conversation of a website's visitor who waits in the queue."""
    who = rows.identity(website(), uuid.uuid4().hex, name)
    at = timezone.now() - timedelta(minutes=1)
    made = rows.conversation(who, **{"waiting_since": at, "reason": "customer_request", **more})
    rows.said(made, "The lamp hums.")
    return made


def assigned(username: str, name: str = "Ida Krag", **more: Any) -> Any:
    """Return a conversation that an agent has, as routing would have given it to them."""
    from chatbot.routing.models import AgentProfile, Assignment

    made = waiting(name, status="assigned", assignee=user(username), **more)
    agent = AgentProfile.objects.get(user__username=username)
    Assignment.objects.create(conversation=made, agent=agent)
    return made


def fresh(conversation: Any) -> Any:
    """Return the conversation as it is now."""
    return type(conversation).objects.get(pk=conversation.pk)


def do(by: Agent, deed: str, /, *conversations: Any, **values: Any) -> Any:
    """Do something to conversations by the API."""
    ids = [one.pk for one in conversations]
    return by.post("deeds", deed=deed, ids=ids, values=values)


@pytest.fixture
def mette(agent: Callable[[str], Agent]) -> Agent:
    """A supervisor, who is not here."""
    return agent("mette")


@pytest.fixture
def jonas(agent: Callable[[str], Agent]) -> Agent:
    """An agent, who is not here."""
    return agent("jonas")


@pytest.fixture
def no_labels(server: Server) -> Iterator[None]:
    """Take away, after a test, the labels made in it."""
    from chatbot.conversations.models import Label

    yield
    Label.objects.all().delete()
