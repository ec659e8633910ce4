"""Declining and passing on in the inbox, and how long one has to answer."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from chatbot.conversations.models import Conversation
from tests.browsing import SCHEMES, picture, violations
from tests.chatbot.inbox_channels.conftest import PHONE, REFUSED
from tests.chatbot.inbox_routing.conftest import assignments, ids
from tests.world import Agent, wait_for

Asked = Callable[..., int]
OpenPage = Callable[..., Page]
People = Callable[[str], Agent]
pytestmark = pytest.mark.browser


def opened(inbox: Page, conversation: int) -> None:
    """Open a conversation from the list of one's own."""
    inbox.locator("#view-mine").click()
    inbox.locator(f"a.row[data-id='{conversation}']").click()
    expect(inbox.locator("#pass-on")).to_be_visible()


def due_in(conversation: int, seconds: float) -> None:
    from chatbot.routing.models import Assignment

    Assignment.objects.filter(conversation_id=conversation, ended_at=None).update(
        answer_by=timezone.now() + timedelta(seconds=seconds), answered_at=None
    )


def test_passing_on_by_keyboard_with_a_reason_to_a_colleague(
    open_page: OpenPage, asked: Asked, agent: People
) -> None:
    inbox = open_page("/inbox/")
    made = asked()
    jonas, anke = agent("jonas"), agent("anke")
    jonas.open()
    anke.open()
    opened(inbox, made)
    button = inbox.locator("#pass-on")
    expect(button).to_have_text("Decline")
    inbox.keyboard.press("r")
    inbox.keyboard.type("Hello, I will find out who knows.")
    inbox.keyboard.press("Control+Enter")
    expect(button).to_have_text("Pass on")
    inbox.keyboard.press("Escape")
    inbox.keyboard.press("d")
    dialog = inbox.get_by_role("dialog", name=re.compile("^Pass on: "))
    expect(dialog.get_by_label("I cannot help with this")).to_be_focused()
    inbox.keyboard.press("Enter")  # without a reason nothing goes
    expect(dialog.get_by_role("alert")).to_have_text("Say why first.")
    inbox.keyboard.press("ArrowDown")
    expect(dialog.get_by_label("A colleague knows more about it")).to_be_checked()
    expect(dialog.get_by_role("alert")).to_be_empty()
    inbox.keyboard.press("Tab")
    inbox.keyboard.type("Anke wrote the privacy policy")
    inbox.keyboard.press("Tab")
    offered = dialog.get_by_label("To whom?").locator("option").all_inner_texts()
    assert offered[0] == "Whoever fits best"
    assert [one.split(" · ")[:2] for one in offered[1:]] == [
        ["Anke", "Online"],
        ["Jonas", "Online"],
        ["Freja", "Offline"],
    ]
    inbox.keyboard.type("Anke")
    inbox.keyboard.press("Tab")
    inbox.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Pass on")).to_be_focused()
    inbox.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(inbox.get_by_role("alert").get_by_text("Anke has it now.")).to_be_visible()
    assert anke.get(f"conversations/{made}")["assignee"]["name"] == "Anke"
    first, second = assignments(made)
    assert (first.ended, first.cause, first.why) == (
        "passed_on",
        "colleague",
        "Anke wrote the privacy policy",
    )
    assert (second.agent.name, second.way) == ("Anke", "given")
    assert inbox.evaluate("document.activeElement.closest('.lists') !== null"), "the focus is kept"


def test_declining_to_whoever_fits_best_and_going_on(
    open_page: OpenPage, asked: Asked, agent: People
) -> None:
    inbox = open_page("/inbox/")
    made, other = asked(), asked()
    agent("jonas").open()
    opened(inbox, made)
    with inbox.expect_response("**/agents"):
        inbox.locator("#pass-on").click()
    dialog = inbox.get_by_role("dialog", name=re.compile("^Decline: "))
    dialog.get_by_label("I have too much to do").check()
    dialog.get_by_role("button", name="Decline").click()
    expect(inbox.get_by_role("alert").get_by_text("Jonas has it now.")).to_be_visible()
    expect(inbox.locator("#talk-head, .talk-head h2")).not_to_be_empty()
    assert inbox.url.rsplit("/c/")[-1] != f"{made}/"
    expect(inbox.locator("a.row[aria-current]")).to_have_count(1)  # the next of one's own is open
    assert [one.ended for one in assignments(made)] == ["declined", ""]
    assert assignments(other)[-1].agent.name == "Mette"


