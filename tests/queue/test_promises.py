"""What was promised is kept, so that it can be held against what happened."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.queue.conftest import fill
from tests.world import Agent, Visitor


@pytest.fixture
def mette(agent: Callable[[str], Agent]) -> Any:
    mette = agent("mette")
    before = mette.get("me")["capacity"]
    mette.open()
    yield mette
    mette.http.patch("/api/v1/inbox/me", json={"capacity": before})


def test_the_promise_of_a_wait_is_kept_with_what_came(
    visitor: Callable[..., Visitor], mette: Agent
) -> None:
    from chatbot.conversations.models import Conversation
    from chatbot.routing.waiting import promised_and_actual

    since = timezone.now()
    fill(mette)
    anna = visitor("en")
    tab = anna.open()
    told = anna.ask("I want to talk to a person")
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    minutes = status["conversation"]["wait_minutes"]
    assert f"about {minutes} minutes" in told["text"]
    assert promised_and_actual(since=since) == []
    fill(mette, 1)
    row = mette.given()
    Conversation.objects.filter(pk=row["id"]).update(
        handed_off_at=timezone.now() - timedelta(minutes=7)
    )
    mette.reply(row["id"], "Hello Anna")
    [(promised, waited)] = promised_and_actual(since=since - timedelta(minutes=10))
    assert promised == minutes
    assert waited == pytest.approx(7, abs=0.2)


def record(conversation: Any, *candidates: dict[str, Any]) -> None:
    """Record that routing looked again and found nobody."""
    from chatbot.routing.models import Assignment

    Assignment.objects.filter(conversation=conversation, ended_at=None).update(
        ended_at=timezone.now()
    )
    Assignment.objects.create(conversation=conversation, agent=None, candidates=list(candidates))


def test_who_waits_for_somebody_else_does_not_stand_before_one(
    visitor: Callable[..., Visitor], mette: Agent
) -> None:
    """Where nobody here can take what stands before, one is next nevertheless."""
    from chatbot.conversations.models import Conversation
    from chatbot.routing.models import AgentProfile

    fill(mette)
    first = visitor("en")
    tab = first.open()
    first.ask("I want to talk to a person")
    tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    waiting = Conversation.objects.filter(status="queued").latest("pk")
    online = AgentProfile.objects.get(name="Mette")
    record(waiting, {"agent": online.pk, "rejected": "lacks_skill"})
    jonas = Agent(mette.server, "jonas")
    before = jonas.get("me")["capacity"]
    try:
        fill(jonas)
        jonas.open()
        second = visitor("en")
        two = second.open()
        second.ask("I want to talk to a person")
        theirs = two.next("conversation", lambda e: e["conversation"]["status"] == "queued")
        latest = Conversation.objects.filter(status="queued").latest("pk")
        # The first waits for Jonas alone, and this one for Mette alone.
        other = AgentProfile.objects.get(name="Jonas")
        record(latest, {"agent": other.pk, "rejected": "declined"})
        assert theirs["conversation"]["position"] == 2
        two.send({"type": "sync", "after": 0})
        assert two.next("history")["conversation"]["position"] == 1
    finally:
        jonas.http.patch("/api/v1/inbox/me", json={"capacity": before})
        jonas.close()


def test_how_long_places_stay_taken_is_measured_while_people_are_here(server: Any) -> None:
    from chatbot.conversations.models import Channel, Contact, ContactIdentity, Conversation
    from chatbot.routing.measuring import measure
    from chatbot.routing.models import AgentProfile, Assignment, Shift

    now = timezone.now() + timedelta(weeks=30)  # nothing else was then
    begun = now - timedelta(days=2)
    website = Channel.objects.get(key="lund-og-lyng")
    contact = Contact.objects.create(name="Of the measuring")
    identity = ContactIdentity.objects.create(
        contact=contact, channel=website, external_id="measuring"
    )
    anke = AgentProfile.objects.get(name="Anke")
    try:
        Shift.objects.create(
            agent=anke, began_at=begun - timedelta(hours=1), ended_at=begun + timedelta(hours=1)
        )
        Shift.objects.create(
            agent=anke, began_at=begun + timedelta(hours=20), ended_at=begun + timedelta(hours=24)
        )
        conversation = Conversation.objects.create(
            channel=website,
            contact=contact,
            identity=identity,
            status="resolved",
            handed_off_at=begun,
            first_reply_at=begun + timedelta(minutes=4),
        )
        Assignment.objects.create(
            conversation=conversation,
            agent=anke,
            created_at=begun,
            ended_at=begun + timedelta(hours=21),  # an hour before the night, one after it
        )
        found = measure(now=now)
        assert found.holding.ended == 1
        assert found.holding.minutes == pytest.approx(120)
        assert found.delays == {"website": [pytest.approx(4)]}
    finally:
        Shift.objects.filter(agent=anke, began_at__gte=begun - timedelta(hours=2)).delete()
        contact.delete()
