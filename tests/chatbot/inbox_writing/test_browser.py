"""Writing in a browser: drafts, texts at hand and what the bot suggests, by keyboard alone."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import live, picture, violations
from tests.chatbot.inbox_channels.conftest import PHONE
from tests.world import Agent, wait_for

OpenPage = Callable[..., Page]
Desk = Callable[..., Any]
pytestmark = pytest.mark.browser
LINES = """
    window.lines = [];
    window.WebSocket = class extends WebSocket {
        constructor(...address) { super(...address); window.lines.push(this); }
    };
"""
HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_draft_is_there_in_another_browser_and_goes_with_the_reply(
    desk: Desk, open_page: OpenPage
) -> None:
    anna, _mette, pk = desk("mette")
    one = open_page(f"/inbox/c/{pk}/")
    field = one.locator("#composer-text")
    with one.expect_response(lambda answer: "/drafts/reply" in answer.url):
        field.fill("Dear Anna")
    other = open_page(f"/inbox/c/{pk}/")
    there = other.locator("#composer-text")
    expect(there).to_have_value("Dear Anna")
    expect(other.locator(f"a.row[data-id='{pk}'] .draft-mark")).to_be_visible()
    with one.expect_response(lambda answer: "/drafts/reply" in answer.url):
        field.fill("Dear Anna, yes")
    expect(there).to_have_value("Dear Anna, yes")
    other.context.set_offline(True)
    there.fill("Dear Anna, no")
    with one.expect_response(lambda answer: "/drafts/reply" in answer.url):
        field.fill("Dear Anna, maybe")
    other.context.set_offline(False)
    there.press("End")
    there.type("!")
    note = other.locator("#draft-note")
    expect(note).to_contain_text("Dear Anna, maybe")
    note.get_by_role("button", name="Use that one").click()
    expect(there).to_have_value("Dear Anna, maybe")
    there.press("Control+Enter")
    expect(field).to_have_value("")
    expect(one.locator(f"a.row[data-id='{pk}'] .draft-mark")).to_have_count(0)
    assert anna.sockets[0].message("agent")["text"] == "Dear Anna, maybe"


def test_texts_at_hand_macros_and_names_by_keyboard(desk: Desk, open_page: OpenPage) -> None:
    from chatbot.conversations.models import Contact, Conversation
    from chatbot.inbox.models import CannedReply, Macro

    _anna, mette, pk = desk("mette")
    Contact.objects.filter(conversations__pk=pk).update(name="")
    short = f"z{uuid.uuid4().hex[:5]}"
    text = "Hello {{customer.first_name}}, this is {{agent.name}}."
    made = mette.post("replies", 201, shortcut=short, title=HOSTILE, texts={"en": text})
    inbox = open_page(f"/inbox/c/{pk}/")
    field = inbox.locator("#composer-text")
    expect(field).to_be_enabled()
    inbox.locator("#contact-name").focus()
    inbox.keyboard.press("r")
    expect(field).to_be_focused()  # else / begins a search
    inbox.keyboard.type(f"/{short}")
    option = inbox.locator("#picker [role=option]")
    expect(option).to_contain_text(HOSTILE)
    expect(field).to_have_attribute("aria-activedescendant", "pick-0")
    picture(inbox, "writing-picker")
    assert violations(inbox) is None
    inbox.keyboard.press("Enter")
    expect(field).to_have_value(
        f"Hello {{{{customer.first_name}}}}, this is {mette.get('me')['name']}."
    )
    inbox.keyboard.press("Control+Enter")
    gaps = inbox.locator("#composer-gaps")
    expect(gaps).to_contain_text("Send it anyway?")
    inbox.keyboard.type("Anna")  # over what is marked
    expect(field).to_have_value(f"Hello Anna, this is {mette.get('me')['name']}.")
    expect(gaps).to_be_empty()
    inbox.keyboard.press("Control+Enter")
    expect(inbox.locator("#log .bubble").last).to_contain_text("Hello Anna")

    inbox.keyboard.press("Escape")
    inbox.keyboard.press("n")
    inbox.keyboard.type("@Jon")
    inbox.keyboard.press("Enter")
    inbox.keyboard.type("please look")
    inbox.keyboard.press("Control+Enter")
    expect(inbox.locator("#log .mention")).to_contain_text("@Jonas")

    inbox.keyboard.press("Escape")
    inbox.keyboard.press("v")
    dialog = inbox.locator("#macro-dialog")
    dialog.get_by_role("button", name="New").click()
    dialog.get_by_label("Name").fill("Close it")
    dialog.get_by_label("With what, in step 1").fill(HOSTILE)
    dialog.get_by_role("button", name="Add a step").click()
    dialog.get_by_label("Step 2", exact=True).select_option("priority")
    picture(inbox, "writing-macro-edit")
    assert violations(inbox) is None
    dialog.get_by_role("button", name="Save").click()
    preview = dialog.locator("#macro-preview")
    expect(preview).to_contain_text(HOSTILE)
    expect(preview).to_contain_text("Set the priority to High")
    picture(inbox, "writing-macro")
    inbox.keyboard.press("Enter")  # Run has the focus
    expect(dialog).to_be_hidden()
    expect(inbox.locator("#log [data-kind='note']").last).to_contain_text(HOSTILE)
    assert Conversation.objects.get(pk=pk).priority == "high"

    inbox.locator("#canned-open").click()
    shelf = inbox.locator("#canned-dialog")
    shelf.locator("#canned-list button", has_text=short).click()
    picture(inbox, "writing-canned")
    for scheme in ("light", "dark"):
        inbox.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(inbox) is None
    picture(inbox, "writing-canned-dark")
    shelf.get_by_role("button", name="Remove").click()
    expect(shelf.locator("#canned-list")).not_to_contain_text(short)
    Macro.objects.filter(name="Close it").delete()
    assert not CannedReply.objects.filter(pk=made["id"]).exists()


def test_what_svar_suggests_is_used_and_teaches(desk: Desk, open_page: OpenPage) -> None:
    from chatbot.conversations.models import Verdict
    from chatbot.inbox.models import Suggestion

    anna, _mette, pk = desk("mette")
    inbox = open_page(f"/inbox/c/{pk}/", locale="da-DK", viewport=PHONE)
    anna.say("Thanks a lot")
    anna.say("How long do I have to return something?")
    offer = inbox.locator("#offer")
    expect(offer).to_contain_text("Svar foreslår", timeout=20_000)
    expect(inbox.locator("#offer-body a, #offer-body .aside span").first).to_be_visible()
    picture(inbox, "writing-offer-phone-da")
    assert violations(inbox) is None
    inbox.set_viewport_size({"width": 1360, "height": 900})
    inbox.emulate_media(color_scheme="dark")
    picture(inbox, "writing-offer-dark-da")
    assert violations(inbox) is None
    inbox.locator("#contact-name").focus()
    inbox.keyboard.press("a")
    field = inbox.locator("#composer-text")
    expect(field).not_to_be_empty()
    expect(offer).to_be_hidden()
    inbox.keyboard.press("Control+Enter")
    expect(field).to_be_empty()
    said = anna.sockets[0].message("agent")
    made = Suggestion.objects.get(message__conversation_id=pk)
    assert made.state == "accepted"
    assert made.reply_id == said["id"]
    assert Verdict.objects.get(message_id=made.message_id).right


def test_what_svar_suggested_while_the_line_was_broken_is_fetched(
    desk: Desk, open_page: OpenPage
) -> None:
    from chatbot.inbox.models import Suggestion

    anna, _mette, pk = desk("mette")
    inbox = open_page(f"/inbox/c/{pk}/")
    inbox.add_init_script(LINES)
    inbox.reload()
    live(inbox)
    expect(inbox.locator("#composer-text")).to_be_enabled()
    expect(inbox.locator("#offer")).to_be_hidden()
    inbox.context.set_offline(True)
    inbox.evaluate("lines.at(-1).close()")
    expect(inbox.locator("#connection")).to_have_attribute("data-state", "lost")
    anna.say("How long do I have to return something?")
    wait_for(lambda: Suggestion.objects.filter(message__conversation_id=pk).exists())
    inbox.context.set_offline(False)
    expect(inbox.locator("#offer")).to_contain_text("Svar suggests", timeout=20_000)


def test_who_is_named_sees_how_often_until_they_have_looked(
    desk: Desk, open_page: OpenPage, agent: Callable[[str], Agent]
) -> None:
    from chatbot.inbox.models import Mention

    Mention.objects.all().delete()
    _anna, mette, pk = desk("mette")
    jonas = agent("jonas").get("me")

    def name() -> None:
        body = {"client_id": uuid.uuid4().hex, "text": f"@{jonas['name']} look"}
        mette.post(f"conversations/{pk}/note", 201, mentions=[jonas["id"]], **body)

    inbox = open_page("/inbox/", username="jonas")
    count = inbox.locator("#count-more")
    expect(count).to_be_empty()
    name()
    expect(count).to_have_text("1")
    expect(inbox.locator("#views-button")).to_have_accessible_name("More views, 1 mention")
    inbox.locator("#views-button").click()
    expect(inbox.get_by_role("button", name="Mentions 1")).to_be_visible()
    picture(inbox, "writing-mentions")
    inbox.keyboard.press("Escape")
    inbox.keyboard.press("6")  # of another view it is told apart
    expect(inbox.locator("#views-name")).to_have_text("Snoozed")
    expect(count).to_have_text("@1")
    inbox.keyboard.press("5")
    expect(inbox.locator("#views-name")).to_have_text("Mentions")
    expect(count).to_have_text("1")
    inbox.reload()
    expect(count).to_have_text("1")
    inbox.locator(f"a.row[data-id='{pk}']").click()
    expect(count).to_be_empty()
    # Named in what one has open: it is seen at once.
    name()
    expect(inbox.locator("#log [data-kind='note']")).to_have_count(2)
    wait_for(lambda: not Mention.objects.filter(seen_at=None).exists())
    expect(count).to_be_empty()


def test_a_mention_is_listed_that_came_while_another_list_was_looked_at(
    desk: Desk, open_page: OpenPage, agent: Callable[[str], Any]
) -> None:
    _anna, jonas, pk = desk("jonas")
    inbox = open_page("/inbox/?view=all", username="mette")
    row = inbox.locator(f"a.row[data-id='{pk}']")
    for view in "563":
        inbox.keyboard.press(view)
        expect(row).to_have_count(1 if view == "3" else 0)
    mette = agent("mette").get("me")["id"]
    note = {"client_id": uuid.uuid4().hex, "text": "@Mette look", "mentions": [mette]}
    jonas.post(f"conversations/{pk}/note", 201, **note)
    expect(inbox.locator("#notices")).to_contain_text("Jonas named you in a note.")
    inbox.keyboard.press("5")
    expect(row).to_be_visible()