def test_what_goes_elsewhere_meanwhile_is_no_dead_end(
    open_page: OpenPage, asked: Asked, agent: People
) -> None:
    inbox = open_page("/inbox/")
    made = asked()
    freja = agent("freja")
    opened(inbox, made)
    inbox.locator("#pass-on").click()
    dialog = inbox.locator("#pass-on-dialog")
    freja.post(f"conversations/{made}/take", over=True)
    expect(dialog.get_by_role("alert")).to_have_text("It is not yours any more: Freja has it.")
    expect(dialog.locator("#pass-on-submit")).to_be_hidden()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(inbox.locator("#pass-on")).to_be_hidden()
    inbox.keyboard.press("d")  # the key does nothing then
    expect(dialog).to_be_hidden()
    expect(inbox.locator("#gate-text")).to_have_text("Freja has this.")
    expect(inbox.locator("#contact-name")).to_be_focused()


def test_who_was_not_quick_enough_is_told_beside_the_button(
    open_page: OpenPage, asked: Asked, agent: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = "tests.chatbot.inbox_channels.conftest.REFUSED"
    monkeypatch.setattr(refused, (*REFUSED, "409 (Conflict)"))
    inbox = open_page("/inbox/")
    made = asked()
    opened(inbox, made)
    expect(inbox.locator("#pass-on")).to_be_enabled()
    inbox.keyboard.press("d")
    dialog = inbox.locator("#pass-on-dialog")
    dialog.get_by_label("I am about to leave").check()
    # Behind the server's back, so that the page hears nothing of it.
    freja = ids(agent("freja"))["Freja"]
    Conversation.objects.filter(pk=made).update(assignee_id=freja)
    dialog.get_by_role("button", name="Decline").click()
    expect(dialog.get_by_role("alert")).to_have_text("You do not have this conversation.")
    expect(dialog.locator("#pass-on-submit")).to_be_hidden()  # it would not help to try again
    inbox.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(inbox.locator("#status-line")).to_contain_text("Freja has this")


def test_the_time_to_answer_runs_and_ends_with_the_answer(
    open_page: OpenPage, asked: Asked, agent: People
) -> None:
    inbox = open_page("/inbox/")
    made = asked()
    due_in(made, 95)
    opened(inbox, made)
    chip, told = inbox.locator("#deadline-chip"), inbox.locator("#deadline-told")
    expect(chip).to_have_text(re.compile(r"^Answer within 1:\d\d, or it goes to the next$"))
    expect(told).to_have_text(re.compile(r"^Answer within \d+ seconds, or it goes to the next$"))
    said, before = told.inner_text(), chip.inner_text()
    asks: list[str] = []
    inbox.on("request", lambda request: asks.append(request.url))
    wait_for(lambda: chip.inner_text() != before)
    assert told.inner_text() == said, "said once"
    assert not asks, "time passes without requests"
    expect(chip).to_have_attribute("data-level", "calm")
    due_in(made, 28)
    inbox.reload()
    expect(chip).to_have_attribute("data-level", "amber")
    expect(chip).to_have_text(re.compile(r"^Answer within 0:\d\d"))
    other = open_page(f"/inbox/c/{made}/", username="freja")
    expect(other.locator("#status-line")).to_contain_text("Mette has this")
    expect(other.locator("#deadline")).to_be_hidden()  # it is not hers to answer
    inbox.keyboard.press("r")
    inbox.keyboard.type("Hello, how can I help you?")
    inbox.keyboard.press("Control+Enter")
    expect(chip).to_be_hidden()
    expect(told).to_be_empty()
    due_in(made, 5 * 60 * 60)
    inbox.reload()
    expect(chip).to_have_text(re.compile(r"^Answer by .*\d\d:\d\d, or it goes to the next$"))


@pytest.mark.parametrize("language", ["en", "da", "de"])
def test_it_is_accessible_and_fits(
    open_page: OpenPage, asked: Asked, agent: People, language: str
) -> None:
    inbox = open_page("/inbox/", language)

    def is_fine(name: str) -> None:
        assert inbox.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for scheme in SCHEMES:
            inbox.emulate_media(color_scheme=scheme)
            picture(inbox, name.format(f"{language}-{scheme}"))
            if language == "en":  # the words change no colours and no roles
                assert violations(inbox) is None

    made = asked(language)
    agent("jonas").open()
    due_in(made, 25)
    opened(inbox, made)
    inbox.locator(".why-fold > summary").click()
    is_fine("routing-{}")
    for size in ("", "-phone"):
        if size:
            inbox.set_viewport_size(PHONE)
            inbox.locator("#brief-toggle").click()
            is_fine("routing-{}-phone")
        inbox.locator("#pass-on").click()
        inbox.locator("#pass-on-submit").click()
        expect(inbox.locator("#pass-on-error")).to_be_visible()
        is_fine(f"routing-{{}}-dialog{size}")
        dialog = inbox.locator("#pass-on-dialog")
        assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
        inbox.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    for button in inbox.locator(".deeds button:visible").all():
        assert button.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), language
