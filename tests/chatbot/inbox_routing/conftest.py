"""Customers who ask for a person, and how routing is set for a test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.chatbot.inbox_channels.conftest import open_page
from tests.world import Agent, Server, Visitor, wait_for

__all__ = ["open_page"]

ASKS = "I want to talk to a person"


@pytest.fixture(autouse=True)
def _as_before(server: Server) -> Iterator[None]:
    """Forget what a test taught."""
    yield
    from chatbot.routing.models import Expertise, Outcome, Shift

    Outcome.objects.all().delete()
    Expertise.objects.all().delete()
    Shift.objects.filter(ended_at__isnull=False).delete()


@pytest.fixture
def routing(server: Server) -> Iterator[Callable[[str], None]]:
    """Set what learned routing may do: routing("suggest")."""
    from django.forms.models import model_to_dict

    from chatbot.routing.models import RoutingSettings

    admin = Agent(server, "admin")
    row, _ = RoutingSettings.objects.get_or_create(pk=1)
    path = "/admin/routing/routingsettings/1/change/"

    def choose(mode: str) -> None:
        form = {
            name: value for name, value in model_to_dict(row).items() if value not in (None, False)
        }
        answer = admin.http.post(
            path, data=form | {"mode": mode}, headers={"Referer": server.url + path}
        )
        assert answer.status_code == 302, answer.text
        assert RoutingSettings.objects.get(pk=1).mode == mode

    before = row.mode
    yield choose
    choose(before)
    admin.close()


@pytest.fixture
def asked(visitor: Callable[..., Visitor]) -> Callable[..., int]:
    """Let somebody ask for a person; return their conversation."""

    def ask(language: str = "en") -> int:
        from chatbot.conversations.models import Conversation, Status

        anna = visitor(language)
        anna.open()
        anna.ask(ASKS)
        made = Conversation.objects.latest("pk")
        wait_for(lambda: Conversation.objects.get(pk=made.pk).status != Status.BOT)
        return made.pk

    return ask


def assignments(conversation: int) -> list[Any]:
    """Return who had a conversation, the first one first."""
    from chatbot.routing.models import Assignment

    rows = Assignment.objects.filter(conversation_id=conversation)
    return list(rows.select_related("agent", "suggested").order_by("pk"))


def ids(agent: Agent) -> dict[str, int]:
    """Return all agents' ids by name."""
    return {one["name"]: one["id"] for one in agent.get("agents")["agents"]}
