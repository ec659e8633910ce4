"""In which order lists stand, and that agents choose it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from chatbot.conversations.models import HAS_DUE, NEXT_DUE, Conversation
from chatbot.inbox.models import SavedView
from tests.browsing import picture, violations
from tests.chatbot.inbox_channels import rows
from tests.chatbot.inbox_deeds.conftest import assigned
from tests.chatbot.inbox_lists.test_api import matter
from tests.world import Agent

NewAgent = Callable[[str], Agent]


@pytest.fixture
def mail(clean: None) -> Iterator[Any]:
    """Return the channel of these tests' mails."""
    yield rows.channel("email", "Lists")
    SavedView.objects.all().delete()


def listed(agent: Agent, **query: Any) -> list[str]:
    """Return the names of a list's customers, in its order, over all of its pages."""
    page = agent.get("conversations", **query)
    names = [row["contact"]["name"] for row in page["results"]]
    while page["next"]:
        page = agent.http.get(page["next"]).json()
        names += [row["contact"]["name"] for row in page["results"]]
    return names


def test_a_list_stands_as_it_is_asked_for(agent: NewAgent, mail: Any) -> None:
    mette = agent("mette")
    now = timezone.now()

    def made(name: str, age: int, waits: int = 0, **more: Any) -> int:
        at = now - timedelta(minutes=age)
        since = now - timedelta(minutes=waits)
        times = {"last_message_at": at, "handed_off_at": since, "waiting_since": since}
        one = matter(mail, "Hello", name=name, topic="sorting", **more)
        Conversation.objects.filter(pk=one.pk).update(**times)
        return int(one.pk)

    made("old", 60, waits=1)
    made("reply soon", 30, waits=2, reply_due_at=now + timedelta(minutes=5))
    made(
        "end before reply",
        10,
        waits=3,
        reply_due_at=now + timedelta(hours=9),
        resolve_due_at=now + timedelta(minutes=3),
    )
    made("late", 20, waits=4, resolve_due_at=now - timedelta(hours=1))
    # Its clocks stand still.
    asleep = {"snoozed_until": now + timedelta(days=1), "reply_due_at": now}
    made("asleep", 5, waits=5, **asleep)
    due = ["late", "end before reply", "reply soon"]
    assert listed(mette, view="all", topics="sorting", sort="due") == [*due, "asleep", "old"]
    assert listed(mette, view="queue", topics="sorting", sort="due") == [*due, "old"]
    newest = ["asleep", "end before reply", "late", "reply soon", "old"]
    assert listed(mette, view="all", topics="sorting") == newest
    assert listed(mette, view="all", topics="sorting", sort="newest") == newest
    assert listed(mette, view="all", topics="sorting", sort="oldest") == newest[::-1]
    waited = ["late", "end before reply", "reply soon", "old"]
    assert listed(mette, view="queue", topics="sorting") == waited
    assert listed(mette, view="queue", topics="sorting", sort="newest") == newest[1:]
    wrong = mette.http.get("/api/v1/inbox/conversations", params={"sort": "size"})
    assert wrong.status_code == 400
    # A saved view keeps it, and one may look at it in another order.
    filters = {"topics": ["sorting"], "status": ["open"], "sort": "due"}
    kept = mette.post("views", 201, name="By due", filters=filters)
    assert kept["filters"]["sort"] == "due"
    assert listed(mette, saved=kept["id"])[:3] == due
    assert listed(mette, saved=kept["id"], sort="oldest") == newest[::-1]
    # What is looked for stands by its matches.
    assert listed(mette, view="all", q="hello", topics="sorting", sort="due")[0] == "asleep"


