"""A macro taken back, step by step, over HTTP and in a browser."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import violations
from tests.world import Agent, Server, wait_for

Desk = Callable[..., Any]
OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def _none_left(server: Server) -> Iterator[None]:
    yield
    from chatbot.conversations.models import Label
    from chatbot.inbox.models import CannedReply, Macro

    Macro.objects.filter(name__startswith="undo ").delete()
    CannedReply.objects.filter(title="undo").delete()
    Label.objects.filter(name="undo").delete()


def made(agent: Agent, *steps: dict[str, Any]) -> str:
    """Return the address under which a macro of these steps is run."""
    macro = agent.post("macros", 201, name=f"undo {uuid.uuid4().hex[:6]}", steps=list(steps))
    return f"macros/{macro['id']}"


def shelf(agent: Agent) -> dict[str, Any]:
    """Return the step that puts a text into the composer."""
    short = uuid.uuid4().hex[:8]
    reply = agent.post("replies", 201, shortcut=short, title="undo", texts={"en": "All done."})
    return {"do": "reply", "reply": reply["id"]}


def test_all_that_can_be_is_as_it_was(desk: Desk) -> None:
    from chatbot.conversations.models import Conversation

    anna, mette, pk = desk("mette")
    label = mette.post("labels", name="undo")["id"]
    path = made(
        mette,
        shelf(mette),
        {"do": "note", "text": "Looked at it"},
        {"do": "label", "label": label},
        {"do": "priority", "priority": "urgent"},
        {"do": "topic", "topic": mette.get("topics")["topics"][0]["slug"]},
        {"do": "snooze", "hours": 4},
        {"do": "resolve"},
    )
    before = mette.get(f"conversations/{pk}")
    ran = mette.post(f"conversations/{pk}/{path}")
    assert ran["failed"] == []
    assert ran["row"]["status"] == "resolved"
    past = mette.get("deeds")["deeds"][0]
    assert (past["id"], past["deed"], past["until"]) == (ran["id"], "macro", ran["until"])

    undone = mette.post(f"deeds/{ran['id']}/undo")
    assert undone["left"] == []
    # This server holds nothing back of what customers are told.
    assert (undone["text"], undone["notes"], undone["told"]) == ("All done.", 1, 1)
    after = undone["rows"][0]
    for name in ("status", "assignee", "priority", "topic", "labels", "snoozed_until"):
        assert after[name] == before[name], name
    said = [one["text"] for one in mette.get(f"conversations/{pk}/messages")["messages"]]
    assert "Looked at it" in said, "what was written stays"
    mette.post(f"deeds/{ran['id']}/undo", 409)
    anna.say("Are you there?")  # and goes on in the same conversation
    wait_for(lambda: Conversation.objects.get(pk=pk).preview_text == "Are you there?")
    mette.post("deeds", 400, deed="macro", ids=[pk])


def test_a_step_that_was_changed_since_stays_and_the_others_go(
    desk: Desk, agent: Callable[[str], Agent]
) -> None:
    _anna, mette, pk = desk("mette")
    jonas = agent("jonas")
    give = {"do": "give", "agent": jonas.get("me")["id"]}
    path = made(mette, {"do": "priority", "priority": "high"}, give)
    ran = mette.post(f"conversations/{pk}/{path}")
    assert ran["row"]["assignee"]["id"] == give["agent"]
    jonas.post(f"conversations/{pk}/classify", priority="urgent")
    jonas.post(f"deeds/{ran['id']}/undo", 404)
    undone = mette.post(f"deeds/{ran['id']}/undo")
    assert undone["rows"][0]["assignee"]["id"] == mette.get("me")["id"]
    assert undone["rows"][0]["priority"] == "urgent"
    assert [(one["name"], one["detail"]) for one in undone["left"]] == [
        ("Priority", "Somebody has changed it since.")
    ]
    # Only a note: there is nothing to take back.
    noted = mette.post(f"conversations/{pk}/{made(mette, {'do': 'note', 'text': 'x'})}")
    assert noted["id"] is None
    assert noted["until"] is None


@pytest.mark.browser
def test_a_macro_is_undone_by_the_button_and_by_z(desk: Desk, open_page: OpenPage) -> None:
    from chatbot.conversations.models import Conversation

    _anna, mette, pk = desk("mette")
    note = {"do": "note", "text": "Looked at it"}
    made(mette, shelf(mette), note, {"do": "priority", "priority": "urgent"})
    inbox = open_page(f"/inbox/c/{pk}/")
    field = inbox.locator("#composer-text")
    expect(field).to_be_enabled()
    field.fill("Dear Anna,")
    inbox.keyboard.press("Escape")

    def run() -> None:
        inbox.keyboard.press("v")
        inbox.locator("#macro-list button", has_text="undo ").click()
        inbox.locator("#macro-run").click()
        expect(inbox.locator("#macro-dialog")).to_be_hidden()
        expect(field).to_have_value("Dear Anna,\n\nAll done.")

    def undone() -> None:
        said = inbox.get_by_role("alert").filter(has_text="Undone.")
        expect(said).to_contain_text("The note stays.")
        expect(field).to_have_value("Dear Anna,")
        assert Conversation.objects.get(pk=pk).priority == "normal"

    run()
    offered = inbox.get_by_role("alert").filter(has_text="is done.")
    assert violations(inbox, "#notices") is None
    offered.get_by_role("button", name="Undo").click()
    undone()
    expect(inbox.locator("#log [data-kind='note']")).to_have_count(1)
    inbox.locator("#contact-name").focus()
    run()
    field.press("Escape")
    inbox.keyboard.press("z")
    undone()
    # What one has gone on writing is one's own.
    inbox.locator("#contact-name").focus()
    run()
    field.press_sequentially(" Really.")
    field.press("Escape")
    inbox.keyboard.press("z")
    said = inbox.get_by_role("alert").filter(has_text="Undone.")
    expect(said).to_contain_text("Your reply has been changed since: it stays.")
    expect(field).to_have_value("Dear Anna,\n\nAll done. Really.")
    field.fill("")
