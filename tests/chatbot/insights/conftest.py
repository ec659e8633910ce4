"""What customers asked, as rows, and people who look at it."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.world import KEY, Agent, Server

_numbers = itertools.count()


def evidence(strength: float) -> dict[str, Any]:
    """Return evidence that speaks for an entry by so many standard deviations."""
    from chatbot import wiring

    model = wiring.shipped_model()
    found: dict[str, Any] = {}
    for part in (model.covered, model.right):
        for name, weight in part.weights.items():
            sign = 1 if weight >= 0 else -1
            found[name] = part.means[name] + strength * sign * part.scales[name]
    return found


def ask(
    text: str,
    *,
    strength: float = 1.0,
    right: bool | None = None,
    reason: str = "",
    reply: str = "",
    language: str = "en",
    entry: str = "",
) -> Any:
    """Record a customer's question as the bot left it; return the message."""
    from django.utils import timezone

    from chatbot.conversations.models import Channel, Conversation, Message, Verdict
    from chatbot.conversations.recording import ensure_identity
    from chatbot.conversations.verdicts import record_verdict
    from knowledge.models import Article

    channel = Channel.objects.earliest("pk")
    sender = f"insights-{next(_numbers)}"
    identity = ensure_identity(channel_id=channel.pk, sender_id=sender)
    entry = entry or str(Article.objects.get(slug="delivery-time").pk)
    now = timezone.now()
    conversation = Conversation.objects.create(
        channel=channel,
        contact=identity.contact,
        identity=identity,
        status="resolved",
        language=language,
        reason=reason,
        handed_off_at=now if reason else None,
        handoff={"question": text} if reason else {},
    )
    message = Message.objects.create(
        conversation=conversation,
        channel=channel,
        author=Message.Author.CONTACT,
        text=text,
        language=language,
        evidence={**evidence(strength), "entry": entry, "title": "How long does delivery take?"},
    )
    if reply:
        Message.objects.create(
            conversation=conversation,
            channel=channel,
            author=Message.Author.AGENT,
            author_name="Freja",
            text=reply,
            language=language,
        )
    if right is not None:
        record_verdict(message_id=message.pk, right=right, source=Verdict.Source.AGENT)
    return message


@pytest.fixture
def rows(server: Server, clean: None) -> Iterator[None]:
    """Take away, after a test, what its people decided, and have the server forget it."""
    from chatbot import wiring
    from chatbot.conversations.models import Channel, SiteConfidence

    # Where several channels are in use, each has a model beside that of all.
    Channel.objects.exclude(key=KEY).update(is_active=False)
    yield
    if SiteConfidence.objects.exists():
        SiteConfidence.objects.all().delete()
        admin = Agent(server, "admin")
        choose(admin, "shipped")
        admin.close()
        SiteConfidence.objects.all().delete()
    wiring.forget_models()


def choose(admin: Agent, model: str) -> None:
    """Choose a model on the page."""
    path = "/admin/insights/reliability/"
    headers = {"Referer": admin.server.url + path}
    assert admin.http.post(path, data={"model": model}, headers=headers).status_code == 302


@pytest.fixture
def admin(server: Server, rows: None) -> Iterator[Agent]:
    admin = Agent(server, "admin")
    yield admin
    admin.close()


@pytest.fixture
def visit(admin: Agent) -> Callable[..., str]:
    """Open a page, or send its form and follow; return what is read there."""

    def open_page(name: str, form: dict[str, Any] | None = None) -> str:
        path = f"/admin/insights/{name}"
        if form is None:
            answer = admin.http.get(path)
        else:
            answer = admin.http.post(
                path.partition("?")[0],
                data={**form, "csrfmiddlewaretoken": admin.http.cookies["csrftoken"]},
                headers={"Referer": admin.server.url + path},
                follow_redirects=True,
            )
        assert answer.status_code == 200, (answer.status_code, answer.url)
        return re.sub(r"\s+", " ", answer.text)

    return open_page