@pytest.mark.parametrize("sort", ["due", "newest", "oldest"])
def test_pages_have_each_once_whatever_falls_together(
    agent: NewAgent, mail: Any, sort: str
) -> None:
    mette = agent("mette")
    now = timezone.now()
    people = [
        rows.identity(mail, f"{sort}{number}@example.com", str(number)) for number in range(330)
    ]
    Conversation.objects.bulk_create(
        Conversation(
            channel=mail,
            contact=who.contact,
            identity=who,
            status="queued",
            topic=f"pages {sort}",
            handed_off_at=now,
            # Many at the same moment: seven of each, and a third is due at no time.
            last_message_at=now - timedelta(minutes=number // 7),
            reply_due_at=now + timedelta(minutes=number // 7) if number % 3 else None,
        )
        for number, who in enumerate(people)
    )
    names = listed(mette, view="queue", topics=f"pages {sort}", sort=sort)
    assert sorted(names, key=int) == [str(number) for number in range(330)]
    newest = [*range(330)]
    if sort == "due":
        due = [number for number in newest if number % 3]
        assert [int(name) // 7 for name in names] == [
            number // 7 for number in [*due, *(one for one in newest if one not in due)]
        ]
    else:
        wanted = [number // 7 for number in newest]
        assert [int(name) // 7 for name in names] == (wanted if sort == "newest" else wanted[::-1])


def test_what_is_due_next_is_found_along_an_index(agent: NewAgent, mail: Any) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("each database plans in its own words")
    due = Conversation.objects.annotate(due=NEXT_DUE).filter(HAS_DUE).order_by("due", "pk")
    for asked in (due, due.filter(due__gte=timezone.now())):
        plan = asked.values_list("due", "pk")[:250].explain()
        assert "conversation_next_due" in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.browser
def test_sorting_by_keyboard_and_live_rows_keep_the_order(
    open_page: Callable[..., Page], agent: NewAgent, mail: Any
) -> None:
    now = timezone.now()
    first = assigned("mette", "Due first", reply_due_at=now + timedelta(minutes=4))
    second = assigned("mette", "Due second", resolve_due_at=now + timedelta(minutes=9))
    never = assigned("mette", "Due never")
    inbox = open_page("/inbox/?view=mine")
    names = inbox.locator("#rows a.row .row-name")
    theirs = re.compile(r"Due (first|second|never)")
    newest = ["Due never", "Due second", "Due first"]

    def shown(wanted: list[str], of: Locator = names) -> None:
        expect(of.filter(has_text=theirs)).to_have_text([re.compile(name) for name in wanted])

    shown(newest)
    field = inbox.get_by_label("Sort", exact=True)
    expect(field).to_have_value("newest")
    inbox.keyboard.press("Shift+S")
    expect(field).to_be_focused()
    inbox.keyboard.press("End")
    expect(inbox).to_have_url(re.compile(r"view=mine&sort=due"))
    shown(["Due first", "Due second", "Due never"])
    expect(inbox.locator("#view-mine")).to_have_attribute("aria-selected", "true")
    assert violations(inbox) is None
    picture(inbox, "lists-sorted")
    inbox.reload()
    shown(["Due first", "Due second", "Due never"])
    expect(field).to_have_value("due")
    expect(inbox.locator("#connection")).to_have_attribute("data-state", "open")

    # Answered: nothing is due any more. Given a new promise: it goes up.
    mette = agent("mette")
    mette.reply(first.pk, "Here it is.")
    shown(["Due second", "Due first", "Due never"])
    Conversation.objects.filter(pk=never.pk).update(reply_due_at=now + timedelta(minutes=1))
    mette.post("deeds", deed="topic", ids=[never.pk], values={"topic": ""})
    mette.post("deeds", deed="priority", ids=[never.pk], values={"priority": "high"})
    shown(["Due never", "Due second", "Due first"])

    inbox.locator("#filter-chips").get_by_role("button", name="Save as view").click()
    inbox.keyboard.type("By due")
    inbox.keyboard.press("Enter")
    expect(inbox.locator("#views-name")).to_have_text("By due")
    expect(field).to_have_value("due")
    shown(["Due never", "Due second", "Due first"])
    mette.reply(never.pk, "Yes.")
    shown(["Due second", "Due never", "Due first"])
    inbox.keyboard.press("Control+k")
    inbox.keyboard.type("sort: oldest")
    inbox.keyboard.press("Enter")
    expect(field).to_have_value("oldest")
    expect(inbox).to_have_url(re.compile(r"saved=\d+&sort=oldest"))
    shown(["Due second", "Due first", "Due never"])
    assert second.pk
