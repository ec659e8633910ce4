"""Out of sight until a time, or until the customer writes."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from chatbot.conversations.models import Channel
from chatbot.conversations.recording import record_inbound
from chatbot.envelope import InboundMessage
from chatbot.routing import snoozing
from chatbot.routing.models import AgentProfile, Assignment
from tests.chatbot.inbox_deeds.conftest import assigned, do, fresh, waiting
from tests.world import Agent, wait_for

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def until(**later: int) -> str:
    return (timezone.now() + timedelta(**later)).isoformat()


def says(conversation: Any, text: str = "Any news?") -> None:
    """Let the customer write."""
    record_inbound(
        inbound=InboundMessage(
            channel_id=conversation.channel_id,
            sender_id=conversation.identity.external_id,
            external_id=uuid.uuid4().hex,
            text=text,
        )
    )


def test_what_waits_is_taken_and_sleeps_out_of_sight_and_load(jonas: Agent) -> None:
    made = waiting()
    inbox = jonas.open()
    answer = do(jonas, "snooze", made, until=until(days=1))
    assert answer["failed"] == []
    assert answer["rows"][0]["assignee"]["name"] == "Jonas"
    assert answer["rows"][0]["snoozed_until"] is not None
    mine = jonas.get("conversations", view="mine")["results"]
    assert made.pk not in [row["id"] for row in mine]
    me = jonas.get("me")
    assert me["counts"]["mine"] == me["open"] == len(mine)
    # No deadline runs: long after it would have passed it is still Jonas's.
    late, past = assigned("jonas", "Bo"), timezone.now() - timedelta(hours=1)
    of_both = Assignment.objects.filter(conversation__in=[made, late], ended_at=None)
    of_both.update(answer_by=past)
    wait_for(lambda: not of_both.filter(conversation=late, answer_by=past).exists())
    assert of_both.filter(conversation=made, answer_by=past).exists()
    # It wakes by itself when its time has come, and its agent is told.
    type(made).objects.filter(pk=made.pk).update(snoozed_until=timezone.now())
    woke = inbox.next("woke")
    assert (woke["conversation"], woke["why"], woke["name"]) == (made.pk, "time", "Ida Krag")
    assert made.pk in [row["id"] for row in jonas.get("conversations", view="mine")["results"]]
    assert Assignment.objects.get(conversation=made, ended_at=None).answer_by > timezone.now()


def test_a_customer_who_writes_wakes_it_and_routing_gives_on_what_nobody_here_has(
    mette: Agent, jonas: Agent, visitor: Any
) -> None:
    from chatbot.conversations.models import Conversation

    inbox = jonas.open()
    anna = visitor()
    anna.open()
    anna.ask("I want to talk to a person")
    made = Conversation.objects.latest("pk")
    wait_for(lambda: fresh(made).status == "assigned")
    do(jonas, "snooze", made, until=until(days=2))
    anna.say("It is urgent now")
    assert inbox.next("woke")["why"] == "wrote"
    assert fresh(made).snoozed_until is None
    # Away when it wakes, and somebody waits: whoever is here gets it.
    do(jonas, "snooze", made, until=until(days=2))
    jonas.http.patch("/api/v1/inbox/me", json={"presence": "away"})
    mette.open()
    anna.say("Hello?")
    wait_for(lambda: fresh(made).assignee_id == mette.get("me")["id"])
    jonas.http.patch("/api/v1/inbox/me", json={"presence": "online"})
    # Whatever moves it ends its sleep; others' is not theirs to snooze.
    refused = do(jonas, "snooze", made, until=until(days=2))
    assert refused["failed"][0]["detail"] == "Mette has this conversation."
    assert do(mette, "snooze", made, until=until(days=2))["failed"] == []
    mette.post(f"conversations/{made.pk}/wake")
    assert fresh(made).snoozed_until is None
    do(mette, "snooze", made, until=until(days=2))
    mette.post(f"conversations/{made.pk}/resolve")
    assert fresh(made).snoozed_until is None
    mette.post("deeds", 400, deed="snooze", ids=[made.pk], values={"until": until(days=-1)})
    mette.post("deeds", 400, deed="snooze", ids=[made.pk], values={"until": "soon"})


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # A Friday: tomorrow is closed, so that the next working day is Monday.
        (
            datetime(2026, 11, 20, 10, 20, tzinfo=COPENHAGEN),
            {"later": "20 13:15", "next_day": "23 09:00", "week": "27 09:00"},
        ),
        (
            datetime(2026, 11, 17, 20, 0, tzinfo=COPENHAGEN),
            {"tomorrow": "18 09:00", "monday": "23 09:00", "week": "24 09:00"},
        ),
    ],
)
def test_the_usual_times_are_mornings_on_which_the_channel_is_open(
    mette: Agent, now: datetime, expected: dict[str, str]
) -> None:
    channel = Channel(opening_hours={str(day): [["09:00", "17:00"]] for day in range(5)})
    agent = AgentProfile.objects.get(user__username="mette")
    agent.zone = "Europe/Copenhagen"
    found = snoozing.choices(channel=channel, agent=agent, now=now)
    assert {one.name: f"{one.until.astimezone(COPENHAGEN):%d %H:%M}" for one in found} == expected
    offered = mette.get(f"conversations/{waiting().pk}/snooze")
    assert len(offered["choices"]) >= 2
    assert offered["zone"]
