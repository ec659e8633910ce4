"""Clocks of service levels: when they run, stand still, and what was kept."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from chatbot.routing import service_levels, sla
from chatbot.routing.models import Promise, ServiceLevel
from tests.chatbot.inbox_deeds.conftest import assigned, do, fresh, website
from tests.world import Agent, wait_for

WEEK = {str(day): [["09:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def holiday(day: date) -> bool:
    return day == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("minutes", "due"),
    [
        (30, "2026-11-20 16:30"),
        (60, "2026-11-20 17:00"),
        (61, "2026-11-24 09:01"),  # over the weekend and a holiday
        (60 + 180 + 30, "2026-11-24 13:30"),  # and lunch
    ],
)
def test_minutes_count_while_it_is_open(minutes: int, due: str) -> None:
    found = sla.due_at(WEEK, holiday, FRIDAY, minutes)
    assert f"{found:%Y-%m-%d %H:%M}" == due
    assert sla.open_minutes(WEEK, holiday, FRIDAY, found) == minutes
    amber = sla.amber_at(WEEK, holiday, found, minutes)
    assert sla.open_minutes(WEEK, holiday, amber, found) == pytest.approx(minutes * 0.2)
    later = sla.moved(WEEK, holiday, found, FRIDAY, FRIDAY + timedelta(days=7))
    assert sla.open_minutes(WEEK, holiday, FRIDAY + timedelta(days=7), later) == minutes
    assert sla.due_at({}, lambda _day: False, FRIDAY, minutes) == FRIDAY + timedelta(
        minutes=minutes
    )
    assert sla.due_at({"0": []}, holiday, FRIDAY, 5) == FRIDAY + timedelta(minutes=5)  # never open


@pytest.fixture
def levels(mette: Agent) -> Iterator[None]:
    """A reply within 10, then 20 minutes, the end within 100; half of it where it is urgent."""
    channel, kept = website(), list(ServiceLevel.objects.values_list("pk", flat=True))
    hours = channel.opening_hours
    type(channel).objects.filter(pk=channel.pk).update(opening_hours={})
    ServiceLevel.objects.filter(pk__in=kept).update(is_active=False)
    made = [
        ServiceLevel.objects.create(
            order=order,
            name=name,
            from_priority=priority,
            first_reply_minutes=10 * share,
            next_reply_minutes=20 * share,
            resolve_minutes=100 * share,
        )
        for order, name, priority, share in ((1, "Urgent", "urgent", 1), (2, "All", "", 2))
    ]
    yield
    ServiceLevel.objects.filter(pk__in=[one.pk for one in made]).delete()
    ServiceLevel.objects.filter(pk__in=kept).update(is_active=True)
    type(channel).objects.filter(pk=channel.pk).update(opening_hours=hours)
    Promise.objects.all().delete()


def minutes_left(agent: Agent, conversation: Any, name: str) -> float | None:
    """Return the minutes until something is due, to the nearest whole."""
    due = agent.get(f"conversations/{conversation.pk}")[name]
    if due is None:
        return None
    return round((datetime.fromisoformat(due) - timezone.now()).total_seconds() / 60)


def test_a_clock_runs_from_the_handoff_to_the_reply_and_stands_still_meanwhile(
    mette: Agent, levels: None, visitor: Any
) -> None:
    import time

    from chatbot.conversations.models import Conversation

    time.sleep(2.2)  # the server reads levels anew, of which nothing tells
    anna = visitor()
    anna.open()
    mette.open()
    anna.ask("I want to talk to a person")
    made = Conversation.objects.latest("pk")
    wait_for(lambda: fresh(made).status == "assigned")
    mette.post(f"conversations/{made.pk}/take", over=True)  # colleagues of other tests may be here
    assert minutes_left(mette, made, "reply_due_at") == 20
    assert minutes_left(mette, made, "reply_amber_at") == 16
    assert minutes_left(mette, made, "resolve_due_at") == 200
    # Urgent: half the time.
    do(mette, "priority", made, priority="urgent")
    assert minutes_left(mette, made, "reply_due_at") == 10
    # Snoozed nothing runs; awake there is as much as before.
    until = (timezone.now() + timedelta(days=1)).isoformat()
    do(mette, "snooze", made, until=until)
    assert minutes_left(mette, made, "reply_due_at") is None
    mette.post(f"conversations/{made.pk}/wake")
    assert minutes_left(mette, made, "reply_due_at") == 10
    # A note is no reply; a reply stops the clock, the next message begins another.
    mette.post(f"conversations/{made.pk}/note", 201, client_id="n" * 8, text="Look at this")
    assert minutes_left(mette, made, "reply_due_at") == 10
    mette.reply(made.pk, "Hello, I am looking at it.")
    assert minutes_left(mette, made, "reply_due_at") is None
    anna.say("Thank you")
    wait_for(lambda: fresh(made).reply_due_at)
    assert minutes_left(mette, made, "reply_due_at") == 20
    Conversation.objects.filter(pk=made.pk).update(
        reply_due_at=timezone.now() - timedelta(minutes=3)
    )
    mette.reply(made.pk, "Here it is, late.")
    do(mette, "resolve", made)
    assert minutes_left(mette, made, "resolve_due_at") is None
    kept = {one.kind: (one.kept, one.all) for one in service_levels.kept_promises(since=FRIDAY)}
    assert kept == {"first_reply": (1, 1), "reply": (0, 1), "resolution": (1, 1)}
    admin = Agent(mette.server, "admin")
    shown = admin.http.get("/admin/insights/competence/").text
    admin.close()
    assert "1 of 1 in time" in shown
    assert "0 of 1 in time" in shown
    undone = mette.post(f"deeds/{mette.get('deeds')['deeds'][0]['id']}/undo")
    assert undone["rows"][0]["resolve_due_at"] is not None
    anna.close()


def test_nobody_has_clocks_they_did_not_ask_for_and_lists_go_by_what_is_due(mette: Agent) -> None:
    now = timezone.now()
    soon = assigned("mette", resolve_due_at=now + timedelta(minutes=5))
    sooner = assigned("mette", "Bo", reply_due_at=now, resolve_due_at=now + timedelta(days=1))
    never = assigned("mette", "Cleo")
    only = ",".join(str(one.pk) for one in (soon, sooner, never))
    rows = mette.get("conversations", view="mine", sort="due", only=only)["results"]
    assert [row["id"] for row in rows] == [sooner.pk, soon.pk, never.pk]
