"""People who look at routing's pages, and the rows that they look at."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.world import Agent, Server

EXPORTS = Path(__file__).parent / "exports"
_numbers = itertools.count()


def profile(username: str) -> Any:
    from chatbot.routing.models import AgentProfile

    return AgentProfile.objects.get(user__username=username)


def handed_off(
    *, topic: str = "delivery", language: str = "da", minutes_ago: float = 60, waited: float = 2
) -> Any:
    """Make a conversation that went to a person, as its row is left."""
    from django.utils import timezone

    from chatbot.conversations.models import Channel, Conversation
    from chatbot.conversations.recording import ensure_identity

    channel = Channel.objects.earliest("pk")
    identity = ensure_identity(channel_id=channel.pk, sender_id=f"routing-{next(_numbers)}")
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return Conversation.objects.create(
        channel=channel,
        contact=identity.contact,
        identity=identity,
        status="resolved",
        language=language,
        topic=topic,
        reason="low_confidence",
        created_at=at,
        handed_off_at=at,
        first_reply_at=at + timedelta(minutes=waited),
    )


def assigned(
    username: str,
    *,
    suggested: str = "",
    minutes: float | None = 20.0,
    ended: str = "resolved",
    way: str = "routed",
    topic: str = "delivery",
    rating: int | None = None,
    days_ago: float = 1,
    language: str = "da",
    **more: Any,
) -> Any:
    """Make a conversation in an agent's hands, and what came of it."""
    from chatbot.routing.models import Assignment, Outcome

    conversation = handed_off(topic=topic, language=language, minutes_ago=days_ago * 1440)
    at: datetime = conversation.handed_off_at
    agent = profile(username)
    made = Assignment.objects.create(
        conversation=conversation,
        agent=agent,
        way=way,
        strategy="routine",
        suggested=profile(suggested) if suggested else None,
        created_at=at,
        ended_at=at + timedelta(minutes=minutes or 1) if ended else None,
        ended=ended,
        **more,
    )
    if ended:
        Outcome.objects.create(
            agent=agent,
            assignment=made,
            conversation=conversation,
            topic=topic,
            language=language,
            channel="website",
            minutes=minutes if ended == "resolved" else None,
            solved=ended == "resolved",
            rating=rating,
            at=at,
        )
    return made


@pytest.fixture
def rows(server: Server, clean: None) -> Iterator[None]:
    """Take away, after a test, what came of conversations and what an admin decided."""
    from chatbot.conversations.models import Channel
    from chatbot.routing import models

    hours = dict(models.AgentProfile.objects.values_list("pk", "hours"))
    opening = dict(Channel.objects.values_list("pk", "opening_hours"))
    yield
    for pk, value in hours.items():
        models.AgentProfile.objects.filter(pk=pk).update(hours=value)
    for pk, value in opening.items():
        Channel.objects.filter(pk=pk).update(opening_hours=value)
    for model in (
        *(models.Outcome, models.Expertise, models.Assignment, models.RoutingRule),
        *(models.StrategyWeights, models.RoutingSettings),
    ):
        model.objects.all().delete()


@pytest.fixture
def admin(server: Server, rows: None) -> Iterator[Agent]:
    admin = Agent(server, "admin")
    yield admin
    admin.close()


@pytest.fixture
def send(admin: Agent) -> Callable[..., str]:
    """Open a page of the admin, or send a form to it; return what is read there in the end."""

    def go(path: str, form: dict[str, Any] | None = None, file: bytes | None = None) -> str:
        path = f"/admin/{path}"
        if form is None and file is None:
            answer = admin.http.get(path, follow_redirects=True)
        else:
            answer = admin.http.post(
                path,
                data={**(form or {}), "csrfmiddlewaretoken": admin.http.cookies["csrftoken"]},
                files={"file": ("export.csv", file)} if file is not None else None,
                headers={"Referer": admin.server.url + path},
                follow_redirects=True,
            )
        assert answer.status_code == 200, (answer.status_code, answer.url)
        return re.sub(r"\s+", " ", answer.text)

    return go
