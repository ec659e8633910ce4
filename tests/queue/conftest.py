"""A shop whose people answer first, on a server of its own; and the hands of its agents."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.world import KEY, Agent, Server


@pytest.fixture
def channel(server: Server, clean: None) -> Iterator[Callable[..., Any]]:
    """Change the website's channel for a test: channel(people_first=3)."""
    from chatbot.conversations.models import Channel

    website = Channel.objects.get(key=KEY)
    names = (
        "people_first",
        "offer_bot_seconds",
        "opening_hours",
        "holidays",
        "closed_days",
        "away_messages",
        "language",
    )
    before = {name: getattr(website, name) for name in names}

    def change(**changes: Any) -> Any:
        Channel.objects.filter(pk=website.pk).update(**changes)
        return website

    yield change
    Channel.objects.filter(pk=website.pk).update(**before)


@contextmanager
def room_for(agent: Agent, places: int) -> Iterator[None]:
    """Let an agent have so many more conversations than now."""
    me = agent.get("me")
    agent.http.patch("/api/v1/inbox/me", json={"capacity": me["open"] + places})
    try:
        yield
    finally:
        agent.http.patch("/api/v1/inbox/me", json={"capacity": me["capacity"]})


def fill(agent: Agent, places: int = 0) -> None:
    """Let an agent have room for so many more, until another test says otherwise."""
    agent.http.patch("/api/v1/inbox/me", json={"capacity": agent.get("me")["open"] + places})
